"""`manage.py check_data`: whether the database is whole, and says what its rows say."""

from itertools import chain
from typing import Any

from django.core.management.base import CommandParser
from django.db import DatabaseError
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from factcheck import audit
from factcheck.failures import failure_of
from factcheck.management.command import FactcheckCommand


class Command(FactcheckCommand):
    help = (
        "Check the database itself, its triggers, the log, the history of outlets, owners and"
        " claimants, and every status and count; print each problem; exit 1 if there is one."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--fix", action="store_true", help="fix what can be fixed; exit 1 if problems remain"
        )

    def handle(self, *args: Any, fix: bool, **options: Any) -> None:
        try:
            found = self._report()
            for line in audit.notes():
                self.stdout.write(line)
            if found and fix:
                for line in audit.fix():
                    self.stdout.write(line)
                self.stdout.write(_("Checking again."))
                found = self._report(is_last=True)
        # A value that was damaged is no date, no number or no text.
        except (DatabaseError, ValueError) as error:
            if failure_of(error) is not None:
                raise  # the base class tells of it in one line
            self._stop(error)
        if found:
            raise SystemExit(1)
        self.stdout.write(self.style.SUCCESS(_("No problems were found.")))

    def _report(self, *, is_last: bool = False) -> int:
        found = 0
        for line in chain(audit.faults(), audit.differences()):
            self.stdout.write(str(line))
            found += 1
        if found:
            self.stdout.write(self._summary(found, is_last=is_last))
        return found

    def _summary(self, found: int, *, is_last: bool) -> str:
        if is_last:
            text = ngettext(
                "%d problem could not be fixed.", "%d problems could not be fixed.", found
            )
        else:
            text = ngettext("%d problem was found.", "%d problems were found.", found)
        return text % found

    def _stop(self, error: Exception) -> None:
        why = str(error).partition("\n")[0]
        self.stdout.write(
            _(
                "The check stopped, because the database cannot be read (%s). If it is damaged,"
                " stop the server, keep a copy of the database and restore the newest backup."
            )
            % why
        )
        raise SystemExit(1)
