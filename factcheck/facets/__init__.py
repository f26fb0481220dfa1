"""Which claims a selection shows, and how many each choice of the filter panel would show.

A facet honours every other filter and the search and ignores its own. Two engines give the same
exact answers: `bitmaps`, in milliseconds at any size, and `live`, one query of plain SQL, where
pyroaring is not installed, and as the oracle in tests.
"""

from factcheck.facets import live
from factcheck.facets.selection import BASIS, Choice, Found, Selection

try:
    from factcheck.facets import bitmaps
except ImportError:  # pragma: no cover - pyroaring has no wheel for this machine
    bitmaps = None  # type: ignore[assignment]

MOST_CHOICES = 20

__all__ = ["BASIS", "MOST_CHOICES", "Choice", "Found", "Selection", "find", "forget"]


def find(selection: Selection) -> Found:
    """Return what of the published claims `selection` shows, at the last committed write."""
    return bitmaps.find(selection) if bitmaps else live.find(selection)


def forget() -> None:
    """Drop what this process knows: for tests, which take writes back."""
    if bitmaps:
        bitmaps.forget()
