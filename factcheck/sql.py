"""Many values and many rows in one statement, the way that each engine takes them best."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import lru_cache
from itertools import chain, islice
from typing import Any

import orjson
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models import QuerySet
from django.db.models.expressions import RawSQL

# Of one statement; SQLite takes 32,766.
_MOST_PLACES = 10_000
# Rows of an index that are looked at: more than ids are ever asked for at once.
_MOST_ANALYZED = 5_000
# Rows that are taken from the driver together.
_AT_ONCE = 5_000
# So many rows matter to a planner.
MANY = 1_000
# Of a load on SQLite: pages of its log, of 4 KB, and KB of pages that are kept at hand.
_OF_A_LOAD = {"wal_autocheckpoint": 16_000, "cache_size": -16_384}


def among(values: Iterable[Any], *, using: str = DEFAULT_DB_ALIAS) -> tuple[str, list[Any]]:
    """Return the SQL, with its parameter, of a set of any number of numbers or texts."""
    found = list(values)
    if connections[using].vendor == "postgresql":
        kind = "text" if found and isinstance(found[0], str) else "bigint"
        return f"(SELECT unnest(%s::{kind}[]))", [found]
    return "(SELECT value FROM json_each(%s))", [orjson.dumps(found).decode()]


def within(values: Iterable[Any], *, using: str = DEFAULT_DB_ALIAS) -> RawSQL:
    """Return the same for a query set: `filter(pk__in=within(ids))`."""
    those, params = among(values, using=using)
    return RawSQL(those[1:-1], params)


def pairs(
    values: Iterable[tuple[int, int | None]], *, using: str = DEFAULT_DB_ALIAS
) -> tuple[str, list[Any]]:
    """Return a SELECT of two columns of numbers, with its parameters; the second may be null."""
    found = list(values)
    if connections[using].vendor == "postgresql":
        columns = [[first for first, _second in found], [second for _first, second in found]]
        return "SELECT * FROM unnest(%s::bigint[], %s::bigint[])", columns
    return (
        "SELECT json_extract(value, '$[0]'), json_extract(value, '$[1]') FROM json_each(%s)",
        [orjson.dumps(found).decode()],
    )


def numbers(statement: str, params: Sequence[Any], *, using: str = DEFAULT_DB_ALIAS) -> list[int]:
    """Return the numbers of the one column that a query selects, in its order.

    They come as one value: the driver takes longer over a row than SQLite takes to find it.
    """
    connection = connections[using]
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(f"SELECT ARRAY({statement})", params)
            return cursor.fetchone()[0]
        cursor.execute(
            f"WITH found (number) AS ({statement}) SELECT json_group_array(number) FROM found",
            params,
        )
        return orjson.loads(cursor.fetchone()[0])


def rows(
    what: str,
    column: str = "",
    values: Iterable[Any] | None = None,
    *,
    using: str = DEFAULT_DB_ALIAS,
) -> Iterator[Any]:
    """Yield rows of `SELECT what`, all of them or those of which a column holds one of `values`."""
    params: list[Any] = []
    if values is not None:
        those, params = among(values, using=using)
        what += f"{' AND' if ' WHERE ' in what else ' WHERE'} {column} IN {those}"
    with connections[using].cursor() as cursor:
        cursor.execute(f"SELECT {what}", params)
        while some := cursor.fetchmany(_AT_ONCE):
            yield from some


def insert(
    table: str,
    columns: Sequence[str],
    rows: Iterable[Sequence[Any]],
    *,
    using: str = DEFAULT_DB_ALIAS,
) -> None:
    """Write new rows of values as they are stored: COPY on PostgreSQL, hundreds at once on SQLite.

    A statement of SQLite that could set off a trigger is kept reversible by itself, and for that
    the search index writes out what it holds: as dear as the rows, if each has its own.
    """
    names = ", ".join(f'"{name}"' for name in columns)
    connection = connections[using]
    with connection.cursor() as cursor, connection.wrap_database_errors:
        if connection.vendor == "postgresql":
            with cursor.cursor.copy(f"COPY {table} ({names}) FROM STDIN") as copy:
                for row in rows:
                    copy.write_row(row)
        else:
            left = iter(rows)
            while some := list(islice(left, _MOST_PLACES // len(columns))):
                # By the driver itself, which keeps a statement that it knows ready.
                cursor.connection.execute(
                    f"INSERT INTO {table} ({names}) VALUES {_places(len(some), len(columns))}",
                    list(chain.from_iterable(some)),
                )


@lru_cache
def _places(rows: int, columns: int) -> str:
    return ", ".join([f"({', '.join('?' * columns)})"] * rows)


def analyze(table: str, *, using: str = DEFAULT_DB_ALIAS) -> None:
    """Tell the planner what a table holds, from some of its rows."""
    connection = connections[using]
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute(f"PRAGMA analysis_limit={_MOST_ANALYZED}")
        cursor.execute(f"ANALYZE {table}")


def analyze_unknown(tables: Iterable[str], *, using: str = DEFAULT_DB_ALIAS) -> None:
    """Tell SQLite's planner of the large ones of some tables of which it knows nothing.

    They may have grown row by row, or been made anew by a migration. PostgreSQL sees to it itself.
    """
    connection = connections[using]
    if connection.vendor != "sqlite":
        return
    with connection.cursor() as cursor:
        # It begins with the first that is told.
        cursor.execute("SELECT 1 FROM sqlite_master WHERE name = 'sqlite_stat1'")
        known = set()
        if cursor.fetchone():
            known = {name for (name,) in cursor.execute("SELECT tbl FROM sqlite_stat1")}
        for table in tables:
            if table not in known:
                last = cursor.execute(f"SELECT max(rowid) FROM {table}").fetchone()[0]
                if (last or 0) > MANY:
                    analyze(table, using=using)


class TableGrowth:
    """Analyzes tables whenever a load has doubled them.

    PostgreSQL's planner takes a new table for empty, and would read the whole log once for each
    claim; SQLite's takes all values for rare, and would read all published claims to find a few.
    """

    def __init__(self) -> None:
        # Rows that were there when a table was last analyzed, and rows that came since.
        self._analyzed: Counter[str] = Counter()
        self._added: Counter[str] = Counter()

    def add(self, table: str, rows: int) -> None:
        """Note new rows of a table, and analyze it if it has doubled."""
        self._added[table] += rows
        if self._added[table] > max(self._analyzed[table], MANY):
            analyze(table)
            self._analyzed[table] += self._added.pop(table)

    def analyze_rest(self) -> None:
        """Analyze the other large tables of which the planner knows nothing."""
        analyze_unknown(self._added)


def delete(
    table: str, column: str, values: Iterable[Any], *, using: str = DEFAULT_DB_ALIAS
) -> None:
    """Delete the rows of which a column holds one of `values`."""
    those, params = among(values, using=using)
    with connections[using].cursor() as cursor:
        cursor.execute(f'DELETE FROM {table} WHERE "{column}" IN {those}', params)


@contextmanager
def rarely_settled(*, using: str = DEFAULT_DB_ALIAS) -> Iterator[None]:
    """Let SQLite write pages to their places in the file more rarely, for a load of many chunks.

    Each chunk changes pages all over the indexes: more of them are kept at hand, too. Whoever waits
    meanwhile waits longer.
    """
    connection = connections[using]
    if connection.vendor != "sqlite":
        yield
        return
    with connection.cursor() as cursor:
        usual = {name: cursor.execute(f"PRAGMA {name}").fetchone()[0] for name in _OF_A_LOAD}
        _set(cursor, _OF_A_LOAD)
        try:
            yield
        finally:
            _set(cursor, usual)


def _set(cursor: Any, pragmas: Mapping[str, int]) -> None:
    for name, value in pragmas.items():
        cursor.execute(f"PRAGMA {name}={value}")


@contextmanager
def snapshot(*, using: str = DEFAULT_DB_ALIAS) -> Iterator[None]:
    """Read one state of the data, however long it takes, while others write.

    Django's own transactions are writers' on SQLite, and see each commit on PostgreSQL.
    """
    connection = connections[using]
    connection.ensure_connection()
    is_postgresql = connection.vendor == "postgresql"
    own = connection.connection
    is_within = own.info.transaction_status if is_postgresql else own.in_transaction
    if is_within:
        yield
        return
    mode = " ISOLATION LEVEL REPEATABLE READ READ ONLY" if is_postgresql else ""
    with connection.cursor() as cursor:
        cursor.execute(f"BEGIN{mode}")
        try:
            yield
        finally:
            cursor.execute("COMMIT")


def streamed(rows: QuerySet[Any], size: int) -> Iterator[Any]:
    """Yield all rows of one state of the data, `size` at a time, the first at once.

    Outside a transaction PostgreSQL would find and set aside all of them before it gave the first.
    """
    with snapshot(using=rows.db):
        yield from rows.iterator(chunk_size=size)
