"""Approving and declining findings: a page shows what becomes permanent, and asks once."""

import hashlib
import json
from typing import Any

from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from factcheck import editing
from factcheck.admin.base import numbers
from factcheck.admin.outcome import LeftOut, reasons_of, tell
from factcheck.db.claim_lock import take_turn
from factcheck.models import Claim, Evidence, Proposal, ProposalState

APPROVE = "_approve"
# Each is shown in full: nobody reads more of them on one page.
_MOST = 50


class Finding:
    """A proposal as it will stand in the log once `by` has approved it."""

    def __init__(self, proposal: Proposal, by: Any) -> None:
        self.proposal = proposal
        self.claim = proposal.claim
        self.by = by
        self.today = timezone.localdate()

    @property
    def byline(self) -> str:
        """Return the name that readers will see, or nothing where it says “Reviewer”."""
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
        """Return why this editor cannot approve it, or nothing."""
        if self.proposal.state != ProposalState.OPEN:
            return _("This proposal was decided already.")
        if settings.FACTCHECK_TWO_PEOPLE and self.proposal.is_own(self.by):
            return _("Another reviewer must approve this finding: you wrote some of it yourself.")
        return ""

    @property
    def digest(self) -> str:
        """Return a digest of all that the page shows of the finding and its claim."""
        claim, proposal = self.claim, self.proposal
        shown = [
            *(proposal.pk, proposal.status, proposal.label, proposal.reason, proposal.evidence),
            *(self.byline, claim.pk, claim.text, claim.native_text, claim.status),
            *(claim.stage, str(claim.claimant or ""), str(claim.claimed_on or "")),
        ]
        return hashlib.sha256(json.dumps(shown, sort_keys=True).encode()).hexdigest()


def is_about_the_clock(error: Exception) -> bool:
    """Return whether the log refused a record because its last one is dated later than now."""
    return getattr(error, "code", None) == "clock"


def may_approve(user: Any, claim: Claim | None) -> bool:
    """Return whether this editor may approve the claim's open finding, or a new one."""
    if not user.has_perm("factcheck.approve_proposal"):
        return False
    if not settings.FACTCHECK_TWO_PEOPLE:
        return True
    # What is open must be somebody else's; what is new would be one's own.
    proposed = claim.proposals.open().first() if claim else None
    return proposed is not None and not proposed.is_own(user)


def approval_page(request: HttpRequest, claim: Claim) -> HttpResponseRedirect:
    """Lead to the page on which the claim's open finding is approved, or say that none waits."""
    proposal = claim.proposals.open().first()
    if proposal is None:
        messages.warning(
            request, _("There is no finding to approve yet. Fill in “Propose a finding” first.")
        )
        return HttpResponseRedirect(reverse("admin:factcheck_claim_change", args=[claim.pk]))
    return HttpResponseRedirect(reverse("admin:factcheck_proposal_approve", args=[proposal.pk]))


def _rows() -> QuerySet[Proposal]:
    return Proposal.objects.select_related("claim__claimant", "proposed_by")


class StaleError(Exception):
    """A proposal or its claim has changed since the page that asks was opened."""


@transaction.atomic
def _decide(verb: Any, pk: int, digest: str, by: Any, **options: Any) -> None:
    """Approve or decline a proposal if it still is what the editor was shown."""
    take_turn()
    list(Claim.objects.select_for_update().filter(proposals=pk))
    proposal = _rows().select_for_update(of=("self",)).get(pk=pk)
    if Finding(proposal, by).digest != digest:
        raise StaleError
    verb(proposal=proposal, by=by, **options)


class Deciding:
    """Adds the pages on which findings are approved and declined."""

    admin_site: Any
    model: Any
    actions: Any = ("approve_proposals", "decline_proposals")

    def get_urls(self) -> list[Any]:
        pages = []
        for verb in ("approve", "decline"):
            view = self.admin_site.admin_view(getattr(self, f"{verb}_view"))
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
        return self._look_at(request, "approve", queryset)

    @admin.action(description=gettext_lazy("Decline…"), permissions=["approve"])
    def decline_proposals(
        self, request: HttpRequest, queryset: QuerySet[Proposal]
    ) -> HttpResponse | None:
        return self._look_at(request, "decline", queryset)

    def _look_at(
        self, request: HttpRequest, verb: str, queryset: QuerySet[Proposal]
    ) -> HttpResponse | None:
        ids = list(queryset.values_list("pk", flat=True)[: _MOST + 1])
        if len(ids) > _MOST:
            messages.error(
                request,
                _("Choose at most %(n)d findings: the next page shows each in full.")
                % {"n": _MOST},
            )
            return None
        return self._page(request, verb, ids)

    def approve_view(self, request: HttpRequest, pk: int | None = None) -> HttpResponse:
        return self._answer(request, "approve", pk)

    def decline_view(self, request: HttpRequest, pk: int | None = None) -> HttpResponse:
        return self._answer(request, "decline", pk)

    def _answer(self, request: HttpRequest, verb: str, pk: int | None) -> HttpResponse:
        """Show the findings (GET), or decide those that were shown (POST)."""
        if not self.has_approve_permission(request):
            raise PermissionDenied
        if pk is not None and request.method != "POST":
            get_object_or_404(Proposal, pk=pk)
        shown = [row.partition(":") for row in request.POST.getlist("proposal")][:_MOST]
        asked = [(n, digest) for text, _sep, digest in shown for n in numbers(text)]
        if request.method != "POST" or not asked:
            return self._page(request, verb, [pk] if pk else [])
        again, clock = self._carry_out(request, verb, asked)
        if again:
            return self._page(request, verb, again, clock=clock)
        if len(asked) == 1 and (found := Proposal.objects.filter(pk=asked[0][0]).first()):
            page = reverse("admin:factcheck_claim_change", args=[found.claim_id])
            return HttpResponseRedirect(page)
        return HttpResponseRedirect(reverse("admin:factcheck_proposal_changelist"))

    def _carry_out(
        self, request: HttpRequest, verb: str, asked: list[tuple[int, str]]
    ) -> tuple[list[int], str]:
        """Decide the findings; return those that must be shown again, and the clock's message."""
        act, options = editing.decline, {}
        if verb == "approve":
            act, options = editing.approve, {"clock_checked": "clock_checked" in request.POST}  # type: ignore[assignment]
        left, again, done, clock = LeftOut(), [], 0, ""
        for pk, digest in asked:
            try:
                if not clock:
                    _decide(act, pk, digest, request.user, **options)
                    done += 1
                    continue
            except StaleError:
                messages.warning(
                    request,
                    _("The finding changed after you opened this page. It was not decided."),
                )
            except (ValidationError, PermissionDenied) as error:
                if not is_about_the_clock(error):
                    left.add(str(Proposal.objects.get(pk=pk).claim), reasons_of(error))
                    continue
                clock = " ".join(reasons_of(error))
            except Proposal.DoesNotExist:
                left.add(str(pk), [_("It has been deleted.")])
                continue
            again.append(pk)
        if done or left:
            tell(request, _done(verb, done), left)
        return again, clock

    def _page(
        self, request: HttpRequest, verb: str, ids: list[int], *, clock: str = ""
    ) -> HttpResponse:
        found = [Finding(row, request.user) for row in _rows().filter(pk__in=ids).order_by("pk")]
        is_open = {ProposalState.OPEN}
        ready = [
            finding
            for finding in found
            if not (finding.refusal if verb == "approve" else finding.proposal.state not in is_open)
        ]
        context = {
            **self.admin_site.each_context(request),
            "opts": self.model._meta,
            "title": _("Approve") if verb == "approve" else _("Decline"),
            "action": reverse(f"admin:factcheck_proposal_{verb}_several"),
            "is_approval": verb == "approve",
            "findings": ready,
            "refused": [finding for finding in found if finding not in ready],
            "clock": clock,
            "back": self._back(found),
        }
        return TemplateResponse(request, "admin/factcheck/proposal/decide.html", context)

    def _back(self, found: list[Finding]) -> str:
        if len(found) == 1:
            return reverse("admin:factcheck_claim_change", args=[found[0].claim.pk])
        return reverse("admin:factcheck_proposal_changelist")


def _done(verb: str, count: int) -> str:
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
