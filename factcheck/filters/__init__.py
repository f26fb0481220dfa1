"""One FilterSet a list: what its query string may say. Pages and machines use the same one.

A bad value is an error of its field and drops that filter only; unknown parameters are ignored.
"""

from factcheck.filters.claims import BASIS_LABELS, CLAIM_SORTS, ClaimFilter
from factcheck.filters.conditions import Codes, ManyField, RowsField
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
    "ListFilter",
    "ManyField",
    "OutletFilter",
    "OwnerFilter",
    "RecordFilter",
    "RowsField",
    "TopicFilter",
    "VerificationFilter",
]
