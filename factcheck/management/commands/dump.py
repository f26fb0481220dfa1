"""`manage.py dump`: writes the full export as files that `import_fixtures` can load."""

from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser

from factcheck.exports import dump
from factcheck.failures import write_error_text
from factcheck.management.command import FactcheckCommand


class Command(FactcheckCommand):
    help = "Write what readers see, or with --private what editors keep, into a folder."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", metavar="FOLDER")
        parser.add_argument(
            "--private",
            action="store_true",
            help="all that editors keep, drafts and accounts too, without passwords and tokens",
        )

    def handle(self, *args: Any, folder: str, private: bool, **options: Any) -> None:
        try:
            about = dump.write(Path(folder), is_private=private)
        except OSError as error:
            raise CommandError(write_error_text(error.filename or folder, error)) from error
        for resource in about["resources"]:
            self.stdout.write(f"{Path(folder) / resource['path']}  {resource['hash']}")
        rows = sum(about["resources"][0]["rows"].values())
        self.stdout.write(self.style.SUCCESS(f"{rows:,} rows; {dump.ABOUT} describes them."))
