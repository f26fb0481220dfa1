"""Approving and declining findings: a page shows what becomes permanent, and asks once."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import path, reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from factcheck import editing
from factcheck.admin.outcome import Outcome, show_outcome
from factcheck.admin.pages import digest_of, form_url, list_url, parse_ids, render_page
from factcheck.db.claim_lock import lock_claims
from factcheck.models import Claim, Evidence, Proposal, ProposalState

APPROVE = "_approve"
# The page shows each finding in full: nobody reads more of them on one page.
_MAX_FINDINGS = 50


class StaleError(Exception):
    """A proposal or its claim has changed since the page that asks was opened."""


class PendingFinding:
    """A proposal as it will stand in the log once `by` has approved it."""

    def __init__(self, proposal: Proposal, by: Any) -> None:
        self.proposal = proposal
        self.claim = proposal.claim
        self.by = by
        self.today = timezone.localdate()

    @property
    def byline(self) -> str:
        """Return the name that readers will see; empty where they will see “Reviewer”."""
        author: Any = self.proposal.proposed_by or self.by
        return (author.get_full_name() or author.get_username()) if self.proposal.is_signed else ""

    @cached_property
    def records(self) -> list[Evidence]:
        try:
            return self.proposal.records()
        except ValidationError:
            return []

    @property
    def refusal(self) -> str:
        """Return why this editor cannot approve it; empty if nothing stands in the way."""
        if not self.is_open:
            return _("This proposal was decided already.")
        if editing.needs_second_person(self.proposal, self.by):
            return _("Another reviewer must approve this finding: you wrote some of it yourself.")
        return ""

    @property
    def is_open(self) -> bool:
        return self.proposal.state == ProposalState.OPEN

    @property
    def digest(self) -> str:
        """Return a digest of everything that the page shows of the finding and its claim."""
        claim, proposal = self.claim, self.proposal
        return digest_of(
            [
                *(proposal.pk, proposal.status, proposal.label, proposal.reason),
                *(proposal.evidence, self.byline),
                *(claim.pk, claim.text, claim.native_text, claim.status, claim.stage),
                *(str(claim.claimant or ""), str(claim.claimed_on or "")),
            ]
        )


def open_proposals() -> QuerySet[Proposal]:
    """Return the proposals that await a decision, with what their pages show."""
    return _proposals().open()  # type: ignore[attr-defined]


def _proposals() -> QuerySet[Proposal]:
    return Proposal.objects.select_related("claim__claimant", "proposed_by")


def redirect_to_approval(request: HttpRequest, claim: Claim) -> HttpResponseRedirect:
    """Redirect to the page that approves the claim's open finding; warn if there is none."""
    proposal = claim.proposals.open().first()
    if proposal is None:
        messages.warning(
            request, _("There is no finding to approve yet. Fill in “Propose a finding” first.")
        )
        return HttpResponseRedirect(form_url(claim))
    return HttpResponseRedirect(reverse("admin:factcheck_proposal_approve", args=[proposal.pk]))


@transaction.atomic
def _decide(verb: str, pk: int, digest: str, *, by: Any, clock_checked: bool) -> None:
    """Approve or decline a proposal if it still is as the page showed it."""
    lock_claims()
    list(Claim.objects.select_for_update().filter(proposals=pk))
    proposal = _proposals().select_for_update(of=("self",)).get(pk=pk)
    if PendingFinding(proposal, by).digest != digest:
        raise StaleError
    if verb == "approve":
        editing.approve(proposal=proposal, by=by, clock_checked=clock_checked)
    else:
        editing.decline(proposal=proposal, by=by)


class FindingDecisionsMixin:
    """Adds the pages on which findings are approved and declined."""

    admin_site: Any
    model: Any
    actions: Any = ("approve_proposals", "decline_proposals")

    def get_urls(self) -> list[Any]:
        pages = []
        for verb in ("approve", "decline"):
            view = self.admin_site.admin_view(self._view(verb))
            pages += [
                path(f"<int:pk>/{verb}/", view, name=f"factcheck_proposal_{verb}"),
                path(f"{verb}/", view, name=f"factcheck_proposal_{verb}_several"),
            ]
        return [*pages, *super().get_urls()]  # type: ignore[misc]

    def has_approve_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("factcheck.approve_proposal")

    @admin.action(description=gettext_lazy("Approve…"), permissions=["approve"])
    def approve_proposals(
        self, request: HttpRequest, queryset: QuerySet[Proposal]
    ) -> HttpResponse | None:
        return self._ask_from_list(request, "approve", queryset)

    @admin.action(description=gettext_lazy("Decline…"), permissions=["approve"])
    def decline_proposals(
        self, request: HttpRequest, queryset: QuerySet[Proposal]
    ) -> HttpResponse | None:
        return self._ask_from_list(request, "decline", queryset)

    def _ask_from_list(
        self, request: HttpRequest, verb: str, queryset: QuerySet[Proposal]
    ) -> HttpResponse | None:
        ids = list(queryset.values_list("pk", flat=True)[: _MAX_FINDINGS + 1])
        if len(ids) > _MAX_FINDINGS:
            messages.error(
                request,
                _("Choose at most %(n)d findings: the next page shows each in full.")
                % {"n": _MAX_FINDINGS},
            )
            return None
        return self._ask(request, verb, ids)

    def _view(self, verb: str) -> Any:
        def view(request: HttpRequest, pk: int | None = None) -> HttpResponse:
            """Show the findings (GET), or decide those that were shown (POST)."""
            if not self.has_approve_permission(request):
                raise PermissionDenied
            if request.method == "POST":
                return self._decide_shown(request, verb, pk)
            if pk is not None:
                get_object_or_404(Proposal, pk=pk)
            return self._ask(request, verb, [pk] if pk else [])

        return view

    def _decide_shown(self, request: HttpRequest, verb: str, pk: int | None) -> HttpResponse:
        fields = [field.partition(":") for field in request.POST.getlist("proposal")]
        shown = [
            (proposal, digest)
            for text, _colon, digest in fields[:_MAX_FINDINGS]
            for proposal in parse_ids(text)
        ]
        if not shown:
            return self._ask(request, verb, [pk] if pk else [])
        outcome, undecided = _decide_all(request, verb, shown)
        if outcome:
            show_outcome(request, _done_text(verb, outcome.done), outcome.left_out)
        if undecided:
            return self._ask(request, verb, undecided, clock=outcome.clock_error)
        if len(shown) == 1 and (proposal := _proposals().filter(pk=shown[0][0]).first()):
            return HttpResponseRedirect(form_url(proposal.claim))
        return HttpResponseRedirect(list_url(Proposal))

    def _ask(
        self, request: HttpRequest, verb: str, ids: list[int], *, clock: str = ""
    ) -> HttpResponse:
        rows = _proposals().filter(pk__in=ids).order_by("pk")
        findings = [PendingFinding(proposal, request.user) for proposal in rows]
        is_approval = verb == "approve"
        refused = [
            finding
            for finding in findings
            if (finding.refusal if is_approval else not finding.is_open)
        ]
        return render_page(
            self,
            request,
            "proposal/decide.html",
            title=_("Approve") if is_approval else _("Decline"),
            action=reverse(f"admin:factcheck_proposal_{verb}_several"),
            is_approval=is_approval,
            findings=[finding for finding in findings if finding not in refused],
            refused=refused,
            clock=clock,
            back=form_url(findings[0].claim) if len(findings) == 1 else list_url(Proposal),
        )


def _decide_all(
    request: HttpRequest, verb: str, shown: list[tuple[int, str]]
) -> tuple[Outcome, list[int]]:
    """Decide the findings that a page showed; return also the ids of those to ask about again."""
    outcome, undecided = Outcome(), []
    clock_checked = "clock_checked" in request.POST
    for pk, digest in shown:
        if outcome.clock_error:
            undecided.append(pk)
            continue
        try:
            _decide(verb, pk, digest, by=request.user, clock_checked=clock_checked)
        except StaleError:
            messages.warning(
                request, _("The finding changed after you opened this page. It was not decided.")
            )
            undecided.append(pk)
        except (ValidationError, PermissionDenied) as error:
            outcome.add_error(error, str(_proposals().get(pk=pk).claim))
            if outcome.clock_error:
                undecided.append(pk)
        except Proposal.DoesNotExist:
            outcome.add_missing(pk)
        else:
            outcome.add_done(pk)
    return outcome, undecided


def _done_text(verb: str, count: int) -> str:
    if not count:
        return ""
    if verb == "decline":
        return ngettext("%(n)d finding was declined.", "%(n)d findings were declined.", count) % {
            "n": count
        }
    return ngettext(
        "%(n)d finding is now in the public log.",
        "%(n)d findings are now in the public log.",
        count,
    ) % {"n": count}
