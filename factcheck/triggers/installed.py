"""Compare the triggers and functions in PostgreSQL's catalog with those that Factcheck installs.

The parts of a trigger are compared: its event, columns and condition, its function with language
and text, and whether it is enabled. So the check creates and locks nothing, and does not depend on
how a version of PostgreSQL writes a whole statement.
"""

import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any, NamedTuple

from factcheck.triggers.declarations import PREFIX
from factcheck.triggers.postgresql import Trigger, triggers
from factcheck.triggers.problems import Fault, Problem, same_text

_OURS = "c.relnamespace = current_schema()::regnamespace AND c.relname LIKE 'factcheck\\_%%'"
_INSTALLED = f"""
SELECT c.relname, t.tgname, con.conname, t.tgenabled::text, t.tgtype,
  ARRAY(SELECT a.attname::text FROM pg_attribute a
        WHERE a.attrelid = t.tgrelid AND a.attnum = ANY (t.tgattr::int2[])),
  pg_get_expr(t.tgqual, t.tgrelid),
  p.pronamespace = c.relnamespace, p.proname, l.lanname, p.prosrc,
  p.proconfig IS NULL AND NOT p.prosecdef
FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_proc p ON p.oid = t.tgfoid
JOIN pg_language l ON l.oid = p.prolang LEFT JOIN pg_constraint con ON con.oid = t.tgconstraint
WHERE {_OURS} AND (NOT t.tgisinternal OR t.tgenabled NOT IN ('O', 'A'))
ORDER BY t.tgname, c.relname
"""
_RULES = f"""
SELECT r.rulename, c.relname FROM pg_rewrite r JOIN pg_class c ON c.oid = r.ev_class
WHERE {_OURS} AND c.relkind IN ('r', 'p') ORDER BY 1, 2
"""
_SILENCING = "('session_replication_role=replica', 'factcheck.loading=on')"
_SETTINGS = f"""
SELECT entry, COALESCE(r.rolname, ''), COALESCE(d.datname, '')
FROM pg_db_role_setting s CROSS JOIN unnest(s.setconfig) entry
LEFT JOIN pg_roles r ON r.oid = s.setrole LEFT JOIN pg_database d ON d.oid = s.setdatabase
WHERE lower(entry) IN {_SILENCING} AND (s.setdatabase = 0 OR d.datname = current_database())
ORDER BY 1, 2, 3
"""
_OWN_SETTINGS = """
SELECT current_setting('session_replication_role') = 'replica',
  COALESCE(current_setting('factcheck.loading', true), '') = 'on'
"""
# Of `pg_trigger.tgtype`.
_ROW, _BEFORE = 1, 2
_EVENTS = {"INSERT": 4, "DELETE": 8, "UPDATE": 16, "TRUNCATE": 32}
# Fires in an ordinary session.
_ENABLED = {"O", "A"}


class _Installed(NamedTuple):
    table: str
    name: str
    constraint: str | None
    enabled: str
    kind: int
    columns: list[str]
    condition: str | None
    is_of_schema: bool
    function: str
    language: str
    source: str
    is_plain: bool


def faults(cursor: Any, more_triggers: Mapping[str, str]) -> Iterator[Fault]:
    """Compare every trigger, and look for what else could stop triggers from working."""
    cursor.execute(_INSTALLED, [])
    installed = [_Installed(*row) for row in cursor.fetchall()]
    expected = _expected()
    ours = {trigger.name: trigger for trigger in installed if _is_ours(trigger)}
    for name, trigger in expected.items():
        if name not in ours:
            yield Fault(Problem.MISSING, name)
        elif not _is_as_created(ours[name], trigger):
            yield Fault(Problem.ALTERED, name)
        elif ours[name].enabled not in _ENABLED:
            yield Fault(Problem.DISABLED, name)
    unchecked = {(row.constraint, row.table) for row in installed if row.constraint}
    for constraint, table in sorted(unchecked, key=str):
        yield Fault(Problem.UNCHECKED_KEY, str(constraint), table)
    for row in installed:
        if not row.constraint and not _is_ours(row):
            yield Fault(Problem.FOREIGN_TRIGGER, row.name, row.table)
    cursor.execute(_RULES, [])
    for name, table in cursor.fetchall():
        yield Fault(Problem.FOREIGN_RULE, name, table)
    yield from _silencing(cursor)


def _silencing(cursor: Any) -> Iterator[Fault]:
    """Look for settings under which triggers do not fire."""
    cursor.execute(_SETTINGS, [])
    rows = cursor.fetchall()
    for entry, role, database in rows:
        yield Fault(Problem.SETTING, entry, role or database)
    named = {entry.lower().split("=")[0] for entry, _role, _database in rows}
    cursor.execute(_OWN_SETTINGS)
    is_replica, is_loading = cursor.fetchone()
    if is_replica and "session_replication_role" not in named:
        yield Fault(Problem.SETTING, "session_replication_role=replica")
    if is_loading and "factcheck.loading" not in named:
        yield Fault(Problem.SETTING, "factcheck.loading=on")


@cache
def _expected() -> dict[str, Trigger]:
    return {f"{PREFIX}{trigger.name}": trigger for trigger in triggers()}


def _is_ours(installed: _Installed) -> bool:
    trigger = _expected().get(installed.name)
    return trigger is not None and installed.table == f"factcheck_{trigger.table}"


def _is_as_created(installed: _Installed, trigger: Trigger) -> bool:
    event, _of, columns = trigger.event.partition(" UPDATE OF ")
    words = f"{event} UPDATE" if columns else event
    kind = sum(bit for name, bit in _EVENTS.items() if name in words.split())
    kind |= _ROW * (trigger.level == "ROW") | _BEFORE * event.startswith("BEFORE")
    return (
        (installed.kind, installed.is_of_schema, installed.function) == (kind, True, installed.name)
        and set(installed.columns) == {name.strip() for name in columns.split(",") if name.strip()}
        and _condition(installed.condition or "") == _condition(trigger.when)
        and installed.language == "plpgsql"
        and installed.is_plain
        and same_text(installed.source, f"BEGIN {trigger.body} END")
    )


def _condition(text: str) -> str:
    """Return a condition without the types and parentheses that PostgreSQL adds."""
    return re.sub(r"::\w+|[\s()]", "", text).lower()
