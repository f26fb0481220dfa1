"""Taking back a whole import, as long as none of its claims was ever public."""

import time
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import PROTECT, Exists, ManyToOneRel, Model, OuterRef, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from factcheck.db.claim_lock import lock_claims
from factcheck.editing.attribution import delete_as
from factcheck.editing.draft_deletion import NEVER_PUBLIC, delete_drafts
from factcheck.editing.roles import require_permission
from factcheck.models import Article, Claim, Claimant, ImportBatch, ImportedRow, Outlet, Proposal

# Drafts deleted in one transaction: other editors can write in between.
_CLAIMS_PER_CHUNK = 200


@dataclass(frozen=True)
class TakeBackPreview:
    """The numbers of rows that taking an import back would remove, and that would stay."""

    drafts: int
    public: int  # claims of the import that readers see or have seen
    edited: int  # drafts that somebody has changed since
    added_to: int  # older claims that got a finding or a citation
    outlets: int
    claimants: int
    articles: int
    used: int  # new outlets, claimants and articles that other records use now


def claims_of(batch: ImportBatch) -> QuerySet[Claim]:
    """Return the claims that an import created and that still exist."""
    rows = ImportedRow.objects.filter(batch=batch, is_new=True, claim__isnull=False)
    # Not a correlated subquery: SQLite would check it for every claim.
    return Claim.objects.filter(pk__in=rows.values("claim"))


def preview_take_back(batch: ImportBatch) -> TakeBackPreview:
    """Count the rows that taking an import back would remove, and those that would stay."""
    claims = claims_of(batch)
    drafts = claims.filter(NEVER_PUBLIC)
    new = {model: _new(batch, model) for model in (Outlet, Claimant, Article)}
    removed = {model: _unused(batch, model, claims).count() for model in new}
    added_to = ImportedRow.objects.filter(batch=batch, is_new=False)
    created = ImportedRow.objects.filter(batch=batch, is_new=True, claim=OuterRef("claim"))
    return TakeBackPreview(
        drafts=drafts.count(),
        public=claims.exclude(NEVER_PUBLIC).count(),
        edited=_edited(drafts).count(),
        added_to=added_to.exclude(Exists(created)).values("claim").distinct().count(),
        outlets=removed[Outlet],
        claimants=removed[Claimant],
        articles=removed[Article],
        used=sum(rows.count() for rows in new.values()) - sum(removed.values()),
    )


def take_back_import(*, batch: ImportBatch, by: User, seconds: float = 20) -> bool:
    """Delete the drafts of an import, then the records it created that nothing else uses.

    Stop after some `seconds`; return whether everything is deleted. Call it again to delete the
    rest. Each chunk of drafts is deleted as a whole or not at all.
    """
    require_permission(by, "delete_claim")
    until = time.monotonic() + seconds
    claims = claims_of(batch).order_by("pk").values_list("pk", flat=True)
    while ids := list(claims[:_CLAIMS_PER_CHUNK]):
        if time.monotonic() > until:
            return False
        with transaction.atomic():
            lock_claims()
            _check_removable(batch)
            delete_drafts(claim_ids=ids, by=by)
    with transaction.atomic():
        # Nobody may start to use a record that is deleted here.
        lock_claims(exclusive=True)
        _check_removable(batch)
        for model in (Article, Outlet, Claimant):
            for row in _unused(batch, model, Claim.objects.none()):
                delete_as(row, reason="import taken back", by=by)
        batch.taken_back_by, batch.taken_back_at = by, timezone.now()
        batch.save(update_fields=["taken_back_by", "taken_back_at"])
    return True


def _check_removable(batch: ImportBatch) -> None:
    """Raise a ValidationError if a claim of the import was public, or it was taken back before."""
    if ImportBatch.objects.select_for_update().get(pk=batch.pk).taken_back_at:
        raise ValidationError(_("This import was taken back already."))
    public = claims_of(batch).exclude(NEVER_PUBLIC).count()
    if public:
        raise ValidationError(
            ngettext(
                "This import cannot be taken back: %(count)d of its claims is or was public."
                " Retract that claim, and delete the drafts one by one.",
                "This import cannot be taken back: %(count)d of its claims are or were public."
                " Retract those claims, and delete the drafts one by one.",
                public,
            )
            % {"count": public}
        )


def _edited(drafts: QuerySet[Claim]) -> QuerySet[Claim]:
    """Return the drafts that somebody has changed, submitted or proposed a finding for."""
    changes = Claim.history.filter(id=OuterRef("pk"), history_type="~")
    proposals = Proposal.objects.filter(claim=OuterRef("pk"))
    return drafts.filter(Exists(changes) | Exists(proposals))


def _new(batch: ImportBatch, model: type[Model]) -> QuerySet[Any]:
    """Return the rows of a model that an import created; of outlets, the unconfirmed ones."""
    name = str(model._meta.model_name)
    rows = ImportedRow.objects.filter(batch=batch, **{f"{name}__isnull": False})
    created = model._default_manager.filter(pk__in=rows.values(name)).order_by("pk")
    return created.filter(is_confirmed=False) if model is Outlet else created


def _unused(
    batch: ImportBatch, model: type[Model], ignored_claims: QuerySet[Claim]
) -> QuerySet[Any]:
    """Return the new rows of a model that no record refers to, apart from `ignored_claims`.

    Only references that protect a row from being deleted count.
    """
    rows = _new(batch, model)
    for link in model._meta.get_fields():
        if not isinstance(link, ManyToOneRel) or link.on_delete is not PROTECT:
            continue
        referring: Any = link.related_model
        references = referring._base_manager.filter(**{link.field.name: OuterRef("pk")})
        if referring is Claim or hasattr(referring, "claim_id"):
            claim = "pk" if referring is Claim else "claim"
            references = references.exclude(**{f"{claim}__in": ignored_claims.values("pk")})
        rows = rows.exclude(Exists(references))
    if hasattr(model, "merged_into_id"):
        rows = rows.filter(merged_into=None)
    return rows
