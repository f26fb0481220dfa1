"""Search: what a reader typed, matched against each claim's folded words.

Triggers queue every claim whose words may have changed; `drain` renews the documents. `matching`
reads the queued claims directly, so a hit is never stale and never missing, whoever wrote.
"""

from factcheck.search.indexing import AT_ONCE, drain, rebuild
from factcheck.search.matching import matching, with_score
from factcheck.search.words import words

__all__ = ["AT_ONCE", "drain", "matching", "rebuild", "with_score", "words"]
