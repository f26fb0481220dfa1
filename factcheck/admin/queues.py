"""The work queues as a filter of the admin's lists."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from factcheck.filters.work_queues import QUEUES


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
