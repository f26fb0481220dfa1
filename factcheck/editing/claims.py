"""Drafting and citing claims, and moving them from stage to stage."""

from collections.abc import Sequence
from typing import Any

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from factcheck import public_record
from factcheck.db.claim_lock import lock_claims
from factcheck.editing.attribution import save_as
from factcheck.editing.public_claims import record_change, require_public_change, require_reason
from factcheck.editing.roles import require_permission
from factcheck.models import Citation, Claim, Stage, Topic, Verification, VerificationKind


@transaction.atomic
def draft(*, by: User, topics: Sequence[Topic] = (), **fields: Any) -> Claim:
    """Create a claim that only editors see."""
    require_permission(by, "add_claim")
    claim = Claim(created_by=by, stage=Stage.DRAFT, **fields)
    claim.full_clean()
    save_as(claim, reason="drafted", by=by)
    claim.topics.set(topics)
    return claim


@transaction.atomic
def cite(*, claim: Claim, by: User, reason: str = "", **fields: Any) -> Citation:
    """Add a citation to a claim. A public claim needs a reviewer, and a `reason` for readers."""
    require_permission(by, "add_citation")
    claim = lock_claim(claim)
    if claim.is_public:
        require_public_change(by)
        reason = require_reason(reason)
    citation = Citation(claim=claim, **fields)
    citation.full_clean()
    save_as(citation, reason=reason or "cited", by=by)
    if claim.is_public:
        record_change(claims=[claim.pk], reason=reason, by=by)
    return citation


@transaction.atomic
def submit(*, claim: Claim, by: User) -> None:
    """Hand a draft to the reviewers."""
    require_permission(by, "submit_claim")
    claim = lock_claim(claim)
    require_stage(claim, Stage.DRAFT)
    _move(claim, Stage.REVIEW, reason="submitted for review", by=by)


def check_publishable(claim: Claim) -> None:
    """Raise a ValidationError that names the field if readers must not see `claim`."""
    if claim.is_the_articles_sentence and not claim.is_quotation:
        raise ValidationError(
            {
                "text": _(
                    "This is the article's own sentence. Write the statement in your own words,"
                    " or mark it as a quotation."
                )
            }
        )


@transaction.atomic
def publish(*, claim: Claim, by: User) -> None:
    """Make a claim public."""
    require_permission(by, "publish_claim")
    claim = lock_claim(claim)
    require_stage(claim, Stage.DRAFT, Stage.REVIEW)
    check_publishable(claim)
    _move(claim, Stage.PUBLISHED, reason="published", by=by)
    _record(claim, VerificationKind.PUBLICATION, reason="", by=by)


@transaction.atomic
def retract(*, claim: Claim, by: User, reason: str) -> Verification:
    """Take a published claim out of the lists; its page stays, marked, with the reason."""
    require_permission(by, "retract_claim")
    claim = lock_claim(claim)
    require_stage(claim, Stage.PUBLISHED)
    claim.retraction_reason = require_reason(reason)
    claim.retracted_at = timezone.now()
    _move(claim, Stage.RETRACTED, reason="retracted", by=by)
    return _record(claim, VerificationKind.RETRACTION, reason=claim.retraction_reason, by=by)


@transaction.atomic
def restore(*, claim: Claim, by: User, reason: str) -> Verification:
    """Bring a retracted claim back into the lists."""
    require_permission(by, "retract_claim")
    claim = lock_claim(claim)
    require_stage(claim, Stage.RETRACTED)
    check_publishable(claim)
    claim.retraction_reason = ""
    claim.retracted_at = None
    _move(claim, Stage.PUBLISHED, reason="restored", by=by)
    return _record(claim, VerificationKind.RESTORATION, reason=require_reason(reason), by=by)


def lock_claim(claim: Claim) -> Claim:
    """Return the claim as stored, its row locked until the transaction ends."""
    lock_claims()
    return Claim.objects.select_for_update().get(pk=claim.pk)


def require_stage(claim: Claim, *stages: Stage) -> None:
    """Raise a ValidationError unless the claim is in one of these stages."""
    if claim.stage not in stages:
        raise ValidationError(
            _("“%(claim)s” is in stage “%(stage)s”: this cannot be done there."),
            code="stage",
            params={"claim": claim, "stage": claim.get_stage_display()},
        )


def _move(claim: Claim, stage: Stage, *, reason: str, by: User) -> None:
    claim.stage = stage
    save_as(claim, reason=reason, by=by)


def _record(claim: Claim, kind: VerificationKind, *, reason: str, by: User) -> Verification:
    return public_record.add_content_record(claim, kind=kind, reason=reason, by=by)
