"""The admin's site: its first page says what waits for editors, and how much of it.

It stands outside `admin/`, which registers with it.
"""

from functools import wraps
from typing import Any

from django.contrib import admin
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone

from factcheck import change_log, search
from factcheck.caches import cached
from factcheck.filters.work_queues import QUEUES, Queue
from factcheck.forms.date_fields import AS_KNOWN, KINDS, in_words, read_date
from factcheck.http.double_submission import key_of, once, tell_browser
from factcheck.http.form_recovery import IMPORT, READ_AGAIN, carried, log_in_first


class DeskSite(admin.AdminSite):
    """Django's admin with work queues on its first page. No form that was typed is lost."""

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        own = {
            "submission_key": key_of(request),
            # An article's preview that holds more than was read: what its editor wrote.
            "is_read_again": bool({READ_AGAIN, IMPORT} & set(request.POST)),
        }
        return {**super().each_context(request), **own}

    def admin_view(self, view: Any, cacheable: Any = False) -> Any:
        """Save a form once; give it back to who is not logged in any more."""
        guarded = super().admin_view(once(view), cacheable)

        @wraps(guarded)
        def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if not self.has_permission(request) and carried(request):
                return log_in_first(request)
            try:
                return tell_browser(request, guarded(request, *args, **kwargs))
            except OverflowError as error:  # a number that no row can have
                raise Http404 from error

        return answer

    def get_urls(self) -> list[Any]:
        read = path("read-date/", self.admin_view(read_date_view), name="read-date")
        return [read, *super().get_urls()]

    def index(self, request: HttpRequest, extra_context: Any = None) -> TemplateResponse:
        # What has the same words is known from search's documents.
        search.drain(most=search.DRAIN_BATCH)
        may, version = request.user.has_perm, f"{change_log.version()} {timezone.localdate()}"
        waiting = [
            {
                "title": queue.title,
                "why": queue.why,
                "count": _counted(queue, version) if queue.name in _SLOW else queue.rows().count(),
                "url": _address(queue),
            }
            for queue in QUEUES
            if may(f"factcheck.view_{queue.model._meta.model_name}")
        ]
        return super().index(request, {**(extra_context or {}), "queues": waiting})


def read_date_view(request: HttpRequest) -> JsonResponse:
    """Answer which date a text is read as, in words, or why it is not read."""
    kind = request.GET.get("kind", "")
    try:
        found = read_date(request.GET.get("text", ""), kind if kind in KINDS else AS_KNOWN)
    except ValidationError as error:
        return JsonResponse({"problem": " ".join(error.messages)})
    return JsonResponse({"words": in_words(found)})


def _address(queue: Queue) -> str:
    page = reverse(f"admin:factcheck_{queue.model._meta.model_name}_changelist")
    return f"{page}?queue={queue.name}"


# What takes reading whole tables is counted once for a state of the data.
_SLOW = {"undated", "linkless", "late", "duplicates", "recheck"}


@cached(len(_SLOW))
def _counted(queue: Queue, version: str) -> int:
    return queue.rows().count()
