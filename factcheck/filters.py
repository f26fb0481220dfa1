"""One FilterSet a list: what its query string may say. Pages and machines use the same one.

A bad value is an error of its field and drops that filter only; unknown parameters are ignored.
"""

from collections.abc import Callable, Collection, Iterator
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

import django_filters
from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import ProhibitNullCharactersValidator, RegexValidator
from django.db.models import Model, Q
from django.http import QueryDict
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from factcheck import facets, paging, search
from factcheck.facets import live
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
from factcheck.models.articles import ArticleQuerySet
from factcheck.models.outlets import OutletKind, OutletQuerySet
from factcheck.paging import PAGE_SIZES, Sort
from factcheck.text import MOST_TYPED

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
SORT_LABELS = {
    "newest": pgettext_lazy("sort", "Newest"),
    "oldest": pgettext_lazy("sort", "Oldest"),
    "relevance": pgettext_lazy("sort", "Best match"),
    "most_cited": pgettext_lazy("sort", "Most cited"),
    "least_corroborated": pgettext_lazy("sort", "Least corroborated"),
    "name": pgettext_lazy("sort", "Name"),
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


class ManyField(forms.Field):
    """Every value of a repeated parameter; each must pass the field's validators."""

    widget = forms.SelectMultiple
    default_validators = [ProhibitNullCharactersValidator()]
    # Each value stands in every link of the page: without a limit a page grows with the square.
    MOST = 50

    def clean(self, value: Any) -> list[Any]:
        values = list(dict.fromkeys(item.strip() for item in value or [] if item.strip()))
        if len(values) > self.MOST:
            raise ValidationError(_("Choose at most %(most)d values.") % {"most": self.MOST})
        for item in values:
            self.run_validators(item)
        return self.found(values)

    def found(self, values: list[str]) -> list[Any]:
        return values


class RowsField(ManyField):
    """Slugs of rows of one model, cleaned to the rows."""

    def __init__(self, *args: Any, model: type[Model], **kwargs: Any) -> None:
        self.model = model
        super().__init__(*args, **kwargs)

    def found(self, values: list[str]) -> list[Any]:
        rows = self.model._default_manager.filter(slug__in=values) if values else []
        by_slug = {row.slug: row for row in rows}  # type: ignore[attr-defined]
        if unknown := [value for value in values if value not in by_slug]:
            raise ValidationError(_("There is no “%(value)s” here.") % {"value": unknown[0]})
        return [by_slug[value] for value in values]


class Condition(django_filters.Filter):
    """A filter that says what must hold, of the claim or of one citation."""

    def __init__(
        self, field: str, lookup: str = "in", *, of: str = "claims", **kwargs: Any
    ) -> None:
        self.of = of
        super().__init__(field_name=field, lookup_expr=lookup, required=False, **kwargs)

    def condition(self, value: Any) -> Q:
        return Q(**{f"{self.field_name}__{self.lookup_expr}": value})

    def value(self, value: Any) -> Any:
        """Return what was chosen as codes, ids of rows, a day or a number."""
        return value


class Codes(Condition):
    """One of a fixed list of codes, or of those that a pattern allows."""

    field_class = ManyField

    def __init__(self, field: str, allowed: str, **kwargs: Any) -> None:
        problem = gettext_lazy("“%(value)s” is not one of the choices.")
        validator = RegexValidator(rf"\A(?:{allowed})\Z", problem)
        super().__init__(field, validators=[validator], **kwargs)


class Rows(Condition):
    """One of some rows; a merged row is read as the one it was merged into."""

    field_class = RowsField

    def condition(self, value: Any) -> Q:
        return super().condition(self.value(value))

    def value(self, value: Any) -> Any:
        return [getattr(row, "merged_into_id", None) or row.pk for row in value]


class Topics(Rows):
    """A semi-join: a claim with two of the topics is one claim."""

    def condition(self, value: Any) -> Q:
        return Q(pk__in=Claim.topics.through.objects.filter(topic__in=value).values("claim"))


class Days(Condition):
    field_class = forms.DateField

    def __init__(self, field: str, lookup: str, **kwargs: Any) -> None:
        super().__init__(field, lookup, input_formats=["%Y-%m-%d"], **kwargs)


class LastDays(Days):
    """A range of days counts as long as its last day."""

    def condition(self, value: Any) -> Q:
        return super().condition(value) | Q(date_end__gte=value)


class Number(Condition):
    field_class = forms.IntegerField

    def __init__(self, field: str, lookup: str, **kwargs: Any) -> None:
        super().__init__(field, lookup, min_value=0, max_value=1_000_000, **kwargs)


class Basis(Codes):
    def condition(self, value: Any) -> Q:
        found = Q()
        for name in value:
            found |= facets.BASIS[name]
        return found


def any_of(codes: Any) -> str:
    return "|".join(codes)


class ListFilter(django_filters.FilterSet):
    """What all lists share: the order, the size of a page, and links that keep the rest."""

    sorts: dict[str, Sort] = {}
    # What a page's links keep, but the list is not narrowed by.
    aside: tuple[str, ...] = ()
    q = django_filters.CharFilter(max_length=MOST_TYPED, label=gettext_lazy("Words"))

    def __init__(self, data: QueryDict | None = None, *args: Any, **kwargs: Any) -> None:
        super().__init__(data if data is not None else QueryDict(), *args, **kwargs)

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

    @property
    def total(self) -> int:
        """Return how many rows the query string asks for, on all pages."""
        return self.qs.count()

    def page(self) -> paging.Page:
        """Return the page that the query string asks for."""
        return self._read(paging.page, self.qs, self.sort)

    def _read(self, read: Callable[..., paging.Page], *args: Any, **options: Any) -> paging.Page:
        """Return a page, or the first one with what was wrong with the cursor."""
        places = {name: self.data.get(name, "") for name in ("after", "before")}
        page, problem = paging.or_first(read, *args, size=self.page_size, **places, **options)
        if problem:
            self.problems["after"] = [problem]
        return page

    def active(self) -> Iterator[tuple[str, str]]:
        """Yield each parameter and value that narrows the list now, in the filters' order."""
        for name in self.filters:
            if name in self.chosen and name not in self.aside:
                several = isinstance(self.form.fields[name], ManyField)
                values = self.data.getlist(name) if several else [self.data.get(name, "")]
                yield from ((name, value) for value in dict.fromkeys(values) if value.strip())

    def query(self, *, drop: Collection[tuple[str, str]] = ()) -> str:
        """Return the query string without the pairs in `drop`, from the first page."""
        pairs = [pair for pair in self.active() if pair not in drop]
        for name in (*self.aside, "sort", "page_size"):
            value = self.data.get(name)
            if value and name not in self.problems:
                pairs.append((name, value))
        return f"?{urlencode(pairs)}" if pairs else "?"


class ClaimFilter(ListFilter):
    """The query string of the claims list, and of all that lists claims."""

    sorts = CLAIM_SORTS

    status = Codes("status", any_of(Status.values), label=gettext_lazy("Status"))
    basis = Basis("basis", any_of(facets.BASIS), label=gettext_lazy("Rests on"))
    outlet = Rows("outlet", model=Outlet, of="citations", label=gettext_lazy("Outlet"))
    owner = Rows("outlet__owner", model=Owner, of="citations", label=gettext_lazy("Owner"))
    control = Codes(
        "outlet__control", any_of(Control.values), of="citations", label=gettext_lazy("Control")
    )
    country = Codes(
        "outlet__country", "[A-Z]{2}", of="citations", label=gettext_lazy("Outlet's country")
    )
    stance = Codes("stance", any_of(Stance.values), of="citations", label=gettext_lazy("Stance"))
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
        return live.apply(self.selection, queryset)

    @property
    def total(self) -> int:
        return self.found.total

    @property
    def is_ranked(self) -> bool:
        return self.sort.name == "relevance" and bool(self.selection.query.wanted)

    def page(self) -> paging.Page:
        rows = self.queryset.for_list()
        if self.is_ranked:
            page = self._read(paging.ranked_page, self.found.ranking(), self.found.version)
            ids = [search.claim_of(place) for place in page.rows]
            return replace(page, rows=paging.in_turn(rows, ids))
        if (few := self.found.few(_FEW)) is not None:
            return self._read(paging.page, rows.filter(pk__in=few), self.plain_sort)
        holds = self.found.holds if self.found.total < self.found.all else None
        return self._read(paging.page, rows, self.plain_sort, holds=holds)

    @property
    def plain_sort(self) -> Sort:
        """The order of the rows' own columns: the newest first, where there is nothing to rank."""
        return self.sorts["newest"] if self.sort.name == "relevance" else self.sort


class OutletFilter(ListFilter):
    """The query string of the outlets list."""

    sorts = {
        sort.name: sort
        for sort in (
            Sort("name", ("sort_name", "id"), descending=False),
            Sort("most_cited", ("claim_count", "id")),
        )
    }

    kind = Codes("kind", any_of(OutletKind.values), label=gettext_lazy("Kind"))
    control = Codes("control", any_of(Control.values), label=gettext_lazy("Control"))
    country = Codes("country", "[A-Z]{2}", label=gettext_lazy("Country"))
    owner = Rows("owner", model=Owner, label=gettext_lazy("Owner"))

    def filter_queryset(self, queryset: OutletQuerySet) -> OutletQuerySet:
        for name, value in self.chosen.items():
            condition = self.filters[name]
            if isinstance(condition, Condition):
                queryset = queryset.filter(condition.condition(value))
        return queryset.named(self.chosen.get("q", ""))


class ArticleFilter(ListFilter):
    """The query string of the articles list."""

    sorts = {"name": Sort("name", ("sort_name", "id"), descending=False)}

    def filter_queryset(self, queryset: ArticleQuerySet) -> ArticleQuerySet:
        return queryset.worded(self.chosen.get("q", ""), "title", "author")
