"""Home, corrections, method, health, and the error pages."""

import sys
from importlib.metadata import version
from typing import Any

from django.db.models import QuerySet, Sum
from django.http import (
    HttpRequest,
    HttpResponse,
    JsonResponse,
    QueryDict,
    StreamingHttpResponse,
)
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from factcheck import public_record
from factcheck.audit import check_health, verification_log
from factcheck.filters import ClaimFilter
from factcheck.http import form_recovery, outages
from factcheck.models import (
    Article,
    Checkpoint,
    Claim,
    Correction,
    Outlet,
    Stance,
    Status,
    Verification,
)
from factcheck.queries import pagination
from factcheck.views import filter_panel, source_maps
from factcheck.views.claim_rows import claim_rows

BY_NUMBER = pagination.Sort("log", ("number",))
# At most this many records of the log are counted: each needs the date of publication of its claim.
MAX_COUNTED = 10_000


def home(request: HttpRequest) -> HttpResponse:
    all_claims = ClaimFilter()
    counts = {
        name: {choice.value: choice.count for choice in choices}
        for name, choices in all_claims.result.counts(limit=8).items()
    }
    statuses = all_claims.result.status_counts()
    single_group = ClaimFilter(QueryDict("basis=single_family"))
    context = {
        "total": all_claims.total,
        "tally": filter_panel.tally(all_claims),
        "strip": source_maps.status_strip([(status, statuses.get(status, 0)) for status in Status]),
        "totals": {
            "citations": Claim.objects.published().aggregate(n=Sum("citation_count"))["n"] or 0,
            "outlets": Outlet.objects.public().count(),
            "articles": Article.objects.public().count(),
        },
        "findings": Verification.objects.latest_findings()[:5],
        "basis": counts["basis"],
        "disputed": counts["stance"].get(Stance.DISPUTES, 0),
        "most_cited": Outlet.objects.counted(counts["outlet"], by="slug"),
        "alone": single_group.total,
        "alone_claims": claim_rows(single_group.page().rows[:3]),
    }
    return TemplateResponse(request, "factcheck/home.html", context)


def correction_list(request: HttpRequest) -> HttpResponse:
    """Show the records that corrected what readers had been told."""
    rows = Correction.objects.all()
    context = _page_of_log(request, rows)
    numbers = [row.number for row in context.pop("page").rows]
    context |= {
        "rows": public_record.recorded(numbers),
        "checkpoint": Checkpoint.objects.newest(),
    }
    return TemplateResponse(request, "factcheck/correction_list.html", context)


def fact_check_list(request: HttpRequest) -> HttpResponse:
    """Show the findings about published claims, including first verdicts and imported ones."""
    context = _page_of_log(request, Verification.objects.latest_findings().defer("content"))
    context["findings"] = context.pop("page").rows
    return TemplateResponse(request, "factcheck/fact_check_list.html", context)


def _page_of_log(request: HttpRequest, rows: QuerySet[Any]) -> dict[str, Any]:
    """Return a page of numbered rows, newest first, with its links and the number of rows."""
    cursors = {name: request.GET.get(name, "") for name in ("after", "before")}
    page, problem = pagination.page_or_first(pagination.page, rows, BY_NUMBER, size=50, **cursors)
    return {
        "page": page,
        "problem": problem,
        "links": {
            name: f"?{name}={cursor}"
            for name, cursor in (("after", page.after), ("before", page.before))
            if cursor
        },
        "total": rows.order_by()[:MAX_COUNTED].count(),
        "most": MAX_COUNTED,
    }


def log_export(request: HttpRequest) -> StreamingHttpResponse:
    """Stream the number and digest of every record, and the content of the public ones."""
    response = StreamingHttpResponse(verification_log.export(), content_type="application/jsonl")
    response["Content-Disposition"] = 'attachment; filename="log.jsonl"'
    return response


def method(request: HttpRequest) -> HttpResponse:
    return TemplateResponse(request, "factcheck/method.html", {"statuses": list(Status)})


def healthz(request: HttpRequest) -> HttpResponse:
    """Answer 200 while readers are served, else 503; the body says whether editors can save."""
    health = check_health()
    body: dict[str, Any] = {"status": health.status, "writes": health.can_write}
    if health.can_read:
        body["version"] = version("factcheck")
    if health.triggers:
        body["triggers"] = health.triggers
    return JsonResponse(body, status=200 if health.can_read else 503)


def error_page(request: HttpRequest, status: int, title: str, text: str) -> HttpResponse:
    """Return a page about an error."""
    context = {"status": status, "title": title, "text": text}
    return TemplateResponse(request, "factcheck/error.html", context, status=status).render()


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return error_page(
        request, 400, _("Bad request"), _("This address or form cannot be understood.")
    )


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    return form_recovery.resend_page(
        request, status=403, title=_("Not allowed"), text=_("Your role does not allow this.")
    )


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Answer a form whose CSRF token is not valid any more, mostly one that was left open."""
    title = _("Form expired")
    if not form_recovery.is_same_origin(request):
        text = _(
            "This form is too old or came from elsewhere. Go back, reload the page and try again."
        )
        return error_page(request, 403, title, text)
    if request.path == reverse("admin:login"):
        return _log_in_again(request)
    if form_recovery.posted_fields(request) and not request.user.is_authenticated:
        return form_recovery.log_in_page(request)
    text = _("Nothing was saved: there was a new log-in in this browser after you opened the form.")
    who = request.user.get_username()
    return form_recovery.resend_page(request, status=403, title=title, text=text, who=who)


def _log_in_again(request: HttpRequest) -> HttpResponse:
    """Link to a fresh log-in page, which redirects readers who are logged in already."""
    context = {
        "status": 403,
        "title": _("Log in again"),
        "text": _("The log-in page was open for too long, or you have logged in in another tab."),
        "log_in_at": request.get_full_path(),
    }
    return TemplateResponse(request, "factcheck/error.html", context, status=403).render()


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return error_page(
        request, 404, _("Not found"), _("There is no such page, or it is not public.")
    )


def server_error(request: HttpRequest) -> HttpResponse:
    # Errors in a middleware, such as an unreadable session, come only here.
    return outages.outage_response(request, sys.exception()) or error_page(
        request, 500, _("Something broke"), _("The fault is ours and has been logged.")
    )
