"""The public pages. A view is: query set → filter → page → response."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import get_language_from_path

from factcheck.absolute_urls import path_in_language


def site_context(request: HttpRequest) -> dict[str, Any]:
    """Context processor: the languages, publisher, contact and licence that every page shows."""
    path, query = _without_language(request.path), request.META.get("QUERY_STRING", "")
    return {
        # The same page, with its filters, in each language.
        "languages": [
            (code, name, path_in_language(code, path), f"?{query}" if query else "")
            for code, name in settings.LANGUAGES
        ],
        "publisher": settings.FACTCHECK_PUBLISHER,
        "site_url": settings.FACTCHECK_SITE_URL,
        "contact": settings.FACTCHECK_CONTACT,
        "data_license": settings.FACTCHECK_DATA_LICENSE,
    }


def _without_language(path: str) -> str:
    language = get_language_from_path(path)
    return path.removeprefix(f"/{language}") if language else path
