"""When each outlet was cited: the claims of a pair of outlet and stance, in the order of dates.

A filter by a citation's date must hold of the same citation as all other filters of citations, and
there are too many dates to keep a set for each. So each pair's claims are sorted by date, and a
range of dates is a slice of them. Claims that have changed since are read from the database.
"""

from array import array
from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import partial
from itertools import compress

from pyroaring import BitMap

from factcheck import sql

# An outlet's id and a stance.
Pair = tuple[int, str]
_ROWS = (
    "outlet_id, stance, claim_id, CAST(published_on AS text), CAST(date_end AS text)"
    " FROM factcheck_citation WHERE published_on IS NOT NULL"
)


@dataclass(frozen=True)
class CitationDays:
    """The dates of all citations in one state of the data, as ISO dates."""

    # All dates that occur, ascending.
    calendar: Sequence[str] = ()
    # For each pair: positions in the calendar, ascending, and the claim at each.
    single: Mapping[Pair, tuple["array[int]", "array[int]"]] = field(default_factory=dict)
    # Citations of several days: the first, the last, and the claim.
    spans: Mapping[Pair, Sequence[tuple[str, str, int]]] = field(default_factory=dict)
    # Claims that have changed since, so that the rest is out of date for them.
    stale: BitMap = field(default_factory=BitMap)

    def after(self, changed: BitMap, *, of: int) -> "CitationDays":
        """Return the days with `changed` claims marked stale.

        Everything is read again once more than a tenth of all claims (`of` of them) is stale.
        """
        stale = self.stale | changed
        return replace(self, stale=stale) if len(stale) <= max(1000, of // 10) else read_days()

    def pairs(self, first: date | None, last: date | None) -> dict[Pair, BitMap]:
        """Return the claims that cite an outlet with a stance, on a day of a range."""
        low, high = first.isoformat() if first else "", last.isoformat() if last else "~"
        first_position = bisect_left(self.calendar, low)
        end_position = bisect_right(self.calendar, high)
        citing: dict[Pair, BitMap] = {}
        for pair, (positions, claims) in self.single.items():
            start = bisect_left(positions, first_position)
            stop = bisect_left(positions, end_position)
            if start < stop:
                citing[pair] = BitMap(claims[start:stop]) - self.stale
        for pair, spans in self.spans.items():
            overlapping = BitMap(
                claim for begins, ends, claim in spans if low <= ends and begins <= high
            )
            citing[pair] = citing.get(pair, BitMap()) | (overlapping - self.stale)
        for outlet, stance, claim, begins, ends in self._read_stale():
            if low <= (ends or begins) and begins <= high:
                citing.setdefault((outlet, stance), BitMap()).add(claim)
        return citing

    def counts(self, outlet: int, claims: BitMap) -> dict[date, int]:
        """Return how many citations of an outlet some claims have, by their first day."""
        current, counts = claims - self.stale, Counter[str]()
        for pair, (positions, citing) in self.single.items():
            if pair[0] == outlet:
                counted = Counter(compress(positions, map(current.__contains__, citing)))
                counts.update({self.calendar[place]: count for place, count in counted.items()})
        for pair, spans in self.spans.items():
            if pair[0] == outlet:
                counts.update(start for start, _end, claim in spans if claim in current)
        for pk, _stance, claim, start, _end in self._read_stale():
            if pk == outlet and claim in claims:
                counts[start] += 1
        return {date.fromisoformat(day): count for day, count in counts.items()}

    def _read_stale(self) -> Iterable[tuple[int, str, int, str, str | None]]:
        return sql.rows(_ROWS, "claim_id", self.stale) if self.stale else ()


def read_days() -> CitationDays:
    """Read the dates of all citations. What is written meanwhile is stale in the next state."""
    spans: dict[Pair, list[tuple[str, str, int]]] = defaultdict(list)
    entries: dict[Pair, array[int]] = defaultdict(partial(array, "Q"))
    days = sql.rows(
        "CAST(day AS text) FROM (SELECT DISTINCT published_on AS day"
        " FROM factcheck_citation WHERE published_on IS NOT NULL) days ORDER BY day"
    )
    calendar = [day for (day,) in days]
    # A position and a claim in one number: sorting numbers is fast, and takes little memory.
    positions = {day: position << 32 for position, day in enumerate(calendar)}
    for outlet, stance, claim, start, end in sql.rows(_ROWS):
        if end is not None and end != start:
            spans[outlet, stance].append((start, end, claim))
        elif start in positions:
            entries[outlet, stance].append(positions[start] | claim)
    code = "H" if len(calendar) < 1 << 16 else "I"
    single = {}
    for pair, packed in entries.items():
        ascending = sorted(packed)
        single[pair] = (
            array(code, [entry >> 32 for entry in ascending]),
            array("I", [entry & 0xFFFFFFFF for entry in ascending]),
        )
    return CitationDays(calendar, single, dict(spans))
