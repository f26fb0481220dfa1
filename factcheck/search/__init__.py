"""Search: what a reader typed, matched against each claim's word keys, in any script.

Triggers queue every claim whose words may have changed; `drain` renews the documents. `matching`
reads the queued claims directly, so a hit is never stale and never missing, whoever wrote. Keys
are computed in Python alone and ASCII, so both engines find the same claims in the same order.
"""

from factcheck.search.indexing import (
    AT_ONCE,
    Words,
    claim_of,
    documents,
    drain,
    place,
    rebuild,
    store,
    words_of,
)
from factcheck.search.matching import (
    MOST_RANKED,
    install,
    matching,
    matching_ids,
    ranking,
    triggers,
)
from factcheck.search.query import Query, parse
from factcheck.search.similar import Similar, similar
from factcheck.search.snippets import has_mark, marked
from factcheck.search.suggesting import suggest

__all__ = [
    "AT_ONCE",
    "MOST_RANKED",
    "Query",
    "Similar",
    "Words",
    "claim_of",
    "documents",
    "drain",
    "has_mark",
    "install",
    "marked",
    "matching",
    "matching_ids",
    "parse",
    "place",
    "ranking",
    "rebuild",
    "similar",
    "store",
    "suggest",
    "triggers",
    "words_of",
]
