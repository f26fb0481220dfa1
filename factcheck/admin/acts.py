"""What editors can do with several claims at once: what each act does, and what it leaves out."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from factcheck import editing
from factcheck.admin.outcome import LeftOut, and_more, reasons_of
from factcheck.models import Citation, Claim, Proposal, Stage, Status, Verification
from factcheck.models.stages import PUBLIC_STAGES, UNPUBLISHED_STAGES

_AT_A_TIME = 500
_NAMED = 10


@dataclass(frozen=True)
class Act:
    """One thing that is done with claims, and how it is worded."""

    name: str
    verb: Callable[..., Any]
    stages: tuple[Stage, ...]
    permission: str
    title: Any
    will: Any
    done_one: Any
    done: Any
    note: Any
    takes_reason: bool = False
    is_publication: bool = False

    def refusals(self, claim: Claim, by: Any) -> list[str]:
        """Return why the act would leave this claim out; none if it would not."""
        try:
            if self.name == "delete":
                editing.check_deletable(claim, by)
            elif claim.stage not in self.stages:
                return [_("It is in stage “%(stage)s”.") % {"stage": claim.get_stage_display()}]
            elif self.is_publication:
                editing.check_publishable(claim)
        except (ValidationError, PermissionDenied) as error:
            return reasons_of(error)
        return []


PUBLISH_NOTE = _(
    "A published claim never becomes a draft again. It can be retracted, with a reason that"
    " readers see."
)
ACTS = {
    act.name: act
    for act in (
        Act(
            "submit",
            editing.submit,
            (Stage.DRAFT,),
            "submit_claim",
            _("Submit for review"),
            ngettext_lazy(
                "%(n)d claim will be submitted for review.",
                "%(n)d claims will be submitted for review.",
                "n",
            ),
            _("Submitted: %s"),
            ngettext_lazy(
                "%(n)d claim was submitted for review.",
                "%(n)d claims were submitted for review.",
                "n",
            ),
            _("Nothing is public yet. Claims in review can still be edited, or be deleted."),
        ),
        Act(
            "publish",
            editing.publish,
            (Stage.DRAFT, Stage.REVIEW),
            "publish_claim",
            _("Publish"),
            ngettext_lazy("%(n)d claim will be published.", "%(n)d claims will be published.", "n"),
            _("Published: %s"),
            ngettext_lazy("%(n)d claim was published.", "%(n)d claims were published.", "n"),
            PUBLISH_NOTE,
            is_publication=True,
        ),
        Act(
            "retract",
            editing.retract,
            (Stage.PUBLISHED,),
            "retract_claim",
            _("Retract"),
            ngettext_lazy("%(n)d claim will be retracted.", "%(n)d claims will be retracted.", "n"),
            _("Retracted: %s"),
            ngettext_lazy("%(n)d claim was retracted.", "%(n)d claims were retracted.", "n"),
            _(
                "The retraction and its reason stay in the public log. A retracted claim can be"
                " restored, again with a reason."
            ),
            takes_reason=True,
        ),
        Act(
            "restore",
            editing.restore,
            (Stage.RETRACTED,),
            "retract_claim",
            _("Restore"),
            ngettext_lazy("%(n)d claim will be restored.", "%(n)d claims will be restored.", "n"),
            _("Restored: %s"),
            ngettext_lazy("%(n)d claim was restored.", "%(n)d claims were restored.", "n"),
            _(
                "The restoration and its reason stay in the public log. A restored claim can be"
                " retracted again."
            ),
            takes_reason=True,
            is_publication=True,
        ),
        Act(
            "confirm",
            editing.confirm,
            PUBLIC_STAGES,
            "approve_proposal",
            _("Confirm the verdict"),
            ngettext_lazy(
                "The verdict of %(n)d claim will be confirmed.",
                "The verdicts of %(n)d claims will be confirmed.",
                "n",
            ),
            _("Verdict confirmed: %s"),
            ngettext_lazy(
                "The verdict of %(n)d claim was confirmed.",
                "The verdicts of %(n)d claims were confirmed.",
                "n",
            ),
            _("The confirmation and its reason stay in the public log."),
            takes_reason=True,
        ),
        Act(
            "delete",
            editing.delete_draft,
            UNPUBLISHED_STAGES,
            "",
            _("Delete"),
            ngettext_lazy("%(n)d claim will be deleted.", "%(n)d claims will be deleted.", "n"),
            _("Deleted: %s"),
            ngettext_lazy("%(n)d claim was deleted.", "%(n)d claims were deleted.", "n"),
            _("Deleted claims cannot be brought back."),
        ),
    )
}


@dataclass
class Plan:
    """What an act would do with the chosen claims: found out before anybody is asked."""

    act: Act
    ready: list[int] = field(default_factory=list)
    named: list[Claim] = field(default_factory=list)
    left: LeftOut = field(default_factory=LeftOut)
    unverified: int = 0
    uncited: int = 0
    waiting: list[Proposal] = field(default_factory=list)
    waiting_count: int = 0
    citations: int = 0
    proposals: int = 0
    findings: int = 0

    @property
    def will(self) -> str:
        return self.act.will % {"n": len(self.ready)}

    @property
    def more(self) -> str:
        return and_more(len(self.ready) - len(self.named))

    @property
    def more_waiting(self) -> str:
        return and_more(self.waiting_count - len(self.waiting))


def chosen(ids: Sequence[int]) -> Iterator[Claim]:
    """Yield the claims with these ids in their order, some hundreds of them at a time."""
    for start in range(0, len(ids), _AT_A_TIME):
        part = ids[start : start + _AT_A_TIME]
        rows: QuerySet[Claim] = Claim.objects.select_related("article", "claimant")
        found = rows.prefetch_related("verifications").in_bulk(part)
        yield from (found[pk] for pk in part if pk in found)


def plan(act: Act, ids: Sequence[int], by: Any) -> Plan:
    """Return what the act would do with the claims of these ids, and what it would leave out."""
    made = Plan(act)
    for claim in chosen(ids):
        if refusals := act.refusals(claim, by):
            made.left.add(str(claim), refusals, page_of(claim))
            continue
        made.ready.append(claim.pk)
        made.unverified += claim.status == Status.UNVERIFIED
        made.uncited += not claim.citation_count
        if len(made.named) < _NAMED:
            made.named.append(claim)
    for start in range(0, len(made.ready), _AT_A_TIME):
        part = made.ready[start : start + _AT_A_TIME]
        waiting = Proposal.objects.open().filter(claim__in=part).order_by("pk")
        made.waiting_count += waiting.count()
        made.waiting += waiting.select_related("claim")[: _NAMED - len(made.waiting)]
        made.proposals += Proposal.objects.filter(claim__in=part).count()
        made.citations += Citation.objects.filter(claim__in=part).count()
        made.findings += Verification.objects.filter(claim__in=part).count()
    return made


def page_of(claim: Claim) -> str:
    """Return the address of the claim's form."""
    return reverse("admin:factcheck_claim_change", args=[claim.pk])
