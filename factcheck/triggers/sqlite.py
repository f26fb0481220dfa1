"""The triggers of SQLite."""

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from django.apps import apps

from factcheck.triggers.declarations import (
    APPEND_ONLY,
    GUARDS,
    LOG_CHANGE,
    LOGS_CHANGE,
    MAY_BE_DELETED,
    PREFIX,
    RECOMPUTES,
    REINDEX,
    REINDEXES,
    Dependency,
    expressions,
)
from factcheck.triggers.problems import Fault, Problem, compare_texts

# A bulk load suspends these triggers and does their work at the end of each chunk.
_UNLESS_LOADING = "WHEN NOT EXISTS (SELECT 1 FROM factcheck_loading)"


def create() -> list[str]:
    """Return the statements that create every trigger anew."""
    return [
        "CREATE TABLE IF NOT EXISTS factcheck_loading (id integer PRIMARY KEY)",
        *(
            statement
            for name, body in _triggers()
            for statement in (f"DROP TRIGGER IF EXISTS {name}", f"CREATE TRIGGER {name} {body}")
        ),
    ]


def suspend(*, exclusive: bool) -> list[str]:
    """Return the statements that suspend the maintenance triggers in this transaction.

    If nobody else writes (`exclusive`), the triggers are dropped. SQLite opens a savepoint for each
    statement that could fire a writing trigger, even a suspended one, and this doubles the cost.
    """
    if exclusive:
        return [f"DROP TRIGGER {name}" for name in _suspended()]
    return ["INSERT INTO factcheck_loading VALUES (1)"]


def resume(*, exclusive: bool) -> list[str]:
    """Return the statements that end `suspend`."""
    if exclusive:
        return [f"CREATE TRIGGER {name} {body}" for name, body in _suspended().items()]
    return ["DELETE FROM factcheck_loading"]


def _suspended() -> dict[str, str]:
    return {name: body for name, body in _triggers() if _UNLESS_LOADING in body}


def drop(cursor: Any) -> list[str]:
    return [f"DROP TRIGGER IF EXISTS {name}" for name in _installed(cursor)]


def _installed(cursor: Any) -> set[str]:
    cursor.execute(
        "SELECT name FROM sqlite_master WHERE type = 'trigger' AND name LIKE %s", [f"{PREFIX}%"]
    )
    return {row[0] for row in cursor.fetchall()}


def faults(cursor: Any, more_triggers: Mapping[str, str]) -> Iterator[Fault]:
    """Compare the text of every trigger; `more_triggers` are the statements of the search index."""
    cursor.execute("SELECT name, tbl_name, sql FROM sqlite_master WHERE type = 'trigger'")
    rows = cursor.fetchall()
    expected = _statements() | dict(more_triggers)
    yield from compare_texts(expected, {name: text for name, _table, text in rows})
    for name, table, _text in sorted(rows):
        if name not in expected and table.startswith("factcheck_"):
            yield Fault(Problem.FOREIGN_TRIGGER, name, table)
    cursor.execute("SELECT 1 FROM sqlite_master WHERE name = 'factcheck_loading'")
    if not cursor.fetchone():
        yield Fault(Problem.NO_TABLE, "factcheck_loading")
        return
    cursor.execute("SELECT 1 FROM factcheck_loading LIMIT 1")
    if cursor.fetchone():
        yield Fault(Problem.LOADING, "factcheck_loading")


@cache
def _statements() -> dict[str, str]:
    return {name: f"CREATE TRIGGER {name} {body}" for name, body in _triggers()}


def _triggers() -> Iterator[tuple[str, str]]:
    yield from _derived()
    recompute = "UPDATE factcheck_claim SET status = status WHERE id IN ({claims});"
    for number, dependency in enumerate(RECOMPUTES):
        yield from _on_change(f"touch{number}", dependency, recompute)
    for number, dependency in enumerate(REINDEXES):
        yield from _on_change(f"words{number}", dependency, REINDEX)
    yield from _change_log()
    yield from _merged()
    yield from _append_only()
    for guard in GUARDS:
        yield (
            f"{PREFIX}{guard.name}",
            f"{guard.event} ON factcheck_{guard.table} WHEN {guard.condition}"
            f" BEGIN SELECT RAISE(ABORT, '{guard.message}'); END",
        )


def _on_change(name: str, dependency: Dependency, action: str) -> Iterator[tuple[str, str]]:
    """Yield the triggers that run `action` for the claims of the new row, the old row or both."""

    def body(event: str, *rows: str) -> str:
        statement = action.format(claims=dependency.claim_ids(*rows))
        on = f"ON factcheck_{dependency.table} {_UNLESS_LOADING}"
        return f"AFTER {event} {on} BEGIN {statement} END"

    if "insert" in dependency.on:
        yield f"{PREFIX}{name}_insert", body("INSERT", "NEW")
    if "update" in dependency.on:
        yield f"{PREFIX}{name}_update", body(f"UPDATE OF {dependency.columns}", "NEW", "OLD")
    if "delete" in dependency.on:
        yield f"{PREFIX}{name}_delete", body("DELETE", "OLD")


def _derived() -> Iterator[tuple[str, str]]:
    # The update fires no trigger again, because recursive_triggers is off.
    columns = expressions("NEW.id")
    assign = ", ".join(f"{name} = {sql}" for name, sql in columns.items())
    update = f"UPDATE factcheck_claim SET {assign} WHERE id = NEW.id;"
    body = f"{_UNLESS_LOADING} BEGIN {update} {LOG_CHANGE.format(id='NEW.id')} END"
    yield f"{PREFIX}derived_insert", f"AFTER INSERT ON factcheck_claim {body}"
    yield (
        f"{PREFIX}derived_update",
        f"AFTER UPDATE OF {', '.join(columns)} ON factcheck_claim {body}",
    )
    yield (
        f"{PREFIX}derived_delete",
        "AFTER DELETE ON factcheck_claim BEGIN"
        " DELETE FROM factcheck_searchdocument WHERE claim_id = OLD.id;"
        " DELETE FROM factcheck_search_pending WHERE claim_id = OLD.id;"
        f" {LOG_CHANGE.format(id='OLD.id')} END",
    )


def _change_log() -> Iterator[tuple[str, str]]:
    """Log the changes of what readers see, except those that `_derived` logs."""
    fields = apps.get_model("factcheck", "claim")._meta.concrete_fields
    stored = [str(f.column) for f in fields if f.column not in expressions("") and not f.generated]
    yield (
        f"{PREFIX}seen_claim_update",
        f"AFTER UPDATE OF {', '.join(stored)} ON factcheck_claim {_UNLESS_LOADING}"
        f" BEGIN {LOG_CHANGE.format(id='NEW.id')} END",
    )
    for table, claim in LOGS_CHANGE:
        for event, row in (("INSERT", "NEW"), ("UPDATE", "NEW"), ("DELETE", "OLD")):
            if table == "citation" and event != "UPDATE":
                continue  # the claim is recomputed, and `_derived` logs it
            rows = ("NEW", "OLD") if event == "UPDATE" and claim != "NULL" else (row,)
            changed = " ".join(LOG_CHANGE.format(id=claim.format(row=name)) for name in rows)
            yield (
                f"{PREFIX}seen_{table}_{event.lower()}",
                f"AFTER {event} ON factcheck_{table} {_UNLESS_LOADING} BEGIN {changed} END",
            )
    # REPLACE deletes without firing delete triggers.
    replaced = "FROM factcheck_claim_topics WHERE id = NEW.id;"
    yield (
        f"{PREFIX}seen_claim_topics_replace",
        f"BEFORE INSERT ON factcheck_claim_topics {_UNLESS_LOADING} BEGIN"
        f" INSERT INTO factcheck_change (first_id, last_id) SELECT claim_id, claim_id {replaced}"
        f" INSERT INTO factcheck_search_pending (claim_id) SELECT claim_id {replaced} END",
    )


def _merged() -> Iterator[tuple[str, str]]:
    for event in ("INSERT", "UPDATE OF outlet_id, reprint_of_id"):
        yield (
            f"{PREFIX}merged_{event[:6].lower()}",
            f"BEFORE {event} ON factcheck_citation WHEN EXISTS (SELECT 1 FROM factcheck_outlet"
            " WHERE id IN (NEW.outlet_id, NEW.reprint_of_id) AND merged_into_id IS NOT NULL)"
            " BEGIN SELECT RAISE(ABORT, 'this outlet was merged into another: cite that one');"
            " END",
        )


def _append_only() -> Iterator[tuple[str, str]]:
    for table, keys in APPEND_ONLY.items():
        fields = apps.get_model("factcheck", table)._meta.concrete_fields
        unchanged = " AND ".join(f"NEW.{f.column} IS OLD.{f.column}" for f in fields)
        refuse = f"BEGIN SELECT RAISE(ABORT, 'append-only: factcheck_{table}'); END"
        on = f"ON factcheck_{table}"
        yield f"{PREFIX}log_{table}_update", f"BEFORE UPDATE {on} WHEN NOT ({unchanged}) {refuse}"
        unless = f"WHEN NOT {may} " if (may := MAY_BE_DELETED.get(table)) else ""
        yield f"{PREFIX}log_{table}_delete", f"BEFORE DELETE {on} {unless}{refuse}"
        # REPLACE deletes without firing delete triggers.
        yield (
            f"{PREFIX}log_{table}_replace",
            f"BEFORE INSERT {on} WHEN EXISTS"
            f" (SELECT 1 FROM factcheck_{table} WHERE {' OR '.join(keys)}) {refuse}",
        )
