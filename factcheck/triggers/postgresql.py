"""The triggers in PostgreSQL's words: a function for each, and the trigger that calls it."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from django.apps import apps

from factcheck.db.claim_lock import TURNS
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

PREFIX = "factcheck_keep_"


# A bulk load does at the end of a chunk what these triggers do for each row (`resting`).
UNLESS_LOADING = "current_setting('factcheck.loading', true) IS DISTINCT FROM 'on'"
_CHANGED = "INSERT INTO factcheck_change (first_id, last_id) VALUES ({id}, {id});"


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
        # Which transaction wrote a change tells who has seen it: `factcheck.change_log`.
        "DO $$ BEGIN IF NOT EXISTS (SELECT 1 FROM information_schema.columns"
        " WHERE table_schema = current_schema() AND table_name = 'factcheck_change'"
        " AND column_name = 'writer') THEN"
        " ALTER TABLE factcheck_change"
        " ADD COLUMN writer xid8 NOT NULL DEFAULT pg_current_xact_id();"
        " CREATE INDEX factcheck_change_writer ON factcheck_change (writer); END IF; END $$",
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


def resting(*, on: bool, dropped: bool) -> list[str]:
    """Return what lets triggers rest, or work again, within this transaction.

    None is ever `dropped`: that would lock everybody out, and a silent one costs nothing here.
    """
    return [f"SET LOCAL factcheck.loading = '{'on' if on else 'off'}'"]


def drop(cursor: Any) -> list[str]:
    return [f"DROP FUNCTION IF EXISTS {name}() CASCADE" for name in present(cursor)]


def names() -> set[str]:
    return {f"{PREFIX}{trigger.name}" for trigger in triggers()}


def present(cursor: Any) -> set[str]:
    cursor.execute(
        "SELECT DISTINCT tgname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid"
        " WHERE tgname LIKE %s AND c.relnamespace = current_schema()::regnamespace",
        [f"{PREFIX}%"],
    )
    return {row[0] for row in cursor.fetchall()}


def triggers() -> Iterator[Trigger]:
    """Yield every trigger."""
    yield from _turns()
    yield from _emptied()
    yield from _derived()
    for number, (table, columns, claims, when) in enumerate(TOUCHES):
        yield from _on_change(f"touch{number}", table, columns, claims, when, _touch)
    for number, (table, columns, claims, when) in enumerate(WORDS):
        yield from _on_change(f"words{number}", table, columns, claims, when, _queue)
    yield from _seen()
    yield from _merged()
    yield from _append_only()
    yield from _links()


def _touch(table: str, ids: str) -> str:
    # In the order of their ids, so that two writers wait for each other in one order.
    return (
        f"PERFORM 1 FROM factcheck_claim WHERE id IN ({ids}) ORDER BY id FOR UPDATE;"
        f" UPDATE factcheck_claim SET status = status WHERE id IN ({ids});"
    )


def _queue(table: str, ids: str) -> str:
    return (
        "INSERT INTO factcheck_search_pending (claim_id)"
        f" SELECT id FROM factcheck_claim WHERE id IN ({ids});"
    )


def _on_change(
    name: str, table: str, columns: str, claims: str, when: str, action: Any
) -> Iterator[Trigger]:
    """Yield the triggers that run `action` for the claims of the new row, the old row or both."""

    def body(*rows: str) -> str:
        ids = " UNION ".join(
            claims.format(row=row) if "SELECT" in claims else f"SELECT {claims.format(row=row)}"
            for row in rows
        )
        return f"{action(table, ids)} RETURN NULL;"

    if when == "all" or "insert" in when:
        yield Trigger(f"{name}_insert", "AFTER INSERT", table, body("NEW"), when=UNLESS_LOADING)
    if when == "all" or "update" in when:
        event = f"AFTER UPDATE OF {columns}"
        yield Trigger(f"{name}_update", event, table, body("NEW", "OLD"), when=UNLESS_LOADING)
    if when == "all":
        yield Trigger(f"{name}_delete", "AFTER DELETE", table, body("OLD"), when=UNLESS_LOADING)


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


def _seen() -> Iterator[Trigger]:
    """Log what readers see."""
    for table, claim in (("claim", "{row}.id"), *SEEN):
        for event, row in (("INSERT OR UPDATE", "NEW"), ("DELETE", "OLD")):
            if table == "citation" and event == "DELETE":
                continue  # touches its claim
            yield Trigger(
                f"seen_{table}_{event[-6:].lower()}",
                f"AFTER {event}",
                table,
                f"{_CHANGED.format(id=claim.format(row=row))} RETURN NULL;",
                when=UNLESS_LOADING,
            )

    yield Trigger(
        "seen_claim_topics_moved",
        "AFTER UPDATE OF claim_id",
        "claim_topics",
        f"{_CHANGED.format(id='OLD.claim_id')} RETURN NULL;",
        when=UNLESS_LOADING,
    )


def _turns() -> Iterator[Trigger]:
    """Let who changes an outlet's family and who writes claims take turns: `models.turns`."""
    for table, event in (
        ("claim", "INSERT OR UPDATE OR DELETE"),
        ("citation", "INSERT OR UPDATE OR DELETE"),
        ("verification", "INSERT"),
    ):
        body = f"PERFORM pg_advisory_xact_lock_shared({TURNS}); RETURN NULL;"
        yield Trigger(f"a_turn_{table}", f"BEFORE {event}", table, body, "STATEMENT")
    yield Trigger(
        "a_turn_outlet",
        "BEFORE UPDATE OF owner_id, merged_into_id",
        "outlet",
        f"PERFORM pg_advisory_xact_lock({TURNS}); RETURN NULL;",
        "STATEMENT",
    )


def _emptied() -> Iterator[Trigger]:
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


def _guard(name: str, event: str, table: str, condition: str, message: str) -> Trigger:
    """Return the trigger that refuses a row of `table` for which `condition` holds."""
    row = "OLD" if event == "BEFORE DELETE" else "NEW"
    body = f"IF {condition} THEN {_raise(message)} END IF; RETURN {row};"
    return Trigger(name, event, table, body)


def _merged() -> Iterator[Trigger]:
    yield _guard(
        "merged_citation",
        "BEFORE INSERT OR UPDATE OF outlet_id, reprint_of_id",
        "citation",
        "EXISTS (SELECT 1 FROM factcheck_outlet WHERE merged_into_id IS NOT NULL"
        " AND id IN (NEW.outlet_id, NEW.reprint_of_id))",
        "this outlet was merged into another: cite that one",
    )
    yield _guard(
        "merged_outlet",
        "BEFORE UPDATE OF merged_into_id",
        "outlet",
        "NEW.merged_into_id IS NOT NULL AND EXISTS (SELECT 1 FROM factcheck_citation"
        " WHERE outlet_id = NEW.id OR reprint_of_id = NEW.id)",
        "move the citations before merging an outlet",
    )


def _append_only() -> Iterator[Trigger]:
    for table in LOG:
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
    yield _guard(
        "log_evidence_sealed",
        "BEFORE INSERT",
        "evidence",
        "EXISTS (SELECT 1 FROM factcheck_checkpoint c JOIN factcheck_verification v"
        " ON v.number <= c.last_number WHERE v.id = NEW.verification_id)",
        "append-only: a checkpoint holds this record",
    )
    yield _guard(
        "log_removedrecord_public",
        "BEFORE INSERT",
        "removedrecord",
        WAS_PUBLIC,
        "append-only: readers may have seen this record",
    )
    yield _guard(
        "log_verification_removed",
        "BEFORE INSERT",
        "verification",
        WAS_REMOVED,
        "append-only: a record of this number was removed",
    )
    yield _guard(
        "log_claim_delete",
        "BEFORE DELETE",
        "claim",
        "EXISTS (SELECT 1 FROM factcheck_verification WHERE claim_id = OLD.id)",
        "append-only: a claim with verifications is retracted, not deleted",
    )


def _links() -> Iterator[Trigger]:
    for table in LINKS:
        refuse = f"IF NOT ({links_of(table)}) THEN {_raise(NO_LINK)} END IF; RETURN NEW;"
        yield Trigger(f"log_{table}_links", "BEFORE INSERT", table, refuse)
