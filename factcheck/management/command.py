"""What our commands have in common: one line when the database or the disk fails."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import Error
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from factcheck.failures import failure_of


class FactcheckCommand(BaseCommand):
    """Reports a failure of the database or the disk in one line, and exits with status 1.

    `--traceback` shows where it happened. Errors of our code or of the data are raised as usual.
    """

    def saved(self) -> str:
        """Return what the command has saved by now, as a sentence."""
        return ""

    def continues(self) -> str:
        """Return how the work goes on if the same command is run again, as a sentence."""
        return ""

    def execute(self, *args: Any, **options: Any) -> Any:
        try:
            return super().execute(*args, **options)
        except (Error, OSError) as error:
            failure = failure_of(error)
            if failure is None:
                raise
            raise CommandError(failure.message(self.saved(), self.continues())) from error


def nothing_saved(*, is_dry: bool = False) -> str:
    return _("Dry run: nothing was saved.") if is_dry else _("Nothing was saved.")


def saved_chunks(chunks: int, what: str) -> str:
    """Return how much of an import is saved: `what` is what the chunks hold, with its number."""
    if not chunks:
        return nothing_saved()
    said = ngettext(
        "%(chunks)d chunk with %(what)s is saved.",
        "%(chunks)d chunks with %(what)s are saved.",
        chunks,
    )
    return said % {"chunks": chunks, "what": what}
