"""Search on SQLite: an FTS5 index over the documents, maintained by triggers.

The index has the ids of the documents, which are ordered by the claims' dates. Reading it backwards
yields the newest hits first, without sorting.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from factcheck.db import bulk_sql
from factcheck.models.claims import CLAIM_MASK
from factcheck.search.query import COLUMNS, Query, Term

_DOCUMENT, _INDEX = "factcheck_searchdocument", "factcheck_search_index"
_IDS = f"rowid & {CLAIM_MASK}"


def install(cursor: Any) -> None:
    """Create the index and its triggers if they are missing, and fill the index."""
    cursor.execute(
        "SELECT count(*) FROM sqlite_master WHERE name = %s"
        " OR (type = 'trigger' AND tbl_name = %s AND name LIKE %s)",
        [_INDEX, _DOCUMENT, f"{_INDEX}%"],
    )
    if cursor.fetchone()[0] == 4:
        return
    names = ", ".join(COLUMNS)
    cursor.execute(
        f"CREATE VIRTUAL TABLE IF NOT EXISTS {_INDEX} USING fts5({names}, content={_DOCUMENT},"
        # Keys are ASCII. Column sizes are only for bm25, which PostgreSQL does not have.
        " content_rowid=id, tokenize=ascii, columnsize=0)"
    )
    for statement in triggers().values():
        cursor.execute(statement)
    cursor.execute(f"INSERT INTO {_INDEX} ({_INDEX}) VALUES ('rebuild')")


def triggers() -> dict[str, str]:
    """Return the statement that creates each of the index's triggers, by its name."""
    names = ", ".join(COLUMNS)
    new, old = (", ".join(f"{row}.{name}" for name in COLUMNS) for row in ("NEW", "OLD"))
    write = f"INSERT INTO {_INDEX} (rowid, {names}) VALUES (NEW.id, {new});"
    clear = f"INSERT INTO {_INDEX} ({_INDEX}, rowid, {names}) VALUES ('delete', OLD.id, {old});"
    return {
        f"{_INDEX}_{event.lower()}": f"CREATE TRIGGER IF NOT EXISTS {_INDEX}_{event.lower()}"
        f" AFTER {event} ON {_DOCUMENT} BEGIN {body} END"
        for event, body in (("INSERT", write), ("DELETE", clear), ("UPDATE", clear + write))
    }


def hits(query: Query) -> tuple[str, list[Any]]:
    """Return the SQL that selects the ids of the claims that contain every required term."""
    return f"SELECT {_IDS} FROM {_INDEX} WHERE {_INDEX} MATCH %s", [_expression(query)]


def newest(query: Query) -> tuple[str, list[Any]]:
    """Return the SQL that selects the ids of matching documents, the newest claims first."""
    sql = f"SELECT rowid FROM {_INDEX} WHERE {_INDEX} MATCH %s ORDER BY rowid DESC"
    return sql, [_expression(query)]


def add_scores(scores: dict[int, int], weights: Sequence[tuple[int, str, Term]]) -> None:
    """Add to each document's score the weight of each term that its column contains.

    Only the index is read, from the lowest document id on.
    """
    lowest = min(scores)
    statement = f"SELECT rowid FROM {_INDEX} WHERE {_INDEX} MATCH %s AND rowid >= %s"
    for weight, column, term in weights:
        match = f"{column} : ({_match(term, column)})"
        for document in bulk_sql.fetch_ids(statement, [match, lowest]):
            if document in scores:
                scores[document] += weight


def _expression(query: Query) -> str:
    """Return the MATCH expression. Keys consist of letters and digits: nothing needs escaping."""
    required = " AND ".join(f"({_match(term)})" for term in query.required)
    return "".join((required, *(f" NOT ({_match(term)})" for term in query.excluded)))


def _match(term: Term, column: str = "") -> str:
    if term.is_phrase:
        where = "" if column else "{claim_words other_words} : "
        return f'{where}"{" ".join(term.keys)}"'
    return " OR ".join(_keys(term))


def _keys(term: Term) -> Iterator[str]:
    for key in term.keys:
        yield f'"{key}" *' if term.is_prefix else f'"{key}"'
