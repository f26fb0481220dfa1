"""Downloads and other addresses for programs: tables of a list, ClaimReview, Google's API."""

from collections.abc import Iterator

from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, JsonResponse, StreamingHttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse

from factcheck.absolute_urls import absolute_url, path_in_language
from factcheck.exports import claimreview, google_factcheck, table_formats
from factcheck.filters import ClaimFilter


def claim_export(request: HttpRequest, kind: str) -> HttpResponse | StreamingHttpResponse:
    """Stream the claims of a list as a table; answer 400 if the query string is invalid."""
    filterset = ClaimFilter(request.GET)
    if filterset.problems:
        return JsonResponse({"problems": filterset.problems}, status=400)
    content_type, _write = table_formats.FORMATS[kind]
    return _download(table_formats.export(kind, filterset.ids()), content_type, f"claims.{kind}")


def data_feed(request: HttpRequest) -> StreamingHttpResponse:
    return _download(claimreview.feed(), "application/ld+json", "claimreview.json")


def _download(body: Iterator[bytes], content_type: str, name: str) -> StreamingHttpResponse:
    response = StreamingHttpResponse(body, content_type=content_type)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def google_search(request: HttpRequest) -> JsonResponse:
    """Answer like Google's Fact Check Tools API, also in case of an error."""
    if request.method not in {"GET", "HEAD"}:
        response = _google_error(405, "METHOD_NOT_ALLOWED", "Only GET is answered here.")
        response["Allow"] = "GET, HEAD"
        return response
    try:
        return JsonResponse(google_factcheck.claims_search(request.GET))
    except ValidationError as error:
        return _google_error(400, "INVALID_ARGUMENT", " ".join(error.messages))


def _google_error(code: int, status: str, message: str) -> JsonResponse:
    error = {"code": code, "message": message, "status": status}
    return JsonResponse({"error": error}, status=code)


def robots(request: HttpRequest) -> HttpResponse:
    admin_pages = (
        path_in_language(code, reverse("admin:index")) for code, _name in settings.LANGUAGES
    )
    lines = (
        "User-agent: *",
        *(f"Disallow: {page}" for page in admin_pages),
        f"Sitemap: {absolute_url(reverse('sitemap'))}",
        "",
    )
    return HttpResponse("\n".join(lines), content_type="text/plain; charset=utf-8")


def open_search(request: HttpRequest) -> TemplateResponse:
    return TemplateResponse(
        request,
        "factcheck/opensearch.xml",
        {"site": absolute_url("")},
        content_type="application/opensearchdescription+xml",
    )
