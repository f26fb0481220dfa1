"""Which claims a selection shows, and how many each choice of the filter panel would show.

A facet honours every other filter and the search and ignores its own. Two engines give the same
exact answers: `bitmaps`, in milliseconds at any size, and `live`, one query of plain SQL, where
pyroaring is not installed, and as the oracle in tests.
"""

from collections.abc import Mapping

from factcheck.facets import live
from factcheck.facets.selection import BASIS, Choice, Found, Selection
from factcheck.provenance import Record

try:
    from factcheck.facets import bitmaps
except ImportError:  # pragma: no cover - pyroaring has no wheel for this machine
    bitmaps = None  # type: ignore[assignment]

MOST_CHOICES = 20

__all__ = [
    "BASIS",
    "MOST_CHOICES",
    "Choice",
    "Found",
    "Selection",
    "find",
    "forget",
    "record_by_year",
    "records",
    "reprints",
]


def find(selection: Selection) -> Found:
    """Return what of the published claims `selection` shows, at the last committed write."""
    return bitmaps.find(selection) if bitmaps else live.find(selection)


def records() -> Mapping[int, Record]:
    """Return the track record of every outlet that supports a published claim, by its id."""
    return (bitmaps or live).records()


def record_by_year(outlet: int) -> Mapping[int | None, Mapping[str, int]]:
    """Return, for each year of claims, how many that rest on an outlet have which status.

    Those for which it only repeats another are left out; None stands for claims without a day.
    """
    return (bitmaps or live).record_by_year(outlet)


def reprints(outlet: int) -> tuple[Mapping[int, int], Mapping[int, int]]:
    """Return for how many claims an outlet repeats which others, and which repeat it, by id."""
    return (bitmaps or live).reprints(outlet)


def forget() -> None:
    """Drop what this process knows: for tests, which take writes back."""
    if bitmaps:
        bitmaps.forget()
