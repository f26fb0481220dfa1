"""Reserves ids for rows that are inserted with explicit ids, and advances sequences past them."""

from collections.abc import Sequence

from django.db import connection
from django.db.models import Model


def reserve_ids(model: type[Model], count: int) -> Sequence[int]:
    """Return ids that no row has and that the database will assign to none."""
    table, column = model._meta.db_table, model._meta.pk.column
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "SELECT nextval(pg_get_serial_sequence(%s, %s)) FROM generate_series(1, %s)",
                [table, column, count],
            )
            return [pk for (pk,) in cursor.fetchall()]
        cursor.execute(
            f"SELECT MAX((SELECT COALESCE(MAX({column}), 0) FROM {table}),"
            " COALESCE((SELECT seq FROM sqlite_sequence WHERE name = %s), 0))",
            [table],
        )
        first = cursor.fetchone()[0] + 1
        return range(first, first + count)


def skip_ids(model: type[Model], last: int) -> None:
    """Make the database assign only ids above `last`, after inserts with explicit ids."""
    if connection.vendor == "postgresql":
        table, column = model._meta.db_table, model._meta.pk.column
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT setval(s, GREATEST(%s, nextval(s)))"
                " FROM (SELECT pg_get_serial_sequence(%s, %s)::regclass AS s) sequence",
                [last, table, column],
            )
