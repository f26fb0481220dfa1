"""What editors do with claims: draft, cite, propose, approve, submit, publish, retract, restore."""

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Model
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from factcheck import public_record
from factcheck.db.claim_lock import take_turn
from factcheck.editing.permissions import need
from factcheck.models import (
    Citation,
    Claim,
    Proposal,
    ProposalState,
    Stage,
    Topic,
    Verification,
    VerificationKind,
)


@transaction.atomic
def draft(*, by: User, topics: Sequence[Topic] = (), **fields: Any) -> Claim:
    """Write a new claim that only editors see."""
    need(by, "add_claim")
    claim = Claim(created_by=by, stage=Stage.DRAFT, **fields)
    claim.full_clean()
    _save(claim, reason="drafted", by=by)
    claim.topics.set(topics)
    return claim


@transaction.atomic
def cite(*, claim: Claim, by: User, reason: str = "", **fields: Any) -> Citation:
    """Add a citation to a claim.

    What readers see already, only a reviewer changes, and with a `reason` that they can read.
    """
    need(by, "add_citation")
    claim = _locked(claim)
    if claim.is_public:
        need(by, "publish_claim")
        reason = _given(reason)
    citation = Citation(claim=claim, **fields)
    citation.full_clean()
    _save(citation, reason=reason or "cited", by=by)
    if claim.is_public:
        record(claims=[claim.pk], reason=reason, by=by)
    return citation


@transaction.atomic
def record(*, claims: Iterable[int], reason: str, by: User) -> int:
    """Append to the public record what an editor's act has changed of public claims.

    `claims` are ids; those that are not public, or say what they said, are left out. Return how
    many were recorded. The act itself has asked for the role.
    """
    return public_record.record_changes(claims, reason=_given(reason), by=by)


@transaction.atomic
def confirm(*, claim: Claim, by: User, reason: str) -> Verification:
    """Say that the verdict still holds, though it was given on other words."""
    need(by, "approve_proposal")
    claim = _locked(claim)
    _in_stage(claim, Stage.PUBLISHED, Stage.RETRACTED)
    if not claim.verifications.filter(kind=VerificationKind.FINDING).exists():
        raise ValidationError(_("This claim has no verdict that could be confirmed."))
    entry = Verification.objects.create(
        claim=claim,
        kind=VerificationKind.CONFIRMATION,
        status=claim.status,
        reason=_given(reason),
        reviewer=by,
        approved_by=by,
    )
    public_record.seal()
    return entry


@transaction.atomic
def propose(
    *,
    claim: Claim,
    by: User,
    status: str,
    reason: str,
    label: str = "",
    evidence: Sequence[dict[str, Any]] = (),
) -> Proposal:
    """Record a finding that awaits approval."""
    need(by, "add_proposal")
    proposal = Proposal(
        claim=claim,
        status=status,
        reason=reason,
        label=label,
        evidence=list(evidence),
    )
    proposal.written_by(by)
    proposal.full_clean()
    proposal.save()
    return proposal


@transaction.atomic
def approve(*, proposal: Proposal, by: User, clock_checked: bool = False) -> Verification:
    """Turn a proposal into a verification of this newsroom, with its evidence.

    ValidationError with the code `clock` where the record's last entry is of a moment to come:
    either this server's clock is wrong, or it was. `clock_checked` says that it is right now.
    """
    need(by, "approve_proposal")
    before = _locked(proposal.claim).status
    proposal = _open(proposal)
    if not clock_checked:
        _check_clock()
    if settings.FACTCHECK_TWO_PEOPLE and proposal.is_own(by):
        raise ValidationError(
            _("Another reviewer must approve this finding: you wrote some of it yourself.")
        )
    proposal.full_clean()
    reviewer = proposal.proposed_by or by
    verification = Verification.objects.create(
        claim=proposal.claim,
        status=proposal.status,
        label=proposal.label,
        reason=proposal.reason,
        reviewer=reviewer,
        approved_by=by,
        byline=(reviewer.get_full_name() or reviewer.get_username()) if proposal.is_signed else "",
    )
    for record in proposal.records():
        record.verification = verification
        record.save(force_insert=True)
    proposal.state = ProposalState.APPROVED
    proposal.save(update_fields=["state"])
    public_record.mark_correction(verification, before=before)
    public_record.seal()
    return verification


# What two clocks may differ by.
_CLOCKS = timedelta(minutes=5)


def _check_clock() -> None:
    last = Verification.objects.order_by("-number").only("number", "created_at").first()
    if last is not None and last.created_at > timezone.now() + _CLOCKS:
        raise ValidationError(
            _(
                "Record no. %(number)d is dated %(then)s, which is still to come: it is now"
                " %(now)s by this server's clock. Either the clock is wrong now, or it was wrong"
                " then. Check it before anything else enters the log."
            )
            % {
                "number": last.number,
                "then": date_format(timezone.localtime(last.created_at), "DATETIME_FORMAT"),
                "now": date_format(timezone.localtime(), "DATETIME_FORMAT"),
            },
            code="clock",
        )


@transaction.atomic
def decline(*, proposal: Proposal, by: User) -> None:
    """Close a proposal that shall not become a verification."""
    need(by, "approve_proposal")
    proposal = _open(proposal)
    proposal.state = ProposalState.DECLINED
    proposal.save(update_fields=["state"])


@transaction.atomic
def submit(*, claim: Claim, by: User) -> None:
    """Hand a draft to the reviewers."""
    need(by, "submit_claim")
    claim = _locked(claim)
    _in_stage(claim, Stage.DRAFT)
    _move(claim, Stage.REVIEW, reason="submitted for review", by=by)


def check_publishable(claim: Claim) -> None:
    """Raise a ValidationError that names the field if `claim` may not be shown to readers."""
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
    """Show a claim to readers."""
    need(by, "publish_claim")
    claim = _locked(claim)
    _in_stage(claim, Stage.DRAFT, Stage.REVIEW)
    check_publishable(claim)
    _move(claim, Stage.PUBLISHED, reason="published", by=by)
    _record(claim, VerificationKind.PUBLICATION, reason="", by=by)


@transaction.atomic
def retract(*, claim: Claim, by: User, reason: str) -> Verification:
    """Take a published claim out of the lists; its page stays, marked, with the reason."""
    need(by, "retract_claim")
    claim = _locked(claim)
    _in_stage(claim, Stage.PUBLISHED)
    claim.retraction_reason = _given(reason)
    claim.retracted_at = timezone.now()
    _move(claim, Stage.RETRACTED, reason="retracted", by=by)
    return _record(claim, VerificationKind.RETRACTION, reason=reason.strip(), by=by)


@transaction.atomic
def restore(*, claim: Claim, by: User, reason: str) -> Verification:
    """Bring a retracted claim back into the lists."""
    need(by, "retract_claim")
    claim = _locked(claim)
    _in_stage(claim, Stage.RETRACTED)
    check_publishable(claim)
    claim.retraction_reason = ""
    claim.retracted_at = None
    _move(claim, Stage.PUBLISHED, reason="restored", by=by)
    return _record(claim, VerificationKind.RESTORATION, reason=_given(reason), by=by)


def _locked(claim: Claim) -> Claim:
    take_turn()
    return Claim.objects.select_for_update().get(pk=claim.pk)


def _open(proposal: Proposal) -> Proposal:
    proposal = Proposal.objects.select_for_update().get(pk=proposal.pk)
    if proposal.state != ProposalState.OPEN:
        raise ValidationError(_("This proposal was decided already."))
    return proposal


def _in_stage(claim: Claim, *stages: Stage) -> None:
    if claim.stage not in stages:
        raise ValidationError(
            _("“%(claim)s” is in stage “%(stage)s”: this cannot be done there."),
            code="stage",
            params={"claim": claim, "stage": claim.get_stage_display()},
        )


def _given(reason: str) -> str:
    if not reason.strip():
        raise ValidationError({"reason": _("Give a reason; readers will see it.")})
    return reason.strip()


def _move(claim: Claim, stage: Stage, *, reason: str, by: User) -> None:
    claim.stage = stage
    _save(claim, reason=reason, by=by)


def _save(row: Model, *, reason: str, by: User) -> None:
    row._change_reason, row._history_user = reason, by  # type: ignore[attr-defined]
    row.save()


def _record(claim: Claim, kind: VerificationKind, *, reason: str, by: User) -> Verification:
    return public_record.add_content_record(claim, kind=kind, reason=reason, by=by)
