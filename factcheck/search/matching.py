"""Finds the claims that match a query, and ranks them.

Both databases use one formula for ranking: how close a word is to the typed one, and in which
column it occurs. Only the newest hits are ranked, so that frequent words cost no more than rare
ones.
"""

from collections.abc import Callable, Iterator
from operator import itemgetter
from typing import Any, Protocol

from django.db import DEFAULT_DB_ALIAS, connection, connections
from django.db.models import Q
from django.db.models.expressions import RawSQL

from factcheck.db import bulk_sql
from factcheck.models import SearchPending
from factcheck.models.claims import CLAIM_MASK
from factcheck.search import postgresql, sqlite
from factcheck.search.indexing import DRAIN_BATCH, claim_id_of, documents, drain
from factcheck.search.query import CLAIM_STEMS, CLAIM_WORDS, OTHER_WORDS, Query, Term

MAX_RANKED = 5_000


class Members(Protocol):
    """A set or a bitmap of claim ids."""

    def __contains__(self, pk: int, /) -> bool: ...

    def __len__(self) -> int: ...


IdFilter = Callable[[list[int]], Members]
_ENGINES: dict[str, Any] = {"sqlite": sqlite, "postgresql": postgresql}


def install(using: str = DEFAULT_DB_ALIAS) -> None:
    """Create the index where it is missing. Before the tables exist, do nothing."""
    connection = connections[using]
    if "factcheck_searchdocument" in connection.introspection.table_names():
        with connection.cursor() as cursor:
            _ENGINES[connection.vendor].install(cursor)


def triggers(using: str = DEFAULT_DB_ALIAS) -> dict[str, str]:
    """Return the statements that create the index's triggers, by their names."""
    created: dict[str, str] = _ENGINES[connections[using].vendor].triggers()
    return created


def search_q(query: Query) -> Q:
    """Return the condition that a claim matches `query`; an empty one if it has no term.

    It can be combined with any other condition.
    """
    if not query:
        return Q()
    condition = Q()
    for part in query.parts():
        hit = Q(pk__in=RawSQL(*engine().hits(part)))
        condition &= hit if query.required else ~hit
    pending_hits, pending_ids = _pending(query)
    if not pending_ids:
        return condition
    return Q(pk__in=list(map(claim_id_of, pending_hits))) | condition & ~Q(pk__in=pending_ids)


def search_ids(query: Query) -> set[int]:
    """Return the ids of the claims that match `query`.

    If it has only excluded terms, return the ids of the claims that contain one of them.
    """
    # The queue is read before the index, so that a claim which is drained in between is not missed.
    pending_hits, pending_ids = _pending(query)
    ids: set[int] = set()
    for part in query.parts():
        ids.update(bulk_sql.fetch_ids(*engine().hits(part)))
    if pending_ids:
        matching = set(map(claim_id_of, pending_hits))
        ids = ids - pending_ids | (matching if query.required else pending_ids - matching)
    return ids


def ranking(query: Query, filter_ids: IdFilter) -> list[tuple[int, int]]:
    """Return the score and document id of the newest selected hits, the best first.

    `filter_ids` returns the selected ones of thousands of claim ids. A queued claim is found by its
    current words, but ranked by those of its last document.
    """
    document_ids = _newest(query, filter_ids)
    if not document_ids:
        return []
    scores = dict.fromkeys(document_ids, 0)
    engine().add_scores(scores, list(_weights(query)))
    # The sort is stable, so the newest of equal scores stay first.
    ranked = sorted(scores.items(), key=itemgetter(1), reverse=True)
    return [(score, document_id) for document_id, score in ranked]


def engine() -> Any:
    """Return the search module for this database."""
    return _ENGINES[connection.vendor]


def _newest(query: Query, filter_ids: IdFilter) -> list[int]:
    """Return the document ids of the newest selected hits, the newest first."""
    if not query.required:
        return []
    pending_hits, pending_ids = _pending(query)
    statement, params = engine().newest(query)
    limit = MAX_RANKED + 200
    while True:
        document_ids = bulk_sql.fetch_ids(f"{statement} LIMIT {limit}", params)
        is_all = len(document_ids) < limit
        ids = [document_id & CLAIM_MASK for document_id in document_ids]
        if pending_ids:
            ids = [0 if pk in pending_ids else pk for pk in ids]
        members = filter_ids(ids)
        # Usually all of them are selected.
        if len(members) < len(ids):
            pairs = zip(document_ids, ids, strict=True)
            document_ids = [document_id for document_id, pk in pairs if pk in members]
        if len(document_ids) >= MAX_RANKED or is_all:
            return _with_pending(document_ids, pending_hits, filter_ids)[:MAX_RANKED]
        limit *= 8


def _with_pending(
    document_ids: list[int], pending_hits: list[int], filter_ids: IdFilter
) -> list[int]:
    if not pending_hits:
        return document_ids
    members = filter_ids(list(map(claim_id_of, pending_hits)))
    hits = [document_id for document_id in pending_hits if claim_id_of(document_id) in members]
    return sorted([*document_ids, *hits], reverse=True)


def _pending(query: Query) -> tuple[list[int], set[int]]:
    """Return the document ids of queued claims that match `query`, and all queued claims' ids."""
    pending_ids = set(SearchPending.objects.values_list("claim_id", flat=True)[: DRAIN_BATCH + 1])
    if len(pending_ids) > DRAIN_BATCH:
        # Raw SQL has queued many claims: update them now, not again in every search.
        drain()
        pending_ids = set(SearchPending.objects.values_list("claim_id", flat=True))
    if not pending_ids or not query:
        return [], pending_ids
    pending_hits = [row.id for row in documents(pending_ids) if query.matches(row._asdict())]
    return pending_hits, pending_ids


def _weights(query: Query) -> Iterator[tuple[int, str, Term]]:
    """Yield a term, the column to look for it, and the score of a hit there."""
    for term in query.required:
        if term.is_phrase:
            yield from ((10, CLAIM_WORDS, term), (4, OTHER_WORDS, term))
            continue
        full, *stems = (Term((key,), is_prefix=term.is_prefix) for key in term.keys[:4])
        yield from ((6, CLAIM_WORDS, full), (4, CLAIM_STEMS, full), (2, OTHER_WORDS, full))
        for stem in stems:
            yield from ((2, CLAIM_WORDS, stem), (1, CLAIM_STEMS, stem))
    words = [term.keys[0] for term in query.required if not (term.is_phrase or term.is_prefix)]
    if len(words) > 1:
        yield 5, CLAIM_WORDS, Term(tuple(words), is_phrase=True)
