"""The public pages. A view is: query set → filter → page → response."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest


def site(request: HttpRequest) -> dict[str, Any]:
    """Context processor: what every page says about this installation."""
    return {
        "publisher": settings.FACTCHECK_PUBLISHER,
        "site_url": settings.FACTCHECK_SITE_URL,
        "contact": settings.FACTCHECK_CONTACT,
        "data_license": settings.FACTCHECK_DATA_LICENSE,
    }
