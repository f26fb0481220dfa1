"""Bulk SQL: long lists of values and many rows in one statement, as fast as each engine allows."""

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import chain, islice
from typing import Any

import orjson
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models.expressions import RawSQL

# Values of one INSERT on SQLite, which takes 32,766.
_MAX_PLACEHOLDERS = 10_000
# Rows fetched from the driver at once.
_FETCH_SIZE = 5_000


def value_list_sql(
    values: Iterable[Any], *, using: str = DEFAULT_DB_ALIAS
) -> tuple[str, list[Any]]:
    """Return SQL for `IN`, with its one parameter, for any number of integers or texts."""
    values = list(values)
    if connections[using].vendor == "postgresql":
        column_type = "text" if values and isinstance(values[0], str) else "bigint"
        return f"(SELECT unnest(%s::{column_type}[]))", [values]
    return "(SELECT value FROM json_each(%s))", [orjson.dumps(values).decode()]


def in_values(values: Iterable[Any], *, using: str = DEFAULT_DB_ALIAS) -> RawSQL:
    """Return the values for a query set's `in` lookup: `filter(pk__in=in_values(ids))`."""
    value_list, params = value_list_sql(values, using=using)
    return RawSQL(value_list[1:-1], params)


def pair_list_sql(
    pairs: Iterable[tuple[int, int | None]], *, using: str = DEFAULT_DB_ALIAS
) -> tuple[str, list[Any]]:
    """Return a SELECT of two columns of integers, with its parameters; the second may be null."""
    pairs = list(pairs)
    if connections[using].vendor == "postgresql":
        columns = [[first for first, _second in pairs], [second for _first, second in pairs]]
        return "SELECT * FROM unnest(%s::bigint[], %s::bigint[])", columns
    return (
        "SELECT json_extract(value, '$[0]'), json_extract(value, '$[1]') FROM json_each(%s)",
        [orjson.dumps(pairs).decode()],
    )


def fetch_ids(statement: str, params: Sequence[Any], *, using: str = DEFAULT_DB_ALIAS) -> list[int]:
    """Return the one column of integers that a query selects, in its order.

    The database returns them as one array: the driver takes longer to fetch a row than SQLite takes
    to find it.
    """
    connection = connections[using]
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(f"SELECT ARRAY({statement})", params)
            return cursor.fetchone()[0]
        cursor.execute(
            f"WITH selected (id) AS ({statement}) SELECT json_group_array(id) FROM selected", params
        )
        return orjson.loads(cursor.fetchone()[0])


def select(
    columns_and_tables: str,
    where_column: str = "",
    values: Iterable[Any] | None = None,
    *,
    using: str = DEFAULT_DB_ALIAS,
) -> Iterator[Any]:
    """Yield the rows of `SELECT columns_and_tables`, where a column is one of `values` if given."""
    statement = f"SELECT {columns_and_tables}"
    params: list[Any] = []
    if values is not None:
        value_list, params = value_list_sql(values, using=using)
        statement += " AND " if " WHERE " in statement else " WHERE "
        statement += f"{where_column} IN {value_list}"
    with connections[using].cursor() as cursor:
        cursor.execute(statement, params)
        while rows := cursor.fetchmany(_FETCH_SIZE):
            yield from rows


def insert(
    table: str,
    columns: Sequence[str],
    rows: Iterable[Sequence[Any]],
    *,
    using: str = DEFAULT_DB_ALIAS,
) -> None:
    """Insert rows of stored values: by COPY on PostgreSQL, hundreds in one statement on SQLite.

    SQLite opens a savepoint for each INSERT that fires a trigger, and its search index writes out
    its buffer at each savepoint. An INSERT of many rows pays for that once.
    """
    names = ", ".join(f'"{name}"' for name in columns)
    connection = connections[using]
    with connection.cursor() as cursor, connection.wrap_database_errors:
        if connection.vendor == "postgresql":
            with cursor.cursor.copy(f"COPY {table} ({names}) FROM STDIN") as copy:
                for row in rows:
                    copy.write_row(row)
        else:
            remaining = iter(rows)
            while batch := list(islice(remaining, _MAX_PLACEHOLDERS // len(columns))):
                # By the driver itself, which caches the statements that it has prepared.
                cursor.connection.execute(
                    f"INSERT INTO {table} ({names})"
                    f" VALUES {_placeholders(len(batch), len(columns))}",
                    list(chain.from_iterable(batch)),
                )


def delete(
    table: str, column: str, values: Iterable[Any], *, using: str = DEFAULT_DB_ALIAS
) -> None:
    """Delete the rows where a column is one of `values`."""
    value_list, params = value_list_sql(values, using=using)
    with connections[using].cursor() as cursor:
        cursor.execute(f'DELETE FROM {table} WHERE "{column}" IN {value_list}', params)


@lru_cache
def _placeholders(rows: int, columns: int) -> str:
    return ", ".join([f"({', '.join('?' * columns)})"] * rows)
