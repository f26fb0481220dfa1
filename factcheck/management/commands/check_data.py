"""`manage.py check_data`: checks the database's integrity, and its counts against its rows."""

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
            problem_count = self._print_problems()
            for line in audit.notes():
                self.stdout.write(line)
            if problem_count and fix:
                for line in audit.fix():
                    self.stdout.write(line)
                self.stdout.write(_("Checking again."))
                problem_count = self._print_problems(is_last=True)
        # A damaged value may not convert to a date, a number or a text.
        except (DatabaseError, ValueError) as error:
            if failure_of(error) is not None:
                raise  # the base class reports it in one line
            self._stop_unreadable(error)
        if problem_count:
            raise SystemExit(1)
        self.stdout.write(self.style.SUCCESS(_("No problems were found.")))

    def _print_problems(self, *, is_last: bool = False) -> int:
        problem_count = 0
        for line in chain(audit.faults(), audit.differences()):
            self.stdout.write(str(line))
            problem_count += 1
        if problem_count:
            self.stdout.write(self._summary(problem_count, is_last=is_last))
        return problem_count

    def _summary(self, problem_count: int, *, is_last: bool) -> str:
        if is_last:
            text = ngettext(
                "%d problem could not be fixed.", "%d problems could not be fixed.", problem_count
            )
        else:
            text = ngettext("%d problem was found.", "%d problems were found.", problem_count)
        return text % problem_count

    def _stop_unreadable(self, error: Exception) -> None:
        reason = str(error).partition("\n")[0]
        self.stdout.write(
            _(
                "The check stopped, because the database cannot be read (%s). If it is damaged,"
                " stop the server, keep a copy of the database and restore the newest backup."
            )
            % reason
        )
        raise SystemExit(1)
