"""The URLs. English pages have no language prefix, the others `/ru/` and `/kk/`."""

from collections.abc import Iterator
from typing import Any

from django.conf.urls.i18n import i18n_patterns
from django.contrib import admin
from django.contrib.sitemaps.views import sitemap
from django.urls import URLPattern, path, re_path
from django.views.decorators.gzip import gzip_page

from factcheck.api import docs, resources, schema
from factcheck.exports import table_formats
from factcheck.views import (
    articles,
    claims,
    downloads,
    feeds,
    outlets,
    pages,
    sitemaps,
    style_guide,
)
from factcheck.views.etags import View, with_etag

admin.autodiscover()

handler400 = pages.bad_request
handler403 = pages.permission_denied
handler404 = pages.not_found
handler500 = pages.server_error


def page(route: str, view: View, name: str, **kwargs: Any) -> URLPattern:
    """Return the URL of a page that is the same for all readers, compressed and with an ETag."""
    return path(route, gzip_page(with_etag(view)), kwargs, name=name)


def endpoints() -> Iterator[URLPattern]:
    """Yield the addresses of the JSON API."""
    for resource in resources.RESOURCES:
        name, key = resource.noun, "slug" if resource.lookup_field == "slug" else "str"
        prefix = f"api/v1/{name}s/"
        actions = {"get": "index"} | ({"post": "create"} if hasattr(resource, "create") else {})
        yield page(prefix, resource.as_view(actions), f"api-{name}-list")
        detail = resource.as_view({"get": "show"})
        yield page(f"{prefix}<{key}:key>/", detail, f"api-{name}-detail")
    cite = resources.Claims.as_view({"post": "cite"})
    yield page("api/v1/claims/<slug:key>/citations/", cite, "api-claim-cite")
    yield page("api/schema/", schema.schema, "api-schema")


page_urls = [
    page("", pages.home, name="home"),
    page("claims/", claims.claim_list, name="claim-list"),
    page("claims/<slug:slug>/", claims.claim_detail, name="claim-detail"),
    page("claims/<slug:slug>/revisions/", claims.claim_revisions, name="claim-revisions"),
    page("outlets/", outlets.outlet_list, name="outlet-list"),
    page("outlets/<slug:slug>/", outlets.outlet_detail, name="outlet-detail"),
    page("track-records/", outlets.record_list, name="record-list"),
    page("articles/", articles.article_list, name="article-list"),
    page("articles/<slug:slug>/", articles.article_detail, name="article-detail"),
    page("claimants/<slug:slug>/", articles.claimant_detail, name="claimant-detail"),
    page("topics/<slug:slug>/", articles.topic_detail, name="topic-detail"),
    page("corrections/", pages.correction_list, name="correction-list"),
    page("corrections/feed.atom", feeds.corrections, name="correction-feed"),
    page("fact-checks/", pages.fact_check_list, name="fact-check-list"),
    page("fact-checks/feed.atom", feeds.fact_checks, name="fact-check-feed"),
    page("claims.atom", feeds.claims, name="claim-feed"),
    page("about/method/", pages.method, name="method"),
    # Without an ETag: it is used while templates change.
    path("about/style/", style_guide.style, name="style"),
    page("api/", docs.page, "api"),
]
data_urls = [
    page("corrections/log.jsonl", pages.log_export, name="log-export"),
    *(
        page(f"claims.{kind}", downloads.claim_export, f"claim-{kind}", kind=kind)
        for kind in table_formats.FORMATS
    ),
    page("claimreview.json", downloads.data_feed, name="claimreview-feed"),
    page("v1alpha1/claims:search", downloads.google_search, name="google-search"),
    page("robots.txt", downloads.robots, name="robots"),
    page("opensearch.xml", downloads.open_search, name="opensearch"),
    page("sitemap.xml", sitemaps.index, name="sitemap"),
    page("sitemap-<section>.xml", sitemap, "sitemap-section", sitemaps=sitemaps.SITEMAPS),
    path("healthz", pages.healthz, name="healthz"),
    *endpoints(),
]

urlpatterns = [
    *data_urls,
    *i18n_patterns(*page_urls, path("admin/", admin.site.urls), prefix_default_language=False),
    # Last: it answers for every other address below it.
    re_path("^api/", resources.UnknownAddress.as_view()),
]
