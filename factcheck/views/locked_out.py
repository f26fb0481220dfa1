"""The page after too many failed log-ins: when to try again, and whom to ask."""

from math import ceil
from typing import Any

from axes.handlers.proxy import AxesProxyHandler
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone


def locked_out(
    request: HttpRequest, original: HttpResponse | None = None, credentials: Any = None
) -> HttpResponse:
    """Answer 429. Axes passes the `original` response and the `credentials` that were tried."""
    handler: Any = AxesProxyHandler.get_implementation()
    opens_in = (handler.opens_at(request, credentials) - timezone.now()).total_seconds()
    seconds = max(ceil(opens_in), 1)
    context = {"minutes": ceil(seconds / 60), "contact": settings.FACTCHECK_CONTACT}
    page = TemplateResponse(request, "factcheck/locked_out.html", context, status=429)
    page["Retry-After"] = str(seconds)
    page["Cache-Control"] = "no-store"
    return page.render()
