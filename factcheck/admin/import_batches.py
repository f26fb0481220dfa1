"""Imports in the admin: what each created, its claims, and taking it back."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import path
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from factcheck import editing
from factcheck.admin.base import ReadOnlyAdmin
from factcheck.admin.pages import form_url, list_url, parse_ids, render_page
from factcheck.models import Claim, ImportBatch, ImportedRow


class BatchFilter(admin.SimpleListFilter):
    """Narrows the list of claims to those of one import. It is chosen on the import's page."""

    title = gettext_lazy("import")
    parameter_name = "batch"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        ids = parse_ids(request.GET.get(self.parameter_name, ""))
        batches = ImportBatch.objects.in_bulk(ids)
        # Include missing imports: their list is empty, not the list of all claims.
        return [(str(pk), str(batches.get(pk, "–"))) for pk in ids]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        ids = parse_ids(self.value() or "")
        if not ids:
            return queryset
        rows = ImportedRow.objects.filter(batch__in=ids, claim__isnull=False)
        return queryset.filter(pk__in=rows.values("claim"))


@admin.register(ImportBatch)
class ImportBatchAdmin(ReadOnlyAdmin):
    """The list of imports; each can be reviewed and taken back."""

    list_display = (
        *("imported_at", "kind", "file", "imported_by", "created", "changed", "unchanged"),
        *("rejected", "taken_back_at"),
    )
    list_select_related = ("imported_by",)
    list_filter = ("kind",)
    show_facets = admin.ShowFacets.ALWAYS

    @admin.display(description=gettext_lazy("file"), ordering="file_name")
    def file(self, batch: ImportBatch) -> str:
        return batch.file_name or _("pasted text")

    def has_take_back_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("factcheck.delete_claim")

    def get_urls(self) -> list[Any]:
        page = self.admin_site.admin_view(self.take_back_view)
        name = "factcheck_importbatch_take_back"
        return [path("<int:pk>/take-back/", page, name=name), *super().get_urls()]

    def change_view(self, request: HttpRequest, object_id: str, *args: Any) -> HttpResponse:
        """Show the import; nothing on its page changes it."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        batch = _batch_or_404(next(iter(parse_ids(object_id)), 0))
        return render_page(
            self,
            request,
            "importbatch/batch.html",
            title=_("Import: %(name)s") % {"name": batch},
            batch=batch,
            preview=editing.preview_take_back(batch),
            claims_url=list_url(Claim, f"batch={batch.pk}"),
            may_take_back=self.has_take_back_permission(request),
        )

    def take_back_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Show what would be removed and what not (GET); remove it (POST)."""
        if not self.has_take_back_permission(request):
            raise PermissionDenied
        batch = _batch_or_404(pk)
        if request.method == "POST":
            self._take_back(request, batch)
            return HttpResponseRedirect(form_url(batch))
        return render_page(
            self,
            request,
            "importbatch/take_back.html",
            title=_("Take back: %(name)s") % {"name": batch},
            batch=batch,
            preview=editing.preview_take_back(batch),
        )

    def _take_back(self, request: HttpRequest, batch: ImportBatch) -> None:
        before = editing.claims_of(batch).count()
        try:
            is_done = editing.take_back_import(batch=batch, by=request.user)  # type: ignore[arg-type]
        except ValidationError as error:
            for message in error.messages:
                messages.error(request, message)
            is_done = True
        else:
            if is_done:
                messages.success(request, _("The import was taken back."))
        remaining = editing.claims_of(batch).count()
        if remaining < before:
            messages.info(
                request,
                ngettext("%d draft was deleted.", "%d drafts were deleted.", before - remaining)
                % (before - remaining),
            )
        if not is_done:
            messages.warning(
                request,
                ngettext(
                    "%d draft is left. Press “Take back…” again to go on.",
                    "%d drafts are left. Press “Take back…” again to go on.",
                    remaining,
                )
                % remaining,
            )


def _batch_or_404(pk: int) -> ImportBatch:
    return get_object_or_404(
        ImportBatch.objects.select_related("imported_by", "taken_back_by"), pk=pk
    )


def link_to(batch: ImportBatch) -> str:
    """Return a link to an import's page, for a message about it."""
    text = _("Review this import or take it back")
    return format_html('<a href="{}">{}</a>', form_url(batch), text)
