"""What is wrong with the database or the disk, and no fault of the code: in one sentence, and what
to do about it.

Told by the numbers of the engines and of the operating system, for their words change.
"""

import errno
from typing import NamedTuple

from django.db import Error, InterfaceError, OperationalError
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from factcheck.db.database_file import FileError, FileMovedError


class Failure(NamedTuple):
    """One kind of failure: what is wrong, and what to do. `%(said)s` is the engine's own words."""

    what: str | Promise
    to_do: str | Promise
    # Once that is done, the same work succeeds.
    is_passing: bool = True

    def told(self, saved: str = "", continues: str = "") -> str:
        """Return it in one line, with what is saved all the same and how the work continues."""
        again = (continues,) if self.is_passing else ()
        return " ".join(filter(None, (str(self.what), saved, str(self.to_do), *again)))


_FULL = Failure(
    gettext_lazy("The disk is full."),
    gettext_lazy("Free some space, then run the same command again."),
)
_DAMAGED = Failure(
    gettext_lazy("The database file is damaged."),
    gettext_lazy("Stop the server, keep a copy of the file, and restore the last backup."),
    is_passing=False,
)
_CLOSED = Failure(
    gettext_lazy("The database file cannot be opened."),
    gettext_lazy(
        "Check its path in DATABASE_URL, and that this account may read and write its folder."
    ),
    is_passing=False,
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
_AWAY = Failure(
    gettext_lazy("The database cannot be reached (%(said)s)."),
    gettext_lazy(
        "Check that its server runs and that DATABASE_URL is right, then run the same command"
        " again."
    ),
)
_UNREADABLE = Failure(
    gettext_lazy("The disk cannot be read or written."),
    gettext_lazy("Check the disk, then run the same command again."),
)
_BARE = Failure(
    gettext_lazy("The database is not set up for this version (%(said)s)."),
    gettext_lazy("Run “python manage.py migrate”, then the same command again."),
)
# Its own words say what is wrong and what to do.
_MOVED = Failure("%(said)s", "", is_passing=False)
# The first byte of SQLite's result codes.
_OF_SQLITE = {
    3: _CLOSED,
    5: _BUSY,
    6: _BUSY,
    8: _READ_ONLY,
    10: _UNREADABLE,
    11: _DAMAGED,
    13: _FULL,
    14: _CLOSED,
    26: _DAMAGED,
}
# PostgreSQL's codes, or their beginnings.
_OF_POSTGRESQL = {
    **dict.fromkeys(("08", "28", "3D", "57P", "53300"), _AWAY),
    "53100": _FULL,
    "25006": _READ_ONLY,
    "XX001": _DAMAGED,
    "XX002": _DAMAGED,
    "58": _UNREADABLE,
    "55P03": _BUSY,
    "57014": _BUSY,
    "42P01": _BARE,
    "42703": _BARE,
}
_OF_THE_SYSTEM = {errno.ENOSPC: _FULL, errno.EDQUOT: _FULL, errno.EIO: _UNREADABLE}


def failure_of(error: BaseException) -> Failure | None:
    """Return what has failed; None if the code or the data is to blame for an error."""
    if isinstance(error, OSError):
        return _OF_THE_SYSTEM.get(error.errno or 0)
    found = _of_database(error) if isinstance(error, Error) else None
    if found is None:
        return None
    said = " ".join(str(error).split("\n")[0].split())
    return found._replace(what=str(found.what).replace("%(said)s", said))


def cannot_read(name: object, error: OSError | ValueError) -> str:
    """Return what to say of a file that cannot be read."""
    why = getattr(error, "strerror", None) or str(error)
    return _("%(name)s: this file cannot be read (%(why)s).") % {"name": name, "why": why}


def cannot_write(name: object, error: OSError) -> str:
    """Return what to say of a file that cannot be written, with what to do about a full disk."""
    said = _("%(name)s: this file cannot be written (%(why)s).")
    said %= {"name": name, "why": error.strerror or str(error)}
    failure = failure_of(error)
    return f"{said} {failure.to_do}" if failure else said


def _of_database(error: Error) -> Failure | None:
    own = error.__cause__
    if isinstance(error, FileMovedError) or isinstance(own, FileError):
        return _MOVED
    code = getattr(own, "sqlite_errorcode", None)
    if code is not None:
        return _BARE if str(error).startswith("no such ") else _OF_SQLITE.get(code & 0xFF)
    if state := getattr(own, "sqlstate", None):
        parts = (state[:length] for length in (5, 3, 2))
        return next((_OF_POSTGRESQL[part] for part in parts if part in _OF_POSTGRESQL), None)
    # Without a code it never came to a server, or the server is gone.
    is_lost = isinstance(own, ConnectionError) or type(own).__module__.startswith("psycopg")
    return _AWAY if is_lost and isinstance(error, (OperationalError, InterfaceError)) else None
