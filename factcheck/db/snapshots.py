"""Consistent reads: a long read sees one state of the data, whatever is written meanwhile."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models import QuerySet


@contextmanager
def snapshot(*, using: str = DEFAULT_DB_ALIAS) -> Iterator[None]:
    """Make all reads in the block see one state of the data.

    Django's own transactions take the write lock on SQLite, and see each commit on PostgreSQL.
    Within a transaction this does nothing.
    """
    connection = connections[using]
    connection.ensure_connection()
    is_postgresql = connection.vendor == "postgresql"
    driver = connection.connection
    is_in_transaction = driver.info.transaction_status if is_postgresql else driver.in_transaction
    if is_in_transaction:
        yield
        return
    mode = " ISOLATION LEVEL REPEATABLE READ READ ONLY" if is_postgresql else ""
    with connection.cursor() as cursor:
        cursor.execute(f"BEGIN{mode}")
        try:
            yield
        finally:
            cursor.execute("COMMIT")


def iterate_snapshot(queryset: QuerySet[Any], chunk_size: int) -> Iterator[Any]:
    """Yield all rows of one state of the data, the first of them at once.

    Outside a transaction PostgreSQL would collect all rows before it gave the first.
    """
    with snapshot(using=queryset.db):
        yield from queryset.iterator(chunk_size=chunk_size)
