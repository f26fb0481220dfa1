"""Whether readers are served and editors can save, asked of the database itself.

For `/healthz`, which a monitor asks every few seconds: it writes nothing, waits for nobody and
takes a few milliseconds. What needs longer is the work of `check_data`.
"""

import os
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, connections, transaction

from factcheck.audit import guards
from factcheck.db import database_file
from factcheck.triggers import Problem

# Bytes below which a save may fail: the write-ahead log of SQLite alone takes 16 MB and more.
ROOM = 64 * 2**20
# Bytes that an upload may need in the folder for temporary files.
ROOM_FOR_UPLOADS = 20 * 2**20
# Seconds that reading SQLite may wait; milliseconds after which PostgreSQL gives up.
_WAIT, _PATIENCE = 1.0, 2_000
# A row of what readers see, and one of what tells that a page is still true.
_READS = tuple(
    f"SELECT * FROM {table} ORDER BY id DESC LIMIT 1"
    for table in ("factcheck_claim", "factcheck_change")
)
_IS_READ_ONLY = """
SELECT pg_is_in_recovery() OR current_setting('transaction_read_only') = 'on'
  OR current_setting('default_transaction_read_only') = 'on'
"""
# SQLSTATE of a statement that was given up: its time was over, or a lock was not free.
_GIVEN_UP = {"57014", "55P03"}
# They may be meant, and stop no page: `check_data` names them.
_HARMLESS = {Problem.FOREIGN_TRIGGER, Problem.FOREIGN_RULE}
_WORDS = {
    Problem.MISSING: "triggers missing",
    Problem.NO_TABLE: "triggers missing",
    Problem.LOADING: "triggers silent",
    Problem.SETTING: "triggers silent",
    Problem.DISABLED: "triggers silent",
    Problem.UNCHECKED_KEY: "triggers silent",
}


class Health(NamedTuple):
    """A word for the state, whether pages are served and changes saved, and the bad triggers."""

    status: str
    can_read: bool = False
    can_write: bool = False
    triggers: tuple[str, ...] = ()


def check_health(*, using: str = DEFAULT_DB_ALIAS) -> Health:
    """Return the state of the database, by the first thing that is wrong with it."""
    connection = connections[using]
    # Before connecting, which would create a missing file, and after.
    if problem := database_file.problem(connection):
        return Health(_OF_FILE[problem])
    try:
        connection.ensure_connection()
    except Exception:  # whatever the driver raises: a monitor wants an answer
        return Health("no database")
    if problem := database_file.problem(connection):
        return Health(_OF_FILE[problem])
    try:
        with _impatient(connection):
            _read(connection)
            found = [f for f in guards.found(using=using) if f.problem not in _HARMLESS]
            can_write = _can_write(connection)
    except Exception as error:
        state = getattr(error.__cause__, "sqlstate", "")
        return Health("no answer" if state in _GIVEN_UP else "unreadable")
    if found:
        word = _WORDS.get(found[0].problem, "triggers altered")
        return Health(word, triggers=tuple(sorted({fault.name for fault in found})))
    if not can_write:
        return Health("read only", can_read=True)
    if not _has_room(connection):
        return Health("no room", can_read=True)
    return Health("ok", can_read=True, can_write=True)


_OF_FILE = {database_file.GONE: "file missing", database_file.REPLACED: "file replaced"}


def _path_of(connection: Any) -> Path | None:
    """Return the path of a SQLite file; None for other engines, memory and URIs."""
    is_file = connection.vendor == "sqlite"
    return database_file.path_of(connection.settings_dict["NAME"]) if is_file else None


@contextmanager
def _impatient(connection: Any) -> Iterator[None]:
    """Wait for nothing on PostgreSQL for long, and leave no trace."""
    if connection.vendor != "postgresql":
        yield
        return
    with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL statement_timeout = {_PATIENCE}")
        cursor.execute(f"SET LOCAL lock_timeout = {_PATIENCE // 2}")
        yield
        transaction.set_rollback(True, using=connection.alias)


def _read(connection: Any) -> None:
    path = _path_of(connection)
    if path:
        # Read from the file: an open connection may still have the pages that were damaged.
        uri = f"{path.as_uri()}?mode=ro"
        with closing(sqlite3.connect(uri, uri=True, timeout=_WAIT)) as own:
            for statement in _READS:
                own.execute(statement).fetchall()
    with connection.cursor() as cursor:
        for statement in _READS:
            cursor.execute(statement)
            cursor.fetchall()


def _can_write(connection: Any) -> bool:
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(_IS_READ_ONLY)
            return not cursor.fetchone()[0]
    path = _path_of(connection)
    if path and not os.access(path, os.W_OK):
        return False
    own = connection.connection
    if own.execute("PRAGMA query_only").fetchone()[0]:
        return False
    return own.in_transaction or _can_begin(own)


def _can_begin(own: sqlite3.Connection) -> bool:
    """Return whether SQLite would let a writer begin, now or when others have ended."""
    usual = own.execute("PRAGMA busy_timeout").fetchone()[0]
    own.execute("PRAGMA busy_timeout=0")
    try:
        own.execute("BEGIN IMMEDIATE")
        own.execute("ROLLBACK")
    except sqlite3.OperationalError as error:
        # The extended codes of an error begin with its own.
        return error.sqlite_errorcode & 0xFF in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}
    finally:
        own.execute(f"PRAGMA busy_timeout={usual}")
    return True


def _has_room(connection: Any) -> bool:
    path = _path_of(connection)
    try:
        if path and shutil.disk_usage(path.parent).free < ROOM:
            return False
        uploads = settings.FILE_UPLOAD_TEMP_DIR or tempfile.gettempdir()
        return shutil.disk_usage(uploads).free >= ROOM_FOR_UPLOADS
    except OSError:  # such as no folder in which a temporary file can be written
        return False
