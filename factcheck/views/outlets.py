"""The outlets list and an outlet's own page."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse

from factcheck.filters import OutletFilter
from factcheck.models import Claim, Control, Outlet
from factcheck.models.outlets import OutletKind
from factcheck.views import panel
from factcheck.views.rows import claim_rows


def outlet_list(request: HttpRequest) -> HttpResponse:
    chosen = OutletFilter(request.GET, queryset=Outlet.objects.public().for_list())
    context = panel.list_context(chosen) | {
        "selects": panel.selects(chosen, kind=OutletKind, control=Control)
    }
    return TemplateResponse(request, "factcheck/outlet_list.html", context)


def outlet_detail(request: HttpRequest, slug: str) -> HttpResponse:
    outlet = get_object_or_404(
        Outlet.objects.select_related("owner", "speaks_for", "merged_into"), slug=slug
    )
    if outlet.merged_into:
        return redirect(outlet.merged_into, permanent=True)
    claims = Claim.objects.published().citing(outlet)
    context = {
        "outlet": outlet,
        "aliases": outlet.other_names(),
        "siblings": outlet.siblings(),
        "tally": claims.tally(),
        "alone": claims.resting_on_one_outlet().count(),
        "claims": claim_rows(claims.for_list().newest()[:10]),
    }
    return TemplateResponse(request, "factcheck/outlet_detail.html", context)
