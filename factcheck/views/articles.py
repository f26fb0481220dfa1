"""Articles, claimants and topics, each with its claims."""

from itertools import groupby
from operator import attrgetter
from typing import Any

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _

from factcheck.filters import ArticleFilter, ClaimFilter
from factcheck.models import Article, Citation, Claimant, Control, Topic
from factcheck.queries.claim_detail import cited_outlets
from factcheck.views import filter_panel, source_maps
from factcheck.views.claim_rows import claim_rows
from factcheck.views.visible import visible_or_404

# Claims on the page of an article, claimant or topic; the claims list has the rest.
MAX_CLAIMS = 50
# Squares in the picture of an article.
MAX_DRAWN = 400


def article_list(request: HttpRequest) -> HttpResponse:
    filterset = ArticleFilter(request.GET, queryset=Article.objects.public().for_list())
    return TemplateResponse(
        request, "factcheck/article_list.html", filter_panel.list_context(filterset)
    )


def article_detail(request: HttpRequest, slug: str) -> HttpResponse:
    articles = Article.objects.without_editor_fields().select_related("publisher")
    article: Article = visible_or_404(request, articles, slug)
    claims = article.claims.published()
    rows = list(claims.for_list("paragraph").in_reading_order()[:MAX_DRAWN])
    chart, slots = source_maps.days_chart(
        Citation.objects.filter(claim__in=claims).days(),
        _("Citations of its claims, by the day of the report"),
    )
    context = {
        "article": article,
        "tally": filter_panel.tally(ClaimFilter(QueryDict(f"article={article.slug}"))),
        "paragraphs": _paragraphs(rows[:MAX_CLAIMS]),
        "squares": source_maps.article_squares(_by_paragraph(rows)),
        "chart": chart,
        "slots": slots,
        "more": f"article={article.slug}",
    }
    return TemplateResponse(request, "factcheck/article_detail.html", context)


def _by_paragraph(rows: list[Any]) -> list[list[Any]]:
    return [list(claims) for _number, claims in groupby(rows, key=attrgetter("paragraph"))]


def _paragraphs(rows: list[Any]) -> list[dict[str, Any]]:
    """Return the claims of each paragraph, and the number of outlets that they cite."""
    outlets = cited_outlets(row.id for row in rows)
    paragraphs = []
    for claims in _by_paragraph(rows):
        cited = {slug: outlet for row in claims for slug, outlet in outlets.get(row.id, {}).items()}
        paragraphs.append(
            {
                "number": claims[0].paragraph,
                "count": len(claims),
                "outlets": len(cited),
                "state": sum(control == Control.STATE for _name, control in cited.values()),
                "claims": claim_rows(claims, outlets=outlets),
            }
        )
    return paragraphs


def claimant_detail(request: HttpRequest, slug: str) -> HttpResponse:
    claimants = Claimant.objects.select_related("merged_into")
    claimant: Claimant = visible_or_404(request, claimants, slug)
    if claimant.merged_into:
        return redirect(claimant.merged_into, permanent=True)
    context = {
        "claimant": claimant,
        "own_outlets": claimant.own_outlets.public(),
        **_newest_claims(f"claimant={claimant.slug}"),
    }
    return TemplateResponse(request, "factcheck/claimant_detail.html", context)


def topic_detail(request: HttpRequest, slug: str) -> HttpResponse:
    topic: Topic = visible_or_404(request, Topic.objects.all(), slug)
    context = {"topic": topic, **_newest_claims(f"topic={topic.slug}")}
    return TemplateResponse(request, "factcheck/topic_detail.html", context)


def _newest_claims(query: str) -> dict[str, Any]:
    """Return the newest claims of a list, and the statuses of all of them."""
    filterset = ClaimFilter(QueryDict(f"{query}&page_size={MAX_CLAIMS}"))
    return {
        "tally": filter_panel.tally(filterset),
        "claims": claim_rows(filterset.page().rows),
        "more": query,
    }
