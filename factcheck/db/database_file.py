"""The SQLite database file: never created by accident, and watched while it is open.

SQLite silently creates a missing file, and it writes on into a file that was deleted or replaced:
what is saved then is lost when the process ends. `Connection` opens an existing file only, and
refuses to commit into a file that no longer stands at its path. Only `allow_creation()` makes it
create one.
"""

import logging
import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass
from multiprocessing.util import Finalize
from pathlib import Path
from threading import Lock
from typing import Any
from weakref import WeakSet

from django.db import OperationalError, connections
from django.dispatch import Signal

# Device and number of a file: two files at one path differ in it while one of them is open.
FileIdentity = tuple[int, int]

_logger = logging.getLogger(__name__)
_may_create: ContextVar[bool] = ContextVar("_may_create", default=False)
GONE, REPLACED = "the file is gone", "another file is in its place"
# Statements that write nothing outside a transaction.
_READ_STATEMENTS = ("SELECT", "WITH", "PRAGMA", "EXPLAIN")

# Sent once in a process when another file has replaced the database, before it is read: caches hold
# data of the old file.
file_replaced = Signal()


@dataclass
class _File:
    """An open file, and the write-ahead log that belongs to it."""

    identity: FileIdentity
    wal: FileIdentity | None = None


# The file that this process uses as the database at each path.
_current_files: dict[Path, _File] = {}
_lock = Lock()


class FileError(sqlite3.OperationalError):
    """The database file is missing, or it is another one than was opened."""


class FileMovedError(OperationalError):
    """The database file is gone or replaced, so nothing may be written into the open one."""


@contextmanager
def allow_creation() -> Iterator[None]:
    """Allow connections that are opened in the block to create a missing database file."""
    token = _may_create.set(True)
    try:
        yield
    finally:
        _may_create.reset(token)


class Connection(sqlite3.Connection):
    """A connection to an existing file, which it commits into only while it stands at its path.

    Databases in memory and addresses of SQLite's own (`file:…`) are opened as they are named.
    """

    def __init__(self, database: str | os.PathLike[str], *args: Any, **kwargs: Any) -> None:
        self.path = database_path(database)
        self.file: _File | None = None
        if self.path is None:
            super().__init__(database, *args, **kwargs)
            return
        identity_before = _identity(self.path)
        self._require_file(self.path, identity_before)
        mode = "rwc" if _may_create.get() else "rw"
        super().__init__(f"{self.path.as_uri()}?mode={mode}", *args, **{**kwargs, "uri": True})
        identity = _identity(self.path)
        if identity is None or identity_before not in {None, identity}:
            self.close()
            raise FileError(f"{self.path} was replaced while it was opened.")
        self.file = _File(identity)
        _current_files.setdefault(self.path, self.file)
        _open_connections.add(self)

    @staticmethod
    def _require_file(path: Path, identity: FileIdentity | None) -> None:
        if identity is None and not _may_create.get():
            raise FileError(
                f"The database file {path} is missing. “manage.py restore” puts a backup back,"
                " “manage.py migrate” creates an empty database."
            )
        current = _current_files.get(path)
        if current and identity != current.identity and _has_wal(path, current):
            # SQLite would write it into the new file. `reopen_if_replaced` moves it away first.
            raise FileError(f"Another file is in the place of {path}.")

    def problem(self) -> str | None:
        """Describe why nothing may be written into the open file; None if it may."""
        if self.file is None or self.path is None:
            return None
        identity = _identity(self.path)
        if identity == self.file.identity:
            return None
        return GONE if identity is None else REPLACED

    def commit(self) -> None:
        if problem := self.problem():
            raise FileError(_refusal_message(self.path, problem))
        super().commit()

    def close(self) -> None:
        _open_connections.discard(self)
        super().close()

    def remember_wal(self) -> None:
        """Remember the write-ahead log of the open file, now that SQLite has created it."""
        if self.path is not None and self.file is not None and self.problem() is None:
            self.file.wal = _identity(_with_suffix(self.path, "-wal"))
            if _current_files[self.path].identity == self.file.identity:
                _current_files[self.path] = self.file


_open_connections: "WeakSet[Connection]" = WeakSet()


class _WriteGuard:
    """An execute wrapper that refuses to begin a write in a file that was moved."""

    def __call__(self, execute: Any, sql: str, params: Any, many: Any, context: Any) -> Any:
        wrapper = context["connection"]
        if sql.startswith("BEGIN") or not (
            wrapper.in_atomic_block or sql.startswith(_READ_STATEMENTS)
        ):
            sqlite_connection = wrapper.connection
            if isinstance(sqlite_connection, Connection) and (
                problem := sqlite_connection.problem()
            ):
                raise FileMovedError(_refusal_message(sqlite_connection.path, problem))
        return execute(sql, params, many, context)


def install(connection: Any, **kwargs: Any) -> None:
    """Add the write guard to a connection that was opened (a signal receiver)."""
    if isinstance(connection.connection, Connection):
        connection.connection.remember_wal()
        if not any(isinstance(existing, _WriteGuard) for existing in connection.execute_wrappers):
            # In front: `connection.execute_wrapper()`, which may be open now, removes the last one.
            connection.execute_wrappers.insert(0, _WriteGuard())


def problem(connection: Any) -> str | None:
    """Describe the problem with the file of a Django connection; None if there is none.

    For a connection that is not open yet, only whether its file exists is checked.
    """
    if connection.vendor != "sqlite":
        return None
    if isinstance(connection.connection, Connection):
        return connection.connection.problem()
    path = database_path(connection.settings_dict["NAME"])
    return GONE if path and _identity(path) is None else None


def reopen_if_replaced(**kwargs: Any) -> None:
    """Before a request, close a database file that was replaced, so that the new one is opened.

    A file that is gone stays open: it holds the only copy of the data, and pages still work.
    """
    for connection in connections.all():
        if connection.vendor != "sqlite" or connection.in_atomic_block:
            continue
        path = database_path(connection.settings_dict["NAME"])
        identity = _identity(path) if path else None
        if path is None or identity is None:
            continue
        sqlite_connection = connection.connection
        open_file = sqlite_connection.file if isinstance(sqlite_connection, Connection) else None
        has_old_file = open_file is not None and open_file.identity != identity
        with _lock:
            current = _current_files.get(path)
            is_replaced = current is not None and current.identity != identity
            if current and is_replaced:
                _move_wal_aside(path, current)
                _current_files[path] = _File(identity)
            if has_old_file:
                connection.close()
            if is_replaced:
                _logger.warning("Another file is in the place of %s. It is read from now on.", path)
                file_replaced.send(sender=Connection, using=connection.alias)


def _has_wal(path: Path, file: _File) -> bool:
    """Return whether a file's write-ahead log stands beside the path.

    True only while this process has the file open: later another log may get the same number.
    """
    open_files = [connection.file for connection in list(_open_connections)]
    is_open = any(open_file and open_file.identity == file.identity for open_file in open_files)
    return is_open and file.wal is not None and _identity(_with_suffix(path, "-wal")) == file.wal


def _move_wal_aside(path: Path, file: _File) -> None:
    """Move an old file's write-ahead log away: SQLite would write it into the new file."""
    if _has_wal(path, file):
        wal = _with_suffix(path, "-wal")
        moved = _with_suffix(wal, f".{time.strftime('%Y%m%d-%H%M%S')}")
        wal.replace(moved)
        _with_suffix(path, "-shm").unlink(missing_ok=True)
        _logger.warning("The write-ahead log of the replaced file was moved to %s.", moved)


def close_connections_at_exit() -> None:
    """Close every connection when this process ends, so that SQLite clears its write-ahead log.

    Not by `atexit`, which a process that was forked by `multiprocessing` (a worker) does not run.
    """
    Finalize(None, close_all_connections, exitpriority=100)


def close_all_connections() -> None:
    """Close the connections of all threads; save what a deleted file held."""
    saved: set[Path] = set()
    for connection in list(_open_connections):
        with suppress(sqlite3.Error, OSError):
            path = connection.path
            if path and path not in saved and _save_copy(connection, path):
                saved.add(path)
            if connection.path and connection.file and connection.problem() == REPLACED:
                _move_wal_aside(connection.path, connection.file)
        with suppress(sqlite3.Error):
            connection.close()


def _save_copy(connection: Connection, path: Path) -> bool:
    """Write the data of a file that is gone into a new one, before it goes for good."""
    if connection.problem() != GONE or connection.in_transaction:
        return False
    target = _with_suffix(path, f".rescued-{os.getpid()}")
    target.touch(mode=0o600)
    copy = sqlite3.connect(target)
    try:
        connection.backup(copy)
        copy.execute("PRAGMA journal_mode=DELETE")
    finally:
        copy.close()
    _logger.critical("%s is gone. What this process still held of it is in %s.", path, target)
    return True


def database_path(name: str | os.PathLike[str]) -> Path | None:
    """Return the path of the file that a database name means; None if it is no file."""
    text = os.fspath(name)
    return None if not text or text.startswith((":memory:", "file:")) else Path(text).absolute()


def _identity(path: Path) -> FileIdentity | None:
    try:
        status = os.stat(path)  # noqa: PTH116 - half as dear as Path.stat, for each transaction
    except OSError:
        return None
    return status.st_dev, status.st_ino


def _with_suffix(path: Path, suffix: str) -> Path:
    return path.with_name(path.name + suffix)


def _refusal_message(path: Path | None, problem: str) -> str:
    return f"Nothing was saved: {problem} ({path})."
