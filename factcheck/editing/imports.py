"""Taking an import back as a whole, while none of its claims was ever public."""

import time
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import PROTECT, Exists, ManyToOneRel, Model, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from factcheck.db.claim_lock import take_turn
from factcheck.editing.drafts import delete_drafts
from factcheck.editing.permissions import need
from factcheck.models import (
    Article,
    Claim,
    Claimant,
    ImportBatch,
    ImportedRow,
    Outlet,
    Proposal,
    Stage,
)

# Drafts that are deleted in one transaction: other editors write in between.
_CHUNK = 200


@dataclass(frozen=True)
class ImportReview:
    """What taking an import back would remove, and what would stay."""

    drafts: int
    # Claims of the import that readers see or have seen.
    public: int
    # Drafts that somebody has worked on since.
    edited: int
    # Claims that were known before, and got a finding or a citation.
    added_to: int
    outlets: int
    claimants: int
    articles: int
    # New outlets, claimants and articles that something else uses now.
    used: int


def claims_of(batch: ImportBatch) -> QuerySet[Claim]:
    """Return the claims that an import created and that are still there."""
    rows = ImportedRow.objects.filter(batch=batch, is_new=True, claim__isnull=False)
    # No correlated subquery, which SQLite would begin with all claims.
    return Claim.objects.filter(pk__in=rows.values("claim"))


def review_import(batch: ImportBatch) -> ImportReview:
    """Return what taking `batch` back would do."""
    claims = claims_of(batch)
    drafts = claims.filter(_NEVER_PUBLIC)
    new = {model: _new(batch, model) for model in (Outlet, Claimant, Article)}
    gone = {model: _unused(batch, model, claims).count() for model in new}
    added_to = ImportedRow.objects.filter(batch=batch, is_new=False)
    own = ImportedRow.objects.filter(batch=batch, is_new=True, claim=OuterRef("claim"))
    return ImportReview(
        drafts=drafts.count(),
        public=claims.exclude(_NEVER_PUBLIC).count(),
        edited=_edited(drafts).count(),
        added_to=added_to.exclude(Exists(own)).values("claim").distinct().count(),
        outlets=gone[Outlet],
        claimants=gone[Claimant],
        articles=gone[Article],
        used=sum(rows.count() for rows in new.values()) - sum(gone.values()),
    )


def take_back_import(*, batch: ImportBatch, by: User, seconds: float = 20) -> bool:
    """Delete the drafts of an import, then what it brought in and nothing else uses.

    Goes on for some `seconds`; returns whether all is done. What is left then, or after it was
    cut off, goes when it is called again: a chunk of drafts goes as a whole or not at all.
    """
    need(by, "delete_claim")
    until = time.monotonic() + seconds
    while ids := _next(batch):
        if time.monotonic() > until:
            return False
        with transaction.atomic():
            take_turn()
            _check(batch)
            delete_drafts(claim_ids=ids, by=by)
    with transaction.atomic():
        # Nobody begins to use what goes.
        take_turn(alone=True)
        _check(batch)
        for model in (Article, Outlet, Claimant):
            for row in _unused(batch, model, Claim.objects.none()):
                _delete(row, by)
        batch.taken_back_by, batch.taken_back_at = by, timezone.now()
        batch.save(update_fields=["taken_back_by", "taken_back_at"])
    return True


_NEVER_PUBLIC = Q(published_at=None, stage__in=[Stage.DRAFT, Stage.REVIEW])


def _next(batch: ImportBatch) -> list[int]:
    """Return the next drafts to delete."""
    return list(claims_of(batch).order_by("pk").values_list("pk", flat=True)[:_CHUNK])


def _check(batch: ImportBatch) -> None:
    """Raise a ValidationError if the import has to stay, or was taken back."""
    if ImportBatch.objects.select_for_update().get(pk=batch.pk).taken_back_at:
        raise ValidationError(_("This import was taken back already."))
    public = claims_of(batch).exclude(_NEVER_PUBLIC).count()
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
    name = str(model._meta.model_name)
    rows = ImportedRow.objects.filter(batch=batch, **{f"{name}__isnull": False})
    found = model._default_manager.filter(pk__in=rows.values(name)).order_by("pk")
    return found.filter(is_confirmed=False) if model is Outlet else found


def _unused(batch: ImportBatch, model: type[Model], besides: QuerySet[Claim]) -> QuerySet[Any]:
    """Return what the import created of a model and nothing uses, if `besides` were gone.

    What protects a row from being deleted uses it.
    """
    found = _new(batch, model)
    for link in model._meta.get_fields():
        if not isinstance(link, ManyToOneRel) or link.on_delete is not PROTECT:
            continue
        user: Any = link.related_model
        users = user._base_manager.filter(**{link.field.name: OuterRef("pk")})
        if user is Claim or hasattr(user, "claim_id"):
            claim = "pk" if user is Claim else "claim"
            users = users.exclude(**{f"{claim}__in": besides.values("pk")})
        found = found.exclude(Exists(users))
    if hasattr(model, "merged_into_id"):
        found = found.filter(merged_into=None)
    return found


def _delete(row: Any, by: User) -> None:
    row._change_reason, row._history_user = "import taken back", by
    row.delete()
