"""What appends to the public record, and what removes a draft that no reader ever saw.

All of it runs within a transaction of its own or the caller's, and writes all or nothing.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import DEFAULT_DB_ALIAS, transaction
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext as _

from factcheck import sql
from factcheck.db.claim_lock import take_turn
from factcheck.models import (
    Claim,
    Correction,
    Evidence,
    RemovedRecord,
    Status,
    Verification,
    VerificationKind,
)
from factcheck.models.claims import PUBLIC
from factcheck.public_record.chain import entries, seal
from factcheck.public_record.contents import (
    Content,
    Difference,
    Slugs,
    contents_of,
    differences,
    differs,
    is_told_otherwise,
    merged_slugs,
)

# Claims that are compared, and recorded, in one transaction.
_CHUNK = 1_000
_SAID = {VerificationKind.RETRACTION, VerificationKind.RESTORATION}


def add_content_record(
    claim: Claim, *, kind: VerificationKind, reason: str, by: User | None
) -> Verification:
    """Append a record of a public claim's content as it stands in the database now, and seal it.

    For a change of stage: a publication, a retraction, a restoration.
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
        if kind in _SAID:
            Correction.objects.create(number=entry.number)
        seal()
    return entry


def mark_correction(entry: Verification, *, before: str) -> None:
    """List a finding of the newsroom with the corrections if it takes back what readers were told.

    `before` is the status that the claim showed. A first verdict takes nothing back.
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
    """Append a record for each public claim that differs from its last one; return how many.

    Claims that are not public, and those that say what their last record says, are left out.
    `by` is the editor whose act it was; without one it was an import, which is never listed with
    the corrections. `kind` overrides what is recorded: by default a revision, or a recount where
    the counts alone have moved. A claim without a record begins its own.
    """
    merged, count = merged_slugs(using=using), 0
    for ids in _chunks(claim_ids):
        with transaction.atomic(using=using):
            count += _record_chunk(ids, merged, reason=reason, by=by, kind=kind, using=using)
    if count:
        seal(using=using)
    return count


def begin_missing(*, using: str = DEFAULT_DB_ALIAS) -> int:
    """Append a first record for each public claim that has none; return how many."""
    public = Claim.objects.using(using).public().order_by()
    missing = public.exclude(Exists(_contents(using).filter(claim=OuterRef("pk"))))
    ids = sql.numbers(*missing.values("pk").query.sql_with_params(), using=using)
    return record_changes(ids, reason="", using=using) if ids else 0


def _chunks(ids: Iterable[int]) -> Iterator[list[int]]:
    rest = iter(ids)
    while chunk := list(islice(rest, _CHUNK)):
        yield chunk


def _record_chunk(
    ids: list[int],
    merged: Slugs,
    *,
    reason: str,
    by: User | None,
    kind: VerificationKind | None,
    using: str,
) -> int:
    take_turn(using)
    # Locked before they are read, in the one order in which all writers lock claims.
    claims = Claim.objects.using(using).public().filter(pk__in=sql.within(ids, using=using))
    statuses = dict(claims.order_by("pk").select_for_update().values_list("pk", "status"))
    contents, last = contents_of(statuses, using=using), _last_contents(statuses, using)
    new: list[Verification] = []
    corrected: set[int] = set()
    for pk, content in contents.items():
        before = last.get(pk)
        found = _kind_of(before, content, merged)
        if found is None:
            continue
        if before is not None and by is not None and is_told_otherwise(before, content, merged):
            corrected.add(pk)
        new.append(
            Verification(
                claim_id=pk,
                kind=kind if kind and before is not None else found,
                status=statuses[pk],
                reason=reason if before is not None else "",
                reviewer=by,
                approved_by=by,
                content=content,
            )
        )
    Verification.objects.using(using).bulk_create(new)
    numbers = (entry.number for entry in new if entry.claim_id in corrected)
    Correction.objects.using(using).bulk_create(Correction(number=number) for number in numbers)
    changed = [entry.claim_id for entry in new if entry.kind != VerificationKind.PUBLICATION]
    if changed:  # a first record changes nothing that readers see
        those = sql.within(changed, using=using)
        Claim.objects.using(using).filter(pk__in=those).note_change()
    return len(new)


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
    rows = _contents(using).filter(claim__in=sql.within(claim_ids, using=using))
    return dict(rows.order_by("claim", "number").values_list("claim_id", "content"))


def unlike_their_record(
    *, using: str = DEFAULT_DB_ALIAS
) -> Iterator[tuple[str, Sequence[Difference]]]:
    """Yield the slug of each claim that is not what its last record says, with the differences.

    A public claim that has no record at all comes without any.
    """
    recorded = Exists(_contents(using).filter(claim=OuterRef("pk")))
    claims = Claim.objects.using(using).filter(Q(stage__in=PUBLIC) | Q(recorded)).order_by("pk")
    merged = merged_slugs(using=using)
    rows = claims.values_list("pk", "slug").iterator(chunk_size=_CHUNK)
    while chunk := dict(islice(rows, _CHUNK)):
        contents, last = contents_of(chunk, using=using), _last_contents(chunk, using)
        for pk, slug in chunk.items():
            now, then = contents[pk], last.get(pk)
            if then is None:
                yield slug, ()
            elif _kind_of(then, now, merged):
                yield slug, differences(then, now, merged)


def remove_unpublished_records(claims: Iterable[Claim]) -> int:
    """Remove what the record holds of drafts that no reader ever saw; return how many records.

    Number and digest of each stay, so that the chain does not break, and that it was removed.
    ValidationError names a claim that was public. The caller deletes the claims themselves, in the
    same transaction.
    """
    claims = list(claims)
    for claim in claims:
        if claim.is_public or claim.published_at is not None:
            raise ValidationError(
                _("“%(claim)s” was public: it can be retracted, but not deleted.")
                % {"claim": claim}
            )
    with transaction.atomic():
        take_turn()
        Verification.objects.all().next_number()
        own = Verification.objects.filter(claim__in=[claim.pk for claim in claims])
        numbers = set(own.values_list("number", flat=True))
        if not numbers:
            return 0
        digests = (e for e in entries(after=min(numbers) - 1) if e.number in numbers)
        RemovedRecord.objects.bulk_create(
            RemovedRecord(number=entry.number, digest=entry.digest) for entry in digests
        )
        Evidence.objects.filter(verification__in=own).delete()
        own.delete()
    return len(numbers)
