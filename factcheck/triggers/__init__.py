"""The SQL that keeps derived columns and the log, whoever writes.

loaddata, bulk code and a database shell run no `save()`, so these rules live in the database:

- a claim's `status` and counts are computed by a trigger on the claim whenever one of them is
  written; every other table's trigger only *touches* the claims that its change concerns;
- verifications and evidence are append-only;
- nothing cites an outlet that was merged into another;
- a claim whose words may have changed is put into the search queue;
- what readers see and has changed is logged (`factcheck.change_log`).

`install` is repeatable and runs after each migration; the engine is chosen here alone.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager

from django.db import DEFAULT_DB_ALIAS, connections

from factcheck import sql
from factcheck.triggers import catalog, postgresql, sqlite
from factcheck.triggers.derived import expressions
from factcheck.triggers.problems import Fault, Problem

__all__ = [
    "Fault",
    "Problem",
    "faults",
    "install",
    "missing",
    "recompute",
    "remove",
    "rest",
    "resting",
]

_ENGINES = {"sqlite": sqlite, "postgresql": postgresql}


def install(using: str = DEFAULT_DB_ALIAS) -> None:
    """Create every trigger anew. Does nothing while the tables are not there yet."""
    connection = connections[using]
    if "factcheck_search_pending" not in connection.introspection.table_names():
        return
    with connection.cursor() as cursor:
        for statement in _ENGINES[connection.vendor].create():
            cursor.execute(statement)


def remove(using: str = DEFAULT_DB_ALIAS) -> None:
    """Drop every trigger: for migrations and for emptying a test database."""
    connection = connections[using]
    with connection.cursor() as cursor:
        for statement in _ENGINES[connection.vendor].drop(cursor):
            cursor.execute(statement)


def rest(using: str = DEFAULT_DB_ALIAS, *, on: bool, is_alone: bool = False) -> None:
    """Let what the triggers keep up wait, in this transaction, until `on=False` is said.

    For a bulk load, which does the same for many rows at once; `is_alone` where nobody else writes.
    The log stays append-only.
    """
    connection = connections[using]
    with connection.cursor() as cursor:
        for statement in _ENGINES[connection.vendor].resting(on=on, dropped=is_alone):
            cursor.execute(statement)


@contextmanager
def resting(using: str = DEFAULT_DB_ALIAS, *, is_alone: bool = False) -> Iterator[None]:
    """Let triggers rest within a transaction; after an error all is taken back anyway."""
    rest(using, on=True, is_alone=is_alone)
    yield
    rest(using, on=False, is_alone=is_alone)


def recompute(
    claim_ids: Iterable[int], columns: Collection[str], using: str = DEFAULT_DB_ALIAS
) -> None:
    """Do for many claims what a trigger does for each, while it rests: write derived `columns`.

    Only the rows that they change are written.
    """
    sqls = expressions("factcheck_claim.id")
    right = ", ".join(f"{sqls[name]} AS {name}" for name in columns)
    assign = ", ".join(f"{name} = found.{name}" for name in columns)
    differs = " OR ".join(f"factcheck_claim.{name} <> found.{name}" for name in columns)
    those, params = sql.among(claim_ids, using=using)
    connection = connections[using]
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                f"SELECT 1 FROM factcheck_claim WHERE id IN {those} ORDER BY id FOR UPDATE", params
            )
        cursor.execute(
            f"WITH found AS MATERIALIZED (SELECT id, {right} FROM factcheck_claim"
            f" WHERE id IN {those}) UPDATE factcheck_claim SET {assign} FROM found"
            f" WHERE factcheck_claim.id = found.id AND ({differs})",
            params,
        )


def faults(
    using: str = DEFAULT_DB_ALIAS, *, others: Mapping[str, str] | None = None
) -> list[Fault]:
    """Return what is wrong with the triggers, by their text and state; empty if nothing is.

    `others` are the statements of triggers that another part keeps on our tables. Nothing is
    written, and no table is locked.
    """
    connection = connections[using]
    check = catalog.faults if connection.vendor == "postgresql" else sqlite.faults
    with connection.cursor() as cursor:
        return list(check(cursor, others or {}))


def missing(using: str = DEFAULT_DB_ALIAS) -> list[str]:
    """Return the names of the triggers that should be there and are not."""
    connection = connections[using]
    engine = _ENGINES[connection.vendor]
    with connection.cursor() as cursor:
        return sorted(engine.names() - engine.present(cursor))
