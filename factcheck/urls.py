"""The addresses. English stands at these paths without a prefix."""

from django.contrib import admin
from django.urls import path

from factcheck.views import articles, claims, outlets, pages

handler400 = pages.bad_request
handler403 = pages.permission_denied
handler404 = pages.not_found
handler500 = pages.server_error

public_urls = [
    path("", pages.home, name="home"),
    path("claims/", claims.claim_list, name="claim-list"),
    path("claims/<slug:slug>/", claims.claim_detail, name="claim-detail"),
    path("outlets/", outlets.outlet_list, name="outlet-list"),
    path("outlets/<slug:slug>/", outlets.outlet_detail, name="outlet-detail"),
    path("articles/", articles.article_list, name="article-list"),
    path("articles/<slug:slug>/", articles.article_detail, name="article-detail"),
    path("claimants/<slug:slug>/", articles.claimant_detail, name="claimant-detail"),
    path("topics/<slug:slug>/", articles.topic_detail, name="topic-detail"),
    path("corrections/", pages.correction_list, name="correction-list"),
    path("about/method/", pages.method, name="method"),
    path("healthz", pages.healthz, name="healthz"),
]

urlpatterns = [
    *public_urls,
    path("admin/", admin.site.urls),
]
