"""Claims that say nearly the same as a statement: found by the index, judged by their words."""

from itertools import combinations
from typing import NamedTuple

from rapidfuzz import fuzz

from factcheck import sql
from factcheck.models import Claim
from factcheck.search.indexing import AT_ONCE, claim_of, drain
from factcheck.search.matching import engine
from factcheck.search.query import Query, Term
from factcheck.text.name_keys import name_key
from factcheck.wordkeys import keys, tokens

# Of a hundred: where one word of ten differs, or their order does.
_NEAR = 80
# Three of a statement's longest words stand in a claim that says nearly the same.
_WORDS, _TOGETHER, _EACH = 6, 3, 40


class Similar(NamedTuple):
    """A claim and how near it is, of a hundred."""

    claim: Claim
    score: float


def similar(text: str, *, besides: int = 0, most: int = 5) -> list[Similar]:
    """Return the claims that say nearly the same as `text`, the nearest first."""
    drain(most=AT_ONCE)
    claims = Claim.objects.filter(pk__in=_candidates(text)).exclude(pk=besides)
    said = name_key(text)
    found = [
        Similar(claim, fuzz.token_sort_ratio(said, name_key(claim.text), score_cutoff=_NEAR))
        for claim in claims
    ]
    return sorted((one for one in found if one.score), key=lambda one: -one.score)[:most]


def _candidates(text: str) -> set[int]:
    terms = {Term(keys(word).all) for word in tokens(text)}
    # The longer, the rarer.
    rare = sorted(terms, key=lambda term: (-len(term.keys[0]), term.keys))[:_WORDS]
    found: set[int] = set()
    if not rare:
        return found
    for some in combinations(rare, min(_TOGETHER, len(rare))):
        statement, params = engine().places(Query(some))
        found.update(map(claim_of, sql.numbers(f"{statement} LIMIT {_EACH}", params)))
    return found
