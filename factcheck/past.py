"""A claim as it was on a day, and what has changed on it since it is public.

Rows as they were come from their history, findings from the log. A row that was loaded without a
history has no past before its first recorded change.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from itertools import groupby
from typing import Any, NamedTuple

from django.utils import timezone
from django.utils.translation import gettext as _

from factcheck import provenance
from factcheck.models import (
    Citation,
    Claim,
    Outlet,
    Owner,
    Topic,
    Verification,
)
from factcheck.models.verifications import status_now

# What readers see of a claim and of a citation; the rest of their history is the editors' alone.
_OF_CLAIM = ("text", "native_text", "claimant", "claimed_on", "article", "paragraph", "stage")
_OF_CITATION = (
    *("outlet", "date_text", "date_end", "stance", "role", "reprint_of"),
    *("title", "url", "archived_url", "quote"),
)
# What is written within so many seconds is one change.
_TOGETHER = timedelta(seconds=2)


@dataclass
class Past:
    """A claim as it was at the end of a day, or why there is nothing to show."""

    day: date
    claim: Any = None
    citations: Sequence[Any] = ()
    log: Sequence[Verification] = ()
    topics: Sequence[Topic] = ()
    # The first day of which something is known, where `day` is before it.
    known_since: date | None = None


def as_it_is(claim: Claim) -> Past:
    """Return a claim (of `for_page`) with all that its page shows now."""
    log, citations = list(claim.verifications.all()), list(claim.citations.all())
    return Past(timezone.localdate(), claim, citations, log, list(claim.topics.all()))


def as_of(claim: Claim, day: date) -> Past:
    """Return a claim with all that its page shows, as it was at the end of `day`."""
    end = _end_of(day)
    past = claim.history.filter(history_date__lt=end).order_by(*_LATEST).first()
    if past is None:
        first = claim.history.order_by("history_date").first()
        since = timezone.localdate(first.history_date) if first else timezone.localdate()
        return Past(day, known_since=since)
    then = past.instance
    if not then.is_public:
        return Past(day)
    log = [
        entry
        for entry in Verification.objects.for_page().filter(claim=claim)
        if entry.created_at < end
    ]
    citations = _citations(then, end)
    families = provenance.families(citations)
    then.status = status_now(log)
    then.citation_count = len(citations)
    then.outlet_count = len({citation.outlet_id for citation in citations})
    then.independent_count = len(families)
    topics = Topic.objects.filter(pk__in=[link.topic_id for link in past.topics.all()])
    return Past(day, then, citations, log, list(topics))


_LATEST = ("-history_date", "-history_id")


def _end_of(day: date) -> datetime:
    """Return the moment after a day of the newsroom's; of the last day of all, that day itself."""
    after = day if day == date.max else day + timedelta(days=1)
    return timezone.make_aware(datetime.combine(after, time.min))


def _latest(history: Any, ids: Iterable[int] | None, end: datetime, **where: Any) -> list[Any]:
    """Return for each row its last version before `end`, leaving out those deleted by then."""
    rows = history.filter(history_date__lt=end, **where)
    if ids is not None:
        rows = rows.filter(id__in=set(ids))
    rows = rows.order_by("id", *_LATEST)
    newest = [next(versions) for _id, versions in groupby(rows, key=lambda row: row.id)]
    return [row.instance for row in newest if row.history_type != "-"]


def _citations(claim: Any, end: datetime) -> list[Any]:
    """Return a claim's citations with outlets and owners, all as they were."""
    found = _latest(Citation.history, None, end, claim_id=claim.pk)
    pks = {pk for one in found for pk in (one.outlet_id, one.reprint_of_id) if pk}
    outlets = _rows(Outlet, pks, end)
    owners = _rows(Owner, {one.owner_id for one in outlets.values() if one.owner_id}, end)
    for outlet in outlets.values():
        outlet.owner = owners.get(outlet.owner_id)
    for citation in found:
        citation.claim = claim
        citation.outlet = outlets[citation.outlet_id]
        citation.reprint_of = outlets.get(citation.reprint_of_id)
    return sorted(found, key=lambda one: (one.position, one.pk))


def _rows(model: Any, pks: set[int], end: datetime) -> dict[int, Any]:
    """Return rows as they were; one that has no history so early, as it is."""
    found = {row.pk: row for row in _latest(model.history, pks, end)}
    return model.objects.in_bulk(pks - found.keys()) | found


class Difference(NamedTuple):
    """What a field said and says; empty for what was not there."""

    what: str
    before: str
    after: str


@dataclass
class Revision:
    """Changes that were made at once, and why."""

    made_at: datetime
    is_by_editor: bool
    reason: str
    differences: list[Difference] = field(default_factory=list)


def revisions(claim: Claim) -> list[Revision]:
    """Return what has changed on a claim's page since it is public, the newest first."""
    versions = list(claim.history.order_by("history_date", "history_id"))
    begun = next((row.history_date for row in versions if row.instance.is_public), None)
    if begun is None:
        return []
    cited = Citation.history.filter(claim_id=claim.pk).order_by("id", "history_date", "history_id")
    steps = list(_steps(versions, _OF_CLAIM, _labels(Claim)))
    for _id, rows in groupby(cited, key=lambda row: row.id):
        steps += _steps(list(rows), _OF_CITATION, _labels(Citation))
    names = _names(steps)
    found: list[Revision] = []
    for row, before, changed in sorted(steps, key=lambda step: step[0].history_date):
        differences = [_difference(row, before, one, names) for one in changed]
        if row.history_date < begun or not differences:
            continue
        reason = row.history_change_reason or ""
        is_by_editor = row.history_user_id is not None
        last = found[-1] if found else None
        if last and last.is_by_editor == is_by_editor and last.reason == reason and (
            row.history_date - last.made_at < _TOGETHER
        ):  # fmt: skip
            last.differences += differences
        else:
            found.append(Revision(row.history_date, is_by_editor, reason, differences))
    return found[::-1]


Step = tuple[Any, Any, list[tuple[str, str]]]


def _labels(model: Any) -> dict[str, str]:
    return {f.name: str(f.verbose_name) for f in model._meta.concrete_fields}


def _steps(versions: list[Any], fields: Sequence[str], labels: dict[str, str]) -> Iterator[Step]:
    """Yield each version with the one before it and the fields that differ; a whole row is ''."""
    before = None
    for row in versions:
        if row.history_type == "-" or before is None:
            if "outlet" in fields:  # a citation comes or goes as a whole
                yield row, None, [("", "")]
        else:
            changed = [
                (name, labels[name])
                for name in fields
                if getattr(before, _attname(before, name)) != getattr(row, _attname(row, name))
            ]
            yield row, before, changed
        before = None if row.history_type == "-" else row


def _attname(row: Any, name: str) -> str:
    return row._meta.get_field(name).attname


def _names(steps: list[Step]) -> dict[tuple[str, int], str]:
    """Return what rows that versions refer to are called now: one query a kind."""
    wanted: dict[Any, set[int]] = {}
    for row, before, changed in steps:
        for name in (name or "outlet" for name, _label in changed):
            related = row._meta.get_field(name).related_model
            for version in (row, before):
                if related and version is not None and (pk := getattr(version, f"{name}_id")):
                    wanted.setdefault(related, set()).add(pk)
    return {
        (related.__name__, pk): str(found)
        for related, pks in wanted.items()
        for pk, found in related._base_manager.in_bulk(pks).items()
    }


def _difference(
    row: Any, before: Any, changed: tuple[str, str], names: dict[tuple[str, int], str]
) -> Difference:
    name, label = changed
    if name:
        return Difference(label, _said(before, name, names), _said(row, name, names))
    parts = [_said(row, part, names) for part in ("outlet", "date_text", "stance", "title", "url")]
    whole = ", ".join(filter(None, parts))
    gone = row.history_type == "-"
    return Difference(_("citation"), whole if gone else "", "" if gone else whole)


def _said(version: Any, name: str, names: dict[tuple[str, int], str]) -> str:
    known = version._meta.get_field(name)
    value = getattr(version, known.attname)
    if value is None:
        return ""
    if known.related_model:
        return names.get((known.related_model.__name__, value), f"#{value}")
    return str(getattr(version, f"get_{name}_display")() if known.choices else value)
