"""Track records of outlets: the statuses of the claims that they support."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import sqrt
from typing import NamedTuple

from factcheck.models import Status

# With fewer checked claims a share is not shown, because it would be meaningless.
MIN_CHECKED = 10
# Each status that a checked claim can have is in one of these three groups.
HELD = frozenset({Status.TRUE, Status.MOSTLY_TRUE})
FAILED = frozenset({Status.MOSTLY_FALSE, Status.MISLEADING, Status.FALSE})
NEITHER = frozenset({Status.MIXED, Status.DISPUTED, Status.UNVERIFIABLE})


class Interval(NamedTuple):
    """A share and the bounds of its confidence interval, each from 0 to 1."""

    share: float
    low: float
    high: float


def wilson(count: int, total: int, *, z: float = 1.959964) -> Interval:
    """Return a share with its 95 % confidence interval; ValueError without a total.

    This is Wilson's score interval (E. B. Wilson, JASA 22, 1927). Unlike the normal approximation
    it is right for small totals, and has a width if the count is zero or the total.
    """
    if not 0 <= count <= total or not total:
        raise ValueError(f"{count} of {total} is no share")
    share = count / total
    spread = z * sqrt(share * (1 - share) / total + z * z / (4 * total * total))
    scale = 1 + z * z / total
    middle = share + z * z / (2 * total)
    return Interval(share, max(0.0, (middle - spread) / scale), min(1.0, (middle + spread) / scale))


@dataclass(frozen=True)
class TrackRecord:
    """The numbers of published claims that an outlet supports, by status.

    It describes the claims that were checked here, not the outlet. `own` counts the claims that the
    outlet supports with its own reports, `sole` those of them that no other outlet supports, and
    `reprinted` the claims for which it only reprints another outlet.
    """

    own: Mapping[str, int]
    sole: Mapping[str, int]
    reprinted: Mapping[str, int]

    @property
    def total(self) -> int:
        return sum(self.own.values())

    @property
    def sole_total(self) -> int:
        return sum(self.sole.values())

    @property
    def reprinted_total(self) -> int:
        return sum(self.reprinted.values())

    @property
    def with_reprinted(self) -> int:
        """Return the number of all claims that the outlet supports."""
        return self.total + self.reprinted_total

    @property
    def checked(self) -> int:
        return checked_total(self.own)

    @property
    def held(self) -> int:
        """Return the number of claims found true or mostly true."""
        return sum(self.own.get(status, 0) for status in HELD)

    @property
    def failed(self) -> int:
        """Return the number of claims found mostly false, misleading or false."""
        return sum(self.own.get(status, 0) for status in FAILED)

    @property
    def has_shares(self) -> bool:
        return self.checked >= MIN_CHECKED

    @property
    def held_share(self) -> Interval | None:
        return wilson(self.held, self.checked) if self.has_shares else None

    @property
    def failed_share(self) -> Interval | None:
        return wilson(self.failed, self.checked) if self.has_shares else None


NO_TRACK_RECORD = TrackRecord({}, {}, {})


def checked_total(counts: Mapping[str, int]) -> int:
    """Return the number of claims with a status other than `unverified`."""
    return sum(counts.values()) - counts.get(Status.UNVERIFIED, 0)
