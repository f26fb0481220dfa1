"""The query string of the claims list, and of everything that lists claims."""

from array import array
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any, NoReturn

import django_filters
from django.http import QueryDict
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy

from factcheck import facets, search
from factcheck.db import bulk_sql
from factcheck.filters.base import ListFilter, tuples
from factcheck.filters.fields import Codes, Condition, Days, Number, Rows
from factcheck.models import Article, Claim, Claimant, Control, Outlet, Owner, Stance, Status, Topic
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
# Up to this many claims are listed by their ids; for more, the index of the order is walked.
MAX_IDS = 500
BASIS_LABELS = {
    "single_outlet": gettext_lazy("One outlet only"),
    "single_family": gettext_lazy("One family only"),
    "state_only": gettext_lazy("State-controlled outlets only"),
    "undated": gettext_lazy("A citation without a day"),
    "uncited": gettext_lazy("No citation"),
}


class ClaimFilter(ListFilter):
    """Selects claims by the facet index (`result`), not by conditions of a queryset.

    See `page` and `ids`.
    """

    sorts = CLAIM_SORTS

    status = Codes(Status, label=gettext_lazy("Status"))
    basis = Codes(BASIS_LABELS, label=gettext_lazy("Rests on"))
    outlet = Rows(Outlet, label=gettext_lazy("Outlet"))
    owner = Rows(Owner, label=gettext_lazy("Owner"))
    control = Codes(Control, label=gettext_lazy("Control"))
    country = Codes("[A-Z]{2}", label=gettext_lazy("Outlet's country"))
    stance = Codes(Stance, label=gettext_lazy("Stance"))
    claimant = Rows(Claimant, label=gettext_lazy("Claimant"))
    topic = Rows(Topic, label=gettext_lazy("Topic"))
    article = Rows(Article, label=gettext_lazy("Article"))
    language = Codes("[a-z]{2,3}(?:-[A-Za-z0-9]{2,8})*", label=gettext_lazy("Language"))
    year = Codes("[0-9]{4}", label=gettext_lazy("Year"))
    claimed_after = Days(label=gettext_lazy("Claimed on or after"))
    claimed_before = Days(label=gettext_lazy("Claimed on or before"))
    cited_after = Days(label=gettext_lazy("Reported on or after"))
    cited_before = Days(label=gettext_lazy("Reported on or before"))
    independent_min = Number(label=gettext_lazy("Independent sources, at least"))
    independent_max = Number(label=gettext_lazy("Independent sources, at most"))

    # Searches the facet of outlets, which are too many to show.
    unfiltered_params = ("outlet_name",)
    outlet_name = django_filters.CharFilter(max_length=100, label=gettext_lazy("Find an outlet"))

    def __init__(self, data: QueryDict | None = None, *args: Any, **kwargs: Any) -> None:
        super().__init__(data, *args, queryset=Claim.objects.published(), **kwargs)

    def filter_queryset(self, queryset: Any) -> NoReturn:
        """Refuse, so that nobody edits this and wonders why the list stays the same."""
        raise TypeError(
            "Claims are selected by the facet index: use page(), ids() or result, not qs."
        )

    @cached_property
    def selection(self) -> facets.Selection:
        values = {
            name: condition.plain(value)
            for name, value in self.cleaned.items()
            if isinstance(condition := self.filters[name], Condition)
        }
        return facets.Selection(values, self.cleaned.get("q", ""))

    @cached_property
    def result(self) -> facets.FacetResult:
        """The selected claims: how many they are, and the counts of the filter panel."""
        return facets.select(self.selection)

    @property
    def total(self) -> int:
        return self.result.total

    @property
    def is_ranked(self) -> bool:
        return self.sort.name == "relevance" and bool(self.selection.query.required)

    def page(self, *columns: str) -> pagination.Page:
        rows = self.queryset
        rows = tuples(rows, columns, self.plain_sort) if columns else rows.for_list()
        if self.is_ranked:
            ranking, version = self.result.ranking(), self.result.version
            page = self._read_page(pagination.ranked_page, ranking, self.sort.name, version)
            ids = [search.claim_id_of(place) for place in page.rows]
            return replace(page, rows=pagination.rows_in_order(rows, ids))
        rows, contains = self._narrow(rows)
        return self._read_page(pagination.page, rows, self.plain_sort, contains=contains)

    def ids(self, *, limit: int | None = None) -> "array[int]":
        """Return the ids of the selected claims in the query string's order: all, or the first.

        If the order is by best match, only the ranked claims.
        """
        if self.is_ranked:
            ranking = self.result.ranking()[:limit]
            return array("Q", (search.claim_id_of(place) for _score, place in ranking))
        rows, contains = self._narrow(self.queryset)
        if limit is not None:
            page = pagination.page(rows, self.plain_sort, size=limit, contains=contains)
            return array("Q", (row.pk for row in page.rows))
        order = rows.order_by(*self.plain_sort.order()).values_list("pk", flat=True)
        ids = order.iterator(chunk_size=10_000)
        return array("Q", filter(contains, ids) if contains else ids)

    def _narrow(self, rows: Any) -> tuple[Any, Callable[[int], bool] | None]:
        """Return a queryset to walk, and a test of which of its claims are selected (None: all)."""
        rows, contains = narrow(rows, self.result)
        return (rows.filter(**self._bounds()) if contains else rows), contains

    def _bounds(self) -> dict[str, Any]:
        """Return bounds of the order's first column that follow from the filters.

        Within them the selected claims are close together, so little else is walked.
        """
        cleaned, column = self.cleaned, self.plain_sort.fields[0]
        lower, upper = [], []
        if column in {"newest_day", "oldest_day"}:
            lower, upper = [cleaned.get("claimed_after")], [cleaned.get("claimed_before")]
            if years := [int(year) for year in cleaned.get("year", ()) if int(year)]:
                lower.append(date(min(years), 1, 1))
                upper.append(date(max(years), 12, 31))
        elif column == "independent_count":
            lower, upper = [cleaned.get("independent_min")], [cleaned.get("independent_max")]
        return {
            f"{column}__{lookup}": strictest(bounds)
            for lookup, values, strictest in (("gte", lower, max), ("lte", upper, min))
            if (bounds := [value for value in values if value is not None])
        }

    @property
    def plain_sort(self) -> Sort:
        """The order by columns: the newest first if best matches are asked for without words."""
        return self.sorts["newest"] if self.sort.name == "relevance" else self.sort


def narrow(rows: Any, result: facets.FacetResult) -> tuple[Any, Callable[[int], bool] | None]:
    """Return a queryset of claims to walk, and a test of which are selected (None: all)."""
    if (ids := result.ids_if_at_most(MAX_IDS)) is not None:
        return rows.filter(pk__in=bulk_sql.in_values(ids)), None
    return rows, (None if result.total == result.unfiltered_total else result.contains)
