"""Failures of the database or the disk, which are no bugs: one sentence each, with a remedy.

They are recognised by the error codes of the engines and of the operating system, because the
messages change.
"""

import errno
from typing import NamedTuple

from django.db import Error, InterfaceError, OperationalError
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from factcheck.db.database_file import FileError, FileMovedError


class Failure(NamedTuple):
    """A kind of failure: the problem and its remedy. `%(said)s` stands for the engine's message."""

    problem: str | Promise
    remedy: str | Promise
    # After the remedy, the same command succeeds.
    is_temporary: bool = True

    def message(self, saved_text: str = "", continuation: str = "") -> str:
        """Return the message in one line, with what was saved and how the work continues."""
        retry = (continuation,) if self.is_temporary else ()
        return " ".join(filter(None, (str(self.problem), saved_text, str(self.remedy), *retry)))


_FULL = Failure(
    gettext_lazy("The disk is full."),
    gettext_lazy("Free some space, then run the same command again."),
)
_DAMAGED = Failure(
    gettext_lazy("The database file is damaged."),
    gettext_lazy("Stop the server, keep a copy of the file, and restore the last backup."),
    is_temporary=False,
)
_CANNOT_OPEN = Failure(
    gettext_lazy("The database file cannot be opened."),
    gettext_lazy(
        "Check its path in DATABASE_URL, and that this account may read and write its folder."
    ),
    is_temporary=False,
)
_READ_ONLY = Failure(
    gettext_lazy("The database is read-only."),
    gettext_lazy(
        "Check that this account may write to the database, then run the same command again."
    ),
)
_BUSY = Failure(
    gettext_lazy("The database is busy: another program is writing to it."),
    gettext_lazy("Wait until it has finished, then run the same command again."),
)
_UNREACHABLE = Failure(
    gettext_lazy("The database cannot be reached (%(said)s)."),
    gettext_lazy(
        "Check that its server runs and that DATABASE_URL is right, then run the same command"
        " again."
    ),
)
_DISK_ERROR = Failure(
    gettext_lazy("The disk cannot be read or written."),
    gettext_lazy("Check the disk, then run the same command again."),
)
_NOT_MIGRATED = Failure(
    gettext_lazy("The database is not set up for this version (%(said)s)."),
    gettext_lazy("Run “python manage.py migrate”, then the same command again."),
)
# The error's own message names the problem and the remedy.
_FILE_MOVED = Failure("%(said)s", "", is_temporary=False)
# The first byte of SQLite's result codes.
_SQLITE_FAILURES = {
    3: _CANNOT_OPEN,
    5: _BUSY,
    6: _BUSY,
    8: _READ_ONLY,
    10: _DISK_ERROR,
    11: _DAMAGED,
    13: _FULL,
    14: _CANNOT_OPEN,
    26: _DAMAGED,
}
# PostgreSQL's codes, or their beginnings.
_POSTGRESQL_FAILURES = {
    **dict.fromkeys(("08", "28", "3D", "57P", "53300"), _UNREACHABLE),
    "53100": _FULL,
    "25006": _READ_ONLY,
    "XX001": _DAMAGED,
    "XX002": _DAMAGED,
    "58": _DISK_ERROR,
    "55P03": _BUSY,
    "57014": _BUSY,
    "42P01": _NOT_MIGRATED,
    "42703": _NOT_MIGRATED,
}
_SYSTEM_FAILURES = {errno.ENOSPC: _FULL, errno.EDQUOT: _FULL, errno.EIO: _DISK_ERROR}


def failure_of(error: BaseException) -> Failure | None:
    """Return the failure that an error reports; None for an error of the code or the data."""
    if isinstance(error, OSError):
        return _SYSTEM_FAILURES.get(error.errno or 0)
    failure = _database_failure(error) if isinstance(error, Error) else None
    if failure is None:
        return None
    text = " ".join(str(error).split("\n")[0].split())
    return failure._replace(problem=str(failure.problem).replace("%(said)s", text))


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


def _database_failure(error: Error) -> Failure | None:
    cause = error.__cause__
    if isinstance(error, FileMovedError) or isinstance(cause, FileError):
        return _FILE_MOVED
    code = getattr(cause, "sqlite_errorcode", None)
    if code is not None:
        return (
            _NOT_MIGRATED
            if str(error).startswith("no such ")
            else _SQLITE_FAILURES.get(code & 0xFF)
        )
    if state := getattr(cause, "sqlstate", None):
        parts = (state[:length] for length in (5, 3, 2))
        return next(
            (_POSTGRESQL_FAILURES[part] for part in parts if part in _POSTGRESQL_FAILURES), None
        )
    # Without a code, the server was never reached, or is gone.
    is_connection_lost = isinstance(cause, ConnectionError) or type(cause).__module__.startswith(
        "psycopg"
    )
    return (
        _UNREACHABLE
        if is_connection_lost and isinstance(error, (OperationalError, InterfaceError))
        else None
    )
