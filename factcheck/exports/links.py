"""Absolute addresses of pages, from FACTCHECK_SITE_URL."""

from typing import Any

from django.conf import settings
from django.urls import reverse


def absolute(path: str) -> str:
    """Return the public address of a path of this site."""
    return f"{settings.FACTCHECK_SITE_URL}{path}"


def page_of(row: Any) -> str:
    """Return the public address of a row's page."""
    return absolute(row.get_absolute_url())


def site() -> str:
    return absolute(reverse("home"))
