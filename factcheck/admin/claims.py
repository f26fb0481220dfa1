"""Claims in the admin: one page from an empty form to a published claim."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.widgets import AdminTextareaWidget
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from factcheck import editing, facets, search
from factcheck.admin.base import HistoryAdmin, LargeChangeList, QueueFilter
from factcheck.admin.change_reason import lacks_reason, missing_reason_error, record_form
from factcheck.admin.claim_action_pages import PUBLISH, SUBMIT, ClaimActionsMixin
from factcheck.admin.claim_preview import PublishedPreviewMixin
from factcheck.admin.edit_conflicts import ConflictCheckedForm
from factcheck.admin.fact_check_import import review_import
from factcheck.admin.import_batches import BatchFilter
from factcheck.admin.inlines import CitationInline, ProposalInline, VerificationInline, sign
from factcheck.admin.pages import call_and_report, form_url
from factcheck.filters import BASIS_LABELS, ClaimFilter
from factcheck.formatting import language_name
from factcheck.http.form_recovery import PREVIEW
from factcheck.models import Claim, Proposal, Stage
from factcheck.undocumented_api import IncorrectLookupParameters


class ClaimForm(ConflictCheckedForm):
    """Rejects a claim that must not be public, or that is changed without a reason."""

    class Meta:
        widgets = {
            "text": AdminTextareaWidget(attrs={"rows": 4}),
            "native_text": AdminTextareaWidget(attrs={"rows": 4}),
            "source_text": AdminTextareaWidget(attrs={"rows": 3}),
        }

    def clean(self) -> Any:
        cleaned = super().clean()
        is_public_change = editing.changes_content(self.instance, Claim, self.changed_data)
        if is_public_change and lacks_reason(self.data):
            self.add_error("change_reason", missing_reason_error())
        return cleaned

    def full_clean(self) -> None:
        super().full_clean()
        # By now the instance has the values of the form.
        if (PUBLISH in self.data or self.instance.is_public) and self.is_bound and not self.errors:
            try:
                editing.check_publishable(self.instance)
            except ValidationError as error:
                self.add_error(None, error)


class BasisFilter(admin.SimpleListFilter):
    title = gettext_lazy("rests on")
    parameter_name = "basis"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return list(BASIS_LABELS.items())

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        condition = facets.BASIS.get(self.value() or "")
        return queryset.filter(condition) if condition else queryset


class _ValuesFilter(admin.SimpleListFilter):
    """Offers the values of a column: the public ones from the facets, others from the database.

    Django would read all claims for it.
    """

    parameter_name: str

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        unpublished = Claim.objects.filter(stage__in=set(Stage) - {Stage.PUBLISHED}).order_by()
        rows = unpublished.values_list(self.parameter_name, flat=True).distinct()
        values = {str(value) for value in rows if value}
        values.update(ClaimFilter().result.values_of(self.parameter_name))
        return [(value, self.label(value)) for value in sorted(values)]

    def label(self, value: str) -> str:
        return value

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        value = self.value()
        try:
            return queryset.filter(**{self.parameter_name: value}) if value else queryset
        except ValueError as error:
            raise IncorrectLookupParameters(error) from error


class LanguageFilter(_ValuesFilter):
    title = gettext_lazy("language")
    parameter_name = "language"

    def label(self, value: str) -> str:
        return language_name(value)


class YearFilter(_ValuesFilter):
    title = gettext_lazy("year")
    parameter_name = "year"


@admin.register(Claim)
class ClaimAdmin(PublishedPreviewMixin, ClaimActionsMixin, HistoryAdmin):
    form = ClaimForm
    change_list_template = "admin/factcheck/add_from_article.html"
    list_display = ("__str__", "claimant", "status", "stage", "rests_on", "claimed_on")
    list_select_related = ("claimant",)
    list_filter = (
        *(QueueFilter, "stage", "status", BasisFilter, "topics"),
        *(LanguageFilter, YearFilter, BatchFilter),
    )
    search_fields = ("text",)
    search_help_text = gettext_lazy("Words of the claim, its claimant or an outlet it cites")
    date_hierarchy = "claimed_on"
    autocomplete_fields = ("claimant", "article", "topics")
    readonly_fields = ("stage", "status", "rests_on")
    inlines = (CitationInline, ProposalInline, VerificationInline)
    fieldsets = (
        (None, {"fields": ("text", ("language", "is_quotation"), ("claimant", "claimed_on"))}),
        (
            gettext_lazy("Where it was found"),
            {"fields": (("article", "paragraph"), "source_text", "topics")},
        ),
        (gettext_lazy("In its own language"), {"fields": ("native_text", "native_language")}),
        (
            gettext_lazy("State of the work"),
            {"fields": (("stage", "status", "rests_on"), ("slug", "recheck_on"))},
        ),
    )

    def get_inlines(self, request: HttpRequest, obj: Claim | None) -> Any:
        # A new claim has no log to show.
        return self.inlines if obj else self.inlines[:2]

    # Lists

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> Any:
        return LargeChangeList

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        return queryset.filter(search.search_q(search.parse(search_term))), False

    @admin.display(description=gettext_lazy("rests on"), ordering="independent_count")
    def rests_on(self, claim: Claim) -> str:
        parts = (
            ngettext("%d citation", "%d citations", claim.citation_count) % claim.citation_count,
            ngettext("%d outlet", "%d outlets", claim.outlet_count) % claim.outlet_count,
            ngettext("%d independent", "%d independent", claim.independent_count)
            % claim.independent_count,
        )
        return " · ".join(parts)

    def view_on_site(self, obj: Claim) -> str:
        return obj.get_absolute_url()

    # Permissions

    def has_change_permission(self, request: HttpRequest, obj: Claim | None = None) -> bool:
        is_allowed = super().has_change_permission(request, obj)
        return is_allowed and (obj is None or editing.may_change_claim(obj, request.user))  # type: ignore[arg-type]

    # Saving

    def save_model(self, request: HttpRequest, obj: Claim, form: Any, change: bool) -> None:
        if not change:
            obj.created_by = request.user
        super().save_model(request, obj, form, change)

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        for row in formset.forms:
            row.instance._change_reason = form.instance._change_reason
        if formset.model is Proposal:
            for row in formset.forms:
                sign(row, request)
        super().save_formset(request, form, formset, change)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        claim = form.instance
        if change and claim.is_public and PREVIEW not in request.POST:
            record_form(request, claim.pk, form)
        if "text" in form.changed_data and PREVIEW not in request.POST:
            self._warn_of_similar(request, claim)
        if SUBMIT in request.POST:
            call_and_report(request, _("Submitted for review."), editing.submit, claim=claim)

    def _warn_of_similar(self, request: HttpRequest, claim: Claim) -> None:
        for match in search.similar(claim.text, exclude_pk=claim.pk):
            messages.warning(
                request,
                format_html(
                    _("Another claim says nearly the same: <a href='{}'>{}</a> ({}). Keep one."),
                    form_url(match.claim),
                    str(match.claim),
                    match.claim.get_stage_display(),
                ),
            )

    def render_change_form(
        self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any
    ) -> Any:
        claim = context.get("original")
        context["may_preview"] = (
            self.has_change_permission(request, claim)
            if claim
            else self.has_add_permission(request)
        )
        return super().render_change_form(request, context, *args, **kwargs)

    def get_urls(self) -> list[Any]:
        page = self.admin_site.admin_view(self.import_view)
        return [path("import/", page, name="factcheck_claim_import"), *super().get_urls()]

    def import_view(self, request: HttpRequest) -> HttpResponse:
        context = {**self.admin_site.each_context(request), "opts": self.model._meta}
        return review_import(request, context)
