"""Submitting, publishing, retracting, restoring and deleting claims: a page asks before each."""

import hashlib
import json
import time
from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from factcheck import editing
from factcheck.admin.acts import ACTS, Act, chosen, page_of, plan
from factcheck.admin.approving import (
    APPROVE,
    Finding,
    StaleError,
    approval_page,
    is_about_the_clock,
    may_approve,
)
from factcheck.admin.base import numbers
from factcheck.admin.edit_conflicts import state
from factcheck.admin.outcome import Outcome, reasons_of, tell
from factcheck.db.claim_lock import take_turn
from factcheck.filters.work_queues import is_verdict_on_other_words
from factcheck.models import Claim, Proposal, Stage
from factcheck.models.base import text_length
from factcheck.models.verifications import counting

PUBLISH, SUBMIT = "_publish", "_submit"
_MOST = 10_000
# So many are done in one transaction: other editors wait for no more than that ...
_AT_A_TIME = 50
# ... and so many seconds in one request: then the page asks for the rest.
_SECONDS = 25


class ReasonForm(forms.Form):
    reason = forms.CharField(
        label=gettext_lazy("Reason, for readers"),
        validators=[text_length],
        widget=forms.Textarea(attrs={"rows": 5, "cols": 80}),
        error_messages={"required": gettext_lazy("Give a reason; readers will see it.")},
    )


class ClaimActs:
    """Adds the acts on one or several claims, each with a page that asks before it is done."""

    admin_site: Any
    model: Any
    actions: Any = (
        *("submit_claims", "publish_claims", "retract_claims", "restore_claims"),
        *("confirm_verdicts", "delete_selected"),
    )

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view(self.act_view)
        return [
            path("act/<str:name>/", view, name="factcheck_claim_act"),
            *super().get_urls(),  # type: ignore[misc]
        ]

    # From the list

    @admin.action(description=gettext_lazy("Submit for review…"), permissions=["submit"])
    def submit_claims(self, request: HttpRequest, queryset: QuerySet[Claim]) -> Any:
        return self._ask_about(request, "submit", queryset)

    @admin.action(description=gettext_lazy("Publish…"), permissions=["publish"])
    def publish_claims(self, request: HttpRequest, queryset: QuerySet[Claim]) -> Any:
        return self._ask_about(request, "publish", queryset)

    @admin.action(description=gettext_lazy("Retract…"), permissions=["retract"])
    def retract_claims(self, request: HttpRequest, queryset: QuerySet[Claim]) -> Any:
        return self._ask_about(request, "retract", queryset)

    @admin.action(description=gettext_lazy("Restore…"), permissions=["retract"])
    def restore_claims(self, request: HttpRequest, queryset: QuerySet[Claim]) -> Any:
        return self._ask_about(request, "restore", queryset)

    @admin.action(description=gettext_lazy("Confirm the verdict…"), permissions=["confirm"])
    def confirm_verdicts(self, request: HttpRequest, queryset: QuerySet[Claim]) -> Any:
        return self._ask_about(request, "confirm", queryset)

    @admin.action(description=gettext_lazy("Delete…"), permissions=["delete"])
    def delete_selected(self, request: HttpRequest, queryset: QuerySet[Claim]) -> Any:
        return self._ask_about(request, "delete", queryset)

    def _ask_about(self, request: HttpRequest, name: str, queryset: QuerySet[Claim]) -> Any:
        ids = list(queryset.values_list("pk", flat=True)[: _MOST + 1])
        if len(ids) > _MOST:
            messages.error(request, _("Choose at most %(n)d claims at once.") % {"n": _MOST})
            return None
        return self._ask(request, ACTS[name], ids, back=request.GET.urlencode())

    # From a claim's own form

    def response_add(self, request: HttpRequest, obj: Claim, *args: Any) -> HttpResponse:
        answer = super().response_add(request, obj, *args)  # type: ignore[misc]
        return self._next_page(request, obj) or answer

    def response_change(self, request: HttpRequest, obj: Claim) -> HttpResponse:
        answer = super().response_change(request, obj)  # type: ignore[misc]
        return self._next_page(request, obj) or answer

    def _next_page(self, request: HttpRequest, claim: Claim) -> HttpResponse | None:
        """Return the page that asks before what was saved is published or approved."""
        if APPROVE in request.POST and request.user.has_perm("factcheck.approve_proposal"):
            return approval_page(request, claim)
        if PUBLISH in request.POST and self.has_publish_permission(request):
            page = reverse("admin:factcheck_claim_act", args=["publish"])
            return HttpResponseRedirect(f"{page}?ids={claim.pk}")
        return None

    def render_change_form(
        self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any
    ) -> Any:
        claim = context.get("original")
        stage = claim.stage if claim else Stage.DRAFT
        may = request.user.has_perm
        context |= {
            "may_submit": stage == Stage.DRAFT and may("factcheck.submit_claim"),
            "may_approve": may_approve(request.user, claim),
            "may_publish": stage in {Stage.DRAFT, Stage.REVIEW} and may("factcheck.publish_claim"),
            "may_retract": stage == Stage.PUBLISHED and may("factcheck.retract_claim"),
            "may_restore": stage == Stage.RETRACTED and may("factcheck.retract_claim"),
            "may_confirm": bool(claim)
            and self.has_confirm_permission(request)
            and is_verdict_on_other_words(claim),
        }
        return super().render_change_form(request, context, *args, **kwargs)  # type: ignore[misc]

    # Who may do what

    def has_submit_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("factcheck.submit_claim")

    def has_publish_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("factcheck.publish_claim")

    def has_retract_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("factcheck.retract_claim")

    def has_confirm_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("factcheck.approve_proposal")

    def has_delete_permission(self, request: HttpRequest, obj: Claim | None = None) -> bool:
        if obj is None:
            may: Callable[[str], bool] = request.user.has_perm
            return may("factcheck.delete_claim") or may("factcheck.add_claim")
        return editing.may_delete(obj, request.user)  # type: ignore[arg-type]

    # Deleting: all ways lead through `editing`

    def delete_model(self, request: HttpRequest, obj: Claim) -> None:
        editing.delete_draft(claim=obj, by=request.user)  # type: ignore[arg-type]

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Claim]) -> None:
        for claim in queryset:
            self.delete_model(request, claim)

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: Any = None
    ) -> HttpResponse:
        claim = self.get_object(request, object_id)  # type: ignore[attr-defined]
        if claim is None:
            raise Http404
        if not self.has_delete_permission(request, claim):
            raise PermissionDenied
        if request.method == "POST":
            return self._do(request, ACTS["delete"], [claim.pk])
        return self._ask(request, ACTS["delete"], [claim.pk])

    # The page that asks

    def act_view(self, request: HttpRequest, name: str) -> HttpResponse:
        """Ask before an act (GET), then carry it out (POST)."""
        act = ACTS.get(name)
        if act is None:
            raise Http404
        is_allowed = (
            request.user.has_perm(f"factcheck.{act.permission}")
            if act.permission
            else self.has_delete_permission(request)
        )
        if not is_allowed:
            raise PermissionDenied
        typed = request.POST.get("ids") or request.GET.get("ids", "")
        ids = list(dict.fromkeys(numbers(typed)))[:_MOST]
        return (self._do if request.method == "POST" else self._ask)(request, act, ids)

    def _ask(self, request: HttpRequest, act: Act, ids: list[int], **context: Any) -> HttpResponse:
        found = plan(act, ids, request.user)
        single = next(chosen(ids), None) if len(ids) == 1 else None
        finding = _waiting(single, request.user) if single and act.name == "publish" else None
        back = context.pop("back", request.POST.get("back", ""))
        context = {
            **self.admin_site.each_context(request),
            "opts": self.model._meta,
            "title": act.title,
            "act": act,
            "plan": found,
            "ids": ",".join(map(str, ids)),
            "action": reverse("admin:factcheck_claim_act", args=[act.name]),
            "single": single,
            "seen": _digest(single) if single else "",
            "finding": finding,
            "findings": counting(single.verifications.all()) if single else (),
            "form": ReasonForm(request.POST if "ids" in request.POST else None)
            if act.takes_reason
            else None,
            "back": back,
            "cancel": self._back(single, back),
            **context,
        }
        return TemplateResponse(request, "admin/factcheck/claim/act.html", context)

    def _back(self, claim: Claim | None, query: str) -> str:
        if claim:
            return page_of(claim)
        return reverse("admin:factcheck_claim_changelist") + (f"?{query}" if query else "")

    # Carrying it out

    def _do(self, request: HttpRequest, act: Act, ids: list[int]) -> HttpResponse:
        form = ReasonForm(request.POST) if act.takes_reason else None
        if form and not form.is_valid():
            return self._ask(request, act, ids, form=form)
        options = {"reason": form.cleaned_data["reason"]} if form else {}
        outcome, until = Outcome(), time.monotonic() + _SECONDS
        try:
            while ids and not outcome.clock and (not outcome or time.monotonic() < until):
                part, ids = ids[:_AT_A_TIME], ids[_AT_A_TIME:]
                ids = self._carry_out_several(request, act, part, options, outcome) + ids
        except StaleError:
            messages.warning(
                request, _("The claim changed after you opened this page. Nothing was done.")
            )
            return self._ask(request, act, part)
        self._tell(request, act, outcome)
        if ids:
            return self._ask(request, act, ids, clock=outcome.clock)
        single = outcome.last if request.POST.get("seen") and act.name != "delete" else None
        return HttpResponseRedirect(self._back(single, request.POST.get("back", "")))

    def _tell(self, request: HttpRequest, act: Act, outcome: Outcome) -> None:
        text = act.done % {"n": outcome.done} if outcome.done else ""
        if outcome.done == 1:
            text = act.done_one % outcome.last
        if outcome:
            tell(request, text, outcome.left, act.note)

    @transaction.atomic
    def _carry_out_several(
        self,
        request: HttpRequest,
        act: Act,
        ids: list[int],
        options: dict[str, Any],
        outcome: Outcome,
    ) -> list[int]:
        """Do it to some claims, to each all or nothing; return those that must be asked again.

        All are locked first, in the order in which everybody locks them.
        """
        take_turn()
        list(Claim.objects.filter(pk__in=ids).order_by("pk").select_for_update().values("pk"))
        found = {claim.pk: claim for claim in chosen(ids)}
        for place, pk in enumerate(ids):
            claim = found.get(pk)
            if claim is None:
                outcome.left.add(str(pk), [_("It has been deleted.")])
                continue
            try:
                self._carry_out(request, act, claim, options)
            except (ValidationError, PermissionDenied) as error:
                if is_about_the_clock(error):
                    outcome.clock = " ".join(reasons_of(error))
                    return ids[place:]
                outcome.left.add(str(claim), reasons_of(error), page_of(claim))
            else:
                outcome.done, outcome.last = outcome.done + 1, claim
        return []

    @transaction.atomic
    def _carry_out(
        self, request: HttpRequest, act: Act, claim: Claim, options: dict[str, Any]
    ) -> None:
        """Do it to one claim, all or nothing."""
        user: Any = request.user
        seen = request.POST.get("seen")
        if seen and _digest(claim) != seen:
            raise StaleError
        if act.name == "delete":
            self.log_deletions(request, [claim])  # type: ignore[attr-defined]
        if seen and act.name == "publish" and APPROVE in request.POST:
            proposal = claim.proposals.open().first()
            if proposal is None:
                raise StaleError
            checked = "clock_checked" in request.POST
            editing.approve(proposal=proposal, by=user, clock_checked=checked)
        act.verb(claim=claim, by=user, **options)


def _waiting(claim: Claim, user: Any) -> Finding | None:
    """Return the claim's finding that waits for approval."""
    rows = Proposal.objects.open().select_related("claim__claimant", "proposed_by")
    proposal = rows.filter(claim=claim).first()
    return proposal and Finding(proposal, user)


def _digest(claim: Claim) -> str:
    """Return a digest of all that an editor sees of a claim, its citations and its finding."""
    return hashlib.sha256(json.dumps(state(claim), sort_keys=True).encode()).hexdigest()
