"""The triggers in SQLite's words."""

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from django.apps import apps

from factcheck.triggers.derived import (
    LINKS,
    LOG,
    MAY_BE_DELETED,
    NO_LINK,
    SEEN,
    TOUCHES,
    WAS_PUBLIC,
    WAS_REMOVED,
    WORDS,
    expressions,
    links_of,
)
from factcheck.triggers.problems import Fault, Problem, compared

PREFIX = "factcheck_keep_"
# A bulk load does at the end of a chunk what these triggers do for each row (`resting`).
_UNLESS_LOADING = "WHEN NOT EXISTS (SELECT 1 FROM factcheck_loading)"
_CHANGED = "INSERT INTO factcheck_change (first_id, last_id) VALUES ({id}, {id});"


def create() -> list[str]:
    """Return the statements that create every trigger anew."""
    found = dict(_triggers())
    return [
        "CREATE TABLE IF NOT EXISTS factcheck_loading (id integer PRIMARY KEY)",
        *(
            statement
            for name, body in found.items()
            for statement in (f"DROP TRIGGER IF EXISTS {name}", f"CREATE TRIGGER {name} {body}")
        ),
    ]


def resting(*, on: bool, dropped: bool) -> list[str]:
    """Return what lets triggers rest, or work again, within this transaction.

    `dropped`: they are gone meanwhile, not only silent. A statement that could set off one that
    writes is kept reversible by itself, which costs twice what it does.
    """
    if not dropped:
        write = "INSERT INTO factcheck_loading VALUES (1)"
        return [write if on else "DELETE FROM factcheck_loading"]
    silent = {name: body for name, body in _triggers() if _UNLESS_LOADING in body}
    if on:
        return [f"DROP TRIGGER {name}" for name in silent]
    return [f"CREATE TRIGGER {name} {body}" for name, body in silent.items()]


def drop(cursor: Any) -> list[str]:
    return [f"DROP TRIGGER IF EXISTS {name}" for name in present(cursor)]


def names() -> set[str]:
    return {name for name, body in _triggers()}


def present(cursor: Any) -> set[str]:
    cursor.execute(
        "SELECT name FROM sqlite_master WHERE type = 'trigger' AND name LIKE %s", [f"{PREFIX}%"]
    )
    return {row[0] for row in cursor.fetchall()}


def faults(cursor: Any, others: Mapping[str, str]) -> Iterator[Fault]:
    """Compare every trigger with its text; `others` are the statements of the search index."""
    cursor.execute("SELECT name, tbl_name, sql FROM sqlite_master WHERE type = 'trigger'")
    rows = cursor.fetchall()
    expected = _statements() | dict(others)
    yield from compared(expected, {name: text for name, _table, text in rows})
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
    for number, (table, columns, claims, when) in enumerate(TOUCHES):
        touch = "UPDATE factcheck_claim SET status = status WHERE id IN ({claims});"
        yield from _on_change(f"touch{number}", table, columns, claims, when, touch)
    for number, (table, columns, claims, when) in enumerate(WORDS):
        queue = (
            "INSERT INTO factcheck_search_pending (claim_id)"
            " SELECT id FROM factcheck_claim WHERE id IN ({claims});"
        )
        yield from _on_change(f"words{number}", table, columns, claims, when, queue)
    yield from _seen()
    yield from _merged()
    yield from _append_only()
    yield from _links()


def _on_change(
    name: str, table: str, columns: str, claims: str, when: str, action: str
) -> Iterator[tuple[str, str]]:
    """Yield the triggers that run `action` for the claims of the new row, the old row or both."""

    def body(event: str, *rows: str) -> str:
        ids = " UNION ".join(
            claims.format(row=row) if "SELECT" in claims else f"SELECT {claims.format(row=row)}"
            for row in rows
        )
        on = f"ON factcheck_{table} {_UNLESS_LOADING}"
        return f"AFTER {event} {on} BEGIN {action.format(claims=ids)} END"

    if when == "all" or "insert" in when:
        yield f"{PREFIX}{name}_insert", body("INSERT", "NEW")
    if when == "all" or "update" in when:
        yield f"{PREFIX}{name}_update", body(f"UPDATE OF {columns}", "NEW", "OLD")
    if when == "all":
        yield f"{PREFIX}{name}_delete", body("DELETE", "OLD")


def _derived() -> Iterator[tuple[str, str]]:
    # A trigger does not fire itself here (recursive_triggers is off), so this ends.
    columns = expressions("NEW.id")
    assign = ", ".join(f"{name} = {sql}" for name, sql in columns.items())
    update = f"UPDATE factcheck_claim SET {assign} WHERE id = NEW.id;"
    body = f"{_UNLESS_LOADING} BEGIN {update} {_CHANGED.format(id='NEW.id')} END"
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
        f" {_CHANGED.format(id='OLD.id')} END",
    )


def _seen() -> Iterator[tuple[str, str]]:
    """Log what readers see and no claim's own trigger logs."""
    fields = apps.get_model("factcheck", "claim")._meta.concrete_fields
    own = [str(f.column) for f in fields if f.column not in expressions("") and not f.generated]
    yield (
        f"{PREFIX}seen_claim_update",
        f"AFTER UPDATE OF {', '.join(own)} ON factcheck_claim {_UNLESS_LOADING}"
        f" BEGIN {_CHANGED.format(id='NEW.id')} END",
    )
    for table, claim in SEEN:
        for event, row in (("INSERT", "NEW"), ("UPDATE", "NEW"), ("DELETE", "OLD")):
            if table == "citation" and event != "UPDATE":
                continue  # touches its claim
            rows = ("NEW", "OLD") if event == "UPDATE" and claim != "NULL" else (row,)
            changed = " ".join(_CHANGED.format(id=claim.format(row=one)) for one in rows)
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
    yield (
        f"{PREFIX}merged_outlet",
        "BEFORE UPDATE OF merged_into_id ON factcheck_outlet WHEN NEW.merged_into_id IS NOT NULL"
        " AND EXISTS (SELECT 1 FROM factcheck_citation"
        " WHERE outlet_id = NEW.id OR reprint_of_id = NEW.id)"
        " BEGIN SELECT RAISE(ABORT, 'move the citations before merging an outlet'); END",
    )


def _append_only() -> Iterator[tuple[str, str]]:
    for table, reached in LOG.items():
        fields = apps.get_model("factcheck", table)._meta.concrete_fields
        same = " AND ".join(f"NEW.{f.column} IS OLD.{f.column}" for f in fields)
        refuse = f"BEGIN SELECT RAISE(ABORT, 'append-only: factcheck_{table}'); END"
        on = f"ON factcheck_{table}"
        yield f"{PREFIX}log_{table}_update", f"BEFORE UPDATE {on} WHEN NOT ({same}) {refuse}"
        unless = f"WHEN NOT {may} " if (may := MAY_BE_DELETED.get(table)) else ""
        yield f"{PREFIX}log_{table}_delete", f"BEFORE DELETE {on} {unless}{refuse}"
        # REPLACE deletes without firing delete triggers.
        yield (
            f"{PREFIX}log_{table}_replace",
            f"BEFORE INSERT {on} WHEN EXISTS"
            f" (SELECT 1 FROM factcheck_{table} WHERE {' OR '.join(reached)}) {refuse}",
        )
    yield (
        f"{PREFIX}log_evidence_sealed",
        "BEFORE INSERT ON factcheck_evidence WHEN EXISTS (SELECT 1 FROM factcheck_checkpoint c"
        " JOIN factcheck_verification v ON v.number <= c.last_number"
        " WHERE v.id = NEW.verification_id)"
        " BEGIN SELECT RAISE(ABORT, 'append-only: a checkpoint holds this record'); END",
    )
    yield (
        f"{PREFIX}log_removedrecord_public",
        f"BEFORE INSERT ON factcheck_removedrecord WHEN {WAS_PUBLIC}"
        " BEGIN SELECT RAISE(ABORT, 'append-only: readers may have seen this record'); END",
    )
    yield (
        f"{PREFIX}log_verification_removed",
        f"BEFORE INSERT ON factcheck_verification WHEN {WAS_REMOVED}"
        " BEGIN SELECT RAISE(ABORT, 'append-only: a record of this number was removed'); END",
    )
    yield (
        f"{PREFIX}log_claim_delete",
        "BEFORE DELETE ON factcheck_claim WHEN EXISTS"
        " (SELECT 1 FROM factcheck_verification WHERE claim_id = OLD.id)"
        " BEGIN SELECT RAISE(ABORT, 'append-only: a claim with verifications is retracted,"
        " not deleted'); END",
    )


def _links() -> Iterator[tuple[str, str]]:
    for table in LINKS:
        yield (
            f"{PREFIX}log_{table}_links",
            f"BEFORE INSERT ON factcheck_{table} WHEN NOT ({links_of(table)})"
            f" BEGIN SELECT RAISE(ABORT, '{NO_LINK}'); END",
        )
