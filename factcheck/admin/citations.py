"""Citations in the admin: their history, and reprints marked in bulk."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from factcheck import editing
from factcheck.admin.base import HistoryAdmin, attempt, numbers
from factcheck.admin.edit_conflicts import SeenForm
from factcheck.admin.merging import choice_of
from factcheck.admin.public_changes import OF_CITATION, reason_missing, record
from factcheck.admin.queues import QueueFilter
from factcheck.models import Citation, Outlet

_MOST = 1_000


class CitationForm(SeenForm):
    """A citation of a public claim is not changed without a reason."""

    def clean(self) -> Any:
        cleaned = super().clean()
        is_changed = not OF_CITATION.isdisjoint(self.changed_data)
        is_public = self.instance.pk and self.instance.claim.is_public
        if is_public and is_changed and not self.cleaned_data.get("change_reason"):
            self.add_error("change_reason", reason_missing())
        return cleaned


@admin.register(Citation)
class CitationAdmin(HistoryAdmin):
    """A citation's own page, for its history. Citations are added on their claim's page."""

    form = CitationForm
    list_display = ("outlet", "date_text", "stance", "role", "reprint_of", "claim")
    list_select_related = ("outlet", "claim", "reprint_of")
    ordering = ("-id",)
    list_filter = (QueueFilter, "stance", "role")
    show_facets = admin.ShowFacets.ALLOW
    autocomplete_fields = ("outlet", "reprint_of")
    # A citation stays where it is: nobody slips one onto a published claim.
    readonly_fields = ("claim",)
    actions = ("reprints",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Citation | None = None) -> bool:
        return super().has_change_permission(request, obj) and self._may(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Citation | None = None) -> bool:
        # Of a public claim it is deleted on the claim's own page, which asks for the reason.
        is_public = obj is not None and obj.claim.is_public
        return super().has_delete_permission(request, obj) and not is_public

    def save_model(self, request: HttpRequest, obj: Citation, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        if obj.claim.is_public:
            record(request, obj.claim_id, form)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Citation]) -> None:
        # One by one, for each notes the change of its claim.
        for citation in queryset:
            citation.delete()

    def _may(self, request: HttpRequest, obj: Citation | None) -> bool:
        if obj is None or not obj.claim.is_public:
            return True
        return request.user.has_perm("factcheck.publish_claim")

    @admin.action(
        description=gettext_lazy("Mark as reprints, or as own reports"), permissions=["change"]
    )
    def reprints(self, request: HttpRequest, queryset: QuerySet[Citation]) -> HttpResponse | None:
        ids = list(queryset.values_list("pk", flat=True)[: _MOST + 1])
        if len(ids) > _MOST:
            messages.error(request, _("Mark at most %(n)d at once.") % {"n": _MOST})
            return None
        page = reverse("admin:factcheck_citation_reprints")
        return HttpResponseRedirect(f"{page}?ids={','.join(map(str, ids))}")

    def get_urls(self) -> list[Any]:
        page = self.admin_site.admin_view(self.reprints_view)
        return [path("reprints/", page, name="factcheck_citation_reprints"), *super().get_urls()]

    def reprints_view(self, request: HttpRequest) -> HttpResponse:
        """Mark citations, given by their ids or by their claim, as reprints of one outlet."""
        if not self.has_change_permission(request):
            raise PermissionDenied
        citations = list(self._asked(request).with_outlet().select_related("claim"))
        form = forms.Form(request.POST or None)
        field: Any = Citation._meta.get_field("reprint_of")
        form.fields["source"] = choice_of(
            field, self.admin_site, Outlet.objects.listed(), _("They reprint")
        )
        # Nothing chosen: each is the outlet's own report.
        form.fields["source"].required = False
        if request.method == "POST" and form.is_valid():
            ticked = set(request.POST.getlist("citation"))
            chosen = [citation for citation in citations if str(citation.pk) in ticked]
            source = form.cleaned_data["source"]
            if attempt(request, _marked, editing.mark_reprints, citations=chosen, source=source):
                return HttpResponseRedirect(self._back(request, chosen))
        context = {
            **self.admin_site.each_context(request),
            "opts": self.model._meta,
            "title": _("Mark reprints"),
            "citations": citations,
            "form": form,
        }
        return TemplateResponse(request, "admin/factcheck/reprints.html", context)

    def _asked(self, request: HttpRequest) -> Any:
        if claims := numbers(request.GET.get("claim", "")):
            return Citation.objects.filter(claim__in=claims)
        return Citation.objects.filter(pk__in=numbers(request.GET.get("ids", ""))[:_MOST])

    def _back(self, request: HttpRequest, chosen: list[Citation]) -> str:
        if request.GET.get("claim") and chosen:
            return reverse("admin:factcheck_claim_change", args=[chosen[0].claim_id])
        return reverse("admin:factcheck_citation_changelist")


def _marked(n: int) -> str:
    return ngettext("%(n)d citation was marked.", "%(n)d citations were marked.", n) % {"n": n}
