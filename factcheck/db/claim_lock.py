"""Turns on PostgreSQL between writers of claims and those who change an outlet's family.

A change of owner sees no citation that another transaction is still writing, and that one does
not see the new owner. So writers of claims share a lock that such a change takes alone, each
before it locks any row: neither misses the other, and they cannot lock each other out. Triggers
take it before every statement; code that locks a claim's row by hand takes it first itself.
SQLite has one writer at a time.
"""

from django.db import DEFAULT_DB_ALIAS, connections

# Any number of our own.
TURNS = 0x66616D
# Among the settings of a connection to tables that nobody else sees (`imports.dry_run`).
PRIVATE = "FACTCHECK_IS_PRIVATE"


def take_turn(using: str = DEFAULT_DB_ALIAS, *, alone: bool = False) -> None:
    """Share the writers' lock until the transaction ends, or hold it `alone`."""
    connection = connections[using]
    if connection.vendor == "postgresql" and not is_private(using):
        lock = "pg_advisory_xact_lock" if alone else "pg_advisory_xact_lock_shared"
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT {lock}(%s)", [TURNS])


def is_private(using: str = DEFAULT_DB_ALIAS) -> bool:
    """Return whether nobody else sees the tables: who writes them waits for nobody."""
    return PRIVATE in connections[using].settings_dict
