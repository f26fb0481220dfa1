"""Which claims a selection shows, and how many each choice of the filter panel would show.

A facet honours every other filter and the search and ignores its own. Two engines give the same
exact answers: `bitmaps`, in milliseconds at any size, and `live`, one query of plain SQL, where
pyroaring is not installed, and as the oracle in tests.
"""

from collections.abc import Mapping
from datetime import date

from factcheck.facets import sql_engine
from factcheck.facets.selection import BASIS, FOUND, Choice, Found, OutletFacts, Selection
from factcheck.queries.independence import Record

try:
    from factcheck.facets import bitmap_engine
except ImportError:  # pragma: no cover - pyroaring has no wheel for this machine
    bitmap_engine = None  # type: ignore[assignment]

MOST_CHOICES = 20

__all__ = [
    "BASIS",
    "FOUND",
    "MOST_CHOICES",
    "Choice",
    "Found",
    "OutletFacts",
    "Selection",
    "cited",
    "days_of",
    "find",
    "forget",
    "of_outlet",
    "records",
]


def find(selection: Selection) -> Found:
    """Return what of the published claims `selection` shows, at the last committed write."""
    return bitmap_engine.find(selection) if bitmap_engine else sql_engine.find(selection)


def records() -> Mapping[int, Record]:
    """Return the track record of every outlet that supports a published claim, by its id."""
    return (bitmap_engine or sql_engine).records()


def cited() -> Mapping[int, int]:
    """Return how many published claims cite each outlet, by its id; those that any cites."""
    return (bitmap_engine or sql_engine).cited()


def of_outlet(outlet: int) -> OutletFacts:
    """Return what an outlet's own page counts, all of one state of the data."""
    return (bitmap_engine or sql_engine).of_outlet(outlet)


def days_of(outlet: int) -> Mapping[date, int]:
    """Return how many citations published claims have of an outlet, by each day that is known."""
    return (bitmap_engine or sql_engine).days_of(outlet)


def forget() -> None:
    """Drop what this process knows: for tests, which take writes back."""
    if bitmap_engine:
        bitmap_engine.forget()
