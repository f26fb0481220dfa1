"""Base classes of the admin's model pages."""

from collections.abc import Sequence
from typing import Any

from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.db.models import Count, Max, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from simple_history.admin import SimpleHistoryAdmin

from factcheck.admin.date_inputs import DATE_FIELDS
from factcheck.admin.edit_conflicts import ADDED_FIELDS, ConflictCheckedForm
from factcheck.admin.languages import LanguageField, LanguageInput
from factcheck.db.claim_lock import lock_claims
from factcheck.filters.work_queues import QUEUES
from factcheck.http.form_recovery import posted_fields, resend_page
from factcheck.models.fields import language_code
from factcheck.undocumented_api import ChangeList, make_counts_optional

# Lists of larger tables leave out what Django would read all rows for.
MAX_ROWS_READ = 50_000


def _slug_last(fields: Sequence[Any], *, without: Sequence[str]) -> list[Any]:
    """Return a form's fields with the slug at the end: it is made of the name."""
    remaining = [name for name in fields if name not in without]
    return sorted(remaining, key=lambda name: name == "slug")


class DeletedRecordMixin:
    """Shows a form again, to be copied, if somebody has deleted its record meanwhile."""

    def change_view(
        self, request: HttpRequest, object_id: str, *args: Any, **kwargs: Any
    ) -> HttpResponse:
        fields = posted_fields(request)
        if fields and self.get_object(request, unquote(object_id)) is None:  # type: ignore[attr-defined]
            return resend_page(
                request,
                status=409,
                title=gettext("This record was deleted"),
                text=gettext("Somebody deleted it while you edited it. Nothing was saved."),
            )
        return super().change_view(request, object_id, *args, **kwargs)  # type: ignore[misc]


class HistoryAdmin(DeletedRecordMixin, SimpleHistoryAdmin):
    """Shows every version of a record and what changed.

    An old version can be read, but not restored: the library would bypass roles, stages and the
    log.
    """

    form = ConflictCheckedForm
    show_facets = admin.ShowFacets.ALWAYS
    formfield_overrides = DATE_FIELDS

    def formfield_for_dbfield(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        if language_code in db_field.validators:
            kwargs |= {"form_class": LanguageField, "widget": LanguageInput}
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        fieldsets = [
            (title, {**options, "fields": _slug_last(options["fields"], without=ADDED_FIELDS)})
            for title, options in super().get_fieldsets(request, obj)
        ]
        if obj is not None and self.has_change_permission(request, obj):
            fieldsets.append((_("For the record"), {"fields": ["change_reason", "seen_state"]}))
        return fieldsets

    def get_object(
        self, request: HttpRequest, object_id: str, from_field: str | None = None
    ) -> Any:
        row = super().get_object(request, object_id, from_field)
        if row and request.method == "POST" and connection.in_atomic_block:
            # If two editors save at once, the second reads what the first has written.
            lock_claims()
            self.model._base_manager.select_for_update().get(pk=row.pk)
            row = super().get_object(request, object_id, from_field)
        return row

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        readonly_fields = super().get_readonly_fields(request, obj)
        # Links to a public page must not break.
        has_page = obj is not None and getattr(obj, "is_public", hasattr(obj, "get_absolute_url"))
        return (*readonly_fields, "slug") if has_page else readonly_fields

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        obj._change_reason = form.cleaned_data.get("change_reason") or None
        super().save_model(request, obj, form, change)

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> Any:
        self._require_numbers(object_id)
        return super().history_view(request, object_id, extra_context)

    def history_form_view(
        self, request: HttpRequest, object_id: str, version_id: str, **kwargs: Any
    ) -> Any:
        if request.method not in {"GET", "HEAD"}:
            raise PermissionDenied
        self._require_numbers(object_id, version_id)
        return super().history_form_view(request, object_id, version_id, **kwargs)

    def _require_numbers(self, *keys: str) -> None:
        """Raise Http404 for an address with a text instead of a number: the library would fail."""
        for key in keys:
            try:
                self.model._meta.pk.to_python(unquote(key))
            except ValidationError as error:
                raise Http404 from error


class LargeChangeList(ChangeList):
    """A list that stays fast with millions of rows.

    On a large table, counts beside the filters come only with “Show counts”, and there is no
    hierarchy of dates: Django would read all rows for either.
    """

    def __init__(self, request: HttpRequest, *args: Any) -> None:
        super().__init__(request, *args)
        last = self.model._base_manager.aggregate(last=Max("pk"))["last"]
        if (last or 0) > MAX_ROWS_READ:
            make_counts_optional(self, request)


def related_count(rows: QuerySet[Any], by: str) -> Coalesce:
    """Return an annotation that counts `rows` by the row they refer to, for a page's rows only."""
    of_each = rows.filter(**{by: OuterRef("pk")}).order_by().values(by)
    return Coalesce(Subquery(of_each.annotate(n=Count("pk")).values("n")), 0)


class FoldedSearchAdmin(HistoryAdmin):
    """Searches names in any script, and links to the public page."""

    search_name_fields: tuple[str, ...] = ("name",)
    # Only if it is set, the admin shows a search box.
    search_fields = ("slug",)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        return queryset.name_contains(search_term, *self.search_name_fields), False  # type: ignore[attr-defined]

    def view_on_site(self, obj: Any) -> str | None:
        return obj.get_absolute_url() if hasattr(obj, "get_absolute_url") else None


class QueueFilter(admin.SimpleListFilter):
    """Narrows a list to one of the queues of its model."""

    title = _("work to do")
    parameter_name = "queue"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [(queue.name, queue.title) for queue in QUEUES if queue.model is model_admin.model]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        for queue in QUEUES:
            if queue.name == self.value() and queue.model is queryset.model:
                return queryset.filter(queue.condition())
        return queryset


class ReadOnlyMixin:
    """Records that can be read, but not changed."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class ReadOnlyAdmin(ReadOnlyMixin, admin.ModelAdmin):
    """The pages of records that can be read, but not changed."""


class ReadOnlyInline(ReadOnlyMixin, admin.StackedInline):
    """Related records that a page only shows."""

    extra = 0
