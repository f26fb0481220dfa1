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
from dataclasses import dataclass
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
GONE, REPLACED = "the file is gone", "another file is in its place"
# Statements that write nothing outside a transaction.
_READS = ("SELECT", "WITH", "PRAGMA", "EXPLAIN")

# Sent once in a process when another file has come in the place of the database, before anybody
# reads it: what was kept in memory is of the other one.
replaced = Signal()


@dataclass
class _File:
    """An open file, and the write-ahead log that belongs to it."""

    identity: Identity
    log: Identity | None = None


# Which file this process takes for the database, by its path.
_known: dict[Path, _File] = {}
_lock = Lock()


class FileError(sqlite3.OperationalError):
    """The database file is missing, or it is another one than was opened."""


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
        self.file: _File | None = None
        if self.path is None:
            super().__init__(database, *args, **kwargs)
            return
        before = _identity(self.path)
        self._require(self.path, before)
        mode = "rwc" if _may_create.get() else "rw"
        super().__init__(f"{self.path.as_uri()}?mode={mode}", *args, **{**kwargs, "uri": True})
        opened = _identity(self.path)
        if opened is None or before not in {None, opened}:
            self.close()
            raise FileError(f"{self.path} was replaced while it was opened.")
        self.file = _File(opened)
        _known.setdefault(self.path, self.file)
        _open.add(self)

    @staticmethod
    def _require(path: Path, here: Identity | None) -> None:
        if here is None and not _may_create.get():
            raise FileError(
                f"The database file {path} is missing. “manage.py restore” puts a backup back,"
                " “manage.py migrate” creates an empty database."
            )
        known = _known.get(path)
        if known and here != known.identity and _has_log(path, known):
            # SQLite would write it into the new file. `follow` moves it away first.
            raise FileError(f"Another file is in the place of {path}.")

    def problem(self) -> str | None:
        """Return why nothing may be written into the open file, or None."""
        if self.file is None or self.path is None:
            return None
        here = _identity(self.path)
        if here == self.file.identity:
            return None
        return GONE if here is None else REPLACED

    def commit(self) -> None:
        if problem := self.problem():
            raise FileError(_refusal(self.path, problem))
        super().commit()

    def close(self) -> None:
        _open.discard(self)
        super().close()

    def note_log(self) -> None:
        """Remember which write-ahead log belongs to the open file: it stands beside it by now."""
        if self.path is not None and self.file is not None and self.problem() is None:
            self.file.log = _identity(_beside(self.path, "-wal"))
            if _known[self.path].identity == self.file.identity:
                _known[self.path] = self.file


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
    return GONE if path and _identity(path) is None else None


def follow(**kwargs: Any) -> None:
    """Before a request, leave a file that was replaced, so that the new one is opened.

    A file that is gone stays open: it holds the only copy of the data, and readers may go on.
    """
    for connection in connections.all():
        if connection.vendor != "sqlite" or connection.in_atomic_block:
            continue
        path = path_of(connection.settings_dict["NAME"])
        here = _identity(path) if path else None
        if path is None or here is None:
            continue
        own = connection.connection
        is_old = isinstance(own, Connection) and own.file and own.file.identity != here
        with _lock:
            known = _known.get(path)
            is_new = known is not None and known.identity != here
            if known and is_new:
                _set_log_aside(path, known)
                _known[path] = _File(here)
            if is_old:
                connection.close()
            if is_new:
                _logger.warning("Another file is in the place of %s. It is read from now on.", path)
                replaced.send(sender=Connection, using=connection.alias)


def _has_log(path: Path, file: _File) -> bool:
    """Return whether a file's write-ahead log stands beside the path.

    Only while the file is open here: after that another log may have been given the same number.
    """
    is_open = any(own.file and own.file.identity == file.identity for own in list(_open))
    return is_open and file.log is not None and _identity(_beside(path, "-wal")) == file.log


def _set_log_aside(path: Path, file: _File) -> None:
    """Move an old file's write-ahead log away: SQLite would write it into the new file."""
    if _has_log(path, file):
        log = _beside(path, "-wal")
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
        with suppress(sqlite3.Error, OSError):
            if own.path and own.path not in rescued and _rescue(own, own.path):
                rescued.add(own.path)
            if own.path and own.file and own.problem() == REPLACED:
                _set_log_aside(own.path, own.file)
        with suppress(sqlite3.Error):
            own.close()


def _rescue(own: Connection, path: Path) -> bool:
    """Write the data of a file that is gone into a new one, before it goes for good."""
    if own.problem() != GONE or own.in_transaction:
        return False
    target = _beside(path, f".rescued-{os.getpid()}")
    target.touch(mode=0o600)
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
