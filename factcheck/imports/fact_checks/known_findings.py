"""What is known of other publishers' reviews: the findings of their claims so far."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from django.utils import timezone

from factcheck import sql
from factcheck.imports.fact_checks.records import Review
from factcheck.models import Verification

# By a claim's slug and an address, the first one first.
Findings = dict[tuple[str, str], list[Verification]]


def findings_of(slugs: Iterable[str]) -> Findings:
    """Return the findings that each claim has from each address, the first one first."""
    entries = (
        Verification.objects.filter(claim__slug__in=sql.within(slugs), kind="finding")
        .exclude(url="")
        .select_related("claim")
        .only(
            *("ref", "url", "label", "reason", "statement", "reviewed_on", "created_at"),
            "claim__slug",
        )
        .order_by("number")
    )
    found: Findings = defaultdict(list)
    for entry in entries:
        found[entry.claim.slug, entry.url].append(entry)
    return found


def is_known(review: Review, past: Sequence[Verification], *, is_twice: bool) -> bool:
    """Return whether a claim's findings of one address say what a record does.

    The last one says it; or an earlier one, if the file is of that time or has both of them, or if
    the last one is about other words.
    """
    same = [entry for entry in past if _is_same(review, entry)]
    if not same or same[-1] is past[-1]:
        return bool(same)
    last = past[-1]
    is_older = "" < review.reviewed_on < last.reviewed_on.isoformat()
    return is_twice or is_older or last.statement != review.text


def is_newest(review: Review, past: Sequence[Verification]) -> bool:
    """Return whether a record says what the last of several findings does."""
    return len(past) > 1 and _is_same(review, past[-1])


def may_be_older(review: Review, past: Sequence[Verification]) -> bool:
    """Return whether a record says what an earlier finding of the last one's day does.

    A day does not tell which of the two its publisher says now; what else the file has does.
    """
    is_that_day = review.reviewed_on in {"", past[-1].reviewed_on.isoformat()}
    return is_that_day and any(_is_same(review, entry) for entry in past[:-1])


def reviewed_on(review: Review, previous: Verification | None, today: str) -> str:
    """Return the day of a finding: that of the import, where it is not known.

    After such a one, the next that this address has is no older, whatever day it names.
    """
    day = review.reviewed_on or today
    is_after_guess = previous is not None and _is_guessed(previous)
    return max(day, previous.reviewed_on.isoformat()) if is_after_guess else day  # type: ignore[union-attr]


def _is_same(review: Review, entry: Verification) -> bool:
    """Return whether a record says what a finding does, as far as its day is known."""
    own = entry.reviewed_on.isoformat()
    day = review.reviewed_on or own
    if day < own and _is_guessed(entry):
        day = own
    return day == own and (review.text, review.label, review.reason) == (
        entry.statement,
        entry.label,
        entry.reason,
    )


def _is_guessed(entry: Verification) -> bool:
    """Return whether a finding's day is that of its import."""
    return bool(entry.reviewed_on == timezone.localdate(entry.created_at))
