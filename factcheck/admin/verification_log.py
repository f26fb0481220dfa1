"""Proposals and the log of verifications in the admin. The log is for reading."""

from typing import Any

from django.conf import settings
from django.contrib import admin
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from factcheck.admin.approving import APPROVE, Deciding
from factcheck.admin.base import (
    HistoryAdmin,
    KeepsTypedText,
    LongList,
    ReadOnlyAdmin,
    ReadOnlyInline,
)
from factcheck.admin.inlines import ProposalForm, sign
from factcheck.admin.queues import QueueFilter
from factcheck.models import Evidence, Proposal, ProposalState, RatingLabel, Verification


@admin.register(Proposal)
class ProposalAdmin(KeepsTypedText, Deciding, admin.ModelAdmin):
    """Findings that wait, for any claim, published ones too."""

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
        answer = super().response_add(request, obj, *args)
        return self._next_page(request, obj) or answer

    def response_change(self, request: HttpRequest, obj: Proposal) -> HttpResponse:
        answer = super().response_change(request, obj)
        return self._next_page(request, obj) or answer

    def _next_page(self, request: HttpRequest, proposal: Proposal) -> HttpResponse | None:
        if APPROVE in request.POST and self.has_approve_permission(request):
            page = reverse("admin:factcheck_proposal_approve", args=[proposal.pk])
            return HttpResponseRedirect(page)
        return None

    def render_change_form(
        self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any
    ) -> Any:
        proposal = context.get("original")
        is_open = proposal is None or proposal.state == ProposalState.OPEN
        may = is_open and self.has_approve_permission(request)
        is_own = proposal is None or proposal.is_own(request.user)
        context["may_decline"] = may and proposal is not None
        context["may_approve"] = may and not (settings.FACTCHECK_TWO_PEOPLE and is_own)
        return super().render_change_form(request, context, *args, **kwargs)


@admin.register(RatingLabel)
class RatingLabelAdmin(HistoryAdmin):
    """What other publishers' words stand for: the table that imports read."""

    list_display = ("label", "status")
    list_filter = ("status",)
    show_facets = admin.ShowFacets.ALWAYS
    search_fields = ("label",)


class EvidenceInline(ReadOnlyInline):
    model = Evidence


@admin.register(Verification)
class VerificationAdmin(ReadOnlyAdmin):
    """The append-only log. It can be read here, and nowhere changed."""

    list_display = ("number", "claim", "kind", "status", "publisher", "reviewed_on")
    list_select_related = ("claim", "publisher")
    list_filter = ("kind", "status")
    show_facets = admin.ShowFacets.ALWAYS
    date_hierarchy = "reviewed_on"
    ordering = ("-number",)
    inlines = (EvidenceInline,)

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> Any:
        return LongList
