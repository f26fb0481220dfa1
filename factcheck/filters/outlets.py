"""The query strings of the outlets list and of the comparison of track records."""

from collections.abc import Callable
from dataclasses import replace

from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy

from factcheck import facets
from factcheck.filters.base import ListFilter, tuples
from factcheck.filters.fields import Codes, Rows
from factcheck.models import Control, Outlet, Owner
from factcheck.models.outlet_kinds import OutletKind
from factcheck.models.outlets import OutletQuerySet
from factcheck.queries import pagination
from factcheck.queries.pagination import Sort
from factcheck.queries.track_records import Interval, TrackRecord


class OutletFilter(ListFilter):
    """The query string of the outlets list."""

    sorts = {
        sort.name: sort
        for sort in (
            Sort("name", ("sort_name", "id"), descending=False),
            Sort("most_cited", ("claim_count", "id")),
        )
    }

    kind = Codes(OutletKind, label=gettext_lazy("Kind"))
    control = Codes(Control, label=gettext_lazy("Control"))
    country = Codes("[A-Z]{2}", label=gettext_lazy("Country"))
    owner = Rows(Owner, label=gettext_lazy("Owner"))

    def filter_queryset(self, queryset: OutletQuerySet) -> OutletQuerySet:
        return super().filter_queryset(queryset).matching_name(self.cleaned.get("q", ""))

    def page(self, *columns: str) -> pagination.Page:
        """Return a page of outlets, each with `claim_count`: how many published claims cite it."""
        counts = facets.claim_counts()
        if self.sort.name == "most_cited":
            ids = self.qs.order_by().values_list("pk", flat=True)
            ranking = sorted(((counts.get(pk, 0), pk) for pk in ids), reverse=True)
            page = self._read_page(pagination.ranked_page, ranking, self.sort.name)
            rows = tuples(self.qs, columns, self.sort) if columns else self.qs
            page = replace(page, rows=pagination.rows_in_order(rows, page.rows))
        else:
            page = super().page(*columns)
        if columns:
            counted = [row._replace(claim_count=counts.get(row.id, 0)) for row in page.rows]
            return replace(page, rows=counted)
        for row in page.rows:
            row.claim_count = counts.get(row.pk, 0)
        return page


class RecordFilter(OutletFilter):
    """The query string of the page that compares the track records of outlets."""

    # Computed in Python: the database cannot sort by them.
    sorts = {
        name: Sort(name, ())
        for name in ("most_cited", "most_alone", "most_decided", "held_up", "did_not_hold")
    }
    MAX_ROWS = 300

    @cached_property
    def compared(self) -> list[tuple[Outlet, TrackRecord]]:
        """The selected outlets that support a claim, with their track records, in order."""
        records = facets.track_records()
        rows = [(outlet, records[outlet.pk]) for outlet in self.qs if outlet.pk in records]
        return sorted(rows, key=_RECORD_ORDER[self.sort.name], reverse=True)

    @property
    def total(self) -> int:
        return len(self.compared)

    def page(self, *columns: str) -> pagination.Page:
        return pagination.Page(self.compared[: self.MAX_ROWS])


def _lower_bound(share: Interval | None) -> float:
    """Return the lower bound of a share: 9 of 10 is less certain than 90 of 100."""
    return share.low if share else -1


_RECORD_ORDER: dict[str, Callable[[tuple[Outlet, TrackRecord]], float]] = {
    "most_cited": lambda row: row[1].total,
    "most_alone": lambda row: row[1].sole_total,
    "most_decided": lambda row: row[1].checked,
    "held_up": lambda row: _lower_bound(row[1].held_share),
    "did_not_hold": lambda row: _lower_bound(row[1].failed_share),
}
