"""Compiles the translations: `python -m tests.catalogues`, after each change of a .po file."""

from pathlib import Path

import polib

FACTCHECK = Path(__file__).parent.parent / "factcheck"
# Our own strings, which makemessages collects.
CATALOGUES = sorted((FACTCHECK / "locale").glob("*/LC_MESSAGES/django.po"))
# Strings of Django itself, which it has no translation of.
DJANGO_CATALOGUES = sorted((FACTCHECK / "locale_django").glob("*/LC_MESSAGES/django.po"))


def main() -> None:
    for path in (*CATALOGUES, *DJANGO_CATALOGUES):
        polib.pofile(path).save_as_mofile(path.with_suffix(".mo"))


if __name__ == "__main__":
    main()
