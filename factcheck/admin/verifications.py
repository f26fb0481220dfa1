"""Proposals, rating labels, and the read-only log of verifications in the admin."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from factcheck import editing
from factcheck.admin.base import (
    DeletedRecordMixin,
    HistoryAdmin,
    LargeChangeList,
    QueueFilter,
    ReadOnlyAdmin,
    ReadOnlyInline,
)
from factcheck.admin.finding_decisions import APPROVE, FindingDecisionsMixin
from factcheck.admin.inlines import ProposalForm, sign
from factcheck.models import Evidence, Proposal, ProposalState, RatingLabel, Verification


@admin.register(Proposal)
class ProposalAdmin(DeletedRecordMixin, FindingDecisionsMixin, admin.ModelAdmin):
    """Findings that await approval, for any claim, published ones too."""

    form = ProposalForm
    fields = ("claim", "status", "label", "reason", "evidence", "is_signed")
    list_display = ("claim", "status", "state", "proposed_by")
    list_select_related = ("claim", "proposed_by")
    list_filter = (QueueFilter, "state", "status")
    show_facets = admin.ShowFacets.ALWAYS
    autocomplete_fields = ("claim",)

    def has_change_permission(self, request: HttpRequest, obj: Proposal | None = None) -> bool:
        is_open = obj is None or obj.state == ProposalState.OPEN
        return is_open and super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Proposal | None = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: Proposal, form: Any, change: bool) -> None:
        sign(form, request)
        super().save_model(request, obj, form, change)

    def response_add(self, request: HttpRequest, obj: Proposal, *args: Any) -> HttpResponse:
        response = super().response_add(request, obj, *args)
        return self._next_page(request, obj) or response

    def response_change(self, request: HttpRequest, obj: Proposal) -> HttpResponse:
        response = super().response_change(request, obj)
        return self._next_page(request, obj) or response

    def _next_page(self, request: HttpRequest, proposal: Proposal) -> HttpResponse | None:
        if APPROVE in request.POST and self.has_approve_permission(request):
            page = reverse("admin:factcheck_proposal_approve", args=[proposal.pk])
            return HttpResponseRedirect(page)
        return None

    def render_change_form(
        self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any
    ) -> Any:
        proposal: Proposal | None = context.get("original")
        is_open = proposal is None or proposal.state == ProposalState.OPEN
        context["may_decline"] = (
            proposal is not None and is_open and self.has_approve_permission(request)
        )
        context["may_approve"] = is_open and editing.may_approve(proposal, request.user)  # type: ignore[arg-type]
        return super().render_change_form(request, context, *args, **kwargs)


@admin.register(RatingLabel)
class RatingLabelAdmin(HistoryAdmin):
    """The status that each rating of other publishers stands for: imports read this table."""

    list_display = ("label", "status")
    list_filter = ("status",)
    search_fields = ("label",)


class EvidenceInline(ReadOnlyInline):
    model = Evidence


@admin.register(Verification)
class VerificationAdmin(ReadOnlyAdmin):
    """The append-only log."""

    list_display = ("number", "claim", "kind", "status", "publisher", "reviewed_on")
    list_select_related = ("claim", "publisher")
    list_filter = ("kind", "status")
    show_facets = admin.ShowFacets.ALWAYS
    date_hierarchy = "reviewed_on"
    ordering = ("-number",)
    inlines = (EvidenceInline,)

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> Any:
        return LargeChangeList
