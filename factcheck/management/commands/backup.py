"""`manage.py backup`: the whole database in one file, while it serves."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from factcheck import backups


class Command(BaseCommand):
    help = "Write the whole database into one file and check it. It may go on serving meanwhile."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", metavar="FILE")
        parser.add_argument("--overwrite", action="store_true", help="replace FILE if it exists")

    def handle(self, *args: Any, file: str, overwrite: bool, **options: Any) -> None:
        try:
            size = backups.write(Path(file), overwrite=overwrite)
        except backups.BackupError as error:
            raise CommandError(f"No backup was made. {error}") from error
        except OSError as error:
            raise CommandError(f"No backup was made. {file}: {error.strerror}.") from error
        self.stdout.write(self.style.SUCCESS(f"{file} was written and checked: {size:,} bytes."))
