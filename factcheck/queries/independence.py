"""What a claim rests on: families of outlets, and how many of them are independent.

A family is the outlets of one owner; an outlet with no known owner is its own. A citation speaks
with the voice of the outlet that it reprints, where that is known. Only support counts. A
claimant's own outlet counts in its family, but is shown apart: it proves that something was said,
not that it is so. The triggers compute the same in SQL (`triggers.derived`).
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from math import sqrt
from typing import NamedTuple

from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from factcheck.models import Citation, Outlet, Stance, Status


@dataclass
class Family:
    """The outlets of one owner, and the citations that speak with its voice."""

    key: str
    name: str
    has_known_owner: bool
    citations: list[Citation] = field(default_factory=list)

    @property
    def outlets(self) -> list[Outlet]:
        """Return its outlets that are cited, each once, in the order of the citations."""
        return list({citation.outlet_id: citation.outlet for citation in self.citations}.values())

    @property
    def is_state_controlled(self) -> bool:
        return any(citation.source.is_state_controlled for citation in self.citations)

    @property
    def own_words(self) -> list[Citation]:
        """Return what the claimant's own outlet says."""
        return [citation for citation in self.citations if citation.is_claimants_own]

    @property
    def reports(self) -> list[Citation]:
        return [citation for citation in self.citations if not citation.is_claimants_own]


def families(citations: Iterable[Citation], *, stance: str = Stance.SUPPORTS) -> list[Family]:
    """Return the families behind the citations of one stance, the most cited first."""
    found: dict[str, Family] = {}
    for citation in citations:
        if citation.stance == stance:
            source = citation.source
            family = found.setdefault(
                source.family_key,
                Family(source.family_key, source.family_name, source.owner_id is not None),
            )
            family.citations.append(citation)
    return sorted(found.values(), key=lambda family: -len(family.outlets))


def independent_count(citations: Iterable[Citation]) -> int:
    """Return the number of families that support one claim."""
    return len(families(citations))


def reasons(found: Sequence[Family]) -> Iterator[str]:
    """Yield, a sentence each, why the outlets of these families count as they do."""
    for family in found:
        own = list(dict.fromkeys(citation.source.name for citation in family.citations))
        if family.has_known_owner and len(own) > 1:
            yield _("%(outlets)s count once: their owner is %(owner)s.") % {
                "outlets": get_text_list(own, _("and")),
                "owner": family.name,
            }
        reprints = {
            (citation.outlet.name, citation.reprint_of.name)
            for citation in family.citations
            if citation.reprint_of is not None
        }
        for outlet, source in sorted(reprints):
            yield _("%(outlet)s counts with %(source)s, which it reprints.") % {
                "outlet": outlet,
                "source": source,
            }
        if said := {citation.source.name for citation in family.own_words}:
            yield ngettext(
                "%(outlets)s speaks for the claimant: that shows that it was said, not that it"
                " is so.",
                "%(outlets)s speak for the claimant: that shows that it was said, not that it"
                " is so.",
                len(said),
            ) % {"outlets": get_text_list(sorted(said), _("and"))}
    alone = [family.name for family in found if not family.has_known_owner]
    if alone and len(found) > 1:
        yield ngettext(
            "The owner of %(outlets)s is not known: it counts on its own.",
            "The owners of %(outlets)s are not known: each counts on its own.",
            len(alone),
        ) % {"outlets": get_text_list(alone, _("and"))}


class Interval(NamedTuple):
    """A share and the bounds within which it lies, each from 0 to 1."""

    share: float
    low: float
    high: float


def wilson(count: int, total: int, *, z: float = 1.959964) -> Interval:
    """Return a share with its 95 % interval; ValueError without a total.

    Wilson's score interval (E. B. Wilson, JASA 22, 1927): right for small totals and for none or
    all, where the usual one has no width.
    """
    if not 0 <= count <= total or not total:
        raise ValueError(f"{count} of {total} is no share")
    share = count / total
    spread = z * sqrt(share * (1 - share) / total + z * z / (4 * total * total))
    scale = 1 + z * z / total
    middle = share + z * z / (2 * total)
    return Interval(share, max(0.0, (middle - spread) / scale), min(1.0, (middle + spread) / scale))


# Under so many decided claims no share says anything.
LEAST_DECIDED = 10
_HELD = (Status.TRUE, Status.MOSTLY_TRUE)
_FAILED = (Status.MOSTLY_FALSE, Status.MISLEADING, Status.FALSE)


@dataclass(frozen=True)
class Record:
    """What became of the published claims that an outlet supports: how many have which status.

    It describes what was checked here, not the outlet. `voice` are those for which it speaks for
    itself, `alone` those of them that no other outlet supports, `repeats` those for which it only
    reprints another.
    """

    voice: Mapping[str, int]
    alone: Mapping[str, int]
    repeats: Mapping[str, int]

    @property
    def total(self) -> int:
        return sum(self.voice.values())

    @property
    def alone_total(self) -> int:
        return sum(self.alone.values())

    @property
    def repeats_total(self) -> int:
        return sum(self.repeats.values())

    @property
    def with_repeats(self) -> int:
        """Return how many it supports in all, as a list by the outlet shows them."""
        return self.total + self.repeats_total

    @property
    def decided(self) -> int:
        return decided(self.voice)

    @property
    def held(self) -> int:
        """Return how many were found true or mostly true."""
        return sum(self.voice.get(status, 0) for status in _HELD)

    @property
    def failed(self) -> int:
        """Return how many were found mostly false, misleading or false."""
        return sum(self.voice.get(status, 0) for status in _FAILED)

    @property
    def is_enough(self) -> bool:
        return self.decided >= LEAST_DECIDED

    @property
    def held_share(self) -> "Interval | None":
        return wilson(self.held, self.decided) if self.is_enough else None

    @property
    def failed_share(self) -> "Interval | None":
        return wilson(self.failed, self.decided) if self.is_enough else None


NO_RECORD = Record({}, {}, {})


def decided(counts: Mapping[str, int]) -> int:
    """Return how many claims have a status other than `unverified`."""
    return sum(counts.values()) - counts.get(Status.UNVERIFIED, 0)
