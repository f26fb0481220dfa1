"""Merging in the admin: choose, see what would move, confirm; and undo."""

from collections.abc import Iterator
from contextlib import suppress
from functools import partial
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.widgets import AutocompleteSelect
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import path
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from factcheck import editing
from factcheck.admin.base import ReadOnlyAdmin
from factcheck.admin.effects import effects_context
from factcheck.admin.pages import call_and_report, form_url, list_url, parse_ids, render_page
from factcheck.editing import effects
from factcheck.models import Merge, MergeKind, Outlet

_CONFIRMED = "_confirmed"


class NumberSelect(AutocompleteSelect):
    """Ignores a value that is not a row's number: the library would ask the database for it."""

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        return next(iter(parse_ids(super().value_from_datadict(data, files, name) or "")), "")


def autocomplete_field(
    field: Any, site: Any, queryset: QuerySet[Any], label: Any, *, required: bool = True
) -> Any:
    """Return a form field that completes the names of rows as they are typed."""
    widget = NumberSelect(field, site)
    return forms.ModelChoiceField(queryset, label=label, widget=widget, required=required)


class MergingMixin:
    """Adds “Merge…” to the page of a record that can be merged into another of its kind."""

    change_form_template = "admin/factcheck/mergeable/change_form.html"
    model: Any
    admin_site: Any

    def get_urls(self) -> list[Any]:
        name = f"factcheck_{self.model._meta.model_name}_merge"
        page = self.admin_site.admin_view(self.merge_view)
        return [path("<int:pk>/merge/", page, name=name), *super().get_urls()]  # type: ignore[misc]

    def _may_merge(self, request: HttpRequest) -> bool:
        name = self.model._meta.model_name
        return request.user.has_perms([f"factcheck.change_{name}", f"factcheck.delete_{name}"])

    def render_change_form(
        self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any
    ) -> Any:
        if self._may_merge(request):
            context["merge_url"] = f"admin:factcheck_{self.model._meta.model_name}_merge"
        return super().render_change_form(request, context, *args, **kwargs)  # type: ignore[misc]

    def merge_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Choose the winner (GET), see what would move (GET with the winner), merge (POST)."""
        if not self._may_merge(request):
            raise PermissionDenied
        loser = get_object_or_404(self.model, pk=pk)
        form = self._form(request, loser)
        context: dict[str, Any] = {}
        if form.is_bound and form.is_valid():
            winner = form.cleaned_data["winner"]
            try:
                context["preview"] = editing.preview_merge(loser=loser, winner=winner)
                if self.model is Outlet:
                    context |= effects_context(effects.predict_merge(loser, winner))
            except ValidationError as error:
                form.add_error("winner", error)
            else:
                if request.method == "POST" and self._merge(request, loser, winner):
                    return HttpResponseRedirect(form_url(winner))
        title = _("Merge “%(name)s” into another") % {"name": loser}
        return render_page(
            self, request, "merge.html", title=title, loser=loser, form=form, **context
        )

    def _form(self, request: HttpRequest, loser: Any) -> forms.Form:
        form = forms.Form(request.POST or request.GET or None)
        form.fields["winner"] = autocomplete_field(
            self.model._meta.get_field("merged_into"),
            self.admin_site,
            self.model.objects.listed().exclude(pk=loser.pk),
            _("Merge it into"),
        )
        return form

    def _merge(self, request: HttpRequest, loser: Any, winner: Any) -> bool:
        merge = editing.merge_outlets if self.model is Outlet else editing.merge_claimants
        done = format_html(
            _("“{}” is now a name of “{}”. <a href='{}'>Take it back</a> if that was wrong."),
            loser,
            winner,
            list_url(Merge),
        )
        return call_and_report(request, done, merge, loser=loser, winner=winner)


@admin.register(Merge)
class MergeAdmin(ReadOnlyAdmin):
    """The list of merges, in which they can be undone."""

    list_display = ("merged_at", "kind", "loser", "winner", "merged_by", "undone_at", "undone_by")
    list_display_links = None
    list_select_related = ("merged_by", "undone_by")
    list_filter = ("kind",)
    actions = ("take_back",)

    @admin.action(description=gettext_lazy("Take back"))
    def take_back(self, request: HttpRequest, queryset: QuerySet[Merge]) -> HttpResponse | None:
        merges = queryset.order_by("-pk")
        if _CONFIRMED not in request.POST and (
            effects_of_each := list(self._effects(request, merges))
        ):
            template = "merge/take_back.html"
            return render_page(
                self, request, template, title=_("Take back"), merges=merges, moving=effects_of_each
            )
        for merge in merges:
            done = _("Taken back: %s") % merge
            if not call_and_report(request, done, editing.undo_merge, merge=merge):
                messages.warning(request, _("Still merged: %s") % merge)
        return None

    def _effects(
        self, request: HttpRequest, merges: QuerySet[Merge]
    ) -> Iterator[tuple[Merge, dict[str, object]]]:
        """Yield the merges of outlets, with what undoing them does to public claims."""
        for merge in merges.filter(kind=MergeKind.OUTLET):
            undo = partial(editing.undo_merge, merge=merge, by=request.user)  # type: ignore[arg-type]
            outlets = [merge.loser_id, merge.winner_id]
            # A merge that cannot be undone is reported when it is tried.
            with suppress(ValidationError, PermissionDenied):
                yield merge, effects_context(effects.try_out(undo, outlets))
