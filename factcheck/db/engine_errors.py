"""What kind of trouble an error of the database engine or of the disk means.

Engines and operating systems are asked by their codes, because their messages change. Commands say
what to do about each kind (`factcheck.failures`); pages answer the temporary ones with 503
(`factcheck.http.outages`).
"""

import errno
from enum import Enum, auto

from django.db import Error, InterfaceError, OperationalError

from factcheck.db.database_file import FileError, FileMovedError


class Kind(Enum):
    """Kinds of errors that neither our code nor the data is to blame for."""

    BUSY = auto()
    # A deadlock or a serialization failure, after which the same work may be tried again.
    CONFLICT = auto()
    COMMIT_UNKNOWN = auto()
    # A session that was idle for too long, or that an operator has ended.
    INTERRUPTED = auto()
    UNREACHABLE = auto()
    TOO_MANY_CONNECTIONS = auto()
    LOGIN_REFUSED = auto()
    OUT_OF_RESOURCES = auto()
    DISK_FULL = auto()
    DISK_ERROR = auto()
    READ_ONLY = auto()
    # A server that takes no writes, such as a standby before it becomes the main server.
    STANDBY = auto()
    CANNOT_OPEN = auto()
    PERMISSION_DENIED = auto()
    FILE_MOVED = auto()
    DAMAGED = auto()
    NOT_MIGRATED = auto()


# Kinds that will pass, so that the same request can succeed a minute later.
TEMPORARY = frozenset(
    {
        Kind.BUSY,
        Kind.CONFLICT,
        Kind.COMMIT_UNKNOWN,
        Kind.INTERRUPTED,
        Kind.UNREACHABLE,
        Kind.TOO_MANY_CONNECTIONS,
        Kind.OUT_OF_RESOURCES,
        Kind.DISK_FULL,
        Kind.DISK_ERROR,
        Kind.STANDBY,
        Kind.CANNOT_OPEN,
        Kind.FILE_MOVED,
    }
)
# Kinds after which it is not known whether the last commit was done.
COMMIT_LOST = frozenset({Kind.UNREACHABLE, Kind.COMMIT_UNKNOWN})
# By the first byte of SQLite's result codes.
_SQLITE = {
    3: Kind.PERMISSION_DENIED,
    5: Kind.BUSY,
    6: Kind.BUSY,
    8: Kind.READ_ONLY,
    10: Kind.DISK_ERROR,
    11: Kind.DAMAGED,
    13: Kind.DISK_FULL,
    14: Kind.CANNOT_OPEN,
    26: Kind.DAMAGED,
}
# By PostgreSQL's SQLSTATE, or by its first two or three characters.
_POSTGRESQL = {
    "08": Kind.UNREACHABLE,
    "25006": Kind.STANDBY,
    "25P03": Kind.INTERRUPTED,
    "28": Kind.LOGIN_REFUSED,
    "3D": Kind.LOGIN_REFUSED,
    "40001": Kind.CONFLICT,
    "40003": Kind.COMMIT_UNKNOWN,
    "40P01": Kind.CONFLICT,
    "42703": Kind.NOT_MIGRATED,
    "42P01": Kind.NOT_MIGRATED,
    "53": Kind.OUT_OF_RESOURCES,
    "53100": Kind.DISK_FULL,
    "53300": Kind.TOO_MANY_CONNECTIONS,
    "55P03": Kind.BUSY,
    "57": Kind.INTERRUPTED,
    "57014": Kind.BUSY,
    "57P": Kind.UNREACHABLE,
    "58": Kind.DISK_ERROR,
    "XX001": Kind.DAMAGED,
    "XX002": Kind.DAMAGED,
}
_SYSTEM = {errno.ENOSPC: Kind.DISK_FULL, errno.EDQUOT: Kind.DISK_FULL, errno.EIO: Kind.DISK_ERROR}


def kind_of(error: BaseException) -> Kind | None:
    """Return the kind of an error; None if the code or the data is to blame for it."""
    if isinstance(error, OSError):
        return _SYSTEM.get(error.errno or 0)
    if not isinstance(error, Error):
        return None
    cause = error.__cause__
    if isinstance(error, FileMovedError) or isinstance(cause, FileError):
        return Kind.FILE_MOVED
    if (code := getattr(cause, "sqlite_errorcode", None)) is not None:
        return Kind.NOT_MIGRATED if str(error).startswith("no such ") else _SQLITE.get(code & 0xFF)
    if (state := getattr(cause, "sqlstate", None)) is not None:
        prefixes = (state[:length] for length in (5, 3, 2))
        return next((_POSTGRESQL[prefix] for prefix in prefixes if prefix in _POSTGRESQL), None)
    return _kind_without_code(error, cause)


def _kind_without_code(error: Error, cause: BaseException | None) -> Kind | None:
    """Return the kind of an error that came to no server, or from a server that is gone."""
    is_of_driver = type(cause).__module__.startswith("psycopg")
    if isinstance(error, OperationalError):
        if is_of_driver or isinstance(cause, ConnectionError):
            return Kind.UNREACHABLE
        return Kind.BUSY if "locked" in str(error) else None
    is_connection = isinstance(error, InterfaceError) and "connection" in str(error)
    return Kind.UNREACHABLE if is_connection else None
