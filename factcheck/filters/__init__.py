"""One FilterSet a list: what its query string may say. Pages and machines use the same one.

A bad value is an error of its field and drops that filter only; unknown parameters are ignored.
"""

from factcheck.filters.base import SORT_LABELS, ListFilter
from factcheck.filters.claims import BASIS_LABELS, CLAIM_SORTS, ClaimFilter
from factcheck.filters.fields import Codes, ManyField, RowsField
from factcheck.filters.outlets import OutletFilter, RecordFilter
from factcheck.filters.records import CitationFilter, VerificationFilter
from factcheck.filters.simple import ArticleFilter, ClaimantFilter, OwnerFilter, TopicFilter

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
