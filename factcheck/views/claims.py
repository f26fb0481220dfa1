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
from factcheck.absolute_urls import page_url
from factcheck.exports import citation_formats, claimreview
from factcheck.filters import ClaimFilter
from factcheck.models import Claim, Stage, Stance, VerificationKind
from factcheck.models.status_rule import deciding_findings, status_changes
from factcheck.queries import claim_history, independence
from factcheck.queries.claim_detail import get_claim_detail, related_claims
from factcheck.queries.claim_revisions import revisions
from factcheck.text.dates import full_date
from factcheck.views import claim_rows, filter_panel, source_maps


def claim_list(request: HttpRequest) -> HttpResponse:
    filterset = ClaimFilter(request.GET)
    context = filter_panel.list_context(filterset) | filter_panel.facets_context(filterset)
    query = filterset.selection.query
    context["claims"] = claim_rows.claim_rows(context["page"].rows, query)
    context["is_search"] = bool(query)
    # A search text without a word does not filter.
    context["is_wordless"] = "q" in filterset.cleaned and not query
    if query and not context["total"]:
        context["better"] = search.suggest(filterset.selection.typed)
    if filterset.is_ranked and context["total"] > search.MAX_RANKED:
        context["ranked"] = search.MAX_RANKED
    return TemplateResponse(request, "factcheck/claim_list.html", context)


def claim_detail(request: HttpRequest, slug: str) -> HttpResponse:
    """Show a claim as it is, or with `?at=2026-11-23` as it was at the end of that day."""
    claim = get_claim_detail(slug)
    if claim is None:
        raise Http404
    _require_visible(request, claim)
    at = request.GET.get("at", "")
    day, today = full_date(at), timezone.localdate()
    context: dict[str, Any] = {"now": claim}
    if at and (day is None or day > today):
        message = _("“%(value)s” is no day gone by: write one as 2026-11-23.")
        context["problem"], day = message % {"value": at}, None
    if day is None or day == today:
        # Today has not ended yet.
        version = claim_history.current_version(claim)
        related = related_claims(claim)
        context["related"] = claim_rows.claim_rows(related) if related else ""
        if claim.stage == Stage.PUBLISHED:
            # The same ClaimReview record in every language, with the English address.
            with override(settings.LANGUAGE_CODE):
                context["review"] = claimreview.for_script(claimreview.review(claim))
    else:
        version = context["past"] = claim_history.version_on(claim, day)
        if version.claim is None:
            context["claim"] = claim
            return TemplateResponse(request, "factcheck/claim_past.html", context, status=404)
    context |= _claim_context(version)
    if claim.is_public:
        context["cite"] = citation_formats.cite(version.claim, day or today)
        context["page"] = page_url(claim)
    return TemplateResponse(request, "factcheck/claim_detail.html", context)


def claim_revisions(request: HttpRequest, slug: str) -> HttpResponse:
    """Show how a claim's page has changed since it was published."""
    claim = get_object_or_404(Claim, slug=slug)
    _require_visible(request, claim)
    context = {"claim": claim, "revisions": revisions(claim)}
    return TemplateResponse(request, "factcheck/claim_revisions.html", context)


def _require_visible(request: HttpRequest, claim: Claim) -> None:
    # The user is read only for a claim that is not public: public pages start no session.
    if not claim.is_public and not request.user.has_perm("factcheck.view_claim"):
        raise Http404


def _claim_context(version: claim_history.ClaimVersion) -> dict[str, Any]:
    sides = [
        (stance, independence.owner_groups(version.citations, stance=stance)) for stance in Stance
    ]
    (_supports, groups), *other_sides = sides
    return {
        "claim": version.claim,
        "topics": version.topics,
        "findings": deciding_findings(version.log),
        "history": list(reversed(status_changes(version.log))),
        "has_publication": any(
            e.kind == VerificationKind.PUBLICATION and e.reviewer_id for e in version.log
        ),
        "map": source_maps.claim_map(version.claim, sides),
        "owner_groups": groups,
        "reasons": list(independence.explain_count(groups)),
        "sides": other_sides,
    }
