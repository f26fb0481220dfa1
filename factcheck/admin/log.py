"""Proposals and the log of verifications in the admin. The log is for reading."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from factcheck import editing
from factcheck.admin.base import HistoryAdmin, LongList, ReadOnlyAdmin, ReadOnlyInline, attempt
from factcheck.admin.inlines import ProposalForm, sign
from factcheck.admin.queues import QueueFilter
from factcheck.models import Evidence, Proposal, ProposalState, RatingLabel, Verification


@admin.register(Proposal)
class ProposalAdmin(admin.ModelAdmin):
    """Findings that wait, for any claim, published ones too."""

    form = ProposalForm
    fields = ("claim", "status", "label", "reason", "evidence", "is_signed")
    list_display = ("claim", "status", "state", "proposed_by")
    list_select_related = ("claim", "proposed_by")
    list_filter = (QueueFilter, "state", "status")
    show_facets = admin.ShowFacets.ALWAYS
    autocomplete_fields = ("claim",)
    actions = ("approve_proposals", "decline_proposals")

    def has_change_permission(self, request: HttpRequest, obj: Proposal | None = None) -> bool:
        is_open = obj is None or obj.state == ProposalState.OPEN
        return is_open and super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Proposal | None = None) -> bool:
        return False

    def has_approve_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("factcheck.approve_proposal")

    def save_model(self, request: HttpRequest, obj: Proposal, form: Any, change: bool) -> None:
        sign(form, request)
        super().save_model(request, obj, form, change)

    @admin.action(description=gettext_lazy("Approve"), permissions=["approve"])
    def approve_proposals(self, request: HttpRequest, queryset: QuerySet[Proposal]) -> None:
        for proposal in queryset.select_related("claim"):
            done = _("In the log: %s") % proposal.claim
            attempt(request, done, editing.approve, proposal=proposal)

    @admin.action(description=gettext_lazy("Decline"), permissions=["approve"])
    def decline_proposals(self, request: HttpRequest, queryset: QuerySet[Proposal]) -> None:
        for proposal in queryset.select_related("claim"):
            done = _("Declined: %s") % proposal.claim
            attempt(request, done, editing.decline, proposal=proposal)


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
