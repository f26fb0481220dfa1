"""Dry runs: an import does all its work, and saves nothing.

A transaction that is rolled back at the end would keep editors from writing for as long as it
lasts. So a dry run works on a private copy, through a connection that replaces the thread's usual
one. Nobody else sees the copy, and it disappears with its connection, even if the process is
killed:

- on SQLite it is a temporary database, copied page by page while others write;
- on PostgreSQL it is temporary tables, which hide those of the same names. The live tables are only
  read.

A copy takes time and space for the whole database. Work that is as short as one chunk of an import
is rolled back instead (`rolled_back`).
"""

import os
import shutil
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.db import DEFAULT_DB_ALIAS, OperationalError, connections, transaction
from django.db.models import Model
from django.utils.translation import gettext as _

from factcheck.db.claim_lock import PRIVATE

# No folder and no name: SQLite makes a temporary file that has no name by the time it is used.
_TEMPORARY = "file:"
# A temporary database is lost after a crash anyway, so SQLite need not wait for the disk.
_PRAGMAS = "PRAGMA synchronous=OFF;PRAGMA cache_size=-16384;PRAGMA temp_store=MEMORY;"
# Where SQLite puts temporary files: the first of them that can be written to.
_FOLDER_VARIABLES, _FOLDERS = ("SQLITE_TMPDIR", "TMPDIR"), ("/var/tmp", "/usr/tmp", "/tmp")  # noqa: S108
# Logs, sessions, and tables derived from others: an import writes them and never reads them.
_UNREAD_TABLES = (
    *("axes_", "django_admin_log", "django_session", "factcheck_historical", "factcheck_change"),
    *("factcheck_facetindex", "factcheck_search"),
)


class NoRoomError(RuntimeError):
    """There is no space for a copy of the database; the message says how much is needed where."""


@contextmanager
def rolled_back() -> Iterator[None]:
    """Roll back what the block writes: for work as short as one chunk of an import."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


@contextmanager
def on_database_copy(*, models: Collection[type[Model]] | None = None) -> Iterator[None]:
    """Run the block on a private copy of the database, which is deleted afterwards.

    `models` are those whose rows are read: PostgreSQL copies only these. NoRoomError if there is no
    space for a copy. Within a transaction, what is written is rolled back instead.
    """
    live = connections[DEFAULT_DB_ALIAS]
    if live.in_atomic_block:
        with rolled_back():
            yield
        return
    live.ensure_connection()
    copy = live.copy()
    copy.settings_dict[PRIVATE] = True
    is_sqlite = live.vendor == "sqlite"
    if is_sqlite:
        _check_room(live)
        copy.settings_dict["NAME"] = _TEMPORARY
        copy.settings_dict["OPTIONS"] |= {"init_command": _PRAGMAS}
    connections[DEFAULT_DB_ALIAS] = copy
    try:
        if is_sqlite:
            copy.ensure_connection()
            with copy.wrap_database_errors:
                live.connection.backup(copy.connection)
        else:
            _copy_tables(
                copy, None if models is None else {model._meta.db_table for model in models}
            )
        # A second connection would be to the live tables.
        copy.connect = _refuse_connection  # type: ignore[method-assign]
        yield
    finally:
        connections[DEFAULT_DB_ALIAS] = live
        copy.close()


def _refuse_connection() -> None:
    raise OperationalError("the connection of a dry run was lost") from ConnectionError()


def _check_room(live: Any) -> None:
    with live.cursor() as cursor:
        size = 1
        for pragma in ("page_count", "page_size"):
            size *= cursor.execute(f"PRAGMA {pragma}").fetchone()[0]
    folder = _temporary_folder()
    free = shutil.disk_usage(folder).free
    if free < size:
        message = _(
            "A dry run works on a copy of the database. The copy takes %(size)d MB, and %(folder)s"
            " has %(free)d MB left. Free some space there, or set TMPDIR to another folder."
        )
        raise NoRoomError(message % {"size": size >> 20, "folder": folder, "free": free >> 20})


def _temporary_folder() -> Path:
    configured = (os.environ.get(name, "") for name in _FOLDER_VARIABLES)
    folders = (Path(name) for name in (*configured, *_FOLDERS) if name)
    return next((path for path in folders if path.is_dir() and os.access(path, os.W_OK)), Path())


def _copy_tables(copy: Any, filled: Collection[str] | None) -> None:
    """Create a temporary table for each table of PostgreSQL, with its constraints and triggers.

    The rows of the tables `filled` are copied; None: those of all tables that an import reads.
    """
    with copy.cursor() as cursor:
        cursor.execute("SET temp_buffers = '64MB'")
    with transaction.atomic(), copy.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        cursor.execute(_TABLES)
        tables = cursor.fetchall()
        # Read before a temporary table hides the one that they belong to.
        rules = [text for query in (_FOREIGN_KEYS, _TRIGGERS) for (text,) in _fetch(cursor, query)]
        for _schema, table, _columns, _id in tables:
            cursor.execute(f"CREATE TEMPORARY TABLE {table} (LIKE {table} INCLUDING ALL)")
        for schema, table, columns, key in tables:
            if table in filled if filled is not None else not table.startswith(_UNREAD_TABLES):
                _copy_rows(cursor, schema, table, columns, key)
        for rule in rules:
            cursor.execute(rule)


def _copy_rows(cursor: Any, schema: str, table: str, columns: str, key: str | None) -> None:
    cursor.execute(f"INSERT INTO {table} ({columns}) SELECT {columns} FROM {schema}.{table}")
    if key:
        cursor.execute(
            f"SELECT setval(pg_get_serial_sequence(%s, %s), COALESCE(max({key}), 0) + 1, false)"
            f" FROM {table}",
            [table, key],
        )
    cursor.execute(f"ANALYZE {table}")


def _fetch(cursor: Any, query: str) -> list[Any]:
    cursor.execute(query)
    return list(cursor.fetchall())


_SCHEMA = "current_schema()::regnamespace"
# Schema, name, the columns that can be written, and the identity column.
_TABLES = (
    "SELECT quote_ident(current_schema()), c.relname,"
    " string_agg(quote_ident(a.attname), ', ' ORDER BY a.attnum) FILTER (WHERE attgenerated = ''),"
    " max(a.attname) FILTER (WHERE a.attidentity <> '')"
    " FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid"
    f" WHERE c.relkind = 'r' AND c.relnamespace = {_SCHEMA} AND a.attnum > 0 AND NOT a.attisdropped"
    " GROUP BY c.relname ORDER BY c.relname"
)
# Not validated: the copied rows have passed the same constraint.
_FOREIGN_KEYS = (
    "SELECT format('ALTER TABLE %s ADD CONSTRAINT %I %s NOT VALID', conrelid::regclass, conname,"
    " pg_get_constraintdef(oid)) FROM pg_constraint"
    f" WHERE contype = 'f' AND connamespace = {_SCHEMA} ORDER BY conname"
)
# Without those that make writers wait for each other: nobody else writes into the copy.
_TRIGGERS = (
    "SELECT pg_get_triggerdef(t.oid, true) FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid"
    f" WHERE NOT tgisinternal AND c.relnamespace = {_SCHEMA}"
    " AND tgname NOT LIKE 'factcheck_keep_a_turn_%' ORDER BY tgname"
)
