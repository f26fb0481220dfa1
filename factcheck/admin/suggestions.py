"""Suggested changes of records that public claims use: forms that make them, and the decision."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.options import IS_POPUP_VAR
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from factcheck import editing
from factcheck.admin.base import FoldedSearchAdmin, QueueFilter, ReadOnlyAdmin
from factcheck.admin.edit_conflicts import ADDED_FIELDS
from factcheck.admin.effects import effects_context
from factcheck.admin.pages import call_and_report, form_url, list_url, parse_ids, render_page
from factcheck.editing import suggestions
from factcheck.models import OutletAlias, SuggestedChange, SuggestionState

APPLY, DECLINE = "_apply", "_decline"


class SuggestingAdmin(FoldedSearchAdmin):
    """Suggests changes of records in public use instead of saving them, except for reviewers."""

    change_form_template = "admin/factcheck/suggesting/change_form.html"

    def get_form(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> Any:
        form: Any = super().get_form(request, obj, **kwargs)
        form.is_suggestion = obj is not None and suggestions.must_suggest(obj, request.user)
        return form

    def render_change_form(
        self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any
    ) -> Any:
        form, row = context["adminform"].form, context.get("original")
        context["is_suggestion"] = form.is_suggestion and self.has_change_permission(request, row)
        context["suggested"] = SuggestedChange.objects.open().about(row) if row else ()
        context |= effects_context(getattr(form, "effects", None))
        return super().render_change_form(request, context, *args, **kwargs)

    # Saving

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        # A suggestion is stored in `save_related`, with the names in the form's other rows.
        if not form.is_suggestion:
            super().save_model(request, obj, form, change)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        row = form.instance
        if form.is_suggestion and _changes_private_only(form, formsets):
            super().save_model(request, row, form, change)
        elif form.is_suggestion:
            removed, added = _changed_names(formsets)
            row.suggestion = suggestions.suggest(
                row=row,
                by=request.user,  # type: ignore[arg-type]
                reason=form.cleaned_data.get("change_reason") or "",
                removed=removed,
                added=added,
            )
            return
        super().save_related(request, form, formsets, change)

    def construct_change_message(
        self, request: HttpRequest, form: Any, formsets: Any, add: Any = False
    ) -> Any:
        if hasattr(form.instance, "suggestion"):
            return []
        return super().construct_change_message(request, form, formsets, add)

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        if not hasattr(obj, "suggestion"):
            return super().log_change(request, obj, message)
        return None

    def response_change(self, request: HttpRequest, obj: Any) -> HttpResponse:
        if not hasattr(obj, "suggestion"):
            return super().response_change(request, obj)
        if obj.suggestion is None:
            messages.info(request, _("Nothing was changed."))
        else:
            text = _("Your change was sent to the reviewers. Readers see it when one applies it.")
            messages.success(request, format_html("{} {}", text, _link(obj.suggestion)))
        if IS_POPUP_VAR in request.POST:
            stored = self.model._default_manager.get(pk=obj.pk)
            return super().response_change(request, stored)
        return HttpResponseRedirect(form_url(obj))


def _changes_private_only(form: Any, formsets: Any) -> bool:
    """Return whether a form changes only fields that readers never see."""
    changed = [name for name in form.changed_data if name not in ADDED_FIELDS]
    if not changed or any(formset.has_changed() for formset in formsets):
        return False
    return suggestions.is_private(type(form.instance), changed)


def _changed_names(formsets: Any) -> tuple[list[str], list[str]]:
    """Return the names of an outlet that its form removes, and those that it adds."""
    removed, added = [], []
    for formset in formsets:
        for form in formset.forms if formset.model is OutletAlias else ():
            is_deleted = form.cleaned_data.get("DELETE", False)
            if form.instance.pk and (is_deleted or form.has_changed()):
                removed.append(str(form.initial["name"]))
            if form.has_changed() and not is_deleted:
                added.append(form.cleaned_data["name"])
    return removed, added


def _link(suggestion: SuggestedChange) -> str:
    return format_html('<a href="{}">{}</a>', form_url(suggestion), _("See the proposed change"))


@admin.register(SuggestedChange)
class SuggestedChangeAdmin(ReadOnlyAdmin):
    """Changes that contributors suggest of records that public claims use; reviewers decide."""

    list_display = (
        "target",
        "kind",
        "changed_fields",
        "proposed_by",
        "proposed_at",
        "state",
        "decided_by",
    )
    list_select_related = ("proposed_by", "decided_by")
    list_filter = (QueueFilter, "state", "kind")
    show_facets = admin.ShowFacets.ALWAYS

    @admin.display(description=gettext_lazy("changes"))
    def changed_fields(self, suggestion: SuggestedChange) -> str:
        return ", ".join(values["label"] for values in suggestion.changes.values())

    def change_view(self, request: HttpRequest, object_id: str, *args: Any) -> HttpResponse:
        """Show what would change, before and after; apply or decline it (POST)."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        rows = SuggestedChange.objects.select_related("proposed_by", "decided_by")
        suggestion = rows.filter(pk__in=parse_ids(object_id)).first()
        if suggestion is None:
            raise Http404
        reason = request.POST.get("reason", "")
        if request.method == "POST":
            if not editing.may_change_public(request.user):  # type: ignore[arg-type]
                raise PermissionDenied
            if self._decide(request, suggestion, reason):
                return HttpResponseRedirect(list_url(SuggestedChange, "queue=suggested"))
        return self._page(request, suggestion, reason)

    def _decide(self, request: HttpRequest, suggestion: SuggestedChange, reason: str) -> bool:
        decide: Any
        if APPLY in request.POST:
            decide, done = editing.apply_suggestion, _("The change was applied.")
        elif DECLINE in request.POST:
            decide, done = editing.decline_suggestion, _("The change was declined.")
        else:
            return False
        return call_and_report(request, done, decide, suggestion=suggestion, reason=reason)

    def _page(self, request: HttpRequest, suggestion: SuggestedChange, reason: str) -> HttpResponse:
        user: Any = request.user
        row = suggestions.target_of(suggestion)
        is_open = suggestion.state == SuggestionState.OPEN
        is_applicable = is_open and row is not None
        return render_page(
            self,
            request,
            "suggesting/decide.html",
            title=_("Proposed change: %(name)s") % {"name": suggestion.target},
            suggestion=suggestion,
            row=row,
            row_url=row and form_url(row),
            conflicts=suggestions.conflicts(suggestion, row) if is_applicable else (),
            may_decide=is_open and editing.may_change_public(user),
            reason=reason,
            **effects_context(suggestions.effects_of(suggestion) if is_applicable else None),
        )
