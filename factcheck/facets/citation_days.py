"""When each outlet was cited: the claims of a pair of outlet and stance, in the order of the days.

What a reader asks of a citation's day must hold of the same citation as all else, and there are too
many days to keep sets of each. So each pair's claims stand in the order of their days, and a range
of days is a slice of them. Claims that have changed since are read from the database.
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
class Days:
    """The days of one state of the data, as ISO dates."""

    # All days there are, rising.
    calendar: Sequence[str] = ()
    # Of each pair, places in the calendar, rising, and beside each the claim.
    single: Mapping[Pair, tuple["array[int]", "array[int]"]] = field(default_factory=dict)
    # Citations of more than one day: the first, the last, and the claim.
    spans: Mapping[Pair, Sequence[tuple[str, str, int]]] = field(default_factory=dict)
    # Claims of which this is not known any more.
    stale: BitMap = field(default_factory=BitMap)

    def after(self, changed: BitMap, *, of: int) -> "Days":
        """Return the days of a later state; all are read anew when a tenth of the claims is stale.

        `of` is how many claims there are.
        """
        stale = self.stale | changed
        return replace(self, stale=stale) if len(stale) <= max(1000, of // 10) else read()

    def pairs(self, first: date | None, last: date | None) -> dict[Pair, BitMap]:
        """Return the claims that cite an outlet with a stance, on a day of a range."""
        low, high = first.isoformat() if first else "", last.isoformat() if last else "~"
        begin, end = bisect_left(self.calendar, low), bisect_right(self.calendar, high)
        found: dict[Pair, BitMap] = {}
        for pair, (places, claims) in self.single.items():
            start, stop = bisect_left(places, begin), bisect_left(places, end)
            if start < stop:
                found[pair] = BitMap(claims[start:stop]) - self.stale
        for pair, spans in self.spans.items():
            long = BitMap(claim for one, other, claim in spans if low <= other and one <= high)
            found[pair] = found.get(pair, BitMap()) | (long - self.stale)
        for outlet, stance, claim, one, other in self._read_stale():
            if low <= (other or one) and one <= high:
                found.setdefault((outlet, stance), BitMap()).add(claim)
        return found

    def of(self, outlet: int, claims: BitMap) -> dict[date, int]:
        """Return how many citations some claims have of an outlet, by their first days."""
        known, counts = claims - self.stale, Counter[str]()
        for pair, (places, cited) in self.single.items():
            if pair[0] == outlet:
                counted = Counter(compress(places, map(known.__contains__, cited)))
                counts.update({self.calendar[place]: count for place, count in counted.items()})
        for pair, spans in self.spans.items():
            if pair[0] == outlet:
                counts.update(one for one, _other, claim in spans if claim in known)
        for pk, _stance, claim, one, _other in self._read_stale():
            if pk == outlet and claim in claims:
                counts[one] += 1
        return {date.fromisoformat(day): count for day, count in counts.items()}

    def _read_stale(self) -> Iterable[tuple[int, str, int, str, str | None]]:
        return sql.rows(_ROWS, "claim_id", self.stale) if self.stale else ()


def read() -> Days:
    """Read the days of all citations. What comes meanwhile is stale by the next state."""
    spans: dict[Pair, list[tuple[str, str, int]]] = defaultdict(list)
    found: dict[Pair, array[int]] = defaultdict(partial(array, "Q"))
    days = sql.rows(
        "CAST(day AS text) FROM (SELECT DISTINCT published_on AS day"
        " FROM factcheck_citation WHERE published_on IS NOT NULL) days ORDER BY day"
    )
    calendar = [day for (day,) in days]
    places = {day: place << 32 for place, day in enumerate(calendar)}
    for outlet, stance, claim, one, other in sql.rows(_ROWS):
        if other is not None and other != one:
            spans[outlet, stance].append((one, other, claim))
        elif one in places:
            found[outlet, stance].append(places[one] | claim)
    code = "H" if len(calendar) < 1 << 16 else "I"
    single = {}
    for pair, entries in found.items():
        rising = sorted(entries)
        single[pair] = (
            array(code, [entry >> 32 for entry in rising]),
            array("I", [entry & 0xFFFFFFFF for entry in rising]),
        )
    return Days(calendar, single, dict(spans))
