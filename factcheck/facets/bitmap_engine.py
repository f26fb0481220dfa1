"""Facets by bitmaps: unions and intersections of the sets of an `Index`.

Sets of what must hold of one and the same citation are kept for each outlet and stance, which
decide all of a citation's filters but its days: for those there are `Days`.
"""

from calendar import monthrange
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

from pyroaring import BitMap

from factcheck import search, sql
from factcheck.facets.bitmap_index import NOTHING, Index, current, forget, union
from factcheck.facets.selection import (
    BASIS,
    OF_CITATIONS,
    OF_CLAIMS,
    Choice,
    OutletFacts,
    Selection,
    first,
)
from factcheck.models import Article, Claimant, Outlet, Owner, Stance, Topic
from factcheck.queries.independence import Record

__all__ = ["BitmapFound", "cited", "days_of", "find", "forget", "of_outlet", "records"]

_MODELS = {
    "topic": Topic,
    "claimant": Claimant,
    "article": Article,
    "outlet": Outlet,
    "owner": Owner,
}


def find(selection: Selection) -> "BitmapFound":
    return BitmapFound(selection, current())


def records() -> Mapping[int, Record]:
    index = current()
    outlets = {pk for pk, stance in index.pairs if stance == Stance.SUPPORTS}
    return index.keep("records", lambda: {pk: _record(index, pk) for pk in outlets})


def cited() -> Mapping[int, int]:
    index = current()

    def count() -> dict[int, int]:
        sets: dict[int, list[BitMap]] = defaultdict(list)
        for (outlet, _stance), members in index.pairs.items():
            sets[outlet].append(members)
        return {outlet: len(union(members)) for outlet, members in sets.items()}

    return index.keep("cited", count)


def of_outlet(outlet: int) -> OutletFacts:
    index = current()
    return OutletFacts(_record(index, outlet), _by_year(index, outlet), *_reprints(index, outlet))


def days_of(outlet: int) -> Mapping[date, int]:
    index = current()
    return index.keep(("days of", outlet), lambda: index.days.of(outlet, index.published))


def _record(index: Index, outlet: int) -> Record:
    voice = index.sets.get(("voice", outlet), NOTHING)
    alone = index.sets.get(("single_outlet",), NOTHING)
    repeats = union(index.repeated.get(outlet, [])) - voice
    return Record(_tally(index, voice), _tally(index, voice & alone), _tally(index, repeats))


def _tally(index: Index, members: BitMap) -> dict[str, int]:
    """Return how many of some claims have which status."""
    statuses = index.values.get("status", [])
    counts = ((status, of.intersection_cardinality(members)) for status, of in statuses)
    return {status: count for status, count in counts if count}


def _by_year(index: Index, outlet: int) -> Mapping[int | None, Mapping[str, int]]:
    voice = index.sets.get(("voice", outlet), NOTHING)
    years = [(year, members & voice) for year, members in index.values.get("year", [])]
    undated = voice - union([members for _year, members in years])
    return {year: _tally(index, members) for year, members in [*years, (None, undated)] if members}


def _reprints(index: Index, outlet: int) -> tuple[Mapping[int, int], Mapping[int, int]]:
    repeats = index.repeats
    return (
        {source: len(members) for (one, source), members in repeats.items()
         if one == outlet and source},
        {one: len(members) for (one, source), members in repeats.items() if source == outlet},
    )  # fmt: skip


@dataclass
class BitmapFound:
    """The claims that a selection shows, as a set."""

    selection: Selection
    index: Index

    @property
    def version(self) -> str:
        return self.index.mark.version

    @cached_property
    def claims(self) -> BitMap:
        return self._chosen()

    @property
    def total(self) -> int:
        return len(self.claims)

    @property
    def all(self) -> int:
        return len(self.index.published)

    def holds(self, claim_id: int) -> bool:
        return claim_id in self.claims

    def few(self, most: int) -> Iterable[int] | None:
        return self.claims if len(self.claims) <= most else None

    def tally(self) -> Mapping[str, int]:
        return _tally(self.index, self.claims)

    def values(self, name: str) -> Collection[str]:
        values = self.index.values.get(name, [])
        return [str(value) for value, members in values if members.intersect(self.claims)]

    def ranking(self) -> Sequence[tuple[int, int]]:
        chosen = tuple(sorted((name, str(v)) for name, v in self.selection.values.items()))
        return self.index.keep(
            ("ranking", self.selection.query, chosen),
            lambda: search.ranking(self.selection.query, lambda ids: self.claims & BitMap(ids)),
        )

    def counts(
        self, *, most: int | None = None, also: Mapping[str, Collection[Any]] = {}
    ) -> dict[str, list[Choice]]:
        found: dict[str, list[tuple[Any, int]]] = {}
        inside = self._of_claims()
        for name in OF_CLAIMS:
            base = self._chosen(without=name) if name in self.selection.values else self.claims
            few = None if name == "year" else most  # years are shown in their own order
            keys = _keys(name, also.get(name, ()))
            found[name] = _most(base, self.index.values.get(name, []), few, keys)
        for name in OF_CITATIONS:
            found[name] = _most(inside, self._of_citations(name), most, also.get(name, ()))
        apart = self._chosen(without="basis")
        flags = [(value, self.index.basis(value)) for value in BASIS]
        found["basis"] = _most(apart, flags, None, ())
        return {
            name: first(name, list(self._named(name, rows)), most, also.get(name, ()))
            for name, rows in found.items()
        }

    def _chosen(self, *, without: str = "") -> BitMap:
        chosen = self._of_claims(without=without)
        asked = self._asked(without=without)
        if asked is not None:
            chosen = chosen & union([self._pairs[pair] for pair in asked])
        return chosen

    def _of_claims(self, *, without: str = "") -> BitMap:
        """Return the claims of which all holds that was asked of the claim itself."""
        chosen = self.index.published
        for name, value in self.selection.values.items():
            if name != without and name in self.selection.claims:
                chosen = chosen & self._of(name, value)
        return chosen & self._words if self.selection.query else chosen

    def _of(self, name: str, value: Any) -> BitMap:
        sets = self.index.sets
        if name == "basis":
            return union([self.index.basis(flag) for flag in value])
        if name in {"independent_min", "independent_max"}:
            fits = value.__le__ if name == "independent_min" else value.__ge__
            counts = {key[1]: members for key, members in sets.items() if key[0] == "independent"}
            return union([members for count, members in counts.items() if fits(count)])
        if name in {"claimed_after", "claimed_before"}:
            return self.index.keep((name, value), lambda: self._claimed(name, value))
        return union([sets[name, one] for one in _keys(name, value) if (name, one) in sets])

    def _claimed(self, name: str, day: date) -> BitMap:
        """Return the claims of the months wholly on one side of a day, and of a part of its own."""
        is_after = name == "claimed_after"
        month = day.isoformat()[:7]
        whole = [
            members
            for key, members in self.index.sets.items()
            if key[0] == "month" and (key[1] > month if is_after else key[1] < month)
        ]
        last = day.replace(day=monthrange(day.year, day.month)[1])
        low, high = (day, last) if is_after else (day.replace(day=1), day)
        found = sql.numbers(
            "SELECT id FROM factcheck_claim WHERE stage = 'published' AND claimed_on IS NOT NULL"
            " AND newest_day BETWEEN %s AND %s",
            [low, high],
        )
        return union([*whole, BitMap(found) & self.index.published])

    @cached_property
    def _words(self) -> BitMap:
        def read() -> BitMap:
            ids = BitMap(search.matching_ids(self.selection.query))
            return ids if self.selection.query.wanted else self.index.published - ids

        return self.index.keep(("words", self.selection.query), read)

    @cached_property
    def _days(self) -> tuple[Any, ...]:
        return tuple(self.selection.values.get(name) for name in ("cited_after", "cited_before"))

    @cached_property
    def _pairs(self) -> Mapping[tuple[int, str], BitMap]:
        """The claims that cite an outlet with a stance, on the days that were asked for."""
        if not any(self._days):
            return self.index.pairs
        return self.index.keep(("days", *self._days), self._pairs_of_days)

    def _pairs_of_days(self) -> dict[tuple[int, str], BitMap]:
        published = self.index.published
        found = self.index.days.pairs(*self._days)
        sets = ((pair, members & published) for pair, members in found.items())
        return {pair: members for pair, members in sets if members}

    def _asked(self, *, without: str = "") -> list[tuple[int, str]] | None:
        """Return the pairs of outlet and stance that fit what was asked of a citation.

        None if nothing was asked: a claim need not cite at all.
        """
        asked = {
            name: set(value)
            for name, value in self.selection.values.items()
            if name in OF_CITATIONS and name != without
        }
        if not asked and not any(self._days):
            return None
        return [
            (outlet, stance)
            for outlet, stance in self._pairs
            if all(self._value(name, outlet, stance) in values for name, values in asked.items())
        ]

    def _value(self, name: str, outlet: int, stance: str) -> Any:
        """Return an outlet's or stance's value of a facet."""
        if name in {"outlet", "stance"}:
            return outlet if name == "outlet" else stance
        return getattr(self.index.outlet(outlet), name)

    def _of_citations(self, name: str) -> list[tuple[Any, BitMap]]:
        """Return the values of a facet of citations, with the claims that cite so."""
        asked = {n: v for n, v in self.selection.values.items() if n in OF_CITATIONS and n != name}
        key = (name, *sorted((n, *map(str, v)) for n, v in asked.items()), *self._days)

        def unite() -> list[tuple[Any, BitMap]]:
            found: dict[Any, list[BitMap]] = defaultdict(list)
            asked = self._asked(without=name)
            for outlet, stance in self._pairs if asked is None else asked:
                value = self._value(name, outlet, stance)
                if value:
                    found[value].append(self._pairs[outlet, stance])
            rows = [(value, union(sets)) for value, sets in found.items()]
            return sorted(rows, key=lambda row: -len(row[1]))

        return self.index.keep(("facet", *key), unite)

    def _named(self, name: str, counted: list[tuple[Any, int]]) -> Iterator[tuple[Any, Choice]]:
        """Yield the keys of a facet's values with their choices."""
        if name not in _MODELS:
            yield from ((value, Choice(str(value), str(value), count)) for value, count in counted)
            return
        names = self.index.keep(("names", name), dict)
        missing = [pk for pk, _count in counted if pk not in names]
        if missing:
            label = "title" if name == "article" else "name"
            rows = _MODELS[name]._default_manager.filter(pk__in=missing)
            names.update(
                (pk, (slug, text)) for pk, slug, text in rows.values_list("pk", "slug", label)
            )
        for pk, count in counted:
            if pk in names:
                yield pk, Choice(*names[pk], count)  # type: ignore[call-arg]


def _keys(name: str, value: Any) -> list[Any]:
    return [int(one) for one in value] if name == "year" else list(value)


def _most(
    base: BitMap, values: list[tuple[Any, BitMap]], most: int | None, also: Collection[Any]
) -> list[tuple[Any, int]]:
    """Count the members of `base` with each value; the `most` of them, and those in `also`.

    `values` come the largest first: where even the whole of the next one would not be among the
    first, none after it is.
    """
    counted: list[tuple[Any, int]] = []
    bar = 0
    for value, members in values:
        if most is not None and len(counted) >= most and len(members) < bar:
            break
        count = base.intersection_cardinality(members)
        if count and count >= bar:
            counted.append((value, count))
            if most is not None and len(counted) > 4 * most:
                counted.sort(key=lambda row: -row[1])
                bar = counted[most - 1][1]
                counted = [row for row in counted if row[1] >= bar]
    asked = {str(key) for key in also} - {str(value) for value, _count in counted}
    for value, members in values if asked else ():
        if str(value) in asked:
            counted.append((value, base.intersection_cardinality(members)))
    return counted
