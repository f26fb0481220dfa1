"""Which claims a selection shows, and how many each choice of the filter panel would show.

A facet honours every other filter and the search, and ignores its own. All counts are exact, in
milliseconds at any size: they are set operations on bitmaps that each process keeps in memory
(`bitmap_index`). The tests compare them with plain SQL (`tests/sql_facets.py`).
"""

from factcheck.facets.bitmap_engine import FacetResult, select
from factcheck.facets.declarations import CITATION_FACETS, CLAIM_FACETS, FACETS
from factcheck.facets.outlet_stats import (
    OutletStats,
    citation_days,
    claim_counts,
    outlet_stats,
    track_records,
)
from factcheck.facets.selection import BASIS, HAS_FACT_CHECK, Choice, Selection

# How many choices of a facet the panel shows.
MAX_CHOICES = 20
