"""The query strings of the outlets list and of the page that compares them."""

from collections.abc import Callable
from dataclasses import replace

from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy

from factcheck import facets
from factcheck.filters.base import ListFilter, tuples
from factcheck.filters.fields import Codes, Rows
from factcheck.models import (
    Control,
    Outlet,
    Owner,
)
from factcheck.models.outlets import OutletKind, OutletQuerySet
from factcheck.queries import pagination
from factcheck.queries.independence import Interval, Record
from factcheck.queries.pagination import Sort


class OutletFilter(ListFilter):
    """The query string of the outlets list."""

    sorts = {
        sort.name: sort
        for sort in (
            Sort("name", ("sort_name", "id"), descending=False),
            Sort("most_cited", ("claim_count", "id")),
        )
    }

    kind = Codes("kind", OutletKind.values, label=gettext_lazy("Kind"))
    control = Codes("control", Control.values, label=gettext_lazy("Control"))
    country = Codes("country", "[A-Z]{2}", label=gettext_lazy("Country"))
    owner = Rows("owner", model=Owner, label=gettext_lazy("Owner"))

    def filter_queryset(self, queryset: OutletQuerySet) -> OutletQuerySet:
        return super().filter_queryset(queryset).named(self.chosen.get("q", ""))

    def page(self, *columns: str) -> pagination.Page:
        """Return a page of rows, with `claim_count`: the published claims that cite each."""
        counts = facets.cited()
        if self.sort.name == "most_cited":
            ids = self.qs.order_by().values_list("pk", flat=True)
            ranking = sorted(((counts.get(pk, 0), pk) for pk in ids), reverse=True)
            page = self._read(pagination.ranked_page, ranking, self.sort.name)
            rows = tuples(self.qs, columns, self.sort) if columns else self.qs
            page = replace(page, rows=pagination.in_turn(rows, page.rows))
        else:
            page = super().page(*columns)
        if columns:
            counted = [row._replace(claim_count=counts.get(row.id, 0)) for row in page.rows]
            return replace(page, rows=counted)
        for row in page.rows:
            row.claim_count = counts.get(row.pk, 0)
        return page


class RecordFilter(OutletFilter):
    """The query string of the page that compares outlets' track records."""

    # Worked out, not read: the page sorts what the database cannot.
    sorts = {
        name: Sort(name, ())
        for name in ("most_cited", "most_alone", "most_decided", "held_up", "did_not_hold")
    }
    MOST = 300

    @cached_property
    def compared(self) -> list[tuple[Outlet, Record]]:
        """The outlets that were asked for and support a claim, with their records, in order."""
        records = facets.records()
        rows = [(outlet, records[outlet.pk]) for outlet in self.qs if outlet.pk in records]
        return sorted(rows, key=_RECORD_ORDER[self.sort.name], reverse=True)

    @property
    def total(self) -> int:
        return len(self.compared)

    def page(self, *columns: str) -> pagination.Page:
        return pagination.Page(self.compared[: self.MOST])


def _least(share: Interval | None) -> float:
    """Return what a share is at least: 9 of 10 says less than 90 of 100."""
    return share.low if share else -1


_RECORD_ORDER: dict[str, Callable[[tuple[Outlet, Record]], float]] = {
    "most_cited": lambda row: row[1].total,
    "most_alone": lambda row: row[1].alone_total,
    "most_decided": lambda row: row[1].decided,
    "held_up": lambda row: _least(row[1].held_share),
    "did_not_hold": lambda row: _least(row[1].failed_share),
}
