"""Merging in the admin: choose, look at what would move, confirm; and the way back."""

from collections.abc import Iterator
from contextlib import suppress
from functools import partial
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.widgets import AutocompleteSelect
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from factcheck import editing
from factcheck.admin.base import ReadOnlyAdmin, attempt, numbers
from factcheck.admin.effects import context_of
from factcheck.editing import effects
from factcheck.models import Merge, MergeKind, Outlet

_CONFIRMED = "_confirmed"


class RowSelect(AutocompleteSelect):
    """What is no row's number was not chosen: the library would ask the database for it."""

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        return next(iter(numbers(super().value_from_datadict(data, files, name) or "")), "")


def choice_of(field: Any, site: Any, queryset: QuerySet[Any], label: Any) -> Any:
    """Return a form field that completes names as they are typed."""
    return forms.ModelChoiceField(queryset, label=label, widget=RowSelect(field, site))


class MergingMixin:
    """Adds “Merge…” to the page of a row that can be merged into another of its kind."""

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
        """Choose the other row (GET), look (GET with it), merge (POST)."""
        if not self._may_merge(request):
            raise PermissionDenied
        loser = self.model.objects.filter(pk=pk).first()
        if loser is None:
            raise Http404
        form = self._form(request, loser)
        preview, found = None, None
        if form.is_bound and form.is_valid():
            winner = form.cleaned_data["winner"]
            try:
                preview = editing.preview(loser=loser, winner=winner)
                if self.model is Outlet:
                    found = effects.of_merge(loser, winner)
            except ValidationError as error:
                form.add_error("winner", error)
            else:
                if request.method == "POST" and self._merge(request, loser, winner):
                    page = f"admin:factcheck_{self.model._meta.model_name}_change"
                    return HttpResponseRedirect(reverse(page, args=[winner.pk]))
        context = {
            **self.admin_site.each_context(request),
            "opts": self.model._meta,
            "title": _("Merge “%(name)s” into another") % {"name": loser},
            "loser": loser,
            "form": form,
            "preview": preview,
            **context_of(found),
            "changelist": f"admin:factcheck_{self.model._meta.model_name}_changelist",
        }
        return TemplateResponse(request, "admin/factcheck/merge.html", context)

    def _form(self, request: HttpRequest, loser: Any) -> forms.Form:
        others = self.model.objects.listed().exclude(pk=loser.pk)
        data = request.POST or request.GET or None
        form = forms.Form(data)
        field = self.model._meta.get_field("merged_into")
        form.fields["winner"] = choice_of(field, self.admin_site, others, _("Merge it into"))
        return form

    def _merge(self, request: HttpRequest, loser: Any, winner: Any) -> bool:
        verb = editing.merge_outlets if self.model is Outlet else editing.merge_claimants
        page = reverse("admin:factcheck_merge_changelist")
        done = format_html(
            _("“{}” is now a name of “{}”. <a href='{}'>Take it back</a> if that was wrong."),
            loser, winner, page,
        )  # fmt: skip
        return attempt(request, done, verb, loser=loser, winner=winner)


@admin.register(Merge)
class MergeAdmin(ReadOnlyAdmin):
    """Merges so far, and the way back."""

    list_display = ("merged_at", "kind", "loser", "winner", "merged_by", "undone_at", "undone_by")
    list_display_links = None
    list_select_related = ("merged_by", "undone_by")
    list_filter = ("kind",)
    actions = ("take_back",)

    @admin.action(description=gettext_lazy("Take back"))
    def take_back(self, request: HttpRequest, queryset: QuerySet[Merge]) -> HttpResponse | None:
        merges = queryset.order_by("-pk")
        if _CONFIRMED not in request.POST and (moving := list(self._moving(request, merges))):
            context = {
                **self.admin_site.each_context(request),
                "opts": self.model._meta,
                "title": _("Take back"),
                "merges": merges,
                "moving": moving,
            }
            return TemplateResponse(request, "admin/factcheck/merge/take_back.html", context)
        for merge in merges:
            done = _("Taken back: %s") % merge
            if not attempt(request, done, editing.take_back, merge=merge):
                messages.warning(request, _("Still merged: %s") % merge)
        return None

    def _moving(
        self, request: HttpRequest, merges: QuerySet[Merge]
    ) -> Iterator[tuple[Merge, dict[str, object]]]:
        """Yield the merges of outlets, with what taking them back does to public claims."""
        for merge in merges.filter(kind=MergeKind.OUTLET):
            undo = partial(editing.take_back, merge=merge, by=request.user)  # type: ignore[arg-type]
            # What cannot be taken back says so when it is tried.
            with suppress(ValidationError, PermissionDenied):
                yield merge, context_of(effects.of_doing(undo, [merge.loser_id, merge.winner_id]))
