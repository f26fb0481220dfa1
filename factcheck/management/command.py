"""The base class of our commands: one line when the database or the disk fails."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import Error
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from factcheck.failures import failure_of


class FactcheckCommand(BaseCommand):
    """Reports a failure of the database or the disk in one line, and exits with status 1.

    `--traceback` shows where it happened. Errors of the code or the data are raised as they are.
    """

    def saved_text(self) -> str:
        """Return a sentence that says how much the command has saved so far."""
        return ""

    def continuation_text(self) -> str:
        """Return a sentence that says how the same command would continue if run again."""
        return ""

    def execute(self, *args: Any, **options: Any) -> Any:
        try:
            return super().execute(*args, **options)
        except (Error, OSError) as error:
            failure = failure_of(error)
            if failure is None:
                raise
            raise CommandError(
                failure.message(self.saved_text(), self.continuation_text())
            ) from error


def nothing_saved(*, is_dry: bool = False) -> str:
    return _("Dry run: nothing was saved.") if is_dry else _("Nothing was saved.")


def saved_chunks(chunks: int, contents: str) -> str:
    """Return how much of an import is saved; `contents` is the number of objects in the chunks."""
    if not chunks:
        return nothing_saved()
    message = ngettext(
        "%(chunks)d chunk with %(what)s is saved.",
        "%(chunks)d chunks with %(what)s are saved.",
        chunks,
    )
    return message % {"chunks": chunks, "what": contents}
