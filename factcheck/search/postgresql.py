"""Search on PostgreSQL: a generated tsvector of the documents' keys, with a GIN index.

The vector holds the keys themselves, without a parser or a dictionary. It has no word order, so
phrases are searched in the text of the rows that contain all their words.
"""

from collections.abc import Sequence
from typing import Any

from django.db import connection

from factcheck.db import bulk_sql
from factcheck.search.query import COLUMNS, Query, Term

_DOCUMENT = "factcheck_searchdocument"


def install(cursor: Any) -> None:
    """Create the generated column and its index where they are missing."""
    keys = " || ".join(COLUMNS)
    cursor.execute(
        "SELECT 1 FROM information_schema.columns WHERE table_schema = current_schema()"
        " AND table_name = %s AND column_name = 'lexemes'",
        [_DOCUMENT],
    )
    if cursor.fetchone():
        return  # ALTER TABLE would lock the table, even without effect
    cursor.execute(
        f"ALTER TABLE {_DOCUMENT} ADD COLUMN lexemes tsvector GENERATED ALWAYS AS"
        f" (array_to_tsvector(array_remove(string_to_array({keys}, ' '), ''))) STORED"
    )
    cursor.execute(f"CREATE INDEX factcheck_search_index ON {_DOCUMENT} USING gin (lexemes)")


def triggers() -> dict[str, str]:
    """Return no trigger: the indexed column is generated."""
    return {}


def hits(query: Query) -> tuple[str, list[Any]]:
    """Return the SQL that selects the ids of the claims that contain every required term."""
    where, params = _where(query)
    return f"SELECT claim_id FROM {_DOCUMENT} WHERE {where}", params


def newest(query: Query) -> tuple[str, list[Any]]:
    """Return the SQL that selects the ids of matching documents, the newest claims first."""
    where, params = _where(query)
    return f"SELECT id FROM {_DOCUMENT} WHERE {where} ORDER BY id DESC", params


def add_scores(scores: dict[int, int], weights: Sequence[tuple[int, str, Term]]) -> None:
    """Add to each document's score the weight of each term that its column contains."""
    score, params = [], []
    for weight, column, term in weights:
        score.append(f"CASE WHEN strpos({column}, %s) > 0 THEN {weight} ELSE 0 END")
        params.append(term.phrase_text.rstrip() if term.is_prefix else term.phrase_text)
    id_list, ids = bulk_sql.value_list_sql(scores)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT id, {' + '.join(score)} FROM {_DOCUMENT} WHERE id IN {id_list}",
            [*params, *ids],
        )
        scores.update(cursor.fetchall())


def _where(query: Query) -> tuple[str, list[Any]]:
    match = [_match(term) for term in query.required]
    match += [f"!({_match(term)})" for term in query.excluded if not term.is_phrase]
    conditions, params = ["lexemes @@ %s::tsquery"], [" & ".join(f"({part})" for part in match)]
    for term in query.terms:
        if term.is_phrase:
            condition = "(strpos(claim_words, %s) > 0 OR strpos(other_words, %s) > 0)"
            conditions.append(f"NOT {condition}" if term.is_excluded else condition)
            params += [term.phrase_text] * 2
    return " AND ".join(conditions), params


def _match(term: Term) -> str:
    """Return a tsquery. Keys consist of letters and digits: nothing needs escaping."""
    if term.is_phrase:
        return " & ".join(f"'{key}'" for key in term.keys)
    return " | ".join(f"'{key}':*" if term.is_prefix else f"'{key}'" for key in term.keys)
