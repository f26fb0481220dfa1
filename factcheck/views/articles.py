"""Articles, claimants and topics: each with the claims that belong to it."""

from collections.abc import Iterator
from itertools import chain, groupby
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _

from factcheck.filters import ArticleFilter
from factcheck.models import Article, Citation, Claimant, Control, Topic
from factcheck.views import maps, panel
from factcheck.views.rows import cited_outlets, claim_rows

# A page of one article, claimant or topic shows so many; the claims list has the rest.
MOST_CLAIMS = 50
# Its picture shows so many.
MOST_DRAWN = 400


def article_list(request: HttpRequest) -> HttpResponse:
    chosen = ArticleFilter(request.GET, queryset=Article.objects.public().for_list())
    return TemplateResponse(request, "factcheck/article_list.html", panel.list_context(chosen))


def article_detail(request: HttpRequest, slug: str) -> HttpResponse:
    article = get_object_or_404(Article.objects.public().select_related("publisher"), slug=slug)
    claims = article.claims.published()
    rows = claims.for_list("paragraph").in_reading_order()
    paragraphs = [list(found) for _n, found in groupby(rows[:MOST_DRAWN], key=_paragraph)]
    days = Citation.objects.filter(claim__in=claims).days()
    context = {
        "article": article,
        "tally": claims.tally(),
        "paragraphs": list(_shown(paragraphs)),
        "squares": maps.of_article(paragraphs),
        "days": sorted(days.items()),
        "chart": maps.of_days(days, _("Citations of its claims, by the day of the report")),
        "more": f"article={article.slug}",
    }
    return TemplateResponse(request, "factcheck/article_detail.html", context)


def _paragraph(row: Any) -> int | None:
    paragraph: int | None = row.paragraph
    return paragraph


def _shown(paragraphs: list[list[Any]]) -> Iterator[dict[str, Any]]:
    """Yield the first paragraphs: their claims, and the outlets that they rest on."""
    left = MOST_CLAIMS
    outlets = cited_outlets(list(chain.from_iterable(paragraphs))[:left])
    for claims in paragraphs:
        if left <= 0:
            return
        claims, left = claims[:left], left - len(claims)
        cited = {slug: of for row in claims for slug, of in outlets.get(row.id, {}).items()}
        yield {
            "number": claims[0].paragraph,
            "count": len(claims),
            "outlets": len(cited),
            "state": sum(control == Control.STATE for _name, control in cited.values()),
            "claims": claim_rows(claims, outlets=outlets),
        }


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
