"""The SQLite database file: never created by accident, and watched while it is open.

SQLite silently creates a missing file, and it writes on into a file that was deleted or replaced:
what is saved then is lost when the process ends. `Connection` opens an existing file only, and
refuses to commit into a file that no longer stands at its path. Only `creating()` makes a new one.
"""

import logging
import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from multiprocessing.util import Finalize
from pathlib import Path
from threading import Lock
from typing import Any
from weakref import WeakSet

from django.db import OperationalError, connections
from django.dispatch import Signal

# Device and number of a file: two files at one path differ in it while one of them is open.
Identity = tuple[int, int]

_logger = logging.getLogger(__name__)
_may_create: ContextVar[bool] = ContextVar("_may_create", default=False)
# Statements that write nothing outside a transaction.
_READS = ("SELECT", "WITH", "PRAGMA", "EXPLAIN")

# Sent once in a process when another file has come in the place of the database, before anybody
# reads it: what was kept in memory is of the other one.
replaced = Signal()
_followed: Identity | None = None
_lock = Lock()


class FileMovedError(OperationalError):
    """The database file is gone or replaced, so nothing may be written into the open one."""


@contextmanager
def creating() -> Iterator[None]:
    """Let connections that are opened meanwhile create a missing database file."""
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
        self.path = path_of(database)
        self.identity: Identity | None = None
        self.log: Identity | None = None
        if self.path is None:
            super().__init__(database, *args, **kwargs)
            return
        before = _identity(self.path)
        may_create = _may_create.get()
        if before is None and not may_create:
            raise sqlite3.OperationalError(
                f"The database file {self.path} is missing. “manage.py restore” puts a backup back,"
                " “manage.py migrate” creates an empty database."
            )
        mode = "rwc" if may_create else "rw"
        super().__init__(f"{self.path.as_uri()}?mode={mode}", *args, **{**kwargs, "uri": True})
        self.identity = _identity(self.path)
        if before not in {None, self.identity}:
            self.close()
            raise sqlite3.OperationalError(f"{self.path} was replaced while it was opened.")
        _open.add(self)

    def problem(self) -> str | None:
        """Return why nothing may be written into the open file, or None."""
        if self.identity is None or self.path is None:
            return None
        here = _identity(self.path)
        if here == self.identity:
            return None
        return "the file is gone" if here is None else "another file is in its place"

    def commit(self) -> None:
        if problem := self.problem():
            raise sqlite3.OperationalError(_refusal(self.path, problem))
        super().commit()

    def note_log(self) -> None:
        """Remember which write-ahead log belongs to the open file."""
        if self.path is not None:
            self.log = _identity(_beside(self.path, "-wal"))


_open: "WeakSet[Connection]" = WeakSet()


class _Guard:
    """An execute wrapper that refuses to begin a write in a file that was moved."""

    def __call__(self, execute: Any, sql: str, params: Any, many: Any, context: Any) -> Any:
        wrapper = context["connection"]
        if sql.startswith("BEGIN") or not (wrapper.in_atomic_block or sql.startswith(_READS)):
            own = wrapper.connection
            if isinstance(own, Connection) and (problem := own.problem()):
                raise FileMovedError(_refusal(own.path, problem))
        return execute(sql, params, many, context)


def install(connection: Any, **kwargs: Any) -> None:
    """Guard a connection that was opened."""
    if isinstance(connection.connection, Connection):
        connection.connection.note_log()
        if not any(isinstance(one, _Guard) for one in connection.execute_wrappers):
            # First, for who opens it with one of their own takes the last one away.
            connection.execute_wrappers.insert(0, _Guard())


def problem(connection: Any) -> str | None:
    """Return what is wrong with the file of a Django connection, or None.

    Of a connection that is not open yet, whether its file exists.
    """
    if connection.vendor != "sqlite":
        return None
    if isinstance(connection.connection, Connection):
        return connection.connection.problem()
    path = path_of(connection.settings_dict["NAME"])
    return "the file is gone" if path and _identity(path) is None else None


def follow(**kwargs: Any) -> None:
    """Before a request, leave a file that was replaced, so that the new one is opened.

    A file that is gone stays open: it holds the only copy of the data, and readers may go on.
    """
    for connection in connections.all(initialized_only=True):
        own = connection.connection
        if not isinstance(own, Connection) or own.path is None or connection.in_atomic_block:
            continue
        here = _identity(own.path)
        if here is not None and here != own.identity:
            _leave(connection, own, own.path, here)


def _leave(connection: Any, own: Connection, path: Path, here: Identity) -> None:
    global _followed
    with _lock:
        _set_log_aside(own, path)
        connection.close()
        if _followed != here:
            _followed = here
            _logger.warning("Another file is in the place of %s. It is read from now on.", path)
            replaced.send(sender=Connection, using=connection.alias)


def _set_log_aside(own: Connection, path: Path) -> None:
    """Move the old file's write-ahead log away: SQLite would write it into the new file."""
    log = _beside(path, "-wal")
    if own.log is None or _identity(log) != own.log:
        return
    kept = _beside(log, f".{time.strftime('%Y%m%d-%H%M%S')}")
    log.replace(kept)
    _beside(path, "-shm").unlink(missing_ok=True)
    _logger.warning("The write-ahead log of the file before was moved to %s.", kept)


def close_at_exit() -> None:
    """Close every connection when this process ends, so that SQLite clears its write-ahead log.

    Not by `atexit`, which a process that was forked by `multiprocessing` (a worker) does not run.
    """
    Finalize(None, close_all, exitpriority=100)


def close_all() -> None:
    """Close the connections of all threads; save what a deleted file held."""
    rescued: set[Path] = set()
    for own in list(_open):
        with suppress(sqlite3.Error):
            if own.path and own.path not in rescued and _rescue(own, own.path):
                rescued.add(own.path)
            if own.path and own.problem() == "another file is in its place":
                with suppress(OSError):
                    _set_log_aside(own, own.path)
            own.close()


def _rescue(own: Connection, path: Path) -> bool:
    """Write the data of a file that is gone into a new one, before it goes for good."""
    if own.problem() != "the file is gone" or own.in_transaction:
        return False
    target = _beside(path, f".rescued-{os.getpid()}")
    copy = sqlite3.connect(target)
    try:
        own.backup(copy)
        copy.execute("PRAGMA journal_mode=DELETE")
    finally:
        copy.close()
    _logger.critical("%s is gone. What this process still held of it is in %s.", path, target)
    return True


def path_of(name: str | os.PathLike[str]) -> Path | None:
    """Return the path that a database's name stands for; None if it names no file."""
    text = os.fspath(name)
    return None if not text or text.startswith((":memory:", "file:")) else Path(text).absolute()


def _identity(path: Path) -> Identity | None:
    try:
        found = os.stat(path)  # noqa: PTH116 - half as dear as Path.stat, for each transaction
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _beside(path: Path, suffix: str) -> Path:
    return path.with_name(path.name + suffix)


def _refusal(path: Path | None, problem: str) -> str:
    return f"Nothing was saved: {problem} ({path})."
