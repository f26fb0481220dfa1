"""The pages that ask before claims are submitted, published, retracted, restored or deleted."""

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.admin.options import IS_POPUP_VAR
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from factcheck import editing
from factcheck.admin.claim_action_run import ClaimActionRun
from factcheck.admin.claim_actions import CLAIM_ACTIONS, ClaimAction, claims_in_order, plan_action
from factcheck.admin.edit_conflicts import visible_state
from factcheck.admin.finding_decisions import (
    APPROVE,
    PendingFinding,
    StaleError,
    open_proposals,
    redirect_to_approval,
)
from factcheck.admin.outcome import Outcome, show_outcome
from factcheck.admin.pages import digest_of, form_url, list_url, parse_ids, render_page
from factcheck.filters.work_queues import is_verdict_on_other_words
from factcheck.models import Claim, Stage
from factcheck.models.fields import text_length
from factcheck.models.status_rule import deciding_findings

PUBLISH, SUBMIT = "_publish", "_submit"
_MAX_CLAIMS = 10_000


class ReasonForm(forms.Form):
    reason = forms.CharField(
        label=gettext_lazy("Reason, for readers"),
        validators=[text_length],
        widget=forms.Textarea(attrs={"rows": 5, "cols": 80}),
        error_messages={"required": gettext_lazy("Give a reason; readers will see it.")},
    )


class ClaimActionsMixin:
    """Adds the actions on one or several claims, each with a page that asks first."""

    admin_site: Any
    model: Any

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view(self.action_view)
        return [
            path("act/<str:name>/", view, name="factcheck_claim_act"),
            *super().get_urls(),  # type: ignore[misc]
        ]

    # From the list

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """Return the list's menu: the actions that the editor's role allows."""
        if IS_POPUP_VAR in request.GET:
            return {}
        return {
            action.list_name: (_ask_from_list(action), action.list_name, action.label)
            for action in CLAIM_ACTIONS.values()
            if self._is_allowed(request, action)
        }

    # From a claim's own form

    def response_add(self, request: HttpRequest, obj: Claim, *args: Any) -> HttpResponse:
        response = super().response_add(request, obj, *args)  # type: ignore[misc]
        return self._next_page(request, obj) or response

    def response_change(self, request: HttpRequest, obj: Claim) -> HttpResponse:
        response = super().response_change(request, obj)  # type: ignore[misc]
        return self._next_page(request, obj) or response

    def _next_page(self, request: HttpRequest, claim: Claim) -> HttpResponse | None:
        """Return the page that asks before the saved claim or its finding is decided."""
        if APPROVE in request.POST and request.user.has_perm("factcheck.approve_proposal"):
            return redirect_to_approval(request, claim)
        if PUBLISH in request.POST and self._is_allowed(request, CLAIM_ACTIONS["publish"]):
            return HttpResponseRedirect(f"{_action_url(CLAIM_ACTIONS['publish'])}?ids={claim.pk}")
        return None

    def render_change_form(
        self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any
    ) -> Any:
        claim = context.get("original")
        stage = claim.stage if claim else Stage.DRAFT
        for name in ("submit", "publish", "retract", "restore", "confirm"):
            action = CLAIM_ACTIONS[name]
            context[f"may_{name}"] = stage in action.stages and self._is_allowed(request, action)
        context["may_confirm"] = context["may_confirm"] and is_verdict_on_other_words(claim)
        proposal = claim.proposals.open().first() if claim else None
        context["may_approve"] = editing.may_approve(proposal, request.user)  # type: ignore[arg-type]
        return super().render_change_form(request, context, *args, **kwargs)  # type: ignore[misc]

    # Permissions

    def _is_allowed(self, request: HttpRequest, action: ClaimAction) -> bool:
        if action.permission:
            return request.user.has_perm(f"factcheck.{action.permission}")
        return self.has_delete_permission(request)

    def has_delete_permission(self, request: HttpRequest, obj: Claim | None = None) -> bool:
        if obj is None:
            user = request.user
            return user.has_perm("factcheck.delete_claim") or user.has_perm("factcheck.add_claim")
        return editing.may_delete(obj, request.user)  # type: ignore[arg-type]

    # Deleting: every way leads through `editing`

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
        return self._ask_or_carry_out(request, CLAIM_ACTIONS["delete"], [claim.pk])

    # The page that asks

    def action_view(self, request: HttpRequest, name: str) -> HttpResponse:
        """Ask before an action (GET), then carry it out (POST)."""
        action = CLAIM_ACTIONS.get(name)
        if action is None:
            raise Http404
        if not self._is_allowed(request, action):
            raise PermissionDenied
        ids = parse_ids(request.POST.get("ids") or request.GET.get("ids", ""))
        return self._ask_or_carry_out(request, action, list(dict.fromkeys(ids))[:_MAX_CLAIMS])

    def _ask_or_carry_out(
        self, request: HttpRequest, action: ClaimAction, ids: list[int]
    ) -> HttpResponse:
        if request.method == "POST":
            return self._carry_out(request, action, ids)
        return self.ask(request, action, ids)

    def ask(
        self, request: HttpRequest, action: ClaimAction, ids: list[int], **context: Any
    ) -> HttpResponse:
        """Show what an action would do with the claims of these ids, and ask."""
        plan = plan_action(action, ids, request.user)
        claim = next(claims_in_order(ids), None) if len(ids) == 1 else None
        query = context.pop("query", request.POST.get("back", ""))
        if action.takes_reason:
            context.setdefault("form", ReasonForm(request.POST if "ids" in request.POST else None))
        if claim:
            context |= {
                "digest": digest_of(visible_state(claim)),
                "findings": deciding_findings(claim.verifications.all()),
                "finding": _pending_finding(claim, request.user)
                if action.name == "publish"
                else None,
            }
        return render_page(
            self,
            request,
            "claim/act.html",
            title=action.title,
            act=action,
            action=_action_url(action),
            plan=plan,
            ids=",".join(map(str, ids)),
            single=claim,
            back=query,
            cancel=_page_before(claim, query),
            **context,
        )

    # Carrying it out

    def _carry_out(self, request: HttpRequest, action: ClaimAction, ids: list[int]) -> HttpResponse:
        form = ReasonForm(request.POST) if action.takes_reason else None
        if form and not form.is_valid():
            return self.ask(request, action, ids, form=form)
        run = ClaimActionRun(self, request, action, form.cleaned_data if form else {})
        try:
            remaining = run.run(ids)
        except StaleError:
            messages.warning(
                request, _("The claim changed after you opened this page. Nothing was done.")
            )
            return self.ask(request, action, ids)
        _show_outcome(request, action, run.outcome)
        if remaining:
            return self.ask(request, action, remaining, clock=run.outcome.clock_error)
        is_form_next = request.POST.get("digest") and action.name != "delete"
        claim = run.outcome.last if is_form_next else None
        return HttpResponseRedirect(_page_before(claim, request.POST.get("back", "")))


def _ask_from_list(action: ClaimAction) -> Any:
    """Return the function that Django calls when the action is chosen in the list's menu."""

    def ask(
        model_admin: ClaimActionsMixin, request: HttpRequest, queryset: QuerySet[Claim]
    ) -> HttpResponse | None:
        ids = list(queryset.values_list("pk", flat=True)[: _MAX_CLAIMS + 1])
        if len(ids) > _MAX_CLAIMS:
            messages.error(request, _("Choose at most %(n)d claims at once.") % {"n": _MAX_CLAIMS})
            return None
        return model_admin.ask(request, action, ids, query=request.GET.urlencode())

    return ask


def _action_url(action: ClaimAction) -> str:
    return reverse("admin:factcheck_claim_act", args=[action.name])


def _page_before(claim: Claim | None, query: str) -> str:
    return form_url(claim) if claim else list_url(Claim, query)


def _pending_finding(claim: Claim, user: Any) -> PendingFinding | None:
    proposal = open_proposals().filter(claim=claim).first()
    return PendingFinding(proposal, user) if proposal else None


def _show_outcome(request: HttpRequest, action: ClaimAction, outcome: Outcome) -> None:
    if outcome.done == 1:
        text = action.done_single % outcome.last
    else:
        text = action.done % {"n": outcome.done} if outcome.done else ""
    if outcome:
        show_outcome(request, text, outcome.left_out, action.note)
