"""The claims list and a claim's own page."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse

from factcheck import provenance, search
from factcheck.filters import ClaimFilter
from factcheck.models import Claim, Stance, replay
from factcheck.models.verifications import counting
from factcheck.views import maps, panel, rows


def claim_list(request: HttpRequest) -> HttpResponse:
    chosen = ClaimFilter(request.GET)
    context = panel.list_context(chosen) | panel.facets_context(chosen)
    query = chosen.selection.query
    context["claims"] = rows.claim_rows(context["page"].rows, query)
    if query and not context["total"]:
        context["better"] = search.suggest(chosen.selection.typed)
    if chosen.is_ranked and context["total"] > search.MOST_RANKED:
        context["ranked"] = search.MOST_RANKED
    return TemplateResponse(request, "factcheck/claim_list.html", context)


def claim_detail(request: HttpRequest, slug: str) -> HttpResponse:
    claim = get_object_or_404(Claim.objects.for_page(), slug=slug)
    # Only a claim that is not public asks who is there: public pages start no session.
    if not claim.is_public and not request.user.has_perm("factcheck.view_claim"):
        raise Http404
    return TemplateResponse(request, "factcheck/claim_detail.html", _claim_context(claim))


def _claim_context(claim: Claim) -> dict[str, Any]:
    citations = list(claim.citations.all())
    log = list(claim.verifications.all())
    sides = [(stance, provenance.families(citations, stance=stance)) for stance in Stance]
    (_supports, families), *others = sides
    return {
        "claim": claim,
        "findings": counting(log),
        "history": list(reversed(replay(log))),
        "map": maps.of_claim(claim, sides),
        "families": families,
        "reasons": list(provenance.reasons(families)),
        "sides": others,
    }
