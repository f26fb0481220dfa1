"""The admin site: its first page shows the work queues, and it never loses a posted form.

It is outside `admin/`, whose classes register with it.
"""

from functools import wraps
from typing import Any

from django.contrib import admin
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone

from factcheck import data_version, search
from factcheck.caches import cached
from factcheck.filters.work_queues import QUEUES, Queue
from factcheck.forms.date_fields import KINDS, PARTIAL_DATE, date_in_words, read_date
from factcheck.http.double_submission import save_once, set_saved_drafts_cookie, submission_key
from factcheck.http.form_recovery import IMPORT, READ_AGAIN, log_in_page, posted_fields


class FactcheckAdminSite(admin.AdminSite):
    """Django's admin with work queues on its first page, and forms that can be sent again."""

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        return {
            **super().each_context(request),
            "submission_key": submission_key(request),
            # An article's preview that was sent before may hold what its editor wrote.
            "is_read_again": bool({READ_AGAIN, IMPORT} & set(request.POST)),
        }

    def admin_view(self, view: Any, cacheable: Any = False) -> Any:
        """Save each form once; show it again if its sender is no longer logged in."""
        guarded = super().admin_view(save_once(view), cacheable)

        @wraps(guarded)
        def wrapper(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if not self.has_permission(request) and posted_fields(request):
                return log_in_page(request)
            try:
                return set_saved_drafts_cookie(request, guarded(request, *args, **kwargs))
            except OverflowError as error:  # a number that no row can have
                raise Http404 from error

        return wrapper

    def get_urls(self) -> list[Any]:
        read_date = path("read-date/", self.admin_view(read_date_view), name="read-date")
        return [read_date, *super().get_urls()]

    def index(self, request: HttpRequest, extra_context: Any = None) -> TemplateResponse:
        # Claims with the same words are found in the search index.
        search.drain(limit=search.DRAIN_BATCH)
        version = f"{data_version.version()} {timezone.localdate()}"
        queues = [
            {
                "title": queue.title,
                "advice": queue.advice,
                "count": _cached_count(queue, version)
                if queue.name in _SLOW_QUEUES
                else queue.rows().count(),
                "url": _list_url(queue),
            }
            for queue in QUEUES
            if request.user.has_perm(f"factcheck.view_{queue.model._meta.model_name}")
        ]
        return super().index(request, {**(extra_context or {}), "queues": queues})


def read_date_view(request: HttpRequest) -> JsonResponse:
    """Answer in words which date a text stands for, or why it cannot be read."""
    kind = request.GET.get("kind", "")
    try:
        date = read_date(request.GET.get("text", ""), kind if kind in KINDS else PARTIAL_DATE)
    except ValidationError as error:
        return JsonResponse({"problem": " ".join(error.messages)})
    return JsonResponse({"words": date_in_words(date)})


def _list_url(queue: Queue) -> str:
    page = reverse(f"admin:factcheck_{queue.model._meta.model_name}_changelist")
    return f"{page}?queue={queue.name}"


# Queues whose count reads whole tables: counted once for each version of the data.
_SLOW_QUEUES = {"undated", "linkless", "late", "duplicates", "recheck"}


@cached(len(_SLOW_QUEUES))
def _cached_count(queue: Queue, version: str) -> int:
    return queue.rows().count()
