"""Which findings decide a claim's status, and how each log entry changed it.

The rule, which `triggers.declarations` also has in SQL:

1. If the newsroom has findings, the one with the largest number decides. Its date plays no part, so
   a clock that ran ahead decides nothing.
2. Otherwise the latest finding of each publisher, by (reviewed_on, number), decides. A merged
   publisher is read as the one that it was merged into.
3. If the deciding findings have one status, the claim has it; if they differ, it is disputed.
4. Without findings the claim is unverified.
"""

from collections.abc import Iterable
from datetime import date
from itertools import groupby
from typing import NamedTuple

from factcheck.models.statuses import Status
from factcheck.models.verifications import Verification, VerificationKind


class StatusChange(NamedTuple):
    """A log entry, and the claim's status before and after it."""

    entry: Verification
    before: str
    after: str

    @property
    def before_label(self) -> str:
        return str(Status(self.before).label)

    @property
    def after_label(self) -> str:
        return str(Status(self.after).label)


def deciding_findings(log: Iterable[Verification]) -> list[Verification]:
    """Return the findings that decide: the newsroom's latest, or each publisher's latest."""
    latest: dict[int | None, Verification] = {}
    for entry in sorted(log, key=_rank):
        if entry.kind == VerificationKind.FINDING:
            publisher = entry.canonical_publisher
            latest[publisher and publisher.pk] = entry
    return [latest[None]] if None in latest else list(latest.values())


def _rank(entry: Verification) -> tuple[date, int]:
    return (entry.reviewed_on if entry.publisher_id else date.min), entry.number


def current_status(log: Iterable[Verification]) -> str:
    """Return the status of a claim with these log entries."""
    statuses = {entry.status for entry in deciding_findings(log)}
    if not statuses:
        return Status.UNVERIFIED
    return statuses.pop() if len(statuses) == 1 else Status.DISPUTED


def status_changes(log: Iterable[Verification]) -> list[StatusChange]:
    """Return the change of status by each entry of one claim's log, in the order of numbers."""
    entries = sorted(log, key=lambda entry: entry.number)
    states = [current_status(entries[:count]) for count in range(len(entries) + 1)]
    return [StatusChange(*row) for row in zip(entries, states, states[1:], strict=False)]


def status_changes_by_entry(entries: Iterable[Verification]) -> dict[int, StatusChange]:
    """Return the change of status by each entry, by the entry's id, with one query."""
    logs = Verification.objects.logs_of({entry.claim_id for entry in entries})
    return {
        change.entry.pk: change
        for _claim, log in groupby(logs, key=lambda entry: entry.claim_id)
        for change in status_changes(log)
    }
