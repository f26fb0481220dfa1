"""Full-text search: a query is matched against the word keys of claims, in any script.

Triggers queue every claim whose words may have changed; `drain` updates the search documents. A
search reads the queued claims directly, so its hits are never stale or missing. Keys are ASCII and
computed in Python, so both databases find the same claims in the same order.
"""

from factcheck.search.indexing import (
    DRAIN_BATCH,
    Words,
    claim_id_of,
    document_id,
    documents,
    drain,
    rebuild,
    search_words,
    store,
)
from factcheck.search.matching import (
    MAX_RANKED,
    install,
    ranking,
    search_ids,
    search_q,
    triggers,
)
from factcheck.search.query import Query, parse
from factcheck.search.similar import Similar, similar
from factcheck.search.snippets import has_mark, marked
from factcheck.search.suggesting import suggest

__all__ = [
    "DRAIN_BATCH",
    "MAX_RANKED",
    "Query",
    "Similar",
    "Words",
    "claim_id_of",
    "document_id",
    "documents",
    "drain",
    "has_mark",
    "install",
    "marked",
    "parse",
    "ranking",
    "rebuild",
    "search_ids",
    "search_q",
    "search_words",
    "similar",
    "store",
    "suggest",
    "triggers",
]
