"""Lists the changes of a claim's page since its publication."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any, NamedTuple

from django.utils.translation import gettext as _

from factcheck import public_record
from factcheck.models import Citation, Claim, Topic, VerificationKind
from factcheck.public_record import Difference

# Public fields. The history of other fields is for editors only.
_CLAIM_FIELDS = (
    *("text", "language", "is_quotation", "native_text", "native_language"),
    *("claimant", "claimed_on", "article", "paragraph", "topics", "stage"),
)
_CITATION_FIELDS = (
    *("outlet", "date_text", "date_end", "stance", "role", "reprint_of"),
    *("title", "url", "archived_url", "quote"),
)
# Changes within this time belong together.
_SAME_CHANGE = timedelta(seconds=2)

_Names = dict[tuple[str, int], str]


@dataclass
class Revision:
    """Changes that were made together, and the reason for them."""

    made_at: datetime
    is_by_editor: bool
    reason: str
    differences: list[Difference] = field(default_factory=list)
    # Of the record in the public log, if there is one.
    number: int | None = None


class _Step(NamedTuple):
    """A version of a record, the version before it, and the names of the fields that differ.

    `fields` is empty if the record itself was added or deleted; then `before` is None.
    """

    version: Any
    before: Any
    fields: Sequence[str]


def revisions(claim: Claim) -> list[Revision]:
    """Return the changes of a claim's page since its publication, newest first."""
    versions = list(claim.history.order_by("history_date", "history_id"))
    published_at = next((row.history_date for row in versions if row.instance.is_public), None)
    if published_at is None:
        return []
    _prefetch_topic_ids(versions)
    steps = list(_steps(versions, _CLAIM_FIELDS))
    cited = Citation.history.filter(claim_id=claim.pk).order_by("id", "history_date", "history_id")
    for _id, rows in groupby(cited, key=lambda row: row.id):
        steps += _steps(list(rows), _CITATION_FIELDS)
    names = _names(steps)
    grouped: list[Revision] = []
    for step in sorted(steps, key=lambda step: step.version.history_date):
        if step.version.history_date >= published_at:
            _add(grouped, step.version, _differences(step, names))
    return _with_records(claim, grouped)[::-1]


def _add(grouped: list[Revision], version: Any, differences: list[Difference]) -> None:
    """Add differences to the last revision if they belong to it, or else as a new revision."""
    reason, is_by_editor = version.history_change_reason or "", version.history_user_id is not None
    last = grouped[-1] if grouped else None
    if (
        last is not None
        and (last.is_by_editor, last.reason) == (is_by_editor, reason)
        and version.history_date - last.made_at < _SAME_CHANGE
    ):
        last.differences += differences
    elif differences:
        grouped.append(Revision(version.history_date, is_by_editor, reason, differences))


def _with_records(claim: Claim, grouped: list[Revision]) -> list[Revision]:
    """Set the numbers of the log's records, and add the records without a change in the history.

    A change of an outlet's owner, for example, moves counts but does not change the claim.
    """
    kinds = (VerificationKind.REVISION, VerificationKind.RECOUNT)
    rows = claim.verifications.filter(kind__in=kinds).order_by("number")
    unmatched: list[Revision] = []
    for record in public_record.recorded(rows.values_list("number", flat=True)):
        entry = record.entry
        matching = [
            revision
            for revision in grouped
            if revision.number is None and abs(entry.created_at - revision.made_at) < _SAME_CHANGE
        ]
        if matching:
            _join(matching[-1], entry.number, record.differences)
            continue
        is_by_editor = entry.reviewer_id is not None
        unmatched.append(
            Revision(entry.created_at, is_by_editor, entry.reason, record.differences, entry.number)
        )
    return sorted([*grouped, *unmatched], key=lambda revision: revision.made_at)


def _join(revision: Revision, number: int, differences: Sequence[Difference]) -> None:
    """Set a revision's number from its record, and add missing differences of counts."""
    revision.number = number
    labels = {difference.label for difference in revision.differences}
    count_labels = set(public_record.count_labels().values()) - labels
    revision.differences += [
        difference for difference in differences if difference.label in count_labels
    ]


def _prefetch_topic_ids(versions: list[Any]) -> None:
    """Set `topic_ids` of each version of a claim with one query."""
    links = versions[0].topics.model.objects.filter(history__in=versions)
    topics: dict[int, set[int]] = defaultdict(set)
    for version, topic in links.values_list("history", "topic"):
        topics[version].add(topic)
    for row in versions:
        row.topic_ids = frozenset(topics[row.history_id])


def _steps(versions: list[Any], fields: Sequence[str]) -> Iterator[_Step]:
    """Yield the steps from each version of one record to the next."""
    before = None
    for row in versions:
        if row.history_type == "-" or before is None:
            # If the history of a citation begins with a change, this change did not add it.
            if fields is _CITATION_FIELDS and row.history_type != "~":
                yield _Step(row, None, ())
        else:
            changed = [name for name in fields if _value(before, name) != _value(row, name)]
            if changed:
                yield _Step(row, before, changed)
        before = None if row.history_type == "-" else row


def _value(version: Any, name: str) -> Any:
    """Return the stored value of a field: for related records their ids."""
    if name == "topics":
        return version.topic_ids
    return getattr(version, version._meta.get_field(name).attname)


def _names(steps: list[_Step]) -> _Names:
    """Return the present names of all related records, with one query for each model."""
    ids_by_model: dict[Any, set[int]] = defaultdict(set)
    for version, before, fields in steps:
        for name in fields or ("outlet",):
            if name == "topics":
                ids_by_model[Topic] |= version.topic_ids | before.topic_ids
                continue
            related = version._meta.get_field(name).related_model
            if related:
                ids = (_value(row, name) for row in (version, before) if row is not None)
                ids_by_model[related].update(filter(None, ids))
    return {
        (related.__name__, pk): str(row)
        for related, pks in ids_by_model.items()
        for pk, row in related._base_manager.in_bulk(pks).items()
    }


def _differences(step: _Step, names: _Names) -> list[Difference]:
    version, before, fields = step
    if fields:
        model = version.instance_type
        return [
            Difference(
                str(model._meta.get_field(name).verbose_name),
                _printed(before, name, names),
                _printed(version, name, names),
            )
            for name in fields
        ]
    summary = ("outlet", "date_text", "stance", "title", "url")
    citation = ", ".join(filter(None, (_printed(version, name, names) for name in summary)))
    is_deleted = version.history_type == "-"
    old, new = (citation, "") if is_deleted else ("", citation)
    return [Difference(_("citation"), old, new)]


def _printed(version: Any, name: str, names: _Names) -> str:
    """Return the value of a field as readers see it."""
    value = _value(version, name)
    if value is None:
        return ""
    if name == "topics":
        return ", ".join(sorted(names.get(("Topic", pk), "?") for pk in value))
    model_field = version._meta.get_field(name)
    if model_field.related_model:
        return names.get((model_field.related_model.__name__, value), f"#{value}")
    return str(getattr(version, f"get_{name}_display")() if model_field.choices else value)
