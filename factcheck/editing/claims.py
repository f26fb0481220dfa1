"""What editors do with claims: draft, cite, propose, approve, publish, retract, delete a draft."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import CASCADE, ManyToOneRel, Model
from django.utils import timezone
from django.utils.translation import gettext as _

from factcheck import sql
from factcheck.editing import records
from factcheck.editing.common import need
from factcheck.history import remember
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
from factcheck.models.turns import take_turn


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
def cite(*, claim: Claim, by: User, **fields: Any) -> Citation:
    """Add a citation to a claim; what readers see already, only a reviewer changes."""
    need(by, "add_citation")
    claim = _locked(claim)
    if claim.is_public:
        need(by, "publish_claim")
    citation = Citation(claim=claim, **fields)
    citation.full_clean()
    _save(citation, reason="cited", by=by)
    return citation


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
def approve(*, proposal: Proposal, by: User) -> Verification:
    """Turn a proposal into a verification of this newsroom, with its evidence."""
    need(by, "approve_proposal")
    _locked(proposal.claim)
    proposal = _open(proposal)
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
    return verification


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


@transaction.atomic
def delete_draft(*, claim: Claim, by: User) -> None:
    """Delete a claim that was never public, with its citations and proposals."""
    delete_drafts(claim_ids=[claim.pk], by=by)


@transaction.atomic
def delete_drafts(*, claim_ids: Iterable[int], by: User) -> int:
    """Delete claims that were never public; return how many were still there."""
    need(by, "delete_claim")
    take_turn()
    ids = sql.within(claim_ids)
    claims = list(Claim.objects.select_for_update().filter(pk__in=ids).order_by("pk"))
    for claim in claims:
        _in_stage(claim, Stage.DRAFT, Stage.REVIEW)
        if claim.published_at:
            raise ValidationError(
                _("“%(claim)s” was public once: retract it instead of deleting it.")
                % {"claim": claim}
            )
    logged = set(Verification.objects.filter(claim__in=claims).values_list("claim", flat=True))
    if with_records := [claim for claim in claims if claim.pk in logged]:
        records.remove_unpublished_records(with_records)
    _delete([claim.pk for claim in claims], by)
    return len(claims)


def _delete(claim_ids: list[int], by: User) -> None:
    """Delete claims with the rows that go with them, in a few statements for all of them.

    Django would collect the rows of each, and write their history one by one.
    """
    cited = Citation.objects.filter(claim__in=sql.within(claim_ids)).values_list("pk", flat=True)
    reason = "draft deleted"
    remember(Citation, cited.order_by("pk"), reason=reason, sign="-", by=by)
    remember(Claim, claim_ids, reason=reason, sign="-", by=by)
    links = [found for found in Claim._meta.get_fields() if isinstance(found, ManyToOneRel)]
    for link in links:
        if link.on_delete is CASCADE:
            sql.delete(link.related_model._meta.db_table, link.field.column, claim_ids)
    for many in Claim._meta.many_to_many:
        sql.delete(many.m2m_db_table(), many.m2m_column_name(), claim_ids)
    sql.delete(Claim._meta.db_table, "id", claim_ids)


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


@transaction.atomic
def retract(*, claim: Claim, by: User, reason: str) -> Verification:
    """Take a published claim out of the lists; its page stays, marked, with the reason."""
    need(by, "retract_claim")
    claim = _locked(claim)
    _in_stage(claim, Stage.PUBLISHED)
    claim.retraction_reason = _given(reason)
    claim.retracted_at = timezone.now()
    _move(claim, Stage.RETRACTED, reason="retracted", by=by)
    return _log(claim, VerificationKind.RETRACTION, reason=reason, by=by)


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
    return _log(claim, VerificationKind.RESTORATION, reason=_given(reason), by=by)


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
    _save(claim, reason=reason, by=by)


def _save(row: Model, *, reason: str, by: User) -> None:
    row._change_reason, row._history_user = reason, by  # type: ignore[attr-defined]
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
