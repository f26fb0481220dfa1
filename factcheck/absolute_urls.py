"""Addresses of pages: absolute, from FACTCHECK_SITE_URL, and in each language."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.urls import reverse


def absolute(path: str) -> str:
    """Return the public address of a path of this site."""
    return f"{settings.FACTCHECK_SITE_URL}{path}"


def in_language(language: str, path: str) -> str:
    """Return the path of the same page in a language; `path` is the page's in the first one."""
    return path if language == settings.LANGUAGE_CODE else f"/{language}{path}"


def page_of(row: Any) -> str:
    """Return the public address of a row's page."""
    return absolute(row.get_absolute_url())


def address_of(name: str) -> Callable[[str], str]:
    """Return what makes a slug the public address of the page `name`, for many rows."""
    before, after = absolute(reverse(name, args=[_ANY])).split(_ANY)
    return lambda slug: f"{before}{slug}{after}"


# What stands for a slug while an address is made.
_ANY = "any-slug"


def site() -> str:
    return absolute(reverse("home"))
