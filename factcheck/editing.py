"""What editors do with claims: propose, approve, submit, publish, retract, restore, merge.

Each function takes the actor as `by`, checks the actor's role (PermissionDenied) and the claim's
state (ValidationError), and writes all or nothing.
"""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Model
from django.utils import timezone
from django.utils.translation import gettext as _

from factcheck.models import (
    Citation,
    Claim,
    Claimant,
    Outlet,
    Proposal,
    ProposalState,
    Stage,
    Verification,
    VerificationKind,
)
from factcheck.models.turns import take_turn


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
    _need(by, "add_proposal")
    proposal = Proposal(
        claim=claim,
        proposed_by=by,
        status=status,
        reason=reason,
        label=label,
        evidence=list(evidence),
    )
    proposal.full_clean()
    proposal.save()
    return proposal


@transaction.atomic
def approve(*, proposal: Proposal, by: User) -> Verification:
    """Turn a proposal into a verification of this newsroom, with its evidence."""
    _need(by, "approve_proposal")
    _locked(proposal.claim)
    proposal = _open(proposal)
    if settings.FACTCHECK_TWO_PEOPLE and proposal.proposed_by_id == by.pk:
        raise ValidationError(
            _("Another reviewer must approve this finding: you proposed it yourself.")
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
    return verification


@transaction.atomic
def decline(*, proposal: Proposal, by: User) -> None:
    """Close a proposal that shall not become a verification."""
    _need(by, "approve_proposal")
    proposal = _open(proposal)
    proposal.state = ProposalState.DECLINED
    proposal.save(update_fields=["state"])


@transaction.atomic
def submit(*, claim: Claim, by: User) -> None:
    """Hand a draft to the reviewers."""
    _need(by, "submit_claim")
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
    _need(by, "publish_claim")
    claim = _locked(claim)
    _in_stage(claim, Stage.DRAFT, Stage.REVIEW)
    check_publishable(claim)
    _move(claim, Stage.PUBLISHED, reason="published", by=by)


@transaction.atomic
def retract(*, claim: Claim, by: User, reason: str) -> Verification:
    """Take a published claim out of the lists; its page stays, marked, with the reason."""
    _need(by, "retract_claim")
    claim = _locked(claim)
    _in_stage(claim, Stage.PUBLISHED)
    claim.retraction_reason = _given(reason)
    claim.retracted_at = timezone.now()
    _move(claim, Stage.RETRACTED, reason="retracted", by=by)
    return _log(claim, VerificationKind.RETRACTION, reason=reason, by=by)


@transaction.atomic
def restore(*, claim: Claim, by: User, reason: str) -> Verification:
    """Bring a retracted claim back into the lists."""
    _need(by, "retract_claim")
    claim = _locked(claim)
    _in_stage(claim, Stage.RETRACTED)
    check_publishable(claim)
    claim.retraction_reason = ""
    claim.retracted_at = None
    _move(claim, Stage.PUBLISHED, reason="restored", by=by)
    return _log(claim, VerificationKind.RESTORATION, reason=_given(reason), by=by)


@transaction.atomic
def merge_outlets(*, loser: Outlet, winner: Outlet, by: User) -> None:
    """Make `loser` a name of `winner`. Nothing is deleted but citations that become the same."""
    _need(by, "change_outlet", "delete_outlet")
    _check_merge(loser, winner)
    take_turn(alone=True)
    for citation in loser.citations.all():
        twin = Citation.objects.filter(
            claim=citation.claim_id,
            outlet=winner,
            date_text=citation.date_text,
            url=citation.url,
        ).first()
        if twin:
            _fold_citation(citation, into=twin)
        else:
            citation.outlet = winner
            if citation.reprint_of_id == winner.pk:
                citation.reprint_of = None
            _save(citation, reason=f"outlet merged into {winner.slug}")
    for citation in loser.reprints.all():
        citation.reprint_of = None if citation.outlet_id == winner.pk else winner
        _save(citation, reason=f"outlet merged into {winner.slug}")
    loser.aliases.update(outlet=winner)
    loser.articles.update(publisher=winner)
    loser.merged.update(merged_into=winner)
    loser.merged_into = winner
    _save(loser, reason=f"merged into {winner.slug}")


@transaction.atomic
def merge_claimants(*, loser: Claimant, winner: Claimant, by: User) -> None:
    """Give all claims of `loser` to `winner`; the loser keeps its row."""
    _need(by, "change_claimant", "delete_claimant")
    _check_merge(loser, winner)
    for claim in loser.claims.all():
        claim.claimant = winner
        _save(claim, reason=f"claimant merged into {winner.slug}")
    for outlet in loser.own_outlets.all():
        outlet.speaks_for = winner
        _save(outlet, reason=f"claimant merged into {winner.slug}")
    loser.merged.update(merged_into=winner)
    loser.merged_into = winner
    _save(loser, reason=f"merged into {winner.slug}")


def _fold_citation(citation: Citation, *, into: Citation) -> None:
    texts = dict.fromkeys(filter(None, [into.as_cited, citation.as_cited]))
    into.as_cited = "; ".join(texts)[:500]
    _save(into, reason="folded with the same citation of a merged outlet")
    citation.delete()


def _check_merge(loser: Any, winner: Any) -> None:
    if loser.pk == winner.pk:
        raise ValidationError(_("Choose two different rows to merge."))
    if loser.merged_into_id or winner.merged_into_id:
        raise ValidationError(_("One of them was merged already."))


def _need(by: User, *codenames: str) -> None:
    for codename in codenames:
        if not by.has_perm(f"factcheck.{codename}"):
            raise PermissionDenied(
                _("Your role does not allow this (%(name)s).") % {"name": codename}
            )


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
            _("“%(claim)s” is in stage “%(stage)s”: this cannot be done there.")
            % {"claim": claim, "stage": claim.get_stage_display()}
        )


def _given(reason: str) -> str:
    if not reason.strip():
        raise ValidationError({"reason": _("Give a reason; readers will see it.")})
    return reason.strip()


def _move(claim: Claim, stage: Stage, *, reason: str, by: User) -> None:
    claim.stage = stage
    claim._history_user = by  # type: ignore[attr-defined]
    _save(claim, reason=reason)


def _save(row: Model, *, reason: str) -> None:
    row._change_reason = reason  # type: ignore[attr-defined]
    row.save()


def _log(claim: Claim, kind: VerificationKind, *, reason: str, by: User) -> Verification:
    return Verification.objects.create(
        claim=claim,
        kind=kind,
        status=claim.status,
        reason=reason.strip(),
        reviewer=by,
        approved_by=by,
    )
