"""Counts independent sources, and explains the count.

This docstring defines the rule:

1. Only citations with the stance `supports` count. Disputes and mentions do not.
2. A citation counts with its source. That is the outlet which it reprints, where that is known,
   and otherwise the cited outlet. The role of the citation plays no part.
3. Sources with the same owner are one owner group. A source without a known owner is a group of its
   own.
4. The number of independent sources is the number of these groups.
5. A claimant's own outlet counts like any other. Pages show it separately, because it proves that
   the claim was made, not that it is true.
6. Outlets count with their present owner. A merged outlet has no citations: merging moves
   them, and a trigger refuses new ones.

These places implement rules 1 to 4; `tests/queries/test_independence.py` compares them all:

- `triggers.declarations.INDEPENDENT_COUNT`: SQL of triggers, the bulk loader and `check_data`.
  Its result is stored in `Claim.independent_count`, which everything else reads: lists, filters,
  facets, exports, and the counts in the public record.
- `owner_groups` in this module, with `Citation.source` and `Outlet.owner_group_key`, for a claim's
  page and for its state on an earlier date.
- `editing.effects`, SQL that counts as if outlets had other owners or were merged.
- `RowMaker` of the import of fact-checks, for claims whose outlets have no owners.
- `tests/oracle.py`.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from factcheck.models import Citation, Outlet, Stance


@dataclass
class OwnerGroup:
    """The citations of a claim whose sources have the same owner."""

    key: str
    name: str
    has_known_owner: bool
    citations: list[Citation] = field(default_factory=list)

    @property
    def outlets(self) -> list[Outlet]:
        """Return the cited outlets without repetition, in the order of the citations."""
        return list({citation.outlet_id: citation.outlet for citation in self.citations}.values())

    @property
    def is_state_controlled(self) -> bool:
        return any(citation.source.is_state_controlled for citation in self.citations)

    @property
    def claimants_own(self) -> list[Citation]:
        """Return the citations of the claimant's own outlets."""
        return [citation for citation in self.citations if citation.is_claimants_own]


def owner_groups(
    citations: Iterable[Citation], *, stance: str = Stance.SUPPORTS
) -> list[OwnerGroup]:
    """Return the owner groups of the citations with this stance, those with most outlets first."""
    groups: dict[str, OwnerGroup] = {}
    for citation in citations:
        if citation.stance == stance:
            source = citation.source
            key = source.owner_group_key
            if key not in groups:
                groups[key] = OwnerGroup(key, source.owner_group_name, source.owner_id is not None)
            groups[key].citations.append(citation)
    return sorted(groups.values(), key=lambda group: -len(group.outlets))


def explain_count(groups: Sequence[OwnerGroup]) -> Iterator[str]:
    """Yield sentences that explain why these owner groups count as they do."""
    for group in groups:
        sources = list(dict.fromkeys(citation.source.name for citation in group.citations))
        if group.has_known_owner and len(sources) > 1:
            yield _("%(outlets)s count once: their owner is %(owner)s.") % {
                "outlets": get_text_list(sources, _("and")),
                "owner": group.name,
            }
        reprints = {
            (citation.outlet.name, citation.reprint_of.name)
            for citation in group.citations
            if citation.reprint_of is not None
        }
        for outlet, source in sorted(reprints):
            yield _("%(outlet)s counts with %(source)s, which it reprints.") % {
                "outlet": outlet,
                "source": source,
            }
        if names := {citation.source.name for citation in group.claimants_own}:
            yield ngettext(
                "%(outlets)s speaks for the claimant: that shows that it was said, not that it"
                " is so.",
                "%(outlets)s speak for the claimant: that shows that it was said, not that it"
                " is so.",
                len(names),
            ) % {"outlets": get_text_list(sorted(names), _("and"))}
    without_owner = [group.name for group in groups if not group.has_known_owner]
    if without_owner and len(groups) > 1:
        yield ngettext(
            "The owner of %(outlets)s is not known: it counts on its own.",
            "The owners of %(outlets)s are not known: each counts on its own.",
            len(without_owner),
        ) % {"outlets": get_text_list(without_owner, _("and"))}
