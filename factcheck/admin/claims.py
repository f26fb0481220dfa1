"""A claim in the admin: from an empty form to a published claim on one page."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.options import IncorrectLookupParameters
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from factcheck import editing, facets, search
from factcheck.admin.as_published import AsPublished
from factcheck.admin.base import HistoryAdmin, LongList, attempt, numbers
from factcheck.admin.imports import BatchFilter
from factcheck.admin.inlines import CitationInline, ProposalInline, VerificationInline, sign
from factcheck.admin.public_changes import (
    OF_CLAIM,
    needs_reason,
    reason_missing,
    record,
)
from factcheck.admin.queues import QueueFilter
from factcheck.admin.review_import import review_import
from factcheck.admin.seen import SeenForm
from factcheck.filters import BASIS_LABELS, ClaimFilter
from factcheck.models import Claim, Proposal, Stage
from factcheck.models.base import text_length
from factcheck.resending import PREVIEW
from factcheck.templatetags.factcheck import language

PUBLISH, SUBMIT = "_publish", "_submit"


class ClaimForm(SeenForm):
    """Refuses to publish what must not be published, before anything is saved."""

    class Meta:
        widgets = {
            "text": forms.Textarea(attrs={"rows": 3}),
            "native_text": forms.Textarea(attrs={"rows": 3}),
            "source_text": forms.Textarea(attrs={"rows": 3}),
        }

    def clean(self) -> Any:
        cleaned = super().clean()
        is_changed = not OF_CLAIM.isdisjoint(self.changed_data)
        if self.instance.is_public and is_changed and needs_reason(self.data):
            self.add_error("change_reason", reason_missing())
        return cleaned

    def _post_clean(self) -> None:
        super()._post_clean()  # type: ignore[misc]
        if (PUBLISH in self.data or self.instance.is_public) and not self.errors:
            try:
                editing.check_publishable(self.instance)
            except ValidationError as error:
                self.add_error(None, error)


class ReasonForm(forms.Form):
    reason = forms.CharField(
        label=gettext_lazy("Reason, for readers"),
        validators=[text_length],
        widget=forms.Textarea(attrs={"rows": 5, "cols": 80}),
        error_messages={"required": gettext_lazy("Give a reason; readers will see it.")},
    )


class BasisFilter(admin.SimpleListFilter):
    title = gettext_lazy("rests on")
    parameter_name = "basis"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return list(BASIS_LABELS.items())

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        condition = facets.BASIS.get(self.value() or "")
        return queryset.filter(condition) if condition else queryset


class _ValuesFilter(admin.SimpleListFilter):
    """The values of a column: the public ones as the facets know them, and those of other claims.

    Django's own way reads all claims for it.
    """

    parameter_name: str

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        others = Claim.objects.filter(stage__in=set(Stage) - {Stage.PUBLISHED}).order_by()
        values = others.values_list(self.parameter_name, flat=True).distinct()
        found = {str(value) for value in values if value}
        found.update(ClaimFilter().found.values(self.parameter_name))
        return [(value, self.label(value)) for value in sorted(found)]

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
        return language(value)


class YearFilter(_ValuesFilter):
    title = gettext_lazy("year")
    parameter_name = "year"


@admin.register(Claim)
class ClaimAdmin(AsPublished, HistoryAdmin):
    form = ClaimForm
    change_list_template = "admin/factcheck/add_from_article.html"
    list_display = ("__str__", "claimant", "status", "stage", "rests_on", "claimed_on")
    list_select_related = ("claimant",)
    list_filter = (
        *(QueueFilter, "stage", "status", BasisFilter, "topics"),
        *(LanguageFilter, YearFilter, BatchFilter),
    )
    show_facets = admin.ShowFacets.ALWAYS
    search_fields = ("text",)
    search_help_text = gettext_lazy("Words of the claim, its claimant or an outlet it cites")
    date_hierarchy = "claimed_on"
    autocomplete_fields = ("claimant", "article", "topics")
    readonly_fields = ("stage", "status", "rests_on")
    inlines = (CitationInline, ProposalInline, VerificationInline)
    actions = ("submit_claims", "publish_claims", "retract_claims", "restore_claims")
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

    # What the lists show

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> Any:
        return LongList

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        return queryset.filter(search.matching(search.parse(search_term))), False

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

    # Who may do what

    def has_change_permission(self, request: HttpRequest, obj: Claim | None = None) -> bool:
        allowed = super().has_change_permission(request, obj)
        if obj is not None and obj.is_public:
            return allowed and request.user.has_perm("factcheck.publish_claim")
        return allowed

    def has_delete_permission(self, request: HttpRequest, obj: Claim | None = None) -> bool:
        if obj is None or obj.is_public or obj.verifications.exists():
            return False
        return super().has_delete_permission(request, obj)

    # Saving

    def save_model(self, request: HttpRequest, obj: Claim, form: Any, change: bool) -> None:
        if not change:
            obj.created_by = request.user  # type: ignore[assignment]
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
            record(request, claim.pk, form)
        for formset in formsets:
            for row in formset.forms if formset.model is Proposal else ():
                if row.cleaned_data.get("approve") and row.instance.pk:
                    done = _("The finding is in the log.")
                    attempt(request, done, editing.approve, proposal=row.instance)
        if "text" in form.changed_data and PREVIEW not in request.POST:
            self._warn_of_similar(request, claim)
        if SUBMIT in request.POST:
            attempt(request, _("Submitted for review."), editing.submit, claim=claim)
        if PUBLISH in request.POST:
            attempt(request, _("Published."), editing.publish, claim=claim)

    def _warn_of_similar(self, request: HttpRequest, claim: Claim) -> None:
        for found in search.similar(claim.text, besides=claim.pk):
            messages.warning(
                request,
                format_html(
                    _("Another claim says nearly the same: <a href='{}'>{}</a> ({}). Keep one."),
                    reverse("admin:factcheck_claim_change", args=[found.claim.pk]),
                    str(found.claim),
                    found.claim.get_stage_display(),
                ),
            )

    def render_change_form(
        self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any
    ) -> Any:
        claim = context.get("original")
        stage = claim.stage if claim else Stage.DRAFT
        may = request.user.has_perm
        context |= {
            "may_preview": self.has_change_permission(request, claim)
            if claim
            else self.has_add_permission(request),
            "may_submit": stage == Stage.DRAFT and may("factcheck.submit_claim"),
            "may_publish": stage in {Stage.DRAFT, Stage.REVIEW} and may("factcheck.publish_claim"),
            "may_retract": stage == Stage.PUBLISHED and may("factcheck.retract_claim"),
            "may_restore": stage == Stage.RETRACTED and may("factcheck.retract_claim"),
        }
        return super().render_change_form(request, context, *args, **kwargs)

    # Verbs for several claims

    @admin.action(description=gettext_lazy("Submit for review"), permissions=["submit"])
    def submit_claims(self, request: HttpRequest, queryset: QuerySet[Claim]) -> None:
        for claim in queryset:
            attempt(request, _("Submitted: %s") % claim, editing.submit, claim=claim)

    @admin.action(description=gettext_lazy("Publish"), permissions=["publish"])
    def publish_claims(self, request: HttpRequest, queryset: QuerySet[Claim]) -> None:
        for claim in queryset.select_related("article"):
            attempt(request, _("Published: %s") % claim, editing.publish, claim=claim)

    @admin.action(description=gettext_lazy("Retract, with a reason"), permissions=["retract"])
    def retract_claims(self, request: HttpRequest, queryset: QuerySet[Claim]) -> HttpResponse:
        return self._ask_reason("retract", queryset)

    @admin.action(description=gettext_lazy("Restore, with a reason"), permissions=["retract"])
    def restore_claims(self, request: HttpRequest, queryset: QuerySet[Claim]) -> HttpResponse:
        return self._ask_reason("restore", queryset)

    def has_submit_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("factcheck.submit_claim")

    def has_publish_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("factcheck.publish_claim")

    def has_retract_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("factcheck.retract_claim")

    def get_urls(self) -> list[Any]:
        ask = self.admin_site.admin_view(self.reason_view)
        take = self.admin_site.admin_view(self.import_view)
        return [
            path("import/", take, name="factcheck_claim_import"),
            path("<str:verb>-with-reason/", ask, name="factcheck_claim_reason"),
            *super().get_urls(),
        ]

    def import_view(self, request: HttpRequest) -> HttpResponse:
        context = {**self.admin_site.each_context(request), "opts": self.model._meta}
        return review_import(request, context)

    def _ask_reason(self, verb: str, queryset: QuerySet[Claim]) -> HttpResponse:
        ids = ",".join(str(pk) for pk in queryset.values_list("pk", flat=True))
        return HttpResponseRedirect(
            reverse("admin:factcheck_claim_reason", args=[verb]) + f"?ids={ids}"
        )

    def reason_view(self, request: HttpRequest, verb: str) -> HttpResponse:
        """Ask for the reason of a retraction or restoration, then carry it out."""
        act, done = {
            "retract": (editing.retract, _("Retracted: %s")),
            "restore": (editing.restore, _("Restored: %s")),
        }.get(verb, (None, ""))
        if act is None or not self.has_retract_permission(request):
            raise PermissionDenied
        claims = Claim.objects.filter(pk__in=numbers(request.GET.get("ids", "")))
        form = ReasonForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            for claim in claims:
                attempt(request, done % claim, act, claim=claim, reason=form.cleaned_data["reason"])
            return HttpResponseRedirect(reverse("admin:factcheck_claim_changelist"))
        context = {
            **self.admin_site.each_context(request),
            "opts": self.model._meta,
            "title": _("Retract") if verb == "retract" else _("Restore"),
            "claims": claims,
            "form": form,
        }
        return TemplateResponse(request, "admin/factcheck/claim/reason.html", context)
