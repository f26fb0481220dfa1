"""Two ways of doing one thing, measured in turns."""

import gc
import time
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median


@dataclass
class Line:
    """One row of the table: ours and theirs in seconds, and how many times faster ours is."""

    name: str
    ours: float
    theirs: float
    low: float
    high: float
    target: str = ""

    @property
    def ratio(self) -> float:
        return self.theirs / self.ours

    def __str__(self) -> str:
        return (
            f"{self.name:58} {shown(self.ours):>9} {shown(self.theirs):>9}"
            f" {self.ratio:>8.1f} ×  ({self.low:.1f} to {self.high:.1f})  {self.target}"
        )


HEAD = f"{'':58} {'ours':>9} {'theirs':>9} {'ratio':>10}  (of each pair)  asked"


def shown(seconds: float) -> str:
    if seconds < 0.1:
        return f"{1000 * seconds:.2f} ms"
    return f"{seconds:.2f} s"


def compare(
    name: str,
    ours: Callable[[], object],
    theirs: Callable[[], object],
    *,
    runs: int = 7,
    target: str = "",
    warm: bool = True,
) -> Line:
    """Run both in turns; their medians, and the least and greatest ratio of a pair."""
    if warm:
        ours()
        theirs()
    pairs = [(timed(ours), timed(theirs)) for _ in range(runs)]
    ratios = [theirs / ours for ours, theirs in pairs]
    mine, other = (median(pair[side] for pair in pairs) for side in (0, 1))
    return Line(name, mine, other, min(ratios), max(ratios), target)


def timed(run: Callable[[], object]) -> float:
    gc.collect()
    # What the other way freed, the allocator puts in order at the next large block: 5 ms after a
    # sort of 100,000 rows, which would be counted as ours.
    bytearray(1 << 16)
    begun = time.perf_counter()
    run()
    return time.perf_counter() - begun
