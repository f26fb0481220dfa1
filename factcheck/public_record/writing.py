"""Append to the public record, and remove the records of drafts that no reader ever saw.

Each function runs in a transaction of its own, or in the caller's.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import DEFAULT_DB_ALIAS, connections, transaction
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext as _

from factcheck import data_version, triggers
from factcheck.db import bulk_sql
from factcheck.db.claim_lock import lock_claims
from factcheck.models import (
    Claim,
    Correction,
    Evidence,
    RemovedRecord,
    Status,
    Verification,
    VerificationKind,
)
from factcheck.models.stages import PUBLIC_STAGES
from factcheck.public_record.chain import entries, seal
from factcheck.public_record.contents import (
    Content,
    Slugs,
    contents_of,
    differs,
    is_correction,
    merged_slugs,
)
from factcheck.public_record.differences import Difference, differences
from factcheck.text.slugs import new_ref

# The number of claims that are compared and recorded in one transaction.
_CHUNK = 1_000
_ALWAYS_CORRECTIONS = {VerificationKind.RETRACTION, VerificationKind.RESTORATION}


def add_content_record(
    claim: Claim, *, kind: VerificationKind, reason: str, by: User | None
) -> Verification:
    """Append and seal a record of a public claim's present content.

    It is for changes of the stage: publication, retraction and restoration.
    """
    with transaction.atomic():
        entry = Verification.objects.create(
            claim=claim,
            kind=kind,
            status=claim.status,
            reason=reason,
            reviewer=by,
            approved_by=by,
            content=contents_of([claim.pk])[claim.pk],
        )
        if kind in _ALWAYS_CORRECTIONS:
            Correction.objects.create(number=entry.number)
        seal()
    return entry


def mark_correction(entry: Verification, *, before: str) -> None:
    """Mark a finding of the newsroom as a correction if it changes a published verdict.

    `before` is the claim's status before the finding. A first verdict corrects nothing.
    """
    claim = entry.claim
    if claim.is_public and before not in {Status.UNVERIFIED, entry.status}:
        Correction.objects.create(number=entry.number)


def record_changes(
    claim_ids: Iterable[int],
    *,
    reason: str,
    by: User | None = None,
    kind: VerificationKind | None = None,
    using: str = DEFAULT_DB_ALIAS,
) -> int:
    """Append a record for each public claim that differs from its last record; return the number.

    `by` is the editor who made the change. Without one the change comes from an import, which is
    never a correction. By default a record is a revision, or a recount if only the counts differ;
    `kind` overrides this. The first record of a claim is a publication.
    """
    change = _Change(reason, by, kind, merged_slugs(using=using))
    count = 0
    for ids in bulk_sql.batches(claim_ids, _CHUNK):
        with transaction.atomic(using=using):
            count += _record_chunk(ids, change, using)
    if count:
        seal(using=using)
    return count


def begin_missing(*, using: str = DEFAULT_DB_ALIAS) -> int:
    """Append the first record of each public claim that has none; return the number."""
    public = Claim.objects.using(using).public().order_by()
    missing = public.exclude(Exists(_contents(using).filter(claim=OuterRef("pk"))))
    ids = bulk_sql.fetch_ids(*missing.values("pk").query.sql_with_params(), using=using)
    return record_changes(ids, reason="", using=using) if ids else 0


class _Change(NamedTuple):
    """Why claims have changed, and by whom."""

    reason: str
    by: User | None
    kind: VerificationKind | None
    merged: Slugs

    def corrects(self, before: Content | None, after: Content) -> bool:
        if before is None or self.by is None:
            return False
        return is_correction(before, after, self.merged)


def _record_chunk(claim_ids: list[int], change: _Change, using: str) -> int:
    lock_claims(using)
    # Claims are locked before they are read, always in the order of their ids.
    claims = (
        Claim.objects.using(using)
        .public()
        .filter(pk__in=bulk_sql.in_values(claim_ids, using=using))
    )
    statuses = dict(claims.order_by("pk").select_for_update().values_list("pk", "status"))
    contents, last = contents_of(statuses, using=using), _last_contents(statuses, using)
    records = [
        _Record(kind, pk, statuses[pk], content, last.get(pk))
        for pk, content in contents.items()
        if (kind := _kind_of(last.get(pk), content, change.merged))
    ]
    if not records:
        return 0
    first_number = Verification.objects.using(using).next_number()
    # Records of contents change neither the status nor the counts, which the triggers recompute.
    with triggers.suspended(using):
        _insert(records, change, first_number, using)
    data_version.record_changes([record.claim_id for record in records], using=using)
    Correction.objects.using(using).bulk_create(
        Correction(number=number)
        for number, record in enumerate(records, first_number)
        if change.corrects(record.before, record.content)
    )
    # The first record of a claim changes nothing that readers see.
    changed = [record.claim_id for record in records if record.before is not None]
    if changed:
        Claim.objects.using(using).filter(pk__in=bulk_sql.in_values(changed, using=using)).touch()
    return len(records)


class _Record(NamedTuple):
    """A record that is to be appended, with the content of the claim's record before it."""

    kind: VerificationKind
    claim_id: int
    status: str
    content: Content
    before: Content | None


def _insert(records: Sequence[_Record], change: _Change, first_number: int, using: str) -> None:
    """Insert records as rows, because making an instance of the model for each takes longer."""
    connection = connections[using]
    fields = [f for f in Verification._meta.concrete_fields if not f.primary_key]
    content_field = Verification._meta.get_field("content")
    # All rows have the same values in the other columns.
    template = Verification(ref="", reviewer=change.by, approved_by=change.by)
    defaults = {
        f.attname: f.get_db_prep_save(f.pre_save(template, True), connection) for f in fields
    }
    rows = []
    for number, record in enumerate(records, first_number):
        is_first = record.before is None
        kind = record.kind if is_first else change.kind or record.kind
        values = defaults | {
            "ref": new_ref(),
            "number": number,
            "kind": kind.value,
            "claim_id": record.claim_id,
            "statement": record.content.get("text", ""),
            "status": record.status,
            "reason": "" if is_first else change.reason,
            "content": content_field.get_db_prep_save(record.content, connection),
        }
        rows.append(list(values.values()))
    bulk_sql.insert(Verification._meta.db_table, [str(f.column) for f in fields], rows, using=using)


def _kind_of(before: Content | None, after: Content, merged: Slugs) -> VerificationKind | None:
    if before is None:
        return VerificationKind.PUBLICATION
    if differs(before, after, merged):
        return VerificationKind.REVISION
    if before.get("counts") != after.get("counts"):
        return VerificationKind.RECOUNT
    return None


def _contents(using: str) -> Any:
    return Verification.objects.using(using).filter(content__isnull=False).order_by()


def _last_contents(claim_ids: Iterable[int], using: str) -> dict[int, Content]:
    rows = _contents(using).filter(claim__in=bulk_sql.in_values(claim_ids, using=using))
    return dict(rows.order_by("claim", "number").values_list("claim_id", "content"))


def unrecorded_differences(
    *, using: str = DEFAULT_DB_ALIAS
) -> Iterator[tuple[str, Sequence[Difference]]]:
    """Yield the slug of each claim that differs from its last record, with the differences.

    A public claim without a record has no differences.
    """
    recorded = Exists(_contents(using).filter(claim=OuterRef("pk")))
    claims = (
        Claim.objects.using(using).filter(Q(stage__in=PUBLIC_STAGES) | Q(recorded)).order_by("pk")
    )
    merged = merged_slugs(using=using)
    rows = claims.values_list("pk", "slug").iterator(chunk_size=_CHUNK)
    for chunk in bulk_sql.batches(rows, _CHUNK):
        ids = [pk for pk, _slug in chunk]
        contents, last = contents_of(ids, using=using), _last_contents(ids, using)
        for pk, slug in chunk:
            content, recorded_content = contents[pk], last.get(pk)
            if recorded_content is None:
                yield slug, ()
            elif _kind_of(recorded_content, content, merged):
                yield slug, differences(recorded_content, content, merged)


def remove_unpublished_records(claims: Iterable[Claim]) -> int:
    """Remove the records of drafts that no reader ever saw; return the number of records.

    The number and digest of each record stay, so that the chain of digests still holds.
    ValidationError names a claim that was public. The caller deletes the claims in the same
    transaction.
    """
    claims = list(claims)
    for claim in claims:
        if claim.is_public or claim.published_at is not None:
            raise ValidationError(
                _("“%(claim)s” was public: it can be retracted, but not deleted.")
                % {"claim": claim}
            )
    with transaction.atomic():
        lock_claims()
        Verification.objects.all().next_number()
        entries_of_claims = Verification.objects.filter(claim__in=[claim.pk for claim in claims])
        numbers = set(entries_of_claims.values_list("number", flat=True))
        if not numbers:
            return 0
        removed = (e for e in entries(after=min(numbers) - 1) if e.number in numbers)
        RemovedRecord.objects.bulk_create(
            RemovedRecord(number=entry.number, digest=entry.digest) for entry in removed
        )
        Evidence.objects.filter(verification__in=entries_of_claims).delete()
        entries_of_claims.delete()
    return len(numbers)
