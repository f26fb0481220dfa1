"""Owners and outlets in the admin."""

from typing import Any

from django.contrib import admin
from django.db import connection
from django.db.models import Count, QuerySet
from django.forms import BaseInlineFormSet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy
from import_export.admin import ImportExportModelAdmin
from import_export.formats.base_formats import CSV, XLSX

from factcheck.admin.base import QueueFilter, related_count
from factcheck.admin.effects import OutletForm
from factcheck.admin.merging import MergingMixin
from factcheck.admin.outlet_spreadsheet import OutletResource
from factcheck.admin.suggestions import SuggestingAdmin
from factcheck.db.claim_lock import lock_claims
from factcheck.editing import effects
from factcheck.models import Citation, Outlet, OutletAlias, Owner


class LabelledFormSet(BaseInlineFormSet):
    """Names each field to screen readers: the rows of a table have no labels."""

    def add_fields(self, form: Any, index: int | None) -> None:
        super().add_fields(form, index)
        for field in form.fields.values():
            field.widget.attrs["aria-label"] = field.label


class AliasInline(admin.TabularInline):
    model = OutletAlias
    formset = LabelledFormSet
    fields = ("name",)
    extra = 1
    verbose_name_plural = gettext_lazy("names under which it is cited, in any script")


@admin.register(Outlet)
class OutletAdmin(MergingMixin, ImportExportModelAdmin, SuggestingAdmin):
    form = OutletForm
    import_template_name = "admin/factcheck/outlet/import.html"
    resource_classes = [OutletResource]
    formats = [CSV, XLSX]
    list_display = ("name", "kind", "control", "owner", "country", "is_confirmed", "citations")
    list_select_related = ("owner",)
    list_filter = (QueueFilter, "control", "kind", "is_confirmed", "country")
    autocomplete_fields = ("owner", "speaks_for")
    inlines = (AliasInline,)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Outlet]:
        outlets = super().get_queryset(request).filter(merged_into=None)
        citations = related_count(Citation.objects.all(), "outlet")
        return outlets.annotate(citation_count=citations).order_by("name")

    def has_import_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perms(("factcheck.add_outlet", "factcheck.change_outlet"))

    def has_export_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("factcheck.view_outlet")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        return queryset.matching_name(search_term), False  # type: ignore[attr-defined]

    @admin.display(description=gettext_lazy("citations"), ordering="citation_count")
    def citations(self, outlet: Outlet) -> int:
        return outlet.citation_count  # type: ignore[attr-defined]

    def get_object(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if request.method == "POST" and connection.in_atomic_block:
            # A new owner needs the exclusive lock before anything takes the shared one: the
            # counts that the form shows must not change meanwhile.
            lock_claims(exclusive=True)
        return super().get_object(request, *args, **kwargs)

    def save_model(self, request: HttpRequest, obj: Outlet, form: Any, change: bool) -> None:
        reason = form.cleaned_data.get("change_reason", "")
        is_new_owner = change and "owner" in form.changed_data and not form.is_suggestion
        outlets, user = [obj.pk] if is_new_owner else [], request.user
        with effects.recording_recount(outlets, reason=reason, by=user):  # type: ignore[arg-type]
            super().save_model(request, obj, form, change)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        # A removed alias may have been one of the outlet's own names.
        form.instance.sync_own_aliases()


@admin.register(Owner)
class OwnerAdmin(SuggestingAdmin):
    list_display = ("name", "kind", "country", "outlets")
    list_filter = ("kind", "country")
    search_name_fields = ("name", "slug")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Owner]:
        owners = super().get_queryset(request)
        return owners.annotate(outlet_count=Count("outlets")).order_by("name")

    @admin.display(description=gettext_lazy("outlets"), ordering="outlet_count")
    def outlets(self, owner: Owner) -> int:
        return owner.outlet_count  # type: ignore[attr-defined]
