"""The claims in which what was typed stands, and which of them stand for it best.

One formula ranks on both engines: how near a term is to what was typed, and where it stands. Only
the newest hits are ranked, so that a word of half the claims costs no more than a rare one.
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
from factcheck.search.indexing import AT_ONCE, claim_of, documents, drain
from factcheck.search.query import CLAIM_STEMS, CLAIM_WORDS, OTHER_WORDS, Query, Term

MOST_RANKED = 5_000


class Members(Protocol):
    """A set or a bitmap of claims' ids."""

    def __contains__(self, pk: int, /) -> bool: ...

    def __len__(self) -> int: ...


Chosen = Callable[[list[int]], Members]
_ENGINES: dict[str, Any] = {"sqlite": sqlite, "postgresql": postgresql}


def install(using: str = DEFAULT_DB_ALIAS) -> None:
    """Create what the engine searches with; repeatable. Nothing before the tables are there."""
    there = connections[using]
    if "factcheck_searchdocument" in there.introspection.table_names():
        with there.cursor() as cursor:
            _ENGINES[there.vendor].install(cursor)


def triggers(using: str = DEFAULT_DB_ALIAS) -> dict[str, str]:
    """Return the statements that create the index's triggers, by their names."""
    created: dict[str, str] = _ENGINES[connections[using].vendor].triggers()
    return created


def matching(query: Query) -> Q:
    """Return the condition that a claim holds all of `query`; an empty one for no term.

    It is read once and composes with any other condition, before and after.
    """
    if not query:
        return Q()
    found = Q()
    for part in query.parts():
        hit = Q(pk__in=RawSQL(*engine().hits(part)))
        found &= hit if query.wanted else ~hit
    fresh, stale = _waiting(query)
    return Q(pk__in=list(map(claim_of, fresh))) | found & ~Q(pk__in=stale) if stale else found


def matching_ids(query: Query) -> set[int]:
    """Return the ids of all claims that hold `query`; where nothing is wanted, of all others."""
    # The queue before the index: what is drained in between is read from the queue.
    fresh, stale = _waiting(query)
    found: set[int] = set()
    for part in query.parts():
        found.update(bulk_sql.fetch_ids(*engine().hits(part)))
    if stale:
        holding = set(map(claim_of, fresh))
        found = found - stale | (holding if query.wanted else stale - holding)
    return found


def ranking(query: Query, chosen: Chosen) -> list[tuple[int, int]]:
    """Return score and place of the newest chosen hits, the best first.

    `chosen` returns which of some claims, by id, were chosen: asked of thousands at once. A queued
    claim is found by its newest words, but ranked by those of its last document.
    """
    places = _newest(query, chosen)
    if not places:
        return []
    scores = dict.fromkeys(places, 0)
    engine().add_scores(scores, list(_worth(query)))
    # Places fall already, and a sort keeps the order of equals.
    ranked = sorted(scores.items(), key=itemgetter(1), reverse=True)
    return [(score, place) for place, score in ranked]


def engine() -> Any:
    """Return the module that speaks this database's SQL."""
    return _ENGINES[connection.vendor]


def _newest(query: Query, chosen: Chosen) -> list[int]:
    if not query.wanted:
        return []
    fresh, stale = _waiting(query)
    statement, params = engine().places(query)
    wanted, asked = MOST_RANKED, MOST_RANKED + 200
    while True:
        places = bulk_sql.fetch_ids(f"{statement} LIMIT {asked}", params)
        is_all = len(places) < asked
        ids = [place & CLAIM_MASK for place in places]
        if stale:
            ids = [0 if pk in stale else pk for pk in ids]
        those = chosen(ids)
        # Mostly all of them are.
        if len(those) < len(ids):
            places = [place for place, pk in zip(places, ids, strict=True) if pk in those]
        if len(places) >= wanted or is_all:
            if fresh:
                there = chosen(list(map(claim_of, fresh)))
                places += [place for place in fresh if claim_of(place) in there]
                places.sort(reverse=True)
            return places[:wanted]
        asked *= 8


def _waiting(query: Query) -> tuple[list[int], set[int]]:
    """Return the places of the queued claims that hold `query` now, and the ids of all queued."""
    stale = set(SearchPending.objects.values_list("claim_id", flat=True)[: AT_ONCE + 1])
    if len(stale) > AT_ONCE:
        # Raw SQL over many rows: read once here, not again by every search to come.
        drain()
        stale = set(SearchPending.objects.values_list("claim_id", flat=True))
    if not stale or not query:
        return [], stale
    fresh = [row.id for row in documents(stale) if query.fits(row._asdict())]
    return fresh, stale


def _worth(query: Query) -> Iterator[tuple[int, str, Term]]:
    """Yield how much it is worth to find which term in which column."""
    for term in query.wanted:
        if term.is_phrase:
            yield from ((10, CLAIM_WORDS, term), (4, OTHER_WORDS, term))
            continue
        full, *stems = (Term((key,), is_prefix=term.is_prefix) for key in term.keys[:4])
        yield from ((6, CLAIM_WORDS, full), (4, CLAIM_STEMS, full), (2, OTHER_WORDS, full))
        for stem in stems:
            yield from ((2, CLAIM_WORDS, stem), (1, CLAIM_STEMS, stem))
    words = [term.keys[0] for term in query.wanted if not (term.is_phrase or term.is_prefix)]
    if len(words) > 1:
        yield 5, CLAIM_WORDS, Term(tuple(words), is_phrase=True)
