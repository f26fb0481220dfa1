"""Similar claims: candidates from the index, compared by their words."""

from itertools import combinations
from typing import NamedTuple

from rapidfuzz import fuzz

from factcheck.db import bulk_sql
from factcheck.models import Claim
from factcheck.search.indexing import DRAIN_BATCH, claim_id_of, drain
from factcheck.search.matching import engine
from factcheck.search.query import Query, Term
from factcheck.text.name_keys import name_key
from factcheck.text.search_keys import keys, tokens

# Percent: where one word of ten differs, or their order does.
_MIN_SIMILARITY = 80
# A similar claim holds three of the six longest words. Of each three, so many claims are compared.
_LONGEST_WORDS, _COMBINED_WORDS, _MAX_CANDIDATES = 6, 3, 40


class Similar(NamedTuple):
    """A claim and its similarity in percent."""

    claim: Claim
    score: float


def similar(text: str, *, besides: int = 0, most: int = 5) -> list[Similar]:
    """Return the claims that say nearly the same as `text`, the most similar first."""
    drain(most=DRAIN_BATCH)
    claims = Claim.objects.filter(pk__in=_candidates(text)).exclude(pk=besides)
    key = name_key(text)
    scored = []
    for claim in claims:
        other_key = name_key(claim.text)
        score = fuzz.token_sort_ratio(key, other_key, score_cutoff=_MIN_SIMILARITY)
        scored.append(Similar(claim, score))
    matches = (match for match in scored if match.score)
    return sorted(matches, key=lambda match: -match.score)[:most]


def _candidates(text: str) -> set[int]:
    terms = {Term(keys(word).all) for word in tokens(text)}
    # The longer, the rarer.
    rare = sorted(terms, key=lambda term: (-len(term.keys[0]), term.keys))[:_LONGEST_WORDS]
    candidates: set[int] = set()
    if not rare:
        return candidates
    for some in combinations(rare, min(_COMBINED_WORDS, len(rare))):
        statement, params = engine().newest(Query(some))
        candidates.update(
            map(claim_id_of, bulk_sql.fetch_ids(f"{statement} LIMIT {_MAX_CANDIDATES}", params))
        )
    return candidates
