"""Imports in the admin: what each brought in, its claims, and the way back."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from factcheck import editing
from factcheck.admin.base import ReadOnlyAdmin, numbers
from factcheck.models import ImportBatch, ImportedRow


class BatchFilter(admin.SimpleListFilter):
    """Narrows the list of claims to those of one import. It is chosen on the import's page."""

    title = gettext_lazy("import")
    parameter_name = "batch"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        chosen = numbers(request.GET.get(self.parameter_name, ""))
        found = ImportBatch.objects.in_bulk(chosen)
        # Also an import that is not there: its list is empty, not the list of all claims.
        return [(str(pk), str(found.get(pk, "–"))) for pk in chosen]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        chosen = numbers(self.value() or "")
        if not chosen:
            return queryset
        rows = ImportedRow.objects.filter(batch__in=chosen, claim__isnull=False)
        return queryset.filter(pk__in=rows.values("claim"))


def claims_url(batch: ImportBatch) -> str:
    """Return the address of the list of an import's claims."""
    return f"{reverse('admin:factcheck_claim_changelist')}?batch={batch.pk}"


@admin.register(ImportBatch)
class ImportBatchAdmin(ReadOnlyAdmin):
    """Imports so far, what each of them brought in, and the way back."""

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
        batch = self._batch(*numbers(object_id))
        context = {
            "title": _("Import: %(name)s") % {"name": batch},
            "claims_url": claims_url(batch),
            "may_take_back": self.has_take_back_permission(request),
        }
        return self._page(request, "admin/factcheck/importbatch/batch.html", batch, context)

    def take_back_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Say what would be removed and what not (GET); remove it (POST)."""
        if not self.has_take_back_permission(request):
            raise PermissionDenied
        batch = self._batch(pk)
        if request.method == "POST":
            self._take_back(request, batch)
            return HttpResponseRedirect(
                reverse("admin:factcheck_importbatch_change", args=[batch.pk])
            )
        context = {"title": _("Take back: %(name)s") % {"name": batch}}
        return self._page(request, "admin/factcheck/importbatch/take_back.html", batch, context)

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
        left = editing.claims_of(batch).count()
        if left < before:
            messages.info(
                request,
                ngettext("%d draft was deleted.", "%d drafts were deleted.", before - left)
                % (before - left),
            )
        if not is_done:
            messages.warning(
                request,
                ngettext(
                    "%d draft is left. Press “Take back…” again to go on.",
                    "%d drafts are left. Press “Take back…” again to go on.",
                    left,
                )
                % left,
            )

    def _batch(self, pk: int = 0) -> ImportBatch:
        found = ImportBatch.objects.select_related("imported_by", "taken_back_by")
        batch = found.filter(pk=pk).first()
        if batch is None:
            raise Http404
        return batch

    def _page(
        self, request: HttpRequest, template: str, batch: ImportBatch, context: dict[str, Any]
    ) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            "opts": self.model._meta,
            "batch": batch,
            "found": editing.review_import(batch),
            **context,
        }
        return TemplateResponse(request, template, context)


def link_to(batch: ImportBatch) -> str:
    """Return a link to an import's page, for a message about it."""
    address = reverse("admin:factcheck_importbatch_change", args=[batch.pk])
    return format_html('<a href="{}">{}</a>', address, _("Review this import or take it back"))
