"""The list of outlets, an outlet's own page, and the list of track records."""

from typing import Any
from urllib.parse import quote

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _

from factcheck import facets
from factcheck.filters import ClaimFilter, OutletFilter, RecordFilter
from factcheck.models import Control, Outlet, Status
from factcheck.models.outlet_kinds import OutletKind
from factcheck.queries.track_records import MIN_CHECKED, checked_total
from factcheck.views import filter_panel, source_maps
from factcheck.views.claim_rows import claim_rows
from factcheck.views.visible import visible_or_404


def outlet_list(request: HttpRequest) -> HttpResponse:
    filterset = OutletFilter(request.GET, queryset=Outlet.objects.public().for_list())
    context = filter_panel.list_context(filterset) | {
        "selects": filter_panel.selects(filterset, kind=OutletKind, control=Control)
    }
    return TemplateResponse(request, "factcheck/outlet_list.html", context)


def outlet_detail(request: HttpRequest, slug: str) -> HttpResponse:
    outlets = Outlet.objects.select_related("owner", "speaks_for", "merged_into")
    outlet: Outlet = visible_or_404(request, outlets, slug)
    if outlet.merged_into:
        return redirect(outlet.merged_into, permanent=True)
    siblings = list(outlet.siblings())
    stats = facets.outlet_stats(outlet.pk)
    reprints = Outlet.objects.counted(stats.reprints)
    reprinted_by = Outlet.objects.counted(stats.reprinted_by)
    cited = ClaimFilter(QueryDict(f"outlet={quote(slug)}&page_size=20"))
    context = {
        "outlet": outlet,
        "aliases": outlet.other_names(),
        "siblings": siblings,
        "reprints": reprints,
        "reprinted_by": reprinted_by,
        "map": source_maps.outlet_map(outlet, siblings, reprints, reprinted_by),
        "total": cited.total,
        "claims": claim_rows(cited.page().rows[:10]),
        **_record_context(outlet, stats),
        **_time_context(outlet),
    }
    return TemplateResponse(request, "factcheck/outlet_detail.html", context)


def _record_context(outlet: Outlet, stats: facets.OutletStats) -> dict[str, Any]:
    record = stats.record
    context: dict[str, Any] = {"record": record, "least": MIN_CHECKED}
    if record.has_shares:
        years = sorted(stats.by_year.items(), key=lambda year: year[0] or 0)
        statuses = [status for status in Status if status in record.own]
        context["statuses"] = statuses
        context["years"] = [
            (year, [counts.get(status, 0) for status in statuses], checked_total(counts),
             sum(counts.values()))
            for year, counts in years
        ]  # fmt: skip
        context["chart"] = source_maps.years_chart(outlet, statuses, context["years"])
    return context


def _time_context(outlet: Outlet) -> dict[str, Any]:
    days = facets.citation_days(outlet.pk)
    title = _("Citations of %(outlet)s, by the day of its report") % {"outlet": outlet.name}
    chart, slots = source_maps.days_chart(days, title)
    return {"time_chart": chart, "slots": slots, "query": f"outlet={outlet.slug}"}


def record_list(request: HttpRequest) -> HttpResponse:
    filterset = RecordFilter(request.GET, queryset=Outlet.objects.public().select_related("owner"))
    context = filter_panel.list_context(filterset) | {
        "selects": filter_panel.selects(filterset, kind=OutletKind, control=Control),
        "least": MIN_CHECKED,
        "most": filterset.MAX_ROWS,
    }
    return TemplateResponse(request, "factcheck/record_list.html", context)
