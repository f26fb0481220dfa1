"""The actions on one or several claims, and the claims that each would leave out."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from factcheck import editing
from factcheck.admin.outcome import LeftOut, and_more, error_reasons
from factcheck.admin.pages import form_url
from factcheck.db import bulk_sql
from factcheck.models import Citation, Claim, Proposal, Stage, Status, Verification
from factcheck.models.stages import PUBLIC_STAGES, UNPUBLISHED_STAGES

_CHUNK = 500
_MAX_NAMED = 10


@dataclass(frozen=True, kw_only=True)
class ClaimAction:
    """Something that editors do with claims, and its wording."""

    name: str
    list_name: str  # in the list's menu of actions
    label: Any
    function: Callable[..., Any]
    stages: tuple[Stage, ...]
    permission: str  # empty: each claim is asked for its own
    title: Any
    will: Any
    done_single: Any
    done: Any
    note: Any
    takes_reason: bool = False
    is_publication: bool = False

    def reasons_against(self, claim: Claim, by: Any) -> list[str]:
        """Return why the action would leave this claim out; nothing if it would not."""
        try:
            if self.name == "delete":
                editing.check_deletable(claim, by)
            elif claim.stage not in self.stages:
                return [_("It is in stage “%(stage)s”.") % {"stage": claim.get_stage_display()}]
            elif self.is_publication:
                editing.check_publishable(claim)
        except (ValidationError, PermissionDenied) as error:
            return error_reasons(error)
        return []


_ACTIONS = (
    ClaimAction(
        name="submit",
        list_name="submit_claims",
        label=_("Submit for review…"),
        function=editing.submit,
        stages=(Stage.DRAFT,),
        permission="submit_claim",
        title=_("Submit for review"),
        will=ngettext_lazy(
            "%(n)d claim will be submitted for review.",
            "%(n)d claims will be submitted for review.",
            "n",
        ),
        done_single=_("Submitted: %s"),
        done=ngettext_lazy(
            "%(n)d claim was submitted for review.", "%(n)d claims were submitted for review.", "n"
        ),
        note=_("Nothing is public yet. Claims in review can still be edited, or be deleted."),
    ),
    ClaimAction(
        name="publish",
        list_name="publish_claims",
        label=_("Publish…"),
        function=editing.publish,
        stages=(Stage.DRAFT, Stage.REVIEW),
        permission="publish_claim",
        title=_("Publish"),
        will=ngettext_lazy(
            "%(n)d claim will be published.", "%(n)d claims will be published.", "n"
        ),
        done_single=_("Published: %s"),
        done=ngettext_lazy("%(n)d claim was published.", "%(n)d claims were published.", "n"),
        note=_(
            "A published claim never becomes a draft again. It can be retracted, with a reason that"
            " readers see."
        ),
        is_publication=True,
    ),
    ClaimAction(
        name="retract",
        list_name="retract_claims",
        label=_("Retract…"),
        function=editing.retract,
        stages=(Stage.PUBLISHED,),
        permission="retract_claim",
        title=_("Retract"),
        will=ngettext_lazy(
            "%(n)d claim will be retracted.", "%(n)d claims will be retracted.", "n"
        ),
        done_single=_("Retracted: %s"),
        done=ngettext_lazy("%(n)d claim was retracted.", "%(n)d claims were retracted.", "n"),
        note=_(
            "The retraction and its reason stay in the public log. A retracted claim can be"
            " restored, again with a reason."
        ),
        takes_reason=True,
    ),
    ClaimAction(
        name="restore",
        list_name="restore_claims",
        label=_("Restore…"),
        function=editing.restore,
        stages=(Stage.RETRACTED,),
        permission="retract_claim",
        title=_("Restore"),
        will=ngettext_lazy("%(n)d claim will be restored.", "%(n)d claims will be restored.", "n"),
        done_single=_("Restored: %s"),
        done=ngettext_lazy("%(n)d claim was restored.", "%(n)d claims were restored.", "n"),
        note=_(
            "The restoration and its reason stay in the public log. A restored claim can be"
            " retracted again."
        ),
        takes_reason=True,
        is_publication=True,
    ),
    ClaimAction(
        name="confirm",
        list_name="confirm_verdicts",
        label=_("Confirm the verdict…"),
        function=editing.confirm,
        stages=PUBLIC_STAGES,
        permission="approve_proposal",
        title=_("Confirm the verdict"),
        will=ngettext_lazy(
            "The verdict of %(n)d claim will be confirmed.",
            "The verdicts of %(n)d claims will be confirmed.",
            "n",
        ),
        done_single=_("Verdict confirmed: %s"),
        done=ngettext_lazy(
            "The verdict of %(n)d claim was confirmed.",
            "The verdicts of %(n)d claims were confirmed.",
            "n",
        ),
        note=_("The confirmation and its reason stay in the public log."),
        takes_reason=True,
    ),
    ClaimAction(
        name="delete",
        list_name="delete_selected",
        label=_("Delete…"),
        function=editing.delete_draft,
        stages=UNPUBLISHED_STAGES,
        permission="",
        title=_("Delete"),
        will=ngettext_lazy("%(n)d claim will be deleted.", "%(n)d claims will be deleted.", "n"),
        done_single=_("Deleted: %s"),
        done=ngettext_lazy("%(n)d claim was deleted.", "%(n)d claims were deleted.", "n"),
        note=_("Deleted claims cannot be brought back."),
    ),
)
CLAIM_ACTIONS = {action.name: action for action in _ACTIONS}


@dataclass
class ActionPlan:
    """The effects of an action on some claims, for the page that asks before it is done."""

    action: ClaimAction
    accepted: list[int] = field(default_factory=list)
    named: list[Claim] = field(default_factory=list)
    left_out: LeftOut = field(default_factory=LeftOut)
    unverified: int = 0
    uncited: int = 0
    waiting: list[Proposal] = field(default_factory=list)
    waiting_count: int = 0
    citations: int = 0
    proposals: int = 0
    findings: int = 0

    @property
    def will(self) -> str:
        return self.action.will % {"n": len(self.accepted)}

    @property
    def more(self) -> str:
        return and_more(len(self.accepted) - len(self.named))

    @property
    def more_waiting(self) -> str:
        return and_more(self.waiting_count - len(self.waiting))

    def add(self, claim: Claim, by: Any) -> None:
        if reasons := self.action.reasons_against(claim, by):
            self.left_out.add(str(claim), reasons, form_url(claim))
            return
        self.accepted.append(claim.pk)
        self.unverified += claim.status == Status.UNVERIFIED
        self.uncited += not claim.citation_count
        if len(self.named) < _MAX_NAMED:
            self.named.append(claim)

    def count_dependents(self) -> None:
        """Count the citations, proposals and findings of the accepted claims."""
        for ids in bulk_sql.batches(self.accepted, _CHUNK):
            waiting = Proposal.objects.open().filter(claim__in=ids).order_by("pk")
            self.waiting_count += waiting.count()
            self.waiting += waiting.select_related("claim")[: _MAX_NAMED - len(self.waiting)]
            self.proposals += Proposal.objects.filter(claim__in=ids).count()
            self.citations += Citation.objects.filter(claim__in=ids).count()
            self.findings += Verification.objects.filter(claim__in=ids).count()


def plan_action(action: ClaimAction, ids: Sequence[int], by: Any) -> ActionPlan:
    """Return the plan of an action for the claims with these ids."""
    plan = ActionPlan(action)
    for claim in claims_in_order(ids):
        plan.add(claim, by)
    plan.count_dependents()
    return plan


def claims_in_order(ids: Sequence[int]) -> Iterator[Claim]:
    """Yield the claims with these ids, in their order, reading some hundreds at once."""
    rows = Claim.objects.select_related("article", "claimant").prefetch_related("verifications")
    for chunk in bulk_sql.batches(ids, _CHUNK):
        claims = rows.in_bulk(chunk)
        yield from (claims[pk] for pk in chunk if pk in claims)
