"""The base class of the filter sets of all lists."""

from collections.abc import Callable, Collection, Iterator
from datetime import date
from typing import Any
from urllib.parse import urlencode

import django_filters
from django.http import QueryDict
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from factcheck.filters.fields import Condition, ManyField
from factcheck.queries import pagination
from factcheck.queries.pagination import PAGE_SIZES, Sort
from factcheck.text.normalize import MAX_SEARCH_LENGTH

SORT_LABELS = {
    "newest": pgettext_lazy("sort", "Newest"),
    "oldest": pgettext_lazy("sort", "Oldest"),
    "relevance": pgettext_lazy("sort", "Best match"),
    "most_cited": pgettext_lazy("sort", "Most cited"),
    "least_corroborated": pgettext_lazy("sort", "Least corroborated"),
    "name": pgettext_lazy("sort", "Name"),
    "most_alone": pgettext_lazy("sort", "Most alone"),
    "most_decided": pgettext_lazy("sort", "Most decided"),
    "held_up": pgettext_lazy("sort", "Held up"),
    "did_not_hold": pgettext_lazy("sort", "Did not hold"),
}


class ListFilter(django_filters.FilterSet):
    """Reads a list's query string: its filters, its order, and which page is asked for.

    Lists of claims differ in one thing: see `ClaimFilter`.
    """

    sorts: dict[str, Sort] = {}
    # Parameters that a page's links keep, but that do not filter the list.
    unfiltered_params: tuple[str, ...] = ()
    q = django_filters.CharFilter(max_length=MAX_SEARCH_LENGTH, label=gettext_lazy("Words"))

    def __init__(self, data: QueryDict | None = None, *args: Any, **kwargs: Any) -> None:
        super().__init__(data if data is not None else QueryDict(), *args, **kwargs)

    @cached_property
    def cleaned(self) -> dict[str, Any]:
        """Return the clean value of every filter that is set and valid."""
        errors = self.form.errors  # reading them cleans the form, once
        return {
            name: value
            for name, value in self.form.cleaned_data.items()
            if name not in errors and value not in (None, "", [])
        }

    @cached_property
    def sort(self) -> Sort:
        default = next(iter(self.sorts))
        name = self.data.get("sort") or default
        return self.sorts.get(name, self.sorts[default])

    @cached_property
    def page_size(self) -> int:
        size = self.data.get("page_size", "")
        return int(size) if size in map(str, PAGE_SIZES) else PAGE_SIZES[0]

    @cached_property
    def problems(self) -> dict[str, list[str]]:
        """Return the errors of the query string, by parameter."""
        problems = {
            name: [str(message) for message in messages]
            for name, messages in self.form.errors.items()
        }
        if self.data.get("sort") and self.data["sort"] not in self.sorts:
            problems["sort"] = [_("There is no such order.")]
        if self.data.get("page_size") and self.data["page_size"] not in map(str, PAGE_SIZES):
            problems["page_size"] = [_("A page holds 20, 50 or 100 rows.")]
        return problems

    def problem_text(self) -> str:
        """Return all problems on one line."""
        problems = self.problems.items()
        return "; ".join(f"{name}: {' '.join(messages)}" for name, messages in problems)

    @property
    def total(self) -> int:
        """Return the number of rows on all pages."""
        return self.qs.count()

    def filter_queryset(self, queryset: Any) -> Any:
        for name, value in self.cleaned.items():
            condition = self.filters[name]
            if isinstance(condition, Condition):
                queryset = queryset.filter(condition.q(value))
        return queryset

    def page(self, *columns: str) -> pagination.Page:
        """Return the page that the query string asks for: rows, or tuples that start so."""
        rows = tuples(self.qs, columns, self.sort) if columns else self.qs
        return self._read_page(pagination.page, rows, self.sort)

    def _read_page(
        self, read: Callable[..., pagination.Page], *args: Any, **options: Any
    ) -> pagination.Page:
        """Return the page at the cursor; the first page and a problem if the cursor is invalid."""
        cursors = {name: self.data.get(name, "") for name in ("after", "before")}
        page, problem = pagination.page_or_first(
            read, *args, size=self.page_size, **cursors, **options
        )
        if problem:
            # If there are two cursors, only the first is read.
            self.problems["after" if cursors["after"] else "before"] = [problem]
        return page

    def active(self) -> Iterator[tuple[str, str]]:
        """Yield each parameter and value that filters the list now, in the filters' order."""
        for name in self.filters:
            if name in self.cleaned and name not in self.unfiltered_params:
                is_list = isinstance(self.form.fields[name], ManyField)
                values = self.data.getlist(name) if is_list else [self.text_of(name)]
                yield from ((name, value) for value in dict.fromkeys(values) if value.strip())

    @cached_property
    def active_values(self) -> dict[str, set[str]]:
        """The values of each filter that is active now, as they are in the query string."""
        values: dict[str, set[str]] = {}
        for name, value in self.active():
            values.setdefault(name, set()).add(value.strip())
        return values

    def text_of(self, name: str) -> str:
        """Return a parameter's text; a valid date as ISO date, however it was typed."""
        value = self.cleaned.get(name)
        return value.isoformat() if isinstance(value, date) else self.data.get(name, "")

    def query(self, *, drop: Collection[tuple[str, str]] = ()) -> str:
        """Return the query string of the first page, without the pairs in `drop`."""
        pairs = [pair for pair in self.active() if pair not in drop]
        for name in (*self.unfiltered_params, "sort", "page_size"):
            value = self.data.get(name)
            if value and name not in self.problems:
                pairs.append((name, value))
        return f"?{urlencode(pairs)}" if pairs else "?"


def tuples(rows: Any, columns: Collection[str], sort: Sort) -> Any:
    """Return named tuples of `columns` and of those that paging by `sort` needs."""
    return rows.values_list(*dict.fromkeys((*columns, "id", *sort.fields)), named=True)
