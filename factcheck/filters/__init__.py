"""One FilterSet a list: what its query string may say. Pages and machines use the same one.

A bad value is an error of its field and drops that filter only; unknown parameters are ignored.
"""

from factcheck.filters.articles import ArticleFilter
from factcheck.filters.claims import BASIS_LABELS, CLAIM_SORTS, ClaimFilter
from factcheck.filters.conditions import ManyField, RowsField
from factcheck.filters.lists import SORT_LABELS, ListFilter
from factcheck.filters.outlets import OutletFilter, RecordFilter

__all__ = [
    "BASIS_LABELS",
    "CLAIM_SORTS",
    "SORT_LABELS",
    "ArticleFilter",
    "ClaimFilter",
    "ListFilter",
    "ManyField",
    "OutletFilter",
    "RecordFilter",
    "RowsField",
]
