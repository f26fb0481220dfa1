"""Maps of the site for search engines: its pages, and when claims last changed."""

from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.sitemaps import Sitemap
from django.db.models import QuerySet
from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.urls import reverse

from factcheck.absolute_urls import absolute, in_language
from factcheck.models import Article, Claim, Outlet


class _Pages(Sitemap):
    # Each page stands in every language: three times as many addresses, of which each names the
    # others. Five times as many would be allowed, and take seconds to write.
    limit = 3_000

    def get_urls(self, page: Any = 1, site: Any = None, protocol: str | None = None) -> Any:
        """Name each page in each language. Django's own way would hold all pages in memory."""
        here: Any = _Here()
        found = []
        for url in super().get_urls(page, here, urlsplit(settings.FACTCHECK_SITE_URL).scheme):
            path = url["location"].removeprefix(settings.FACTCHECK_SITE_URL)
            addresses = {
                code: absolute(in_language(code, path)) for code, _name in settings.LANGUAGES
            }
            others = [{"location": at, "lang_code": code} for code, at in addresses.items()]
            found += [{**url, "location": at, "alternates": others} for at in addresses.values()]
        return found


class _Here:
    """This site, as FACTCHECK_SITE_URL says: whatever host a request was sent to."""

    def __init__(self) -> None:
        self.domain = urlsplit(settings.FACTCHECK_SITE_URL).netloc


class Claims(_Pages):
    def items(self) -> QuerySet[Claim]:
        return Claim.objects.public_in_pk_order().only("slug", "updated_at")

    def lastmod(self, claim: Claim) -> datetime:
        return claim.updated_at


class Outlets(_Pages):
    def items(self) -> QuerySet[Outlet]:
        return Outlet.objects.public().order_by("pk").only("slug")


class Articles(_Pages):
    def items(self) -> QuerySet[Article]:
        return Article.objects.public().order_by("pk").only("slug")


class Lists(_Pages):
    def items(self) -> list[str]:
        return [
            *("home", "claim-list", "outlet-list", "article-list"),
            *("fact-check-list", "correction-list", "method"),
        ]

    def location(self, name: str) -> str:
        return reverse(name)


SITEMAPS = {"lists": Lists, "claims": Claims, "outlets": Outlets, "articles": Articles}


def index(request: HttpRequest) -> TemplateResponse:
    """List the maps. Django's own would read every claim for it, and trust the request's host."""
    pages = (
        (absolute(reverse("sitemap-section", args=[section])), page)
        for section, make in SITEMAPS.items()
        for page in make().paginator.page_range
    )
    maps = [{"location": f"{url}?p={page}" if page > 1 else url} for url, page in pages]
    context = {"sitemaps": maps}
    return TemplateResponse(request, "sitemap_index.xml", context, content_type="application/xml")
