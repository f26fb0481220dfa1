"""The changes that each record of the log made."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from factcheck.models import Verification, VerificationKind
from factcheck.models.status_rule import StatusChange, status_changes_by_entry
from factcheck.public_record.contents import merged_slugs
from factcheck.public_record.differences import Difference, differences

# The reason tells everything about these, because only the stage differs.
_STAGE_CHANGES = {
    VerificationKind.PUBLICATION,
    VerificationKind.RETRACTION,
    VerificationKind.RESTORATION,
}


@dataclass
class Recorded:
    """A record of the log, with the changes of the claim's status and content by it."""

    entry: Verification
    change: StatusChange
    differences: list[Difference] = field(default_factory=list)


def recorded(numbers: Iterable[int]) -> list[Recorded]:
    """Return the records with these numbers and their changes, in the order of `numbers`.

    Records come with their claims, publishers and evidence. It takes six queries.
    """
    requested = list(numbers)
    rows = Verification.objects.for_page().filter(number__in=requested).select_related("claim")
    entries = {entry.number: entry for entry in rows}
    changes = status_changes_by_entry(entries.values())
    records = {number: Recorded(entry, changes[entry.pk]) for number, entry in entries.items()}
    _set_differences(records)
    return [records[number] for number in requested if number in records]


def _set_differences(records: dict[int, Recorded]) -> None:
    """Compare the content of each record with the content of the claim's record before it."""
    without = {*_STAGE_CHANGES, VerificationKind.FINDING}
    compared = {n for n, record in records.items() if record.entry.kind not in without}
    claims = {records[number].entry.claim_id for number in compared}
    if not claims:
        return
    merged = merged_slugs()
    contents = Verification.objects.filter(claim__in=claims, content__isnull=False)
    last: dict[int, Any] = {}
    rows: Any = contents.order_by("number").values_list("number", "claim_id", "content")
    for number, claim, content in rows:
        if number in compared and claim in last:
            records[number].differences = differences(last[claim], content, merged)
        last[claim] = content
