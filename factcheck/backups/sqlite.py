"""Backup and restore of an SQLite database, by SQLite's own backup interface.

A restore prepares a copy of the backup in a file next to the database: checked, migrated, with a
new epoch. Then SQLite writes it over the database in one transaction, through the write-ahead log:
the processes that serve it see the old state until the end, and the new state after it.
"""

import os
import shutil
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from django.core.management import call_command
from django.db import DatabaseError, connection

from factcheck import data_version
from factcheck.backups.files import (
    TABLES,
    BackupError,
    Restored,
    finished,
    missing_from,
    require_room,
    safety_name,
    sync,
    temporary_file,
)
from factcheck.db import database_file

# Seconds for which a restore waits for another writer.
_PATIENCE = 30
# Pages that are copied in the first step: few, so that it ends soon after it has the write lock.
_STEP = 16
_HEAD = b"SQLite format 3\0"


def write(path: Path, *, overwrite: bool) -> int:
    live = _live()
    if not live.exists():
        raise BackupError(f"The database file {live} is missing.")
    if path == live:
        raise BackupError(f"{path} is the database itself.")
    try:
        with finished(path, overwrite=overwrite) as part:
            with closing(_opened(live, "rw")) as source:
                require_room(path.parent, _size(source))
                _copy(source, part)
            check(part)
        return path.stat().st_size
    except sqlite3.Error as error:
        raise BackupError(f"{live} cannot be backed up: {error}.") from error


def restore(path: Path, *, safety_copy: bool) -> Restored:
    live = _live()
    _require_sqlite(path)
    if live.exists() and path.samefile(live):
        raise BackupError(f"{path} is the database itself.")
    size = path.stat().st_size
    before = live.stat().st_size if live.exists() else 0
    # The copy that is prepared, the write-ahead log, the copy of the state before.
    require_room(live.parent, 2 * size + (before if safety_copy else 0))
    try:
        with temporary_file(live) as prepared:
            with closing(_opened(path, "ro")) as source:
                _copy(source, prepared)
            check(prepared)
            with closing(_opened(prepared, "ro")) as file:
                applied = file.execute("SELECT app, name FROM django_migrations").fetchall()
            missing = missing_from(applied)
            _prepare(prepared)
            return Restored(_replace(live, prepared, safety_copy=safety_copy), missing)
    except (sqlite3.Error, DatabaseError) as error:
        raise BackupError(f"Nothing was restored: {error}.") from error


def check(path: Path) -> None:
    """Raise a BackupError if a file is damaged or is not a database of this program."""
    with closing(_opened(path, "ro")) as file:
        try:
            (result,) = file.execute("PRAGMA integrity_check(1)").fetchone()
        except sqlite3.DatabaseError as error:
            result = str(error)
        if result != "ok":
            raise BackupError(f"The database in it is damaged: {result.splitlines()[-1]}.")
        tables = {name for (name,) in file.execute("SELECT name FROM sqlite_master")}
        if not tables >= TABLES:
            raise BackupError("It is an SQLite database, but not one of Factcheck.")


def _live() -> Path:
    path = database_file.database_path(connection.settings_dict["NAME"])
    if path is None:
        raise BackupError("DATABASE_URL names no file.")
    return path


def _require_sqlite(path: Path) -> None:
    try:
        with path.open("rb") as file:
            head = file.read(len(_HEAD))
    except OSError as error:
        raise BackupError(f"{path} cannot be read: {error.strerror}.") from error
    if head != _HEAD:
        raise BackupError(f"{path} is not an SQLite database.")


def _opened(path: Path, mode: str) -> sqlite3.Connection:
    """Open an existing file; `ro` creates no file beside it if there is no write-ahead log."""
    log = path.with_name(f"{path.name}-wal")
    is_immutable = mode == "ro" and not (log.exists() and log.stat().st_size)
    address = f"{path.as_uri()}?mode={mode}{'&immutable=1' if is_immutable else ''}"
    return sqlite3.connect(address, uri=True, isolation_level=None, timeout=_PATIENCE)


def _size(source: sqlite3.Connection) -> int:
    (pages,) = source.execute("PRAGMA page_count").fetchone()
    (size,) = source.execute("PRAGMA page_size").fetchone()
    return pages * size


def _copy(source: sqlite3.Connection, path: Path) -> None:
    """Copy one state into an empty file, without a write-ahead log."""
    with closing(_opened(path, "rw")) as target:
        # The file is renamed only once it is complete and on the disk.
        target.execute("PRAGMA synchronous=OFF")
        target.execute("PRAGMA journal_mode=OFF")
        source.backup(target)
        target.execute("PRAGMA journal_mode=DELETE")


def _prepare(path: Path) -> None:
    """Bring a copy to this version, with its triggers, and give it a new epoch."""
    with _connected_to(path):
        call_command("migrate", verbosity=0, interactive=False)
        data_version.initialise(reset=True)
    with closing(_opened(path, "rw")) as file:
        file.execute("PRAGMA journal_mode=DELETE")
    sync(path)


@contextmanager
def _connected_to(path: Path) -> Iterator[None]:
    """Connect Django to another file for a while."""
    usual_name = connection.settings_dict["NAME"]
    connection.close()
    connection.settings_dict["NAME"] = str(path)
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict["NAME"] = usual_name


def _replace(live: Path, prepared: Path, *, safety_copy: bool) -> Path | None:
    """Replace the database by a prepared copy; return the path of the safety copy."""
    copy_path = safety_name(live.parent, live.name, ".sqlite3") if safety_copy else None
    if live.exists() and live.stat().st_size:
        try:
            _write_over(live, prepared, copy_path)
            return copy_path
        except sqlite3.OperationalError:
            raise
        except sqlite3.DatabaseError:
            pass  # so damaged that SQLite does not recognize it as a database
    copy_path = copy_path if live.exists() else None
    _move_into_place(live, prepared, copy_path)
    return copy_path


def _write_over(live: Path, prepared: Path, copy_path: Path | None) -> None:
    """Overwrite the database in one transaction; the safety copy is made under its lock."""
    with closing(_opened(live, "rw")) as target, closing(_opened(prepared, "rw")) as source:
        target.execute("PRAGMA busy_timeout=0")
        target.execute("PRAGMA journal_mode=WAL")
        target.execute("PRAGMA synchronous=FULL")
        _match_page_size(target, source)
        try:
            source.backup(target, pages=_STEP, progress=_step(live, copy_path), sleep=0.002)
        except BaseException:
            if copy_path:
                copy_path.unlink(missing_ok=True)
            raise
        # While others still read the old state, the log stays, and is written into the file later.
        target.execute("PRAGMA busy_timeout=3000")
        target.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()


def _step(live: Path, copy_path: Path | None) -> Callable[[int, int, int], None]:
    """Return the function that is called after each step; the first successful one has the lock."""
    until = time.monotonic() + _PATIENCE
    is_first = True

    def after(status: int, remaining: int, total: int) -> None:
        nonlocal is_first
        if status in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}:
            if time.monotonic() > until:
                raise BackupError(
                    f"Nothing was restored: another process has been writing for {_PATIENCE}"
                    " seconds. Stop it or the server, then restore again."
                )
        elif is_first:
            is_first = False
            if copy_path:
                _copy_before(live, copy_path)

    return after


def _copy_before(live: Path, copy_path: Path) -> None:
    with finished(copy_path, overwrite=False) as part, closing(_opened(live, "rw")) as source:
        _copy(source, part)


def _match_page_size(target: sqlite3.Connection, source: sqlite3.Connection) -> None:
    """Give `source` the page size of `target`, which a database in use cannot change."""
    (size,) = target.execute("PRAGMA page_size").fetchone()
    if source.execute("PRAGMA page_size").fetchone() != (size,):
        source.execute(f"PRAGMA page_size={size}")
        source.execute("VACUUM")


def _move_into_place(live: Path, prepared: Path, copy_path: Path | None) -> None:
    """Move a file to the place of the database, which is missing or damaged; keep a damaged one."""
    for suffix in ("-wal", "-shm"):
        log = live.with_name(live.name + suffix)
        if log.exists() and copy_path and suffix == "-wal":
            log.replace(copy_path.with_name(copy_path.name + suffix))
        log.unlink(missing_ok=True)
    if copy_path:
        os.link(live, copy_path)
    model = live if live.exists() else live.parent
    prepared.chmod(0o644 if model.is_dir() else model.stat().st_mode & 0o777)
    if os.geteuid() == 0:
        shutil.chown(prepared, model.stat().st_uid, model.stat().st_gid)
    prepared.replace(live)
