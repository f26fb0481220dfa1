"""Reconstructs a claim's page at the end of an earlier date (point in time).

Older versions of records come from their history, and findings from the log. A record that was
loaded without a history is unknown before its first recorded change.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import groupby
from typing import Any

from django.db.models import Min
from django.utils import timezone

from factcheck.models import Article, Citation, Claim, Claimant, Outlet, Owner, Topic, Verification
from factcheck.models.status_rule import current_status
from factcheck.queries import independence

_OLDEST_FIRST = ("history_date", "history_id")
_NEWEST_FIRST = ("-history_date", "-history_id")


@dataclass
class ClaimVersion:
    """The content of a claim's page at the end of a date, or the reason why there is none."""

    day: date
    claim: Any = None
    citations: Sequence[Any] = ()
    log: Sequence[Verification] = ()
    topics: Sequence[Topic] = ()
    is_known: bool = True
    # The first date for which everything is known, if `day` is earlier.
    known_since: date | None = None


def current_version(claim: Claim) -> ClaimVersion:
    """Return the present version of a claim from `queries.claim_detail`."""
    return ClaimVersion(timezone.localdate(), claim, claim.cited, claim.log, claim.topic_list)


def version_on(claim: Claim, day: date) -> ClaimVersion:
    """Return the claim's version at the end of `day`, which is before today."""
    end = _end_of(day)
    known_since = _known_since(claim)
    if known_since is None or end <= known_since:
        since = known_since and timezone.localdate(known_since)
        return ClaimVersion(day, is_known=False, known_since=since)
    entry = claim.history.filter(history_date__lt=end).order_by(*_NEWEST_FIRST).first()
    if entry is None or not entry.instance.is_public:
        return ClaimVersion(day)
    version = entry.instance
    version.claimant = _versions(Claimant, {version.claimant_id}, end).get(version.claimant_id)
    version.article = _versions(Article, {version.article_id}, end).get(version.article_id)
    topics = _versions(Topic, {link.topic_id for link in entry.topics.all()}, end)
    log, citations = _log(claim, end), _citations(version, end)
    version.status = current_status(log)
    version.citation_count = len(citations)
    version.outlet_count = len({citation.outlet_id for citation in citations})
    version.independent_count = len(independence.owner_groups(citations))
    by_name = sorted(topics.values(), key=lambda topic: topic.name)
    return ClaimVersion(day, version, citations, log, by_name)


def _known_since(claim: Claim) -> datetime | None:
    """Return the moment from which the claim and its citations have a history; None without one.

    A record whose history begins with its creation is known from its beginning.
    """
    moments: list[datetime] = []
    claims = claim.history.filter(id=claim.pk)
    citation_ids = set(claim.citations.values_list("pk", flat=True))
    for history, ids in (
        (claims, {claim.pk}),
        (Citation.history.filter(claim_id=claim.pk), citation_ids),
    ):
        first: dict[int, Any] = {}
        for entry in history.order_by(*_OLDEST_FIRST):
            first.setdefault(entry.id, entry)
        if not ids <= first.keys():
            return None
        moments += [entry.history_date for entry in first.values() if entry.history_type != "+"]
        if history is claims:
            moments.append(first[claim.pk].history_date)
    return max(moments)


def _end_of(day: date) -> datetime:
    """Return the moment at which a date ends in the newsroom's time zone."""
    return timezone.make_aware(datetime.combine(day + timedelta(days=1), time.min))


def _log(claim: Claim, end: datetime) -> list[Verification]:
    """Return the claim's log entries before `end`, with their publishers as they were.

    The time of imported entries comes from their file, so numbers count as well: an entry with a
    higher number than an entry after `end` was also recorded after `end`.
    """
    log = [
        entry
        for entry in Verification.objects.for_page().filter(claim=claim)
        if entry.created_at < end
    ]
    if log:
        numbers = Verification.objects.filter(created_at__gte=end, number__lt=log[0].number)
        later = numbers.aggregate(first=Min("number"))["first"]
        log = [entry for entry in log if later is None or entry.number < later]
    publishers = _versions(Outlet, {entry.publisher_id for entry in log}, end)
    merged_into = {outlet.merged_into_id for outlet in publishers.values()}
    publishers |= _versions(Outlet, merged_into - publishers.keys(), end)
    for outlet in publishers.values():
        outlet.merged_into = publishers.get(outlet.merged_into_id)
    for entry in log:
        entry.publisher = publishers.get(entry.publisher_id)
    return log


def _citations(claim: Any, end: datetime) -> list[Any]:
    """Return the claim's citations with outlets and owners as they were."""
    citations = _latest(Citation.history, end, claim_id=claim.pk)
    ids = {pk for citation in citations for pk in (citation.outlet_id, citation.reprint_of_id)}
    outlets = _versions(Outlet, ids, end)
    owners = _versions(Owner, {outlet.owner_id for outlet in outlets.values()}, end)
    for outlet in outlets.values():
        outlet.owner = owners.get(outlet.owner_id)
    for citation in citations:
        citation.claim = claim
        citation.outlet = outlets[citation.outlet_id]
        citation.reprint_of = outlets.get(citation.reprint_of_id)
    return sorted(citations, key=lambda citation: (citation.position, citation.pk))


def _latest(history: Any, end: datetime, **conditions: Any) -> list[Any]:
    """Return the last version of each record before `end`, without deleted records."""
    entries = history.filter(history_date__lt=end, **conditions).order_by("id", *_NEWEST_FIRST)
    newest = [next(versions) for _id, versions in groupby(entries, key=lambda entry: entry.id)]
    return [entry.instance for entry in newest if entry.history_type != "-"]


def _versions(model: Any, ids: set[int | None], end: datetime) -> dict[int | None, Any]:
    """Return the versions of records before `end`, but with their present slugs.

    Without a version at that time, return the present one, or the one before the deletion.
    """
    pks = {pk for pk in ids if pk}
    if not pks:
        return {}
    current = model.objects.in_bulk(pks)
    versions = {row.pk: row for row in _latest(model.history, end, id__in=pks)}
    for row in versions.values():
        if row.pk in current:
            row.slug = current[row.pk].slug
    versions = current | versions
    if deleted := pks - versions.keys():
        for entry in model.history.filter(id__in=deleted).order_by(*_OLDEST_FIRST):
            versions.setdefault(entry.id, entry.instance)
    unknown = {pk: model(pk=pk, name="?", slug="unknown") for pk in pks - versions.keys()}
    return versions | unknown
