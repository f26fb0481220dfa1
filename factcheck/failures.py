"""Failures of the database or the disk: the sentences that commands print, with a remedy."""

from typing import NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from factcheck.db.engine_errors import Kind, kind_of


class Failure(NamedTuple):
    """A problem and its remedy. `%(said)s` stands for the engine's own message."""

    problem: str | Promise
    remedy: str | Promise
    # After the remedy, the same command succeeds.
    is_repeatable: bool = True

    def message(self, saved_text: str = "", continuation_text: str = "") -> str:
        """Return one line: the problem, what is saved, the remedy, how the work continues."""
        outlook = continuation_text if self.is_repeatable else ""
        return " ".join(filter(None, (str(self.problem), saved_text, str(self.remedy), outlook)))


_UNREACHABLE = Failure(
    gettext_lazy("The database cannot be reached (%(said)s)."),
    gettext_lazy(
        "Check that its server runs and that DATABASE_URL is right, then run the same command"
        " again."
    ),
)
_READ_ONLY = Failure(
    gettext_lazy("The database is read-only."),
    gettext_lazy(
        "Check that this account may write to the database, then run the same command again."
    ),
)
_CANNOT_OPEN = Failure(
    gettext_lazy("The database file cannot be opened."),
    gettext_lazy(
        "Check its path in DATABASE_URL, and that this account may read and write its folder."
    ),
    is_repeatable=False,
)
_FAILURES = {
    Kind.BUSY: Failure(
        gettext_lazy("The database is busy: another program is writing to it."),
        gettext_lazy("Wait until it has finished, then run the same command again."),
    ),
    Kind.UNREACHABLE: _UNREACHABLE,
    Kind.TOO_MANY_CONNECTIONS: _UNREACHABLE,
    Kind.LOGIN_REFUSED: _UNREACHABLE,
    Kind.DISK_FULL: Failure(
        gettext_lazy("The disk is full."),
        gettext_lazy("Free some space, then run the same command again."),
    ),
    Kind.DISK_ERROR: Failure(
        gettext_lazy("The disk cannot be read or written."),
        gettext_lazy("Check the disk, then run the same command again."),
    ),
    Kind.READ_ONLY: _READ_ONLY,
    Kind.STANDBY: _READ_ONLY,
    Kind.CANNOT_OPEN: _CANNOT_OPEN,
    Kind.PERMISSION_DENIED: _CANNOT_OPEN,
    # The message of the error says what is wrong and what to do.
    Kind.FILE_MOVED: Failure("%(said)s", "", is_repeatable=False),
    Kind.DAMAGED: Failure(
        gettext_lazy("The database file is damaged."),
        gettext_lazy("Stop the server, keep a copy of the file, and restore the last backup."),
        is_repeatable=False,
    ),
    Kind.NOT_MIGRATED: Failure(
        gettext_lazy("The database is not set up for this version (%(said)s)."),
        gettext_lazy("Run “python manage.py migrate”, then the same command again."),
    ),
}


def failure_of(error: BaseException) -> Failure | None:
    """Return the failure that an error reports; None for an error of the code or the data."""
    kind = kind_of(error)
    failure = _FAILURES.get(kind) if kind else None
    if failure is None:
        return None
    first_line = " ".join(str(error).split("\n")[0].split())
    return failure._replace(problem=str(failure.problem).replace("%(said)s", first_line))


def read_error_text(name: object, error: OSError | ValueError) -> str:
    """Return the message about a file that cannot be read."""
    reason = getattr(error, "strerror", None) or str(error)
    return _("%(name)s: this file cannot be read (%(why)s).") % {"name": name, "why": reason}


def write_error_text(name: object, error: OSError) -> str:
    """Return the message about a file that cannot be written, with the remedy for a full disk."""
    text = _("%(name)s: this file cannot be written (%(why)s).")
    text %= {"name": name, "why": error.strerror or str(error)}
    failure = failure_of(error)
    return f"{text} {failure.remedy}" if failure else text
