"""Sitemaps for search engines: the public pages, and when claims last changed."""

from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.sitemaps import Sitemap
from django.db.models import QuerySet
from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.urls import reverse

from factcheck.absolute_urls import absolute_url, path_in_language
from factcheck.models import Article, Claim, Outlet


class _PublicPages(Sitemap):
    # Each page has one address per language, and each address lists the others as alternates, so a
    # sitemap holds three times as many. The protocol allows more, but they take seconds to write.
    limit = 3_000

    def get_urls(self, page: Any = 1, site: Any = None, protocol: str | None = None) -> Any:
        """Return each page in each language. Django's own `i18n` would hold all pages in memory."""
        own_site: Any = _ConfiguredSite()
        urls = []
        for url in super().get_urls(page, own_site, urlsplit(settings.FACTCHECK_SITE_URL).scheme):
            path = url["location"].removeprefix(settings.FACTCHECK_SITE_URL)
            addresses = {
                code: absolute_url(path_in_language(code, path))
                for code, _name in settings.LANGUAGES
            }
            alternates = [
                {"location": location, "lang_code": code} for code, location in addresses.items()
            ]
            urls += [
                {**url, "location": location, "alternates": alternates}
                for location in addresses.values()
            ]
        return urls


class _ConfiguredSite:
    """The site of FACTCHECK_SITE_URL, whatever host a request was sent to."""

    def __init__(self) -> None:
        self.domain = urlsplit(settings.FACTCHECK_SITE_URL).netloc


class Claims(_PublicPages):
    def items(self) -> QuerySet[Claim]:
        return Claim.objects.public_in_pk_order().only("slug", "updated_at")

    def lastmod(self, claim: Claim) -> datetime:
        return claim.updated_at


class Outlets(_PublicPages):
    def items(self) -> QuerySet[Outlet]:
        return Outlet.objects.public().order_by("pk").only("slug")


class Articles(_PublicPages):
    def items(self) -> QuerySet[Article]:
        return Article.objects.public().order_by("pk").only("slug")


class Lists(_PublicPages):
    def items(self) -> list[str]:
        return [
            *("home", "claim-list", "outlet-list", "article-list"),
            *("fact-check-list", "correction-list", "method"),
        ]

    def location(self, name: str) -> str:
        return reverse(name)


SITEMAPS = {"lists": Lists, "claims": Claims, "outlets": Outlets, "articles": Articles}


def index(request: HttpRequest) -> TemplateResponse:
    """List the sitemaps. Django's view would read every claim, and trust the request's host."""
    pages = (
        (absolute_url(reverse("sitemap-section", args=[section])), page)
        for section, sitemap_class in SITEMAPS.items()
        for page in sitemap_class().paginator.page_range
    )
    maps = [{"location": f"{url}?p={page}" if page > 1 else url} for url, page in pages]
    context = {"sitemaps": maps}
    return TemplateResponse(request, "sitemap_index.xml", context, content_type="application/xml")
