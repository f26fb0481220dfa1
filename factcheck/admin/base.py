"""What the admin's pages share."""

from collections.abc import Callable, Sequence
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.options import IS_FACETS_VAR
from django.contrib.admin.utils import unquote
from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.db.models import Count, Max, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from simple_history.admin import SimpleHistoryAdmin

from factcheck.admin.date_inputs import DATE_FIELDS
from factcheck.admin.edit_conflicts import SeenForm
from factcheck.admin.languages import LanguageField, LanguageInput
from factcheck.db.claim_lock import take_turn
from factcheck.http.form_recovery import carried, given_back
from factcheck.models.base import language_code

# Rows of a table that are all read to show a page of it.
MOST_READ = 50_000


def _slug_last(fields: Sequence[Any], *, without: Sequence[str]) -> list[Any]:
    """Return a form's fields; the end of an address, which is made of the name, comes last."""
    found = [name for name in fields if name not in without]
    return sorted(found, key=lambda name: name == "slug")


class KeepsTypedText:
    """Gives a form back whose record somebody has deleted meanwhile: nothing of it is lost."""

    def change_view(
        self, request: HttpRequest, object_id: str, *args: Any, **kwargs: Any
    ) -> HttpResponse:
        fields = carried(request)
        if fields and self.get_object(request, unquote(object_id)) is None:  # type: ignore[attr-defined]
            return given_back(
                request,
                status=409,
                title=gettext("This record was deleted"),
                text=gettext("Somebody deleted it while you edited it. Nothing was saved."),
            )
        return super().change_view(request, object_id, *args, **kwargs)  # type: ignore[misc]


class HistoryAdmin(KeepsTypedText, SimpleHistoryAdmin):
    """Shows every version of a row and what changed. An old version is read, never written back:

    the library would save it past roles, stages and the log.
    """

    form = SeenForm
    formfield_overrides = DATE_FIELDS

    def formfield_for_dbfield(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        if language_code in db_field.validators:
            kwargs |= {"form_class": LanguageField, "widget": LanguageInput}
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        own = ("as_seen", "change_reason")
        found = [
            (title, {**options, "fields": _slug_last(options["fields"], without=own)})
            for title, options in super().get_fieldsets(request, obj)
        ]
        if obj is not None and self.has_change_permission(request, obj):
            found.append((_("For the record"), {"fields": ["change_reason", "as_seen"]}))
        return found

    def get_object(
        self, request: HttpRequest, object_id: str, from_field: str | None = None
    ) -> Any:
        found = super().get_object(request, object_id, from_field)
        if found and request.method == "POST" and connection.in_atomic_block:
            # Two editors who save at once: the second reads what the first has written.
            take_turn()
            self.model._base_manager.select_for_update().get(pk=found.pk)
            found = super().get_object(request, object_id, from_field)
        return found

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        # Links to a public page shall not break.
        has_page = obj is not None and getattr(obj, "is_public", hasattr(obj, "get_absolute_url"))
        return (*super().get_readonly_fields(request, obj), *(("slug",) if has_page else ()))

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        obj._change_reason = form.cleaned_data.get("change_reason") or None
        super().save_model(request, obj, form, change)

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> Any:
        self._known_or_404(object_id)
        return super().history_view(request, object_id, extra_context)

    def history_form_view(
        self, request: HttpRequest, object_id: str, version_id: str, **kwargs: Any
    ) -> Any:
        if request.method not in {"GET", "HEAD"}:
            raise PermissionDenied
        self._known_or_404(object_id, version_id)
        return super().history_form_view(request, object_id, version_id, **kwargs)

    def _known_or_404(self, *keys: str) -> None:
        """Raise Http404 for an address with text in the place of a number."""
        # The library asks the database for it, and fails.
        for key in keys:
            try:
                self.model._meta.pk.to_python(unquote(key))
            except ValidationError as error:
                raise Http404 from error


class LongList(ChangeList):
    """A list that may be of millions: what would read all rows for each look is left to who asks.

    Counts beside filters come by “Show counts” then, and there are no days to go down by.
    """

    def __init__(self, request: HttpRequest, *args: Any) -> None:
        super().__init__(request, *args)
        last = self.model._base_manager.aggregate(last=Max("pk"))["last"]
        if (last or 0) > MOST_READ:
            self.date_hierarchy = None
            self.is_facets_optional = True
            self.add_facets = IS_FACETS_VAR in request.GET


def count_of(rows: QuerySet[Any], by: str) -> Coalesce:
    """Return how many of `rows` refer to each row, counted for those alone that a page shows."""
    of_each = rows.filter(**{by: OuterRef("pk")}).order_by().values(by)
    return Coalesce(Subquery(of_each.annotate(n=Count("pk")).values("n")), 0)


class WordedAdmin(HistoryAdmin):
    """Searches names in any script, and links to the public page."""

    worded_fields: tuple[str, ...] = ("name",)
    # The admin asks for it before it shows a search box.
    search_fields = ("slug",)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        return queryset.worded(search_term, *self.worded_fields), False  # type: ignore[attr-defined]

    def view_on_site(self, obj: Any) -> str | None:
        return obj.get_absolute_url() if hasattr(obj, "get_absolute_url") else None


class ReadOnlyAdmin(admin.ModelAdmin):
    """Rows that can be read here, and nowhere changed."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class ReadOnlyInline(admin.StackedInline):
    """Rows that this page only shows."""

    extra = 0
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


def numbers(typed: str) -> list[int]:
    """Return the row numbers in an address, parted by commas; what is none is left out."""
    return [int(part) for part in typed.split(",") if part.isdecimal() and len(part) < 19]


def attempt(
    request: HttpRequest,
    done: str | Callable[[Any], str],
    verb: Callable[..., Any],
    **arguments: Any,
) -> bool:
    """Call a verb of `editing` for the user, and tell the outcome as a message.

    `done` may be made of what the verb returns. Among several, `claim` is named in an error as it
    is in `done`.
    """
    claim = arguments.get("claim")
    is_named = claim is not None and str(claim) in str(done)
    about = f"{_('“%(label)s”') % {'label': claim}}: " if is_named else ""
    try:
        result = verb(by=request.user, **arguments)
    except ValidationError as error:
        for message in error.messages:
            messages.error(request, f"{about}{message}")
    except PermissionDenied as error:
        messages.error(request, str(error))
    else:
        messages.success(request, done(result) if callable(done) else done)
        return True
    return False
