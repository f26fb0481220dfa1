"""`manage.py restore`: replaces the whole database by a backup, while it serves."""

import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError

from factcheck import backups
from factcheck.models import Claim, Verification


class Command(BaseCommand):
    help = "Replace the whole database by a backup. It may go on serving meanwhile."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", metavar="FILE", help="what `manage.py backup` wrote")
        parser.add_argument(
            "--no-safety-copy",
            action="store_true",
            help="do not save a backup of the database as it was before",
        )
        parser.add_argument("--no-input", action="store_true", help="do not ask for a confirmation")

    def handle(
        self, *args: Any, file: str, no_safety_copy: bool, no_input: bool, **options: Any
    ) -> None:
        if not no_input and sys.stdin.isatty():
            self._confirm(file)
        try:
            result = backups.restore(Path(file), safety_copy=not no_safety_copy)
        except backups.BackupError as error:
            raise CommandError(str(error)) from error
        except OSError as error:
            raise CommandError(f"Nothing was restored. {error}") from error
        if result.safety_copy:
            self.stdout.write(f"The previous database is saved in {result.safety_copy}.")
        if result.migrated:
            self.stdout.write(
                f"The backup was of an older version: {', '.join(result.migrated)} were applied."
                " Restart the server."
            )
        self.stdout.write(self.style.SUCCESS(f"{file} was restored. It holds {_contents()}."))

    def _confirm(self, file: str) -> None:
        self.stdout.write(f"The database holds {_contents()}. It will be replaced by {file}.")
        if input("Continue? [y/N] ").strip().lower() not in {"y", "yes"}:
            raise CommandError("Nothing was restored.")


def _contents() -> str:
    """Summarise the database, so that an operator recognises its state."""
    try:
        newest = Verification.objects.order_by("-number").first()
        claims = Claim.objects.count()
        claims_text = f"{claims:,} claim{'' if claims == 1 else 's'}"
        if newest is None:
            return f"{claims_text} and no fact-check"
        return f"{claims_text}, and fact-checks up to no. {newest.number:,} of {newest.reviewed_on}"
    except DatabaseError:
        return "nothing that can be read"
