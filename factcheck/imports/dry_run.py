"""Dry runs: an import does all its work, and nothing of it is saved.

A transaction that is rolled back at the end would keep editors from writing for as long as it
lasts. So a dry run works on a private copy: a connection of its own, which replaces the thread's
usual one. Nobody else sees the copy, and it disappears with its connection, even if the process is
killed:

- on SQLite it is a temporary database, copied page by page while others write;
- on PostgreSQL it is temporary tables, which hide those of the same names. Reading the rows is all
  that the live tables are asked for.

A copy takes time and room for the whole database. Work that is as short as one chunk of an import
(`taken_back`) needs no copy.
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
# A temporary database is as good as lost after a crash, whatever is waited for.
_PRAGMAS = "PRAGMA synchronous=OFF;PRAGMA cache_size=-16384;PRAGMA temp_store=MEMORY;"
# Where SQLite puts temporary files: the first of them that can be written to.
_VARIABLES, _FOLDERS = ("SQLITE_TMPDIR", "TMPDIR"), ("/var/tmp", "/usr/tmp", "/tmp")  # noqa: S108
# Logs, sessions, and what is made anew from the other rows: an import writes them and reads none.
_UNREAD = (
    *("axes_", "django_admin_log", "django_session", "factcheck_historical", "factcheck_change"),
    *("factcheck_facetindex", "factcheck_search"),
)


class NoRoomError(RuntimeError):
    """There is no room for a copy of the database; the message says how much it takes and where."""


@contextmanager
def taken_back() -> Iterator[None]:
    """Roll back what is written: for work that lasts no longer than a chunk of an import."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


@contextmanager
def on_a_copy(*, of: Collection[type[Model]] | None = None) -> Iterator[None]:
    """Let this thread work on a private copy of the database, which is then deleted.

    `of` names the models whose rows are read; PostgreSQL copies those alone. NoRoomError where
    there is no room for a copy. Within a transaction, which nobody else sees into either, what is
    written is taken back.
    """
    live = connections[DEFAULT_DB_ALIAS]
    if live.in_atomic_block:
        with taken_back():
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
            _copy_tables(copy, None if of is None else {model._meta.db_table for model in of})
        # What is closed is gone: a second connection would be to the live tables.
        copy.connect = _refuse  # type: ignore[method-assign]
        yield
    finally:
        connections[DEFAULT_DB_ALIAS] = live
        copy.close()


def _refuse() -> None:
    raise OperationalError("the connection of a dry run was lost") from ConnectionError()


def _check_room(live: Any) -> None:
    with live.cursor() as cursor:
        size = 1
        for pragma in ("page_count", "page_size"):
            size *= cursor.execute(f"PRAGMA {pragma}").fetchone()[0]
    folder = _temporary_folder()
    free = shutil.disk_usage(folder).free
    if free < size:
        said = _(
            "A dry run works on a copy of the database. The copy takes %(size)d MB, and %(folder)s"
            " has %(free)d MB left. Free some space there, or set TMPDIR to another folder."
        )
        raise NoRoomError(said % {"size": size >> 20, "folder": folder, "free": free >> 20})


def _temporary_folder() -> Path:
    given = (os.environ.get(name, "") for name in _VARIABLES)
    found = (Path(name) for name in (*given, *_FOLDERS) if name)
    return next((path for path in found if path.is_dir() and os.access(path, os.W_OK)), Path())


def _copy_tables(copy: Any, wanted: Collection[str] | None) -> None:
    """Make a temporary table for each table of PostgreSQL, with its rules, triggers and rows."""
    with copy.cursor() as cursor:
        cursor.execute("SET temp_buffers = '64MB'")
    with transaction.atomic(), copy.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        cursor.execute(_TABLES)
        tables = cursor.fetchall()
        # As text before the first copy hides the table that they speak of.
        rules = [text for query in (_LINKS, _TRIGGERS) for (text,) in _all(cursor, query)]
        for _schema, table, _columns, _id in tables:
            cursor.execute(f"CREATE TEMPORARY TABLE {table} (LIKE {table} INCLUDING ALL)")
        for schema, table, columns, key in tables:
            if table in wanted if wanted is not None else not table.startswith(_UNREAD):
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


def _all(cursor: Any, query: str) -> list[Any]:
    cursor.execute(query)
    return list(cursor.fetchall())


_HERE = "current_schema()::regnamespace"
# Schema, name, the columns that can be written, and the one whose values the database gives.
_TABLES = (
    "SELECT quote_ident(current_schema()), c.relname,"
    " string_agg(quote_ident(a.attname), ', ' ORDER BY a.attnum) FILTER (WHERE attgenerated = ''),"
    " max(a.attname) FILTER (WHERE a.attidentity <> '')"
    " FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid"
    f" WHERE c.relkind = 'r' AND c.relnamespace = {_HERE} AND a.attnum > 0 AND NOT a.attisdropped"
    " GROUP BY c.relname ORDER BY c.relname"
)
# The rows are known to obey.
_LINKS = (
    "SELECT format('ALTER TABLE %s ADD CONSTRAINT %I %s NOT VALID', conrelid::regclass, conname,"
    " pg_get_constraintdef(oid)) FROM pg_constraint"
    f" WHERE contype = 'f' AND connamespace = {_HERE} ORDER BY conname"
)
# Not those by which writers wait for each other: nobody else writes into the copy.
_TRIGGERS = (
    "SELECT pg_get_triggerdef(t.oid, true) FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid"
    f" WHERE NOT tgisinternal AND c.relnamespace = {_HERE}"
    " AND tgname NOT LIKE 'factcheck_keep_a_turn_%' ORDER BY tgname"
)
