"""One filter set for each list: it reads the list's query string, for pages, feeds and the API.

An invalid value is an error of its field and drops that filter only. Unknown parameters are
ignored.
"""

from factcheck.filters.claims import BASIS_LABELS, CLAIM_SORTS, ClaimFilter
from factcheck.filters.conditions import Codes, Days, ManyField, Number, RowsField
from factcheck.filters.lists import SORT_LABELS, ListFilter
from factcheck.filters.named import ArticleFilter, ClaimantFilter, OwnerFilter, TopicFilter
from factcheck.filters.outlets import OutletFilter, RecordFilter
from factcheck.filters.records import CitationFilter, VerificationFilter

__all__ = [
    "BASIS_LABELS",
    "CLAIM_SORTS",
    "SORT_LABELS",
    "ArticleFilter",
    "CitationFilter",
    "ClaimFilter",
    "ClaimantFilter",
    "Codes",
    "Days",
    "ListFilter",
    "ManyField",
    "Number",
    "OutletFilter",
    "OwnerFilter",
    "RecordFilter",
    "RowsField",
    "TopicFilter",
    "VerificationFilter",
]
