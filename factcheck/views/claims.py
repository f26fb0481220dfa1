"""The claims list and a claim's own page."""

from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from factcheck import search
from factcheck.absolute_urls import page_of
from factcheck.exports import citation_formats, claimreview
from factcheck.filters import ClaimFilter
from factcheck.models import Claim, Stage, Stance, VerificationKind
from factcheck.models.verdicts import deciding_findings, status_changes
from factcheck.queries import claim_history, independence
from factcheck.queries.claim_detail import get_claim_detail, related_claims
from factcheck.queries.claim_revisions import revisions
from factcheck.text.dates import full_date
from factcheck.views import claim_rows, filter_panel, source_maps


def claim_list(request: HttpRequest) -> HttpResponse:
    chosen = ClaimFilter(request.GET)
    context = filter_panel.list_context(chosen) | filter_panel.facets_context(chosen)
    query = chosen.selection.query
    context["claims"] = claim_rows.claim_rows(context["page"].rows, query)
    context["is_search"] = bool(query)
    # What was typed may hold no word: that leaves nothing out.
    context["is_wordless"] = "q" in chosen.cleaned and not query
    if query and not context["total"]:
        context["better"] = search.suggest(chosen.selection.typed)
    if chosen.is_ranked and context["total"] > search.MAX_RANKED:
        context["ranked"] = search.MAX_RANKED
    return TemplateResponse(request, "factcheck/claim_list.html", context)


def claim_detail(request: HttpRequest, slug: str) -> HttpResponse:
    """Show a claim as it is, or with `?at=2026-11-23` as it was at the end of that day."""
    claim = get_claim_detail(slug)
    if claim is None:
        raise Http404
    _may_see(request, claim)
    at = request.GET.get("at", "")
    day, today = full_date(at), timezone.localdate()
    context: dict[str, Any] = {"now": claim}
    if at and (day is None or day > today):
        said = _("“%(value)s” is no day gone by: write one as 2026-11-23.")
        context["problem"], day = said % {"value": at}, None
    if day is None or day == today:
        # Today has not ended yet.
        shown = claim_history.current_version(claim)
        related = related_claims(claim)
        context["related"] = claim_rows.claim_rows(related) if related else ""
        if claim.stage == Stage.PUBLISHED:
            # One record, by the page's address without a language.
            with override(settings.LANGUAGE_CODE):
                context["review"] = claimreview.for_script(claimreview.review(claim))
    else:
        shown = context["past"] = claim_history.version_on(claim, day)
        if shown.claim is None:
            context["claim"] = claim
            return TemplateResponse(request, "factcheck/claim_past.html", context, status=404)
    context |= _claim_context(shown)
    if claim.is_public:
        context["cite"] = citation_formats.cite(shown.claim, day or today)
        context["page"] = page_of(claim)
    return TemplateResponse(request, "factcheck/claim_detail.html", context)


def claim_revisions(request: HttpRequest, slug: str) -> HttpResponse:
    """Show what has changed on a claim's page since it is public."""
    claim = get_object_or_404(Claim, slug=slug)
    _may_see(request, claim)
    context = {"claim": claim, "revisions": revisions(claim)}
    return TemplateResponse(request, "factcheck/claim_revisions.html", context)


def _may_see(request: HttpRequest, claim: Claim) -> None:
    # Only a claim that is not public asks who is there: public pages start no session.
    if not claim.is_public and not request.user.has_perm("factcheck.view_claim"):
        raise Http404


def _claim_context(shown: claim_history.ClaimVersion) -> dict[str, Any]:
    sides = [
        (stance, independence.owner_groups(shown.citations, stance=stance)) for stance in Stance
    ]
    (_supports, groups), *others = sides
    return {
        "claim": shown.claim,
        "topics": shown.topics,
        "findings": deciding_findings(shown.log),
        "history": list(reversed(status_changes(shown.log))),
        "has_publication": any(
            e.kind == VerificationKind.PUBLICATION and e.reviewer_id for e in shown.log
        ),
        "map": source_maps.of_claim(shown.claim, sides),
        "owner_groups": groups,
        "reasons": list(independence.explain_count(groups)),
        "sides": others,
    }
