"""Addresses of pages: absolute, from FACTCHECK_SITE_URL, and in each language."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.urls import reverse


def absolute_url(path: str) -> str:
    """Return the public address of a path of this site."""
    return f"{settings.FACTCHECK_SITE_URL}{path}"


def path_in_language(language: str, path: str) -> str:
    """Return the path of the same page in a language; `path` is its path in English."""
    return path if language == settings.LANGUAGE_CODE else f"/{language}{path}"


def page_url(row: Any) -> str:
    """Return the public address of a row's page."""
    return absolute_url(row.get_absolute_url())


def url_builder(name: str) -> Callable[[str], str]:
    """Return a function from a slug to the public URL of the page `name`, fast for many rows."""
    before, after = absolute_url(reverse(name, args=[_ANY_SLUG])).split(_ANY_SLUG)
    return lambda slug: f"{before}{slug}{after}"


# A placeholder for the slug while the URL is reversed.
_ANY_SLUG = "any-slug"


def home_url() -> str:
    """Return the public address of the home page."""
    return absolute_url(reverse("home"))
