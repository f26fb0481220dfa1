"""The database engine's own checks: file or tables, indexes and foreign keys."""

import re
from collections.abc import Iterator
from typing import Any

from django.db import DEFAULT_DB_ALIAS, DatabaseError, connections, transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

# The number of lines of SQLite's check that are printed.
_MAX_LINES = 10
_INDEX_PROBLEM = re.compile(r"(?:missing from|entries in|entry in|differ from) index (\S+)$")
_VALUE_PROBLEMS = ("NULL value in", "CHECK constraint failed in")
_OURS = "c.relnamespace = current_schema()::regnamespace AND c.relname LIKE 'factcheck\\_%%'"
_INVALID_INDEXES = f"""
SELECT i.indexrelid::regclass::text FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid
WHERE {_OURS} AND NOT (i.indisvalid AND i.indisready) ORDER BY 1
"""
_UNCHECKED = f"""
SELECT con.conname, c.relname FROM pg_constraint con JOIN pg_class c ON c.oid = con.conrelid
WHERE {_OURS} AND NOT con.convalidated ORDER BY 1
"""
# The function of the extension amcheck, if it is installed and this role may call it.
_AMCHECK = """
SELECT p.oid::regproc::text FROM pg_proc p JOIN pg_depend d ON d.objid = p.oid AND d.deptype = 'e'
JOIN pg_extension e ON e.oid = d.refobjid
WHERE e.extname = 'amcheck' AND p.proname = 'bt_index_check' AND p.pronargs = 2
AND has_function_privilege(p.oid, 'EXECUTE')
"""
_BTREES = f"""
SELECT i.indexrelid, i.indexrelid::regclass::text FROM pg_index i
JOIN pg_class c ON c.oid = i.indrelid JOIN pg_class own ON own.oid = i.indexrelid
JOIN pg_am am ON am.oid = own.relam
WHERE {_OURS} AND am.amname = 'btree' AND i.indisvalid AND i.indisready ORDER BY 2
"""


def integrity(*, using: str = DEFAULT_DB_ALIAS) -> Iterator[str]:
    """Run the engine's own checks and yield a sentence for each damage, using constant memory."""
    if connections[using].vendor == "postgresql":
        yield from _of_tables(using)
        yield from _of_indexes(using)
    else:
        yield from _of_file(using)
    yield from _of_foreign_keys(using)


def notes(*, using: str = DEFAULT_DB_ALIAS) -> Iterator[str]:
    """Yield what makes the check less complete, without being a fault."""
    if connections[using].vendor != "postgresql":
        return
    with connections[using].cursor() as cursor:
        cursor.execute("SHOW data_checksums")
        if cursor.fetchone()[0] != "on":
            yield _(
                "Note: data checksums are off on this PostgreSQL server, so it cannot notice every"
                " damaged page."
            )
        cursor.execute(_AMCHECK)
        if cursor.fetchone() is None:
            yield _(
                "Note: the content of the indexes was not checked, because the extension amcheck is"
                " not installed, or this role may not use it."
            )


def _of_file(using: str) -> Iterator[str]:
    for line in _lines_of_file(using):
        if match := _INDEX_PROBLEM.search(line):
            yield _(
                "index %(name)s does not match its table (%(what)s). Run check_data --fix, which"
                " builds the index again."
            ) % {"name": match[1], "what": line}
        elif line.startswith(_VALUE_PROBLEMS):
            yield (
                _(
                    "a record holds a value that its table forbids (%s). Correct the record, or"
                    " restore a backup."
                )
                % line
            )
        else:
            yield (
                _(
                    "the database file is damaged (%s). Stop the server, keep a copy of the file"
                    " and restore the newest backup."
                )
                % line
            )


def _lines_of_file(using: str) -> Iterator[str]:
    try:
        rows = _checked_file(using, _MAX_LINES)
    except DatabaseError:
        rows = _checked_file(using, 1)  # the rest of the file cannot be checked
    for (text,) in rows:
        yield from (line for line in text.splitlines() if line != "ok" and "***" not in line)


def _checked_file(using: str, max_lines: int) -> list[tuple[Any, ...]]:
    with connections[using].cursor() as cursor:
        return _rows(cursor, f"PRAGMA integrity_check({max_lines})")


def _of_tables(using: str) -> Iterator[str]:
    for table in _tables(using):
        # The size of whole rows, so that pages of long values are read as well.
        if error := _failure(using, f"SELECT sum(pg_column_size(t)) FROM {table} t"):
            yield _(
                "table %(table)s cannot be read (%(error)s). Keep a copy of the server's data"
                " folder and restore the newest backup."
            ) % {"table": table, "error": error}


def _of_indexes(using: str) -> Iterator[str]:
    with connections[using].cursor() as cursor:
        for (name,) in _rows(cursor, _INVALID_INDEXES):
            yield _("index %s is not valid. Run check_data --fix, which builds it again.") % name
        for name, table in _rows(cursor, _UNCHECKED):
            yield _(
                "constraint %(name)s of %(table)s was never checked. Run check_data --fix, which"
                " checks it."
            ) % {"name": name, "table": table}
    for name, error in _damaged_btrees(using):
        yield _(
            "index %(name)s is damaged (%(error)s). Run check_data --fix, which builds it again."
        ) % {"name": name, "error": error}


def _damaged_btrees(using: str) -> Iterator[tuple[str, str]]:
    with connections[using].cursor() as cursor:
        cursor.execute(_AMCHECK)
        amcheck = cursor.fetchone()
        indexes = _rows(cursor, _BTREES) if amcheck else []
    for oid, name in indexes:
        if error := _failure(using, f"SELECT {amcheck[0]}({oid}::regclass, true)"):
            yield name, error


def _of_foreign_keys(using: str) -> Iterator[str]:
    connection = connections[using]
    with connection.cursor() as cursor:
        for table in _tables(using):
            links = connection.introspection.get_relations(cursor, table)
            for column, link in sorted(links.items()):
                key, parent = link[0], link[1]
                cursor.execute(
                    f'SELECT count(*), min(t."{column}") FROM {table} t WHERE t."{column}" IS NOT'
                    f' NULL AND NOT EXISTS (SELECT 1 FROM {parent} p WHERE p."{key}" ='
                    f' t."{column}")'
                )
                count, first = cursor.fetchone()
                if count:
                    yield _dangling(count, table, column, parent, first)


def _dangling(count: int, table: str, column: str, parent: str, first: Any) -> str:
    return ngettext(
        "%(count)d record of %(table)s points to a record of %(parent)s that does not exist"
        " (%(column)s = %(first)s). Restore the missing record from a backup.",
        "%(count)d records of %(table)s point to records of %(parent)s that do not exist"
        " (the first: %(column)s = %(first)s). Restore the missing records from a backup.",
        count,
    ) % {"count": count, "table": table, "parent": parent, "column": column, "first": first}


def _tables(using: str) -> list[str]:
    connection = connections[using]
    names = connection.introspection.table_names()
    return sorted(
        name
        for name in names
        # The tables of the search index have no rows of their own on SQLite.
        if name.startswith("factcheck_") and not name.startswith("factcheck_search_index")
    )


def _rows(cursor: Any, statement: str) -> list[tuple[Any, ...]]:
    cursor.execute(statement, [])
    rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows


def _failure(using: str, statement: str) -> str:
    """Run a statement on PostgreSQL, and return the first line of its error, if any."""
    try:
        with transaction.atomic(using=using), connections[using].cursor() as cursor:
            cursor.execute(statement)
    except DatabaseError as error:
        return str(error).partition("\n")[0]
    return ""


def fix(*, using: str = DEFAULT_DB_ALIAS) -> list[str] | None:
    """Rebuild damaged indexes, check unchecked constraints, and return what was done.

    None if the file itself is damaged, because writing could damage more.
    """
    connection = connections[using]
    if connection.vendor != "postgresql":
        lines = [line for line in _lines_of_file(using) if not line.startswith(_VALUE_PROBLEMS)]
        matches = [match for line in lines if (match := _INDEX_PROBLEM.search(line))]
        if len(matches) < len(lines):
            return None
        return _rebuild(using, sorted({match[1] for match in matches}), 'REINDEX "{}"')
    with connection.cursor() as cursor:
        names = [name for (name,) in _rows(cursor, _INVALID_INDEXES)]
        unchecked = _rows(cursor, _UNCHECKED)
    names += [name for name, _error in _damaged_btrees(using)]
    checked = [
        name
        for name, table in unchecked
        if not _failure(using, f'ALTER TABLE {table} VALIDATE CONSTRAINT "{name}"')
    ]
    return [
        *_rebuild(using, names, "REINDEX INDEX {}"),
        *(_("Checked constraint %s.") % name for name in checked),
    ]


def _rebuild(using: str, names: list[str], statement: str) -> list[str]:
    done = [name for name in names if not _failure(using, statement.format(name))]
    return [_("Built index %s again.") % name for name in done]
