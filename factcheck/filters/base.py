"""What all lists share."""

from collections.abc import Callable, Collection, Iterator
from datetime import date
from typing import Any
from urllib.parse import urlencode

import django_filters
from django.forms import Form
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

_forms: dict[type, type[Form]] = {}


class ListFilter(django_filters.FilterSet):
    """What all lists share: the order, the size of a page, and links that keep the rest."""

    sorts: dict[str, Sort] = {}
    # What a page's links keep, but the list is not narrowed by.
    aside: tuple[str, ...] = ()
    q = django_filters.CharFilter(max_length=MAX_SEARCH_LENGTH, label=gettext_lazy("Words"))

    def __init__(self, data: QueryDict | None = None, *args: Any, **kwargs: Any) -> None:
        super().__init__(data if data is not None else QueryDict(), *args, **kwargs)

    def get_form_class(self) -> type[Form]:
        # Made once: each form copies the fields of its class.
        kind = type(self)
        if kind not in _forms:
            _forms[kind] = super().get_form_class()
        return _forms[kind]

    @cached_property
    def chosen(self) -> dict[str, Any]:
        """Return the clean value of every filter that is set and valid."""
        bad = self.form.errors  # asking for them is what cleans the form, once
        return {
            name: value
            for name, value in self.form.cleaned_data.items()
            if name not in bad and value not in (None, "", [])
        }

    @cached_property
    def sort(self) -> Sort:
        default = next(iter(self.sorts))
        name = self.data.get("sort") or default
        return self.sorts.get(name, self.sorts[default])

    @cached_property
    def page_size(self) -> int:
        given = self.data.get("page_size", "")
        return int(given) if given in map(str, PAGE_SIZES) else PAGE_SIZES[0]

    @cached_property
    def problems(self) -> dict[str, list[str]]:
        """Return what is wrong with the query string, by parameter."""
        found = {
            name: [str(message) for message in messages]
            for name, messages in self.form.errors.items()
        }
        if self.data.get("sort") and self.data["sort"] not in self.sorts:
            found["sort"] = [_("There is no such order.")]
        if self.data.get("page_size") and self.data["page_size"] not in map(str, PAGE_SIZES):
            found["page_size"] = [_("A page holds 20, 50 or 100 rows.")]
        return found

    def said(self) -> str:
        """Return all problems on one line."""
        return "; ".join(f"{name}: {' '.join(words)}" for name, words in self.problems.items())

    @property
    def total(self) -> int:
        """Return how many rows the query string asks for, on all pages."""
        return self.qs.count()

    def filter_queryset(self, queryset: Any) -> Any:
        for name, value in self.chosen.items():
            condition = self.filters[name]
            if isinstance(condition, Condition):
                queryset = queryset.filter(condition.condition(value))
        return queryset

    def page(self, *columns: str) -> pagination.Page:
        """Return the page that the query string asks for: rows, or tuples that begin so."""
        rows = tuples(self.qs, columns, self.sort) if columns else self.qs
        return self._read(pagination.page, rows, self.sort)

    def _read(
        self, read: Callable[..., pagination.Page], *args: Any, **options: Any
    ) -> pagination.Page:
        """Return a page, or the first one with what was wrong with the cursor."""
        places = {name: self.data.get(name, "") for name in ("after", "before")}
        page, problem = pagination.or_first(read, *args, size=self.page_size, **places, **options)
        if problem:
            # Of two cursors the first alone is read.
            self.problems["after" if places["after"] else "before"] = [problem]
        return page

    def active(self) -> Iterator[tuple[str, str]]:
        """Yield each parameter and value that narrows the list now, in the filters' order."""
        for name in self.filters:
            if name in self.chosen and name not in self.aside:
                several = isinstance(self.form.fields[name], ManyField)
                values = self.data.getlist(name) if several else [self.text_of(name)]
                yield from ((name, value) for value in dict.fromkeys(values) if value.strip())

    def text_of(self, name: str) -> str:
        """Return what a parameter holds; a date that was read is written as in any address."""
        value = self.chosen.get(name)
        return value.isoformat() if isinstance(value, date) else self.data.get(name, "")

    def query(self, *, drop: Collection[tuple[str, str]] = ()) -> str:
        """Return the query string without the pairs in `drop`, from the first page."""
        pairs = [pair for pair in self.active() if pair not in drop]
        for name in (*self.aside, "sort", "page_size"):
            value = self.data.get(name)
            if value and name not in self.problems:
                pairs.append((name, value))
        return f"?{urlencode(pairs)}" if pairs else "?"


def tuples(rows: Any, columns: Collection[str], sort: Sort) -> Any:
    """Return named tuples of `columns` and of what paging by `sort` needs besides."""
    return rows.values_list(*dict.fromkeys((*columns, "id", *sort.fields)), named=True)
