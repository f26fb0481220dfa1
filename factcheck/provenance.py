"""What a claim rests on: families of outlets, and how many of them are independent.

A family is the outlets of one owner; an outlet with no known owner is its own. A citation speaks
with the voice of the outlet that it reprints, where that is known. Only support counts. The
triggers compute the same in SQL (`triggers.derived`).
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from factcheck.models import Citation, Outlet, Stance


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
