"""A quick check of the database for `/healthz`: can readers read, and can editors save?

A monitor asks every few seconds, so the check writes nothing, waits for no lock and takes a few
milliseconds. `check_data` does the longer checks.
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

from factcheck.audit import trigger_checks
from factcheck.db import database_file
from factcheck.triggers import Problem

# With fewer free bytes a save may fail: SQLite's write-ahead log alone takes 16 MB and more.
ROOM = 64 * 2**20
# Bytes that an upload may need in the folder for temporary files.
ROOM_FOR_UPLOADS = 20 * 2**20
_SQLITE_TIMEOUT_S = 1.0
_POSTGRESQL_TIMEOUT_MS = 2_000
# The last row of the claims, and of the change log.
_READS = tuple(
    f"SELECT * FROM {table} ORDER BY id DESC LIMIT 1"
    for table in ("factcheck_claim", "factcheck_change")
)
_IS_READ_ONLY = """
SELECT pg_is_in_recovery() OR current_setting('transaction_read_only') = 'on'
  OR current_setting('default_transaction_read_only') = 'on'
"""
# The SQLSTATE of a statement that timed out or did not get a lock.
_TIMED_OUT = {"57014", "55P03"}
# They may be intended and break nothing. `check_data` reports them.
_HARMLESS = {Problem.FOREIGN_TRIGGER, Problem.FOREIGN_RULE}
_STATUSES = {
    Problem.MISSING: "triggers missing",
    Problem.NO_TABLE: "triggers missing",
    Problem.LOADING: "triggers silent",
    Problem.SETTING: "triggers silent",
    Problem.DISABLED: "triggers silent",
    Problem.UNCHECKED_KEY: "triggers silent",
}


class Health(NamedTuple):
    """The state in words, whether the database can be read and written, and faulty triggers."""

    status: str
    can_read: bool = False
    can_write: bool = False
    triggers: tuple[str, ...] = ()


def check_health(*, using: str = DEFAULT_DB_ALIAS) -> Health:
    """Return the state of the database, named by the first problem."""
    connection = connections[using]
    # The file is checked before connecting, which would create a missing file, and again after.
    if problem := database_file.problem(connection):
        return Health(_FILE_STATUSES[problem])
    try:
        connection.ensure_connection()
    except Exception:  # whatever the driver raises, because a monitor needs an answer
        return Health("no database")
    if problem := database_file.problem(connection):
        return Health(_FILE_STATUSES[problem])
    try:
        with _limited_time(connection):
            _read(connection)
            faults = [
                fault
                for fault in trigger_checks.trigger_faults(using=using)
                if fault.problem not in _HARMLESS
            ]
            can_write = _can_write(connection)
    except Exception as error:
        state = getattr(error.__cause__, "sqlstate", "")
        return Health("no answer" if state in _TIMED_OUT else "unreadable")
    if faults:
        status = _STATUSES.get(faults[0].problem, "triggers altered")
        return Health(status, triggers=tuple(sorted({fault.name for fault in faults})))
    if not can_write:
        return Health("read only", can_read=True)
    if not _has_room(connection):
        return Health("no room", can_read=True)
    return Health("ok", can_read=True, can_write=True)


_FILE_STATUSES = {database_file.GONE: "file missing", database_file.REPLACED: "file replaced"}


def _path_of(connection: Any) -> Path | None:
    """Return the path of a SQLite file; None for other engines, memory and URIs."""
    is_file = connection.vendor == "sqlite"
    return database_file.database_path(connection.settings_dict["NAME"]) if is_file else None


@contextmanager
def _limited_time(connection: Any) -> Iterator[None]:
    """Set short timeouts on PostgreSQL, in a transaction that is rolled back."""
    if connection.vendor != "postgresql":
        yield
        return
    with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL statement_timeout = {_POSTGRESQL_TIMEOUT_MS}")
        cursor.execute(f"SET LOCAL lock_timeout = {_POSTGRESQL_TIMEOUT_MS // 2}")
        yield
        transaction.set_rollback(True, using=connection.alias)


def _read(connection: Any) -> None:
    path = _path_of(connection)
    if path:
        # A new connection reads the file, while an open one may have damaged pages in its cache.
        uri = f"{path.as_uri()}?mode=ro"
        with closing(sqlite3.connect(uri, uri=True, timeout=_SQLITE_TIMEOUT_S)) as fresh:
            for statement in _READS:
                fresh.execute(statement).fetchall()
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
    driver = connection.connection
    if driver.execute("PRAGMA query_only").fetchone()[0]:
        return False
    return driver.in_transaction or _can_begin(driver)


def _can_begin(driver: sqlite3.Connection) -> bool:
    """Return whether SQLite can begin to write, now or after the present writer."""
    timeout = driver.execute("PRAGMA busy_timeout").fetchone()[0]
    driver.execute("PRAGMA busy_timeout=0")
    try:
        driver.execute("BEGIN IMMEDIATE")
        driver.execute("ROLLBACK")
    except sqlite3.OperationalError as error:
        # The low byte of an extended error code is the primary code.
        return error.sqlite_errorcode & 0xFF in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}
    finally:
        driver.execute(f"PRAGMA busy_timeout={timeout}")
    return True


def _has_room(connection: Any) -> bool:
    path = _path_of(connection)
    try:
        if path and shutil.disk_usage(path.parent).free < ROOM:
            return False
        uploads = settings.FILE_UPLOAD_TEMP_DIR or tempfile.gettempdir()
        return shutil.disk_usage(uploads).free >= ROOM_FOR_UPLOADS
    except OSError:  # for example without a writable temporary folder
        return False
