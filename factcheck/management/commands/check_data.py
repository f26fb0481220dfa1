"""`manage.py check_data`: recompute what the triggers keep."""

from typing import Any

from django.core.management.base import CommandParser

from factcheck import audit
from factcheck.management.command import FactcheckCommand


class Command(FactcheckCommand):
    help = "Recompute every derived column and print each difference; exit 1 if there is one."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--fix", action="store_true", help="repair what differs; exit 1 only if that fails"
        )

    def handle(self, *args: Any, fix: bool, **options: Any) -> None:
        found = self._report()
        if found and fix:
            audit.fix()
            self.stdout.write("Repaired. Checking again.")
            found = self._report()
        if found:
            raise SystemExit(1)
        self.stdout.write(self.style.SUCCESS("Every derived value equals what the rows say."))

    def _report(self) -> int:
        found = 0
        for line in (*audit.faults(), *audit.differences()):
            self.stdout.write(str(line))
            found += 1
        if found:
            self.stdout.write(f"{found} found.")
        return found
