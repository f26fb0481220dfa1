"""What each record changed, in words for readers."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from factcheck.models import Verification, VerificationKind
from factcheck.models.verdicts import StatusChange, status_changes_by_entry
from factcheck.public_record.contents import Difference, differences, merged_slugs

# Their reason says it all: what differs is the stage.
_BY_REASON = {
    VerificationKind.PUBLICATION,
    VerificationKind.RETRACTION,
    VerificationKind.RESTORATION,
}


@dataclass
class Recorded:
    """A record, what it made of the claim's status, and how the claim's content differs by it."""

    entry: Verification
    change: StatusChange
    differences: list[Difference] = field(default_factory=list)


def recorded(numbers: Iterable[int]) -> list[Recorded]:
    """Return the records of these numbers with what each changed, in the order of `numbers`.

    Records come with their claims, publishers and evidence: six queries, whatever their number.
    """
    wanted = list(numbers)
    rows = Verification.objects.for_page().filter(number__in=wanted).select_related("claim")
    entries = {entry.number: entry for entry in rows}
    changes = status_changes_by_entry(entries.values())
    found = {number: Recorded(entry, changes[entry.pk]) for number, entry in entries.items()}
    _tell_differences(found)
    return [found[number] for number in wanted if number in found]


def _tell_differences(found: dict[int, Recorded]) -> None:
    told = {n for n, one in found.items() if one.entry.kind not in {*_BY_REASON, "finding"}}
    claims = {found[number].entry.claim_id for number in told}
    if not claims:
        return
    merged = merged_slugs()
    contents = Verification.objects.filter(claim__in=claims, content__isnull=False)
    last: dict[int, Any] = {}
    rows: Any = contents.order_by("number").values_list("number", "claim_id", "content")
    for number, claim, content in rows:
        if number in told and claim in last:
            found[number].differences = differences(last[claim], content, merged)
        last[claim] = content
