"""Articles, claimants and topics: each with the claims that belong to it."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse

from factcheck.filters import ArticleFilter
from factcheck.models import Article, Claimant, Topic
from factcheck.views import panel
from factcheck.views.rows import claim_rows

# A page of one article, claimant or topic shows so many; the claims list has the rest.
MOST_CLAIMS = 50


def article_list(request: HttpRequest) -> HttpResponse:
    chosen = ArticleFilter(request.GET, queryset=Article.objects.public().for_list())
    return TemplateResponse(request, "factcheck/article_list.html", panel.list_context(chosen))


def article_detail(request: HttpRequest, slug: str) -> HttpResponse:
    article = get_object_or_404(Article.objects.public().select_related("publisher"), slug=slug)
    claims = article.claims.published()
    context = {
        "article": article,
        "tally": claims.tally(),
        "claims": claim_rows(claims.for_list().in_reading_order()[:MOST_CLAIMS]),
        "more": f"article={article.slug}",
    }
    return TemplateResponse(request, "factcheck/article_detail.html", context)


def claimant_detail(request: HttpRequest, slug: str) -> HttpResponse:
    claimant = get_object_or_404(Claimant.objects.select_related("merged_into"), slug=slug)
    if claimant.merged_into:
        return redirect(claimant.merged_into, permanent=True)
    claims = claimant.claims.published()
    context = {
        "claimant": claimant,
        "own_outlets": claimant.own_outlets.listed(),
        "tally": claims.tally(),
        "claims": claim_rows(claims.for_list().newest()[:MOST_CLAIMS]),
        "more": f"claimant={claimant.slug}",
    }
    return TemplateResponse(request, "factcheck/claimant_detail.html", context)


def topic_detail(request: HttpRequest, slug: str) -> HttpResponse:
    topic = get_object_or_404(Topic, slug=slug)
    claims = topic.claims.published()
    context = {
        "topic": topic,
        "tally": claims.tally(),
        "claims": claim_rows(claims.for_list().newest()[:MOST_CLAIMS]),
        "more": f"topic={topic.slug}",
    }
    return TemplateResponse(request, "factcheck/topic_detail.html", context)
