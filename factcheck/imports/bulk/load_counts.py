"""Counts what a load of fixtures has done so far."""

from collections import Counter
from dataclasses import dataclass, field


@dataclass
class LoadCounts:
    """Numbers of rows by the name of their model, and of chunks."""

    new: Counter[str] = field(default_factory=Counter)
    updated: Counter[str] = field(default_factory=Counter)
    unchanged: Counter[str] = field(default_factory=Counter)
    excluded: Counter[str] = field(default_factory=Counter)
    chunks: int = 0
    # Objects that an interrupted load has already written.
    skipped: int = 0

    @property
    def total(self) -> int:
        return sum(counts.total() for counts in (self.new, self.updated, self.unchanged))
