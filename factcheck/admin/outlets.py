"""Owners and outlets in the admin, and outlets in and out of CSV and XLSX with a preview."""

from typing import Any

from django.contrib import admin
from django.contrib.auth.models import User
from django.db import connection
from django.db.models import Count, QuerySet
from django.forms import BaseInlineFormSet, ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from import_export.admin import ImportExportModelAdmin
from import_export.fields import Field
from import_export.formats.base_formats import CSV, XLSX
from import_export.resources import ModelResource
from import_export.widgets import ForeignKeyWidget

from factcheck.admin.base import count_of
from factcheck.admin.effects import OutletForm, sentences
from factcheck.admin.merging import MergingMixin
from factcheck.admin.queues import QueueFilter
from factcheck.admin.suggesting import SuggestingAdmin
from factcheck.db.claim_lock import take_turn
from factcheck.editing import effects, suggestions
from factcheck.imports.dry_run import NoRoomError, on_a_copy
from factcheck.models import Citation, Claimant, Outlet, OutletAlias, Owner
from factcheck.text import name_key

# A spreadsheet takes a cell that begins so for a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "'")


class BySlug(ForeignKeyWidget):
    """A cell that names another row by its slug."""

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> Any:
        try:
            return super().clean(value, row, **kwargs)
        except self.model.DoesNotExist as error:
            raise ValueError(
                _("There is no %(kind)s with the slug “%(slug)s”: add it first.")
                % {"kind": self.model._meta.verbose_name, "slug": value}
            ) from error


class AliasField(Field):
    """Other names, parted by `;`. An import adds names and takes none away."""

    def get_value(self, instance: Outlet, **kwargs: Any) -> str:
        names = instance.other_names() if instance.pk else []
        added = [name for name in getattr(instance, "added_names", ()) if name not in names]
        return "; ".join([*names, *added])

    def save(self, instance: Any, row: Any, *args: Any, **kwargs: Any) -> None:
        instance.added_names = _names(row)


class OutletResource(ModelResource):
    """A row for each outlet; other rows are named by their slugs, aliases are parted by `;`."""

    owner = Field("owner", "owner", widget=BySlug(Owner, "slug"))
    speaks_for = Field("speaks_for", "speaks_for", widget=BySlug(Claimant, "slug"))
    aliases = AliasField("aliases", "aliases")

    class Meta:
        model = Outlet
        import_id_fields = ("slug",)
        fields = (
            *("slug", "name", "native_name", "kind", "control", "owner", "speaks_for", "country"),
            *("languages", "domain", "homepage", "note", "is_confirmed", "aliases"),
        )
        export_order = fields
        clean_model_instances = True
        skip_unchanged = True
        report_skipped = True

    def import_data(self, dataset: Any, *args: Any, **options: Any) -> Any:
        """Import rows; a preview works on a copy, so that no editor has to wait for it."""
        if not (options.get("dry_run") or any(args[:1])):
            return super().import_data(dataset, *args, **options)
        try:
            with on_a_copy(of=(Outlet, OutletAlias, Owner, Claimant, User)):
                return super().import_data(dataset, *args, **options)
        except NoRoomError as error:
            result = self.get_result_class()()
            result.append_base_error(self.get_error_result_class()(error))
            return result

    def before_import(self, dataset: Any, **kwargs: Any) -> None:
        """Note what the file does to public claims."""
        self.user = kwargs.get("user")
        if owners := _new_owners(dataset):
            take_turn(alone=True)
        self.effects = effects.of_owners(owners)
        self.recording = effects.recorded(owners, reason=_FROM_A_FILE, by=self.user)
        self.recording.__enter__()

    def after_import(self, dataset: Any, result: Any, **kwargs: Any) -> None:
        self.recording.__exit__(None, None, None)
        result.effects, result.sentences = self.effects, sentences(self.effects)
        super().after_import(dataset, result, **kwargs)

    def validate_instance(self, instance: Outlet, *args: Any, **kwargs: Any) -> None:
        super().validate_instance(instance, *args, **kwargs)
        if instance.pk and self.user and suggestions.must_suggest(instance, self.user):
            raise ValidationError(
                _("Public claims use this outlet: propose the change on its page instead.")
            )

    def get_queryset(self) -> QuerySet[Outlet]:
        return Outlet.objects.select_related("owner", "speaks_for").prefetch_related("aliases")

    def export_field(self, field: Any, instance: Outlet, **kwargs: Any) -> Any:
        """Defuse what a spreadsheet would run; `before_import_row` undoes it."""
        value = super().export_field(field, instance, **kwargs)
        return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value

    def before_import_row(self, row: Any, **kwargs: Any) -> None:
        for column, cell in list(row.items()):
            if isinstance(cell, str) and cell.startswith(tuple(f"'{mark}" for mark in _FORMULA)):
                row[column] = cell[1:]
        for name in _names(row):
            OutletAlias._meta.get_field("name").run_validators(name)
            holder = OutletAlias.objects.filter(key=name_key(name)).select_related("outlet").first()
            if holder and holder.outlet.slug != row.get("slug"):
                raise ValidationError(
                    {
                        "aliases": _("%(name)s is a name of %(outlet)s already.")
                        % {"name": name, "outlet": holder.outlet}
                    }
                )

    def after_save_instance(self, instance: Outlet, row: Any, **kwargs: Any) -> None:
        for name in _names(row):
            if not OutletAlias.objects.filter(key=name_key(name)).exists():
                OutletAlias.objects.create(outlet=instance, name=name)


# The reason that readers see when an imported file has changed the owner of an outlet.
_FROM_A_FILE = "The owners of outlets were updated from a file."


def _new_owners(dataset: Any) -> dict[int, int | None]:
    """Return the known outlets to which a file gives another owner, with its id."""
    if not {"slug", "owner"} <= set(dataset.headers or ()):
        return {}
    named = {str(row["slug"]): str(row["owner"] or "") for row in dataset.dict}
    known = dict(Owner.objects.filter(slug__in=named.values()).values_list("slug", "pk"))
    outlets = Outlet.objects.filter(slug__in=named).values_list("slug", "pk", "owner")
    # The import itself rejects a row that names an unknown owner.
    return {
        pk: known.get(named[slug])
        for slug, pk, owner in outlets
        if known.get(named[slug]) != owner and (named[slug] in known or not named[slug])
    }


def _names(row: Any) -> list[str]:
    names = (name.strip() for name in str(row.get("aliases") or "").split(";"))
    return [name for name in names if name_key(name)]


class NamedFields(BaseInlineFormSet):
    """A table's rows have no labels: each field says itself what it is."""

    def add_fields(self, form: Any, index: int | None) -> None:
        super().add_fields(form, index)
        for field in form.fields.values():
            field.widget.attrs["aria-label"] = field.label


class AliasInline(admin.TabularInline):
    model = OutletAlias
    formset = NamedFields
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
    show_facets = admin.ShowFacets.ALWAYS
    autocomplete_fields = ("owner", "speaks_for")
    inlines = (AliasInline,)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Outlet]:
        found = super().get_queryset(request).filter(merged_into=None)
        cited = count_of(Citation.objects.all(), "outlet")
        return found.annotate(citation_count=cited).order_by("name")

    def has_import_permission(self, request: HttpRequest) -> bool:
        may = request.user.has_perm
        return may("factcheck.add_outlet") and may("factcheck.change_outlet")

    def has_export_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("factcheck.view_outlet")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        return queryset.named(search_term), False  # type: ignore[attr-defined]

    @admin.display(description=gettext_lazy("citations"), ordering="citation_count")
    def citations(self, outlet: Outlet) -> int:
        return outlet.citation_count  # type: ignore[attr-defined]

    def get_object(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if request.method == "POST" and connection.in_atomic_block:
            # Before anything shares the turn that a new owner takes alone: what is counted stays.
            take_turn(alone=True)
        return super().get_object(request, *args, **kwargs)

    def save_model(self, request: HttpRequest, obj: Outlet, form: Any, change: bool) -> None:
        reason = form.cleaned_data.get("change_reason", "")
        is_moved = change and "owner" in form.changed_data and not form.is_suggestion
        with effects.recorded([obj.pk] if is_moved else [], reason=reason, by=request.user):  # type: ignore[arg-type]
            super().save_model(request, obj, form, change)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        # An alias that was removed may have been one of the outlet's own names.
        form.instance.keep_own_aliases()


@admin.register(Owner)
class OwnerAdmin(SuggestingAdmin):
    list_display = ("name", "kind", "country", "outlets")
    list_filter = ("kind", "country")
    show_facets = admin.ShowFacets.ALWAYS
    worded_fields = ("name", "slug")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Owner]:
        return (
            super().get_queryset(request).annotate(outlet_count=Count("outlets")).order_by("name")
        )

    @admin.display(description=gettext_lazy("outlets"), ordering="outlet_count")
    def outlets(self, owner: Owner) -> int:
        return owner.outlet_count  # type: ignore[attr-defined]
