"""A claim as it was on a day, and what has changed on it since it is public.

Rows as they were come from their history, findings from the log. A row that was loaded without a
history has no past before its first recorded change.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from itertools import groupby
from typing import Any

from django.db.models import Min
from django.utils import timezone
from django.utils.translation import gettext as _

from factcheck import public_record
from factcheck.models import (
    Article,
    Citation,
    Claim,
    Claimant,
    Outlet,
    Owner,
    Topic,
    Verification,
    VerificationKind,
)
from factcheck.models.verifications import status_now
from factcheck.public_record import Difference
from factcheck.queries import independence

# What readers see of a claim and of a citation; the rest of their history is the editors' alone.
_OF_CLAIM = (
    *("text", "language", "is_quotation", "native_text", "native_language"),
    *("claimant", "claimed_on", "article", "paragraph", "topics", "stage"),
)
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
    is_known: bool = True
    # The first day of which all is known, where `day` is before it.
    known_since: date | None = None


def as_it_is(claim: Claim) -> Past:
    """Return a claim (a dossier) with all that its page shows now."""
    return Past(timezone.localdate(), claim, claim.cited, claim.log, list(claim.topics.all()))


def as_of(claim: Claim, day: date) -> Past:
    """Return a claim with all that its page shows, as it was at the end of `day`, a day gone by."""
    end = _end_of(day)
    since = _known_since(claim)
    if since is None or end <= since:
        return Past(day, is_known=False, known_since=since and timezone.localdate(since))
    past = claim.history.filter(history_date__lt=end).order_by(*_LATEST).first()
    if past is None or not past.instance.is_public:
        return Past(day)
    then = past.instance
    then.claimant = _rows(Claimant, {then.claimant_id}, end).get(then.claimant_id)
    then.article = _rows(Article, {then.article_id}, end).get(then.article_id)
    topics = _rows(Topic, {link.topic_id for link in past.topics.all()}, end)
    log, citations = _log(claim, end), _citations(then, end)
    then.status = status_now(log)
    then.citation_count = len(citations)
    then.outlet_count = len({citation.outlet_id for citation in citations})
    then.independent_count = len(independence.families(citations))
    return Past(day, then, citations, log, sorted(topics.values(), key=lambda one: one.name))


def _known_since(claim: Claim) -> datetime | None:
    """Return the moment from which all that a claim is made of has a history; None if it has none.

    A row whose history begins with its creation is known from its beginning.
    """
    begun: list[datetime] = []
    claims = claim.history.filter(id=claim.pk)
    cited = set(claim.citations.values_list("pk", flat=True))
    for rows, ids in (
        (claims, {claim.pk}),
        (Citation.history.filter(claim_id=claim.pk), cited),
    ):
        first: dict[int, Any] = {}
        for row in rows.order_by("history_date", "history_id"):
            first.setdefault(row.id, row)
        if not ids <= first.keys():
            return None
        begun += [row.history_date for row in first.values() if row.history_type != "+"]
        if rows is claims:
            begun.append(first[claim.pk].history_date)
    return max(begun)


_LATEST = ("-history_date", "-history_id")


def _end_of(day: date) -> datetime:
    """Return the moment after a day of the newsroom's."""
    return timezone.make_aware(datetime.combine(day + timedelta(days=1), time.min))


def _log(claim: Claim, end: datetime) -> list[Verification]:
    """Return what the log said of a claim, publishers being whoever they were then.

    A file says itself when its entries were recorded: what has a higher number than an entry of
    later came later, too.
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
    publishers = _rows(Outlet, {entry.publisher_id for entry in log}, end)
    merged = {one.merged_into_id for one in publishers.values()}
    publishers |= _rows(Outlet, merged - publishers.keys(), end)
    for outlet in publishers.values():
        outlet.merged_into = publishers.get(outlet.merged_into_id)
    for entry in log:
        entry.publisher = publishers.get(entry.publisher_id)
    return log


def _latest(history: Any, end: datetime, **where: Any) -> list[Any]:
    """Return for each row its last version before `end`, leaving out those deleted by then."""
    rows = history.filter(history_date__lt=end, **where).order_by("id", *_LATEST)
    newest = [next(versions) for _id, versions in groupby(rows, key=lambda row: row.id)]
    return [row.instance for row in newest if row.history_type != "-"]


def _citations(claim: Any, end: datetime) -> list[Any]:
    """Return a claim's citations with outlets and owners, all as they were."""
    found = _latest(Citation.history, end, claim_id=claim.pk)
    pks = {pk for one in found for pk in (one.outlet_id, one.reprint_of_id)}
    outlets = _rows(Outlet, pks, end)
    owners = _rows(Owner, {one.owner_id for one in outlets.values()}, end)
    for outlet in outlets.values():
        outlet.owner = owners.get(outlet.owner_id)
    for citation in found:
        citation.claim = claim
        citation.outlet = outlets[citation.outlet_id]
        citation.reprint_of = outlets.get(citation.reprint_of_id)
    return sorted(found, key=lambda one: (one.position, one.pk))


def _rows(model: Any, ids: set[int | None], end: datetime) -> dict[int | None, Any]:
    """Return rows as they were, with the addresses that they have now.

    One that has no history so early is as it is now, or as it was when it was deleted.
    """
    pks = {pk for pk in ids if pk}
    if not pks:
        return {}
    there = model.objects.in_bulk(pks)
    found = {row.pk: row for row in _latest(model.history, end, id__in=pks)}
    for row in found.values():
        if row.pk in there:
            row.slug = there[row.pk].slug
    found = there | found
    if gone := pks - found.keys():
        for last in model.history.filter(id__in=gone).order_by("history_date", "history_id"):
            found.setdefault(last.id, last.instance)
    return found | {pk: model(pk=pk, name="?", slug="unknown") for pk in pks - found.keys()}


@dataclass
class Revision:
    """Changes that were made at once, and why."""

    made_at: datetime
    is_by_editor: bool
    reason: str
    differences: list[Difference] = field(default_factory=list)
    # Of the record in the public log; None for what it does not hold.
    number: int | None = None


def revisions(claim: Claim) -> list[Revision]:
    """Return what has changed on a claim's page since it is public, the newest first."""
    versions = list(claim.history.order_by("history_date", "history_id"))
    begun = next((row.history_date for row in versions if row.instance.is_public), None)
    if begun is None:
        return []
    cited = Citation.history.filter(claim_id=claim.pk).order_by("id", "history_date", "history_id")
    _know_topics(versions)
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
    return _with_records(claim, found)[::-1]


def _with_records(claim: Claim, found: list[Revision]) -> list[Revision]:
    """Give each revision the number of its record, and add the records that no history tells of.

    Counts move without a change of the claim's own rows: with an outlet's owner.
    """
    kinds = (VerificationKind.REVISION, VerificationKind.RECOUNT)
    rows = claim.verifications.filter(kind__in=kinds).order_by("number")
    alone: list[Revision] = []
    for one in public_record.recorded(rows.values_list("number", flat=True)):
        made_at = one.entry.created_at
        told = [r for r in found if abs(made_at - r.made_at) < _TOGETHER and r.number is None]
        if told:
            told[-1].number = one.entry.number
            counted = {label for label, _before, _after in told[-1].differences}
            told[-1].differences += [
                difference
                for difference in one.differences
                if difference.what in public_record.count_labels().values()
                and difference.what not in counted
            ]
            continue
        is_by_editor = one.entry.reviewer_id is not None
        alone.append(
            Revision(made_at, is_by_editor, one.entry.reason, one.differences, one.entry.number)
        )
    return sorted([*found, *alone], key=lambda revision: revision.made_at)


def _know_topics(versions: list[Any]) -> None:
    """Give each version of a claim the ids of its topics: one query for all."""
    links = versions[0].topics.model.objects.filter(history__in=versions)
    topics: dict[int, set[int]] = defaultdict(set)
    for version, topic in links.values_list("history", "topic"):
        topics[version].add(topic)
    for row in versions:
        row.topic_ids = frozenset(topics[row.history_id])


Step = tuple[Any, Any, list[tuple[str, str]]]


def _labels(model: Any) -> dict[str, str]:
    fields = (*model._meta.concrete_fields, *model._meta.many_to_many)
    return {f.name: str(f.verbose_name) for f in fields}


def _steps(versions: list[Any], fields: Sequence[str], labels: dict[str, str]) -> Iterator[Step]:
    """Yield each version with the one before it and the fields that differ; a whole row is ''."""
    before = None
    for row in versions:
        if row.history_type == "-" or before is None:
            # A citation comes or goes as a whole; one that was there unrecorded does neither.
            if "outlet" in fields and row.history_type != "~":
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
    return "topic_ids" if name == "topics" else row._meta.get_field(name).attname


def _names(steps: list[Step]) -> dict[tuple[str, int], str]:
    """Return what rows that versions refer to are called now: one query a kind."""
    wanted: dict[Any, set[int]] = {}
    for row, before, changed in steps:
        for name in (name or "outlet" for name, _label in changed):
            if name == "topics":
                wanted.setdefault(Topic, set()).update(row.topic_ids | before.topic_ids)
                continue
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
    if name == "topics":
        return ", ".join(sorted(names.get(("Topic", pk), "?") for pk in version.topic_ids))
    known = version._meta.get_field(name)
    value = getattr(version, known.attname)
    if value is None:
        return ""
    if known.related_model:
        return names.get((known.related_model.__name__, value), f"#{value}")
    return str(getattr(version, f"get_{name}_display")() if known.choices else value)
