"""The lock between writers of claims and changes of an outlet's owner, on PostgreSQL.

Changing an outlet's owner and adding a citation can each miss the other's uncommitted row. Claim
writers therefore take a shared advisory lock and owner changes an exclusive one, always before any
row lock, so no deadlock is possible. Triggers take the lock before every statement; code that locks
a claim's row by hand takes it first itself. SQLite has one writer at a time and needs no such lock.
"""

from django.db import DEFAULT_DB_ALIAS, connections

# The number of our advisory lock: any that no other program uses in this database.
CLAIMS_LOCK_ID = 0x66616D
# Set in a connection's settings when no other connection sees its tables (`imports.dry_run`).
PRIVATE = "FACTCHECK_IS_PRIVATE"


def lock_claims(using: str = DEFAULT_DB_ALIAS, *, exclusive: bool = False) -> None:
    """Take the lock of claims until the transaction ends: shared, or `exclusive`."""
    connection = connections[using]
    if connection.vendor == "postgresql" and not is_private(using):
        lock = "pg_advisory_xact_lock" if exclusive else "pg_advisory_xact_lock_shared"
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT {lock}(%s)", [CLAIMS_LOCK_ID])


def is_private(using: str = DEFAULT_DB_ALIAS) -> bool:
    """Return whether no other connection sees the tables, so that writing them needs no lock."""
    return PRIVATE in connections[using].settings_dict
