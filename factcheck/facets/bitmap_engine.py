"""Answers a selection from the bitmap index, by unions and intersections of its sets.

Filters of citations must hold of one and the same citation. Its outlet and its stance decide all
of them but its date, so the index has a set for each pair of the two; for dates it has
`CitationDays`.
"""

from calendar import monthrange
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

from pyroaring import BitMap

from factcheck import search
from factcheck.db import bulk_sql
from factcheck.facets.bitmap_index import Index, current
from factcheck.facets.bitmap_reader import union
from factcheck.facets.declarations import CITATION_FACETS, CLAIM_FACETS, FACETS
from factcheck.facets.outlet_stats import status_counts
from factcheck.facets.selection import Choice, Selection, panel_order

_DAYS_OF_CITATIONS = ("cited_after", "cited_before")


def select(selection: Selection) -> "FacetResult":
    """Return which published claims a selection shows, as of the last committed write."""
    return FacetResult(selection, current())


@dataclass
class FacetResult:
    """The published claims that a selection shows, and the counts of every facet's choices."""

    selection: Selection
    index: Index

    @property
    def version(self) -> str:
        """The version of the data (`factcheck.data_version`)."""
        return str(self.index.version)

    @cached_property
    def claims(self) -> BitMap:
        return self._claims()

    @property
    def total(self) -> int:
        return len(self.claims)

    @property
    def unfiltered_total(self) -> int:
        """The number of claims that an empty selection shows."""
        return len(self.index.published)

    def contains(self, claim_id: int) -> bool:
        return claim_id in self.claims

    def ids_if_at_most(self, limit: int) -> Iterable[int] | None:
        """Return the claims' ids; None if there are more than `limit`."""
        return self.claims if len(self.claims) <= limit else None

    def status_counts(self) -> Mapping[str, int]:
        """Return how many of the claims have which status."""
        return status_counts(self.index, self.claims)

    def values_of(self, name: str) -> Collection[str]:
        """Return the values that the claims have of a facet of claims, as the filter takes them."""
        values = self.index.values.get(name, [])
        return [str(value) for value, members in values if members.intersect(self.claims)]

    def ranking(self) -> Sequence[tuple[int, int]]:
        """Return score and document id of the claims that fit the words, the best match first."""
        values = tuple(sorted((name, str(v)) for name, v in self.selection.values.items()))
        return self.index.cached(
            ("ranking", self.selection.query, values),
            lambda: search.ranking(self.selection.query, lambda ids: self.claims & BitMap(ids)),
        )

    def counts(
        self, *, limit: int | None = None, include: Mapping[str, Collection[Any]] = {}
    ) -> dict[str, list[Choice]]:
        """Return the choices of every facet, those with most claims first.

        `limit` of each facet (None: all that show a claim), and those that `include` names by
        code or record id.
        """
        claims_alone = self._claims_by_claim_filters()
        choices = {}
        for name, facet in FACETS.items():
            if facet.of_citation:
                base, values = claims_alone, self._citation_values(name)
            else:
                is_chosen = name in self.selection.values
                base = self._claims(without=name) if is_chosen else self.claims
                values = self.index.values.get(name, [])
            included = include.get(name, ())
            counted = _count(base, values, limit if facet.order == "count" else None, included)
            choices[name] = panel_order(name, list(self._named(name, counted)), limit, included)
        return choices

    def _claims(self, *, without: str = "") -> BitMap:
        """Return the claims that the selection shows, ignoring the filter named `without`."""
        claims = self._claims_by_claim_filters(without=without)
        pairs = self._selected_pairs(without=without)
        if pairs is not None:
            claims = claims & union([self._pairs[pair] for pair in pairs])
        return claims

    def _claims_by_claim_filters(self, *, without: str = "") -> BitMap:
        claims = self.index.published
        for name, value in self.selection.values.items():
            if name != without and name not in (*CITATION_FACETS, *_DAYS_OF_CITATIONS):
                claims = claims & self._claims_with(name, value)
        return claims & self._claims_with_words if self.selection.query else claims

    def _claims_with(self, name: str, value: Any) -> BitMap:
        """Return the published claims that a filter of claims lets through."""
        sets = self.index.sets
        if name == "basis":
            return union([self.index.basis(code) for code in value])
        if name in {"independent_min", "independent_max"}:
            fits = value.__le__ if name == "independent_min" else value.__ge__
            counts = {key[1]: members for key, members in sets.items() if key[0] == "independent"}
            return union([members for count, members in counts.items() if fits(count)])
        if name in {"claimed_after", "claimed_before"}:
            return self.index.cached((name, value), lambda: self._claimed(name, value))
        if name not in CLAIM_FACETS and name != "found":
            raise LookupError(f"The facet index cannot answer the filter {name!r}.")
        return union([sets[name, key] for key in value if (name, key) in sets])

    def _claimed(self, name: str, day: date) -> BitMap:
        """Return the claims of the months on one side of a date, and of a part of its own month."""
        is_after = name == "claimed_after"
        month = day.isoformat()[:7]
        months = [
            members
            for key, members in self.index.sets.items()
            if key[0] == "month" and (key[1] > month if is_after else key[1] < month)
        ]
        last = day.replace(day=monthrange(day.year, day.month)[1])
        low, high = (day, last) if is_after else (day.replace(day=1), day)
        ids = bulk_sql.fetch_ids(
            "SELECT id FROM factcheck_claim WHERE stage = 'published' AND claimed_on IS NOT NULL"
            " AND newest_day BETWEEN %s AND %s",
            [low, high],
        )
        return union([*months, BitMap(ids) & self.index.published])

    @cached_property
    def _claims_with_words(self) -> BitMap:
        def read() -> BitMap:
            ids = BitMap(search.search_ids(self.selection.query))
            return ids if self.selection.query.required else self.index.published - ids

        return self.index.cached(("words", self.selection.query), read)

    @cached_property
    def _days(self) -> tuple[date | None, ...]:
        return tuple(self.selection.values.get(name) for name in _DAYS_OF_CITATIONS)

    @cached_property
    def _pairs(self) -> Mapping[tuple[int, str], BitMap]:
        """The claims that cite an outlet with a stance, on the selected dates."""
        if not any(self._days):
            return self.index.pairs
        return self.index.cached(("pairs", *self._days), self._pairs_on_days)

    def _pairs_on_days(self) -> dict[tuple[int, str], BitMap]:
        published = self.index.published
        pairs = self.index.days.pairs(*self._days)
        sets = ((pair, members & published) for pair, members in pairs.items())
        return {pair: members for pair, members in sets if members}

    def _selected_pairs(self, *, without: str = "") -> list[tuple[int, str]] | None:
        """Return the pairs of outlet and stance that fit the selected filters of citations.

        None if no such filter is set: then a claim need not cite at all.
        """
        filters = {
            name: set(self.selection.values[name])
            for name in CITATION_FACETS
            if name in self.selection.values and name != without
        }
        if not filters and not any(self._days):
            return None
        return [
            (outlet, stance)
            for outlet, stance in self._pairs
            if all(self._value(name, outlet, stance) in keys for name, keys in filters.items())
        ]

    def _value(self, name: str, outlet: int, stance: str) -> Any:
        """Return the value of a facet of citations that a pair of outlet and stance has."""
        if name in {"outlet", "stance"}:
            return outlet if name == "outlet" else stance
        return getattr(self.index.outlet(outlet), FACETS[name].outlet_field)

    def _citation_values(self, name: str) -> list[tuple[Any, BitMap]]:
        """Return the values of a facet of citations with their claims, the largest set first."""
        filters = [
            (filter_name, *map(str, self.selection.values[filter_name]))
            for filter_name in CITATION_FACETS
            if filter_name in self.selection.values and filter_name != name
        ]

        def unite() -> list[tuple[Any, BitMap]]:
            sets: dict[Any, list[BitMap]] = defaultdict(list)
            pairs = self._selected_pairs(without=name)
            for outlet, stance in self._pairs if pairs is None else pairs:
                value = self._value(name, outlet, stance)
                if value:
                    sets[value].append(self._pairs[outlet, stance])
            values = [(value, union(members)) for value, members in sets.items()]
            return sorted(values, key=lambda pair: -len(pair[1]))

        return self.index.cached(("facet", name, *filters, *self._days), unite)

    def _named(self, name: str, counted: list[tuple[Any, int]]) -> Iterator[tuple[Any, Choice]]:
        """Yield the keys of a facet's values with their choices."""
        facet = FACETS[name]
        if facet.model is None:
            yield from ((value, Choice(str(value), str(value), count)) for value, count in counted)
            return
        names = self.index.cached(("names", name), dict)
        missing = [pk for pk, _count in counted if pk not in names]
        if missing:
            rows = facet.model._default_manager.filter(pk__in=missing)
            names.update(
                (pk, (slug, label))
                for pk, slug, label in rows.values_list("pk", "slug", facet.label_field)
            )
        for pk, count in counted:
            if pk in names:
                yield pk, Choice(*names[pk], count)  # type: ignore[call-arg]


def _count(
    base: BitMap, values: list[tuple[Any, BitMap]], limit: int | None, include: Collection[Any]
) -> list[tuple[Any, int]]:
    """Count the members of `base` with each value: the first `limit`, and those in `include`.

    `values` come with the largest set first. Counting stops once even the whole of the next set
    would not be among the first. Values of the same count as the last are all returned.
    """
    counted: list[tuple[Any, int]] = []
    smallest = 0
    for value, members in values:
        if limit is not None and len(counted) >= limit and len(members) < smallest:
            break
        count = base.intersection_cardinality(members)
        if count and count >= smallest:
            counted.append((value, count))
            if limit is not None and len(counted) > 4 * limit:
                counted.sort(key=lambda pair: -pair[1])
                smallest = counted[limit - 1][1]
                counted = [pair for pair in counted if pair[1] >= smallest]
    missing = {str(key) for key in include} - {str(value) for value, _count in counted}
    for value, members in values if missing else ():
        if str(value) in missing:
            counted.append((value, base.intersection_cardinality(members)))
    return counted
