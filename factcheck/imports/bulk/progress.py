"""What a load of fixtures has done so far."""

from collections import Counter
from dataclasses import dataclass, field


@dataclass
class Loaded:
    """How many rows of each model a load has written or left, and in how many chunks."""

    new: Counter[str] = field(default_factory=Counter)
    updated: Counter[str] = field(default_factory=Counter)
    unchanged: Counter[str] = field(default_factory=Counter)
    left_out: Counter[str] = field(default_factory=Counter)
    chunks: int = 0
    # Objects that an earlier, interrupted load has written already.
    skipped: int = 0

    @property
    def total(self) -> int:
        return sum(counts.total() for counts in (self.new, self.updated, self.unchanged))
