"""The triggers of PostgreSQL, each with the function that it calls."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from django.apps import apps

from factcheck.db.claim_lock import CLAIMS_LOCK_ID
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
    Guard,
    expressions,
)

# A bulk load suspends these triggers and does their work at the end of each chunk.
UNLESS_LOADING = "current_setting('factcheck.loading', true) IS DISTINCT FROM 'on'"


class Trigger(NamedTuple):
    """`AFTER INSERT OR … ON factcheck_<table>`, and the body of its function."""

    name: str
    event: str
    table: str
    body: str
    level: str = "ROW"
    when: str = "true"


def create() -> list[str]:
    """Return the statements that create every function and trigger anew."""
    return [
        # `factcheck.data_version` needs the transaction that wrote a change.
        "DO $$ BEGIN IF NOT EXISTS (SELECT 1 FROM information_schema.columns"
        " WHERE table_schema = current_schema() AND table_name = 'factcheck_change'"
        " AND column_name = 'writer') THEN"
        " ALTER TABLE factcheck_change"
        " ADD COLUMN writer xid8 NOT NULL DEFAULT pg_current_xact_id();"
        " CREATE INDEX factcheck_change_writer ON factcheck_change (writer); END IF; END $$"
    ] + [
        statement
        for trigger in triggers()
        for statement in (
            f"CREATE OR REPLACE FUNCTION {PREFIX}{trigger.name}() RETURNS trigger"
            f" LANGUAGE plpgsql AS $$ BEGIN {trigger.body} END $$",
            f"DROP TRIGGER IF EXISTS {PREFIX}{trigger.name} ON factcheck_{trigger.table}",
            f"CREATE TRIGGER {PREFIX}{trigger.name} {trigger.event} ON factcheck_{trigger.table}"
            f" FOR EACH {trigger.level} WHEN ({trigger.when})"
            f" EXECUTE FUNCTION {PREFIX}{trigger.name}()",
        )
    ]


def suspend(*, exclusive: bool) -> list[str]:
    """Return the statement that suspends the maintenance triggers in this transaction.

    They are not dropped even if nobody else writes, because a suspended trigger costs nothing here.
    """
    return ["SET LOCAL factcheck.loading = 'on'"]


def resume(*, exclusive: bool) -> list[str]:
    """Return the statement that ends `suspend`."""
    return ["SET LOCAL factcheck.loading = 'off'"]


def drop(cursor: Any) -> list[str]:
    return [f"DROP FUNCTION IF EXISTS {name}() CASCADE" for name in _installed(cursor)]


def _installed(cursor: Any) -> set[str]:
    cursor.execute(
        "SELECT DISTINCT tgname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid"
        " WHERE tgname LIKE %s AND c.relnamespace = current_schema()::regnamespace",
        [f"{PREFIX}%"],
    )
    return {row[0] for row in cursor.fetchall()}


def triggers() -> Iterator[Trigger]:
    """Yield every trigger."""
    yield from _claim_locks()
    yield from _truncated()
    yield from _derived()
    for number, dependency in enumerate(RECOMPUTES):
        yield from _on_change(f"touch{number}", dependency, _RECOMPUTE)
    for number, dependency in enumerate(REINDEXES):
        yield from _on_change(f"words{number}", dependency, REINDEX)
    yield from _change_log()
    yield from _merged()
    yield from _append_only()
    yield from map(_guard, GUARDS)


# Claims are locked in the order of their ids, so that two writers cannot deadlock.
_RECOMPUTE = (
    "PERFORM 1 FROM factcheck_claim WHERE id IN ({claims}) ORDER BY id FOR UPDATE;"
    " UPDATE factcheck_claim SET status = status WHERE id IN ({claims});"
)


def _on_change(name: str, dependency: Dependency, action: str) -> Iterator[Trigger]:
    """Yield the triggers that run `action` for the claims of the new row, the old row or both."""

    def trigger(kind: str, event: str, *rows: str) -> Trigger:
        body = f"{action.format(claims=dependency.claim_ids(*rows))} RETURN NULL;"
        return Trigger(f"{name}_{kind}", event, dependency.table, body, when=UNLESS_LOADING)

    if "insert" in dependency.on:
        yield trigger("insert", "AFTER INSERT", "NEW")
    if "update" in dependency.on:
        yield trigger("update", f"AFTER UPDATE OF {dependency.columns}", "NEW", "OLD")
    if "delete" in dependency.on:
        yield trigger("delete", "AFTER DELETE", "OLD")


def _derived() -> Iterator[Trigger]:
    columns = expressions("NEW.id")
    assign = " ".join(f"NEW.{name} := {sql};" for name, sql in columns.items())
    event = f"BEFORE INSERT OR UPDATE OF {', '.join(columns)}"
    yield Trigger("derived", event, "claim", f"{assign} RETURN NEW;", when=UNLESS_LOADING)
    yield Trigger(
        "derived_delete",
        "BEFORE DELETE",
        "claim",
        "DELETE FROM factcheck_searchdocument WHERE claim_id = OLD.id;"
        " DELETE FROM factcheck_search_pending WHERE claim_id = OLD.id; RETURN OLD;",
    )


def _change_log() -> Iterator[Trigger]:
    """Log the changes of what readers see."""
    for table, claim in (("claim", "{row}.id"), *LOGS_CHANGE):
        for event, row in (("INSERT OR UPDATE", "NEW"), ("DELETE", "OLD")):
            if table == "citation" and event == "DELETE":
                continue  # the claim is recomputed, which is logged
            yield Trigger(
                f"seen_{table}_{event[-6:].lower()}",
                f"AFTER {event}",
                table,
                f"{LOG_CHANGE.format(id=claim.format(row=row))} RETURN NULL;",
                when=UNLESS_LOADING,
            )

    yield Trigger(
        "seen_claim_topics_moved",
        "AFTER UPDATE OF claim_id",
        "claim_topics",
        f"{LOG_CHANGE.format(id='OLD.claim_id')} RETURN NULL;",
        when=UNLESS_LOADING,
    )


def _claim_locks() -> Iterator[Trigger]:
    """Keep changes of owners and changes of claims apart: `db.claim_lock`."""
    for table, event in (
        ("claim", "INSERT OR UPDATE OR DELETE"),
        ("citation", "INSERT OR UPDATE OR DELETE"),
        ("verification", "INSERT"),
    ):
        body = f"PERFORM pg_advisory_xact_lock_shared({CLAIMS_LOCK_ID}); RETURN NULL;"
        yield Trigger(f"a_turn_{table}", f"BEFORE {event}", table, body, "STATEMENT")
    yield Trigger(
        "a_turn_outlet",
        "BEFORE UPDATE OF owner_id, merged_into_id",
        "outlet",
        f"PERFORM pg_advisory_xact_lock({CLAIMS_LOCK_ID}); RETURN NULL;",
        "STATEMENT",
    )


def _truncated() -> Iterator[Trigger]:
    yield Trigger(
        "emptied_citation",
        "AFTER TRUNCATE",
        "citation",
        "UPDATE factcheck_claim SET status = status;"
        " INSERT INTO factcheck_search_pending (claim_id) SELECT id FROM factcheck_claim;"
        " RETURN NULL;",
        "STATEMENT",
    )

    yield Trigger(
        "emptied_claim_topics",
        "AFTER TRUNCATE",
        "claim_topics",
        "INSERT INTO factcheck_search_pending (claim_id) SELECT id FROM factcheck_claim;"
        " INSERT INTO factcheck_change (first_id, last_id)"
        " SELECT MIN(id), MAX(id) FROM factcheck_claim; RETURN NULL;",
        "STATEMENT",
    )


def _raise(message: str) -> str:
    return f"RAISE EXCEPTION '{message}' USING ERRCODE = 'integrity_constraint_violation';"


def _guard(guard: Guard) -> Trigger:
    row = "OLD" if guard.event == "BEFORE DELETE" else "NEW"
    body = f"IF {guard.condition} THEN {_raise(guard.message)} END IF; RETURN {row};"
    return Trigger(guard.name, guard.event, guard.table, body)


def _merged() -> Iterator[Trigger]:
    yield _guard(
        Guard(
            "merged_citation",
            "BEFORE INSERT OR UPDATE OF outlet_id, reprint_of_id",
            "citation",
            "EXISTS (SELECT 1 FROM factcheck_outlet WHERE merged_into_id IS NOT NULL"
            " AND id IN (NEW.outlet_id, NEW.reprint_of_id))",
            "this outlet was merged into another: cite that one",
        )
    )


def _append_only() -> Iterator[Trigger]:
    for table in APPEND_ONLY:
        fields = apps.get_model("factcheck", table)._meta.concrete_fields
        changed = " OR ".join(f"NEW.{f.column} IS DISTINCT FROM OLD.{f.column}" for f in fields)
        refuse = _raise(f"append-only: factcheck_{table}")
        yield Trigger(
            f"log_{table}_update",
            "BEFORE UPDATE",
            table,
            f"IF {changed} THEN {refuse} END IF; RETURN NEW;",
        )
        unless = f"IF {may} THEN RETURN OLD; END IF; " if (may := MAY_BE_DELETED.get(table)) else ""
        yield Trigger(f"log_{table}_delete", "BEFORE DELETE", table, f"{unless}{refuse}")
        yield Trigger(f"log_{table}_truncate", "BEFORE TRUNCATE", table, refuse, "STATEMENT")
