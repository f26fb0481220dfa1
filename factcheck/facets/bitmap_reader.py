"""Reads the bitmap index from the database: for each value, the set of published claims with it.

A set's key is a tuple: `(facet, value)` for a facet of claims, and

- `("published",)`: all published claims;
- `("found", True)`: those with a fact-check;
- `("independent", n)`: those with `n` independent sources;
- `("month", "2021-08")`: those of a month;
- `("uncited",)`, `("undated",)`, `("single_outlet",)`: see `selection.BASIS`;
- `("pair", outlet, stance)`: those that cite an outlet with a stance;
- `("voice", outlet)`: those that an outlet supports with its own report;
- `("repeat", outlet, source)`: those for which it reprints another one (None: not known which).

A change of these keys needs a new `persistence.FORMAT`.
"""

from array import array
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import Any

from pyroaring import BitMap

from factcheck.db import bulk_sql
from factcheck.facets.declarations import CLAIM_FACETS, FACETS
from factcheck.models import Role, Stance, Status

Key = tuple[Any, ...]
Sets = Mapping[Key, BitMap]
# Returns the ids read so far for a key.
_Ids = Callable[[Key], "array[int]"]
NOTHING = BitMap()

_COLUMNS = {name: FACETS[name].column for name in CLAIM_FACETS if FACETS[name].column}
_CLAIMS = (
    "id, claimed_on, independent_count, citation_count,"
    f" {', '.join(_COLUMNS.values())} FROM factcheck_claim WHERE stage = 'published'"
)
_RATED = "DISTINCT claim_id FROM factcheck_verification WHERE kind = 'finding' AND label <> ''"
_TOPICS = "topic_id, claim_id FROM factcheck_claim_topics"
_CITATIONS = (
    "outlet_id, stance, claim_id, published_on IS NOT NULL, role, reprint_of_id"
    " FROM factcheck_citation"
)


def read_sets(ids: BitMap | None) -> dict[Key, BitMap]:
    """Read the sets of all published claims (None), or of some claims only."""
    read: dict[Key, array[int]] = defaultdict(partial(array, "I"))
    ids_of = read.__getitem__
    _read_claims(ids, ids_of)
    for (claim,) in bulk_sql.select(_RATED, "claim_id", ids):
        ids_of(("found", True)).append(claim)
    for topic, claim in bulk_sql.select(_TOPICS, "claim_id", ids):
        ids_of(("topic", topic)).append(claim)
    _read_citations(ids, ids_of)
    published = BitMap(read.pop(("published",), ()))
    sets = {key: BitMap(members) & published for key, members in read.items()}
    sets["published",] = published
    sets |= _derived_sets(sets)
    return {key: members for key, members in sets.items() if members}


def union(sets: Sequence[BitMap]) -> BitMap:
    return BitMap.union(*sets) if len(sets) > 1 else sets[0] if sets else NOTHING


def _read_claims(ids: BitMap | None, ids_of: _Ids) -> None:
    names = tuple(_COLUMNS)
    for claim, day, independent, citations, *values in bulk_sql.select(_CLAIMS, "id", ids):
        ids_of(("published",)).append(claim)
        ids_of(("independent", independent)).append(claim)
        for key in zip(names, values, strict=True):
            if key[1]:
                ids_of(key).append(claim)
        if day:
            ids_of(("month", str(day)[:7])).append(claim)
        if not citations:
            ids_of(("uncited",)).append(claim)


def _read_citations(ids: BitMap | None, ids_of: _Ids) -> None:
    for outlet, stance, claim, has_date, role, source in bulk_sql.select(
        _CITATIONS, "claim_id", ids
    ):
        ids_of(("pair", outlet, stance)).append(claim)
        if stance == Stance.SUPPORTS:
            is_reprint = source or role == Role.REPRINT
            key = ("repeat", outlet, source) if is_reprint else ("voice", outlet)
            ids_of(key).append(claim)
        if not has_date:
            ids_of(("undated",)).append(claim)


def _derived_sets(sets: Sets) -> dict[Key, BitMap]:
    """Return the sets that follow from others, and one object for two sets that are the same."""
    years: dict[str, list[BitMap]] = defaultdict(list)
    rated = [sets.get(("found", True), NOTHING)]
    supported: list[BitMap] = []
    derived: dict[Key, BitMap] = {}
    for (kind, *values), members in sets.items():
        if kind == "month":
            years[values[0][:4]].append(members)
        elif kind == "status" and values[0] != Status.UNVERIFIED:
            rated.append(members)
        elif kind == "pair" and values[1] == Stance.SUPPORTS:
            supported.append(members)
        elif kind == "voice" and members == sets["pair", values[0], Stance.SUPPORTS]:
            # An outlet that never reprints another has one set for both.
            derived[kind, values[0]] = sets["pair", values[0], Stance.SUPPORTS]
    derived |= {("year", year): union(months) for year, months in years.items()}
    derived["found", True] = union(rated)
    derived["single_outlet",] = _in_exactly_one(supported)
    return derived


def _in_exactly_one(sets: Iterable[BitMap]) -> BitMap:
    """Return the members of exactly one of the sets."""
    in_any, in_several = BitMap(), BitMap()
    for members in sets:
        in_several |= in_any & members
        in_any |= members
    return in_any - in_several
