"""Compiles the translations: `python -m tests.catalogues`, after each change of a .po file."""

from pathlib import Path

import polib

CATALOGUES = sorted(
    (Path(__file__).parent.parent / "factcheck" / "locale").glob("*/LC_MESSAGES/django.po")
)


def main() -> None:
    for path in CATALOGUES:
        polib.pofile(path).save_as_mofile(path.with_suffix(".mo"))


if __name__ == "__main__":
    main()
