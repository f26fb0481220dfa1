"""Citations in the admin: their own page, and marking many as reprints."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from factcheck import editing
from factcheck.admin.base import HistoryAdmin, QueueFilter
from factcheck.admin.change_reason import missing_reason_error, record_form
from factcheck.admin.edit_conflicts import ConflictCheckedForm
from factcheck.admin.merging import autocomplete_field
from factcheck.admin.pages import call_and_report, form_url, list_url, parse_ids, render_page
from factcheck.models import Citation, Outlet

_MAX_CITATIONS = 1_000


class CitationForm(ConflictCheckedForm):
    """Asks for a reason if a citation of a public claim is changed."""

    def clean(self) -> Any:
        cleaned = super().clean()
        citation = self.instance
        is_public_change = citation.pk and editing.changes_content(
            citation.claim, Citation, self.changed_data
        )
        if is_public_change and not self.cleaned_data.get("change_reason"):
            self.add_error("change_reason", missing_reason_error())
        return cleaned


@admin.register(Citation)
class CitationAdmin(HistoryAdmin):
    """A citation's own page, with its history. Citations are added on their claim's page."""

    form = CitationForm
    list_display = ("outlet", "date_text", "stance", "role", "reprint_of", "claim")
    list_select_related = ("outlet", "claim", "reprint_of")
    ordering = ("-id",)
    list_filter = (QueueFilter, "stance", "role")
    show_facets = admin.ShowFacets.ALLOW
    autocomplete_fields = ("outlet", "reprint_of")
    # A citation cannot be moved to another claim, which may be public.
    readonly_fields = ("claim",)
    actions = ("reprints",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Citation | None = None) -> bool:
        is_allowed = super().has_change_permission(request, obj)
        return is_allowed and (obj is None or editing.may_change_claim(obj.claim, request.user))  # type: ignore[arg-type]

    def has_delete_permission(self, request: HttpRequest, obj: Citation | None = None) -> bool:
        # A citation of a public claim is deleted on the claim's page, which asks for the reason.
        is_public = obj is not None and obj.claim.is_public
        return super().has_delete_permission(request, obj) and not is_public

    def save_model(self, request: HttpRequest, obj: Citation, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        if obj.claim.is_public:
            record_form(request, obj.claim_id, form)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Citation]) -> None:
        # One by one, because each updates its claim.
        for citation in queryset:
            citation.delete()

    @admin.action(
        description=gettext_lazy("Mark as reprints, or as own reports"), permissions=["change"]
    )
    def reprints(self, request: HttpRequest, queryset: QuerySet[Citation]) -> HttpResponse | None:
        ids = list(queryset.values_list("pk", flat=True)[: _MAX_CITATIONS + 1])
        if len(ids) > _MAX_CITATIONS:
            messages.error(request, _("Mark at most %(n)d at once.") % {"n": _MAX_CITATIONS})
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
        citations = list(_requested(request).with_outlet().select_related("claim"))
        form = forms.Form(request.POST or None)
        # Without a source, each citation becomes the outlet's own report.
        form.fields["source"] = autocomplete_field(
            Citation._meta.get_field("reprint_of"),
            self.admin_site,
            Outlet.objects.listed(),
            _("They reprint"),
            required=False,
        )
        if request.method == "POST" and form.is_valid():
            ticked = set(request.POST.getlist("citation"))
            chosen = [citation for citation in citations if str(citation.pk) in ticked]
            source = form.cleaned_data["source"]
            mark = editing.mark_reprints
            if call_and_report(request, _marked_text, mark, citations=chosen, source=source):
                is_of_claim = request.GET.get("claim") and chosen
                page = form_url(chosen[0].claim) if is_of_claim else list_url(Citation)
                return HttpResponseRedirect(page)
        title = _("Mark reprints")
        return render_page(
            self, request, "reprints.html", title=title, citations=citations, form=form
        )


def _requested(request: HttpRequest) -> Any:
    if claims := parse_ids(request.GET.get("claim", "")):
        return Citation.objects.filter(claim__in=claims)
    return Citation.objects.filter(pk__in=parse_ids(request.GET.get("ids", ""))[:_MAX_CITATIONS])


def _marked_text(n: int) -> str:
    return ngettext("%(n)d citation was marked.", "%(n)d citations were marked.", n) % {"n": n}
