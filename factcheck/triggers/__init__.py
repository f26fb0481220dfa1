"""The SQL triggers that maintain derived columns and protect the log.

loaddata, bulk code and a database shell do not call `save()`, so the database itself holds these
rules:

- A trigger on claims computes `status` and the counts whenever one of them is written. Triggers of
  other tables write the status of the claims that their change concerns (`derived.RECOMPUTES`).
- The log is append-only (`derived.APPEND_ONLY`).
- A citation of an outlet that was merged into another is rejected.
- A claim whose words may have changed is put into the search queue (`derived.REINDEXES`).
- Changes of what readers see are logged (`derived.LOGS_CHANGE`, `factcheck.data_version`).

`install` can be repeated and runs after each migration. Only this module chooses the engine.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager

from django.db import DEFAULT_DB_ALIAS, connections

from factcheck.db import bulk_sql
from factcheck.triggers import installed, postgresql, sqlite
from factcheck.triggers.declarations import expressions
from factcheck.triggers.problems import Fault, Problem

_ENGINES = {"sqlite": sqlite, "postgresql": postgresql}


def install(using: str = DEFAULT_DB_ALIAS) -> None:
    """Create or replace every trigger. Does nothing before the tables exist."""
    connection = connections[using]
    if "factcheck_search_pending" not in connection.introspection.table_names():
        return
    _execute(using, _ENGINES[connection.vendor].create())


def remove(using: str = DEFAULT_DB_ALIAS) -> None:
    """Drop every trigger, for migrations and for emptying a test database."""
    connection = connections[using]
    with connection.cursor() as cursor:
        for statement in _ENGINES[connection.vendor].drop(cursor):
            cursor.execute(statement)


def suspend(using: str = DEFAULT_DB_ALIAS, *, exclusive: bool = False) -> None:
    """Suspend the maintenance triggers in this transaction, until `resume`.

    The caller must recompute counts, search documents and the change log before that. Pass
    `exclusive` if nobody else writes. The log stays append-only.
    """
    connection = connections[using]
    _execute(using, _ENGINES[connection.vendor].suspend(exclusive=exclusive))


def resume(using: str = DEFAULT_DB_ALIAS, *, exclusive: bool = False) -> None:
    """Activate again the triggers that `suspend` has suspended with the same arguments."""
    connection = connections[using]
    _execute(using, _ENGINES[connection.vendor].resume(exclusive=exclusive))


@contextmanager
def suspended(using: str = DEFAULT_DB_ALIAS, *, exclusive: bool = False) -> Iterator[None]:
    """Suspend the maintenance triggers for a block. After an error the transaction is undone."""
    suspend(using, exclusive=exclusive)
    yield
    resume(using, exclusive=exclusive)


def _execute(using: str, statements: Iterable[str]) -> None:
    with connections[using].cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def recompute(
    claim_ids: Iterable[int], columns: Collection[str], using: str = DEFAULT_DB_ALIAS
) -> None:
    """Compute derived `columns` of claims, as their trigger does, and write those that differ."""
    sqls = expressions("factcheck_claim.id")
    computed = ", ".join(f"{sqls[name]} AS {name}" for name in columns)
    assign = ", ".join(f"{name} = computed.{name}" for name in columns)
    differs = " OR ".join(f"factcheck_claim.{name} <> computed.{name}" for name in columns)
    ids, params = bulk_sql.value_list_sql(claim_ids, using=using)
    connection = connections[using]
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                f"SELECT 1 FROM factcheck_claim WHERE id IN {ids} ORDER BY id FOR UPDATE", params
            )
        cursor.execute(
            f"WITH computed AS MATERIALIZED (SELECT id, {computed} FROM factcheck_claim"
            f" WHERE id IN {ids}) UPDATE factcheck_claim SET {assign} FROM computed"
            f" WHERE factcheck_claim.id = computed.id AND ({differs})",
            params,
        )


def faults(
    using: str = DEFAULT_DB_ALIAS, *, more_triggers: Mapping[str, str] | None = None
) -> list[Fault]:
    """Return the faults in the text and the state of the triggers.

    `more_triggers` are the statements of triggers that another package installs on our tables.
    Nothing is written, and no table is locked.
    """
    connection = connections[using]
    check = installed.faults if connection.vendor == "postgresql" else sqlite.faults
    with connection.cursor() as cursor:
        return list(check(cursor, more_triggers or {}))
