"""Proposing findings, approving or declining them, and confirming a verdict."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from factcheck import public_record
from factcheck.editing.claims import lock_claim, require_stage
from factcheck.editing.permissions import require_permission
from factcheck.editing.public_claims import require_reason
from factcheck.models import Claim, Proposal, ProposalState, Stage, Verification, VerificationKind

# The clocks of two servers may differ by this much.
_CLOCK_TOLERANCE = timedelta(minutes=5)


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
    require_permission(by, "add_proposal")
    proposal = Proposal(
        claim=claim, status=status, reason=reason, label=label, evidence=list(evidence)
    )
    proposal.add_author(by)
    proposal.full_clean()
    proposal.save()
    return proposal


def may_approve(proposal: Proposal | None, by: User) -> bool:
    """Return whether an editor may approve a proposal; None stands for one of her own."""
    return by.has_perm("factcheck.approve_proposal") and not needs_second_person(proposal, by)


def needs_second_person(proposal: Proposal | None, by: User) -> bool:
    """Return whether another reviewer must approve a proposal, because `by` wrote some of it."""
    return settings.FACTCHECK_REQUIRE_SECOND_APPROVER and (
        proposal is None or proposal.is_author(by)
    )


@transaction.atomic
def approve(*, proposal: Proposal, by: User, clock_checked: bool = False) -> Verification:
    """Turn a proposal into a verification by this newsroom, with its evidence.

    Raise a ValidationError with the code `clock` if the last record is dated in the future: the
    server's clock is wrong now, or it was wrong then. `clock_checked` says that it is right now.
    """
    require_permission(by, "approve_proposal")
    status_before = lock_claim(proposal.claim).status
    proposal = _lock_open(proposal)
    if not clock_checked:
        _check_clock()
    if needs_second_person(proposal, by):
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
    _close(proposal, ProposalState.APPROVED)
    public_record.mark_correction(verification, before=status_before)
    public_record.seal()
    return verification


@transaction.atomic
def decline(*, proposal: Proposal, by: User) -> None:
    """Close a proposal without making a verification of it."""
    require_permission(by, "approve_proposal")
    _close(_lock_open(proposal), ProposalState.DECLINED)


@transaction.atomic
def confirm(*, claim: Claim, by: User, reason: str) -> Verification:
    """Record that the verdict still holds, although the claim's wording has changed since."""
    require_permission(by, "approve_proposal")
    claim = lock_claim(claim)
    require_stage(claim, Stage.PUBLISHED, Stage.RETRACTED)
    if not claim.verifications.filter(kind=VerificationKind.FINDING).exists():
        raise ValidationError(_("This claim has no verdict that could be confirmed."))
    entry = Verification.objects.create(
        claim=claim,
        kind=VerificationKind.CONFIRMATION,
        status=claim.status,
        reason=require_reason(reason),
        reviewer=by,
        approved_by=by,
    )
    public_record.seal()
    return entry


def _lock_open(proposal: Proposal) -> Proposal:
    proposal = Proposal.objects.select_for_update().get(pk=proposal.pk)
    if proposal.state != ProposalState.OPEN:
        raise ValidationError(_("This proposal was decided already."))
    return proposal


def _close(proposal: Proposal, state: ProposalState) -> None:
    proposal.state = state
    proposal.save(update_fields=["state"])


def _check_clock() -> None:
    last = Verification.objects.order_by("-number").only("number", "created_at").first()
    if last is not None and last.created_at > timezone.now() + _CLOCK_TOLERANCE:
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
