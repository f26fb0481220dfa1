"""Full-text search: a query is matched against the word keys of claims, in any script.

Triggers queue every claim whose words may have changed; `drain` updates the search documents. A
search reads the queued claims directly, so its hits are never stale or missing. Keys are ASCII and
computed in Python, so both databases find the same claims in the same order.
"""

from factcheck.search.did_you_mean import suggest
from factcheck.search.indexing import (
    DRAIN_BATCH,
    claim_id_of,
    document_id,
    documents,
    drain,
    rebuild,
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
from factcheck.search.similar import similar
from factcheck.search.snippets import has_mark, marked
