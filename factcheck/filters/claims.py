"""The query string of the claims list, and of all that lists claims."""

from array import array
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import django_filters
from django.http import QueryDict
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy

from factcheck import facets, search, sql
from factcheck.facets import sql_engine
from factcheck.filters.base import ListFilter, tuples
from factcheck.filters.fields import (
    Basis,
    Codes,
    Condition,
    Days,
    LastDays,
    Number,
    Rows,
    Topics,
)
from factcheck.models import (
    Article,
    Claim,
    Claimant,
    ClaimQuerySet,
    Control,
    Outlet,
    Owner,
    Stance,
    Status,
    Topic,
)
from factcheck.queries import pagination
from factcheck.queries.pagination import Sort

CLAIM_SORTS = {
    sort.name: sort
    for sort in (
        Sort("newest", ("newest_day", "id")),
        Sort("oldest", ("oldest_day", "id"), descending=False),
        Sort("relevance", ("score", "newest_day", "id")),
        Sort("most_cited", ("citation_count", "newest_day", "id")),
        Sort("least_corroborated", ("independent_count", "oldest_day", "id"), descending=False),
    )
}
# So many claims are listed by their ids; of more, the order's own index is read.
_FEW = 500
BASIS_LABELS = {
    "single_outlet": gettext_lazy("One outlet only"),
    "single_family": gettext_lazy("One family only"),
    "state_only": gettext_lazy("State-controlled outlets only"),
    "undated": gettext_lazy("A citation without a day"),
    "uncited": gettext_lazy("No citation"),
}


class ClaimFilter(ListFilter):
    """The query string of the claims list, and of all that lists claims."""

    sorts = CLAIM_SORTS

    status = Codes("status", Status.values, label=gettext_lazy("Status"))
    basis = Basis("basis", facets.BASIS, label=gettext_lazy("Rests on"))
    outlet = Rows("outlet", model=Outlet, of="citations", label=gettext_lazy("Outlet"))
    owner = Rows("outlet__owner", model=Owner, of="citations", label=gettext_lazy("Owner"))
    control = Codes(
        "outlet__control", Control.values, of="citations", label=gettext_lazy("Control")
    )
    country = Codes(
        "outlet__country", "[A-Z]{2}", of="citations", label=gettext_lazy("Outlet's country")
    )
    stance = Codes("stance", Stance.values, of="citations", label=gettext_lazy("Stance"))
    claimant = Rows("claimant", model=Claimant, label=gettext_lazy("Claimant"))
    topic = Topics("topics", model=Topic, label=gettext_lazy("Topic"))
    article = Rows("article", model=Article, label=gettext_lazy("Article"))
    language = Codes("language", "[a-z]{2,3}(?:-[A-Za-z0-9]{2,8})*", label=gettext_lazy("Language"))
    year = Codes("year", "[0-9]{4}", label=gettext_lazy("Year"))
    claimed_after = Days("claimed_on", "gte", label=gettext_lazy("Claimed on or after"))
    claimed_before = Days("claimed_on", "lte", label=gettext_lazy("Claimed on or before"))
    cited_after = LastDays(
        "published_on", "gte", of="citations", label=gettext_lazy("Reported on or after")
    )
    cited_before = Days(
        "published_on", "lte", of="citations", label=gettext_lazy("Reported on or before")
    )
    independent_min = Number(
        "independent_count", "gte", label=gettext_lazy("Independent sources, at least")
    )
    independent_max = Number(
        "independent_count", "lte", label=gettext_lazy("Independent sources, at most")
    )

    # What the facet of outlets, too many to show, is searched for.
    aside = ("outlet_name",)
    outlet_name = django_filters.CharFilter(max_length=100, label=gettext_lazy("Find an outlet"))

    def __init__(self, data: QueryDict | None = None, *args: Any, **kwargs: Any) -> None:
        super().__init__(data, *args, queryset=Claim.objects.published(), **kwargs)

    @cached_property
    def selection(self) -> facets.Selection:
        parts: dict[str, dict[str, Any]] = {"claims": {}, "citations": {}, "values": {}}
        for name, value in self.chosen.items():
            condition = self.filters[name]
            if isinstance(condition, Condition):
                parts[condition.of][name] = condition.condition(value)
                parts["values"][name] = condition.value(value)
        return facets.Selection(typed=self.chosen.get("q", ""), **parts)

    @cached_property
    def found(self) -> facets.Found:
        """The claims that were asked for: how many, and the counts of the filter panel."""
        return facets.find(self.selection)

    def filter_queryset(self, queryset: ClaimQuerySet) -> ClaimQuerySet:
        return sql_engine.apply(self.selection, queryset)

    @property
    def total(self) -> int:
        return self.found.total

    @property
    def is_ranked(self) -> bool:
        return self.sort.name == "relevance" and bool(self.selection.query.wanted)

    def page(self, *columns: str) -> pagination.Page:
        rows = self.queryset
        rows = tuples(rows, columns, self.plain_sort) if columns else rows.for_list()
        if self.is_ranked:
            ranking, version = self.found.ranking(), self.found.version
            page = self._read(pagination.ranked_page, ranking, self.sort.name, version)
            ids = [search.claim_of(place) for place in page.rows]
            return replace(page, rows=pagination.in_turn(rows, ids))
        rows, holds = self._narrowed(rows)
        return self._read(pagination.page, rows, self.plain_sort, holds=holds)

    def ids(self, *, most: int | None = None) -> "array[int]":
        """Return the ids of all claims that the query string asks for, or the first, in its order.

        Best matches first, where that was asked: those that are ranked.
        """
        if self.is_ranked:
            ranking = self.found.ranking()[:most]
            return array("Q", (search.claim_of(place) for _score, place in ranking))
        rows, holds = self._narrowed(self.queryset)
        if most is not None:
            page = pagination.page(rows, self.plain_sort, size=most, holds=holds)
            return array("Q", (row.pk for row in page.rows))
        order = rows.order_by(*self.plain_sort.order()).values_list("pk", flat=True)
        found = order.iterator(chunk_size=10_000)
        return array("Q", filter(holds, found) if holds else found)

    def _narrowed(self, rows: Any) -> tuple[Any, Callable[[int], bool] | None]:
        """Return rows of claims to read, and which of them belong to the list (None: all)."""
        rows, holds = narrowed(rows, self.found)
        return (rows.filter(**self._bounds()) if holds else rows), holds

    def _bounds(self) -> dict[str, Any]:
        """Return what the filters say of the order's first column.

        What they choose stands together in it then, and the way there need not be walked.
        """
        chosen, column = self.chosen, self.plain_sort.fields[0]
        least, most = [], []
        if column in {"newest_day", "oldest_day"}:
            least, most = [chosen.get("claimed_after")], [chosen.get("claimed_before")]
            if years := [int(year) for year in chosen.get("year", ()) if int(year)]:
                least.append(date(min(years), 1, 1))
                most.append(date(max(years), 12, 31))
        elif column == "independent_count":
            least, most = [chosen.get("independent_min")], [chosen.get("independent_max")]
        return {
            f"{column}__{lookup}": outermost(known)
            for lookup, values, outermost in (("gte", least, max), ("lte", most, min))
            if (known := [value for value in values if value is not None])
        }

    @property
    def plain_sort(self) -> Sort:
        """The order of the rows' own columns: the newest first, where there is nothing to rank."""
        return self.sorts["newest"] if self.sort.name == "relevance" else self.sort


def narrowed(rows: Any, found: facets.Found) -> tuple[Any, Callable[[int], bool] | None]:
    """Return rows of claims for `paging.page` to read, and which of them belong (None: all)."""
    if (few := found.few(_FEW)) is not None:
        return rows.filter(pk__in=sql.within(few)), None
    return rows, (None if found.total == found.all else found.holds)
