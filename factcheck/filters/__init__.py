"""The filter sets of lists: each reads a list's query string, for pages, feeds and the API.

An invalid value is an error of its field and drops that filter only. Unknown parameters are
ignored.
"""

from factcheck.filters.base import SORT_LABELS, ListFilter
from factcheck.filters.by_name import ArticleFilter, ClaimantFilter, OwnerFilter, TopicFilter
from factcheck.filters.citations_and_verifications import CitationFilter, VerificationFilter
from factcheck.filters.claims import BASIS_LABELS, CLAIM_SORTS, ClaimFilter
from factcheck.filters.fields import Codes, Days, ManyField, Number, RowsField
from factcheck.filters.outlets import OutletFilter, RecordFilter
