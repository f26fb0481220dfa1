#!/usr/bin/env python
"""Django's command line for this project."""

import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "factcheck.settings")
    try:
        from django.core.management import execute_from_command_line
    except ImportError as error:
        raise SystemExit("Django is not installed here. Run: python -m pip install -e .") from error
    try:
        execute_from_command_line(sys.argv)
    except Exception as error:
        from factcheck.failures import failure_of

        # Also of Django's own commands: nobody looks for “disk full” in a traceback.
        failure = failure_of(error)
        if failure is None or "--traceback" in sys.argv:
            raise
        raise SystemExit(failure.message()) from error


if __name__ == "__main__":
    main()
