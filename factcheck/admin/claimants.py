"""Claimants, topics and articles in the admin."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.utils.translation import gettext_lazy as _

from factcheck.admin.article_import import import_article
from factcheck.admin.base import related_count
from factcheck.admin.merging import MergingMixin
from factcheck.admin.suggestions import SuggestingAdmin
from factcheck.models import Article, Claim, Claimant, Topic


@admin.register(Claimant)
class ClaimantAdmin(MergingMixin, SuggestingAdmin):
    list_display = ("name", "native_name", "kind", "role", "country")
    list_filter = ("kind", "country")
    search_name_fields = ("name", "native_name", "slug")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Claimant]:
        return super().get_queryset(request).filter(merged_into=None)


@admin.register(Topic)
class TopicAdmin(SuggestingAdmin):
    list_display = ("name", "slug", "claim_count")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Topic]:
        claims = related_count(Claim.topics.through.objects.all(), "topic")
        return super().get_queryset(request).annotate(claim_count=claims).order_by("name")

    @admin.display(description=_("claims"), ordering="claim_count")
    def claim_count(self, topic: Topic) -> int:
        # A column named “claims” would show the model's relation of that name.
        return topic.claim_count  # type: ignore[attr-defined]


@admin.register(Article)
class ArticleAdmin(SuggestingAdmin):
    change_list_template = "admin/factcheck/add_from_article.html"
    list_display = ("title", "author", "publisher", "published_text", "language")
    list_select_related = ("publisher",)
    list_filter = ("language",)
    search_name_fields = ("title", "author", "slug")
    autocomplete_fields = ("publisher",)

    def get_urls(self) -> list[Any]:
        page = self.admin_site.admin_view(self.from_article_view)
        return [
            path("from-article/", page, name="factcheck_article_from_article"),
            *super().get_urls(),
        ]

    def from_article_view(self, request: HttpRequest) -> HttpResponse:
        return import_article(self, request)
