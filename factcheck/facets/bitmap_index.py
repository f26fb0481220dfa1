"""What a process knows of the published claims: for each value the set of those that have it.

Freshness: a process keeps one `Index`, stamped with a state of the log of changes. Each request
asks the log what has come since (one look-up, mostly empty), reads the changed claims' rows anew
and goes on with a new index, so its counts are those of the last committed write, whoever wrote. A
process that starts takes over what another one has kept (`kept`); one that missed too much, or
finds a tenth of the claims changed, reads everything again. An index is never written to: a request
keeps the one that it began with.
"""

from array import array
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from threading import Lock
from typing import Any, NamedTuple

from pyroaring import BitMap

from factcheck import change_log, sql
from factcheck.change_log import Mark
from factcheck.facets import citation_days, persistence
from factcheck.facets.citation_days import Days
from factcheck.facets.selection import OF_CLAIMS
from factcheck.models import Control, Outlet, Role, Stance, Status

Key = tuple[Any, ...]
Sets = Mapping[Key, BitMap]
NOTHING = BitMap()
# Answers that a process keeps for one state of the data: words, days, unions of many outlets, each
# up to some megabytes at a million claims.
_MOST_KEPT = 30


class Publisher(NamedTuple):
    """What facets ask of an outlet."""

    owner: int | None = None
    control: str = Control.UNKNOWN.value
    country: str = ""


_UNKNOWN = Publisher()


@dataclass(frozen=True)
class Index:
    """The sets of one state of the data."""

    mark: Mark
    sets: Sets
    outlets: Mapping[int, Publisher]
    days: Days
    _kept: dict[Hashable, Any] = field(default_factory=dict)

    @cached_property
    def published(self) -> BitMap:
        return self.sets.get(("published",), NOTHING)

    @cached_property
    def values(self) -> Mapping[str, list[tuple[Any, BitMap]]]:
        """The values of each facet of claims, with their sets, the largest first."""
        found: dict[str, list[tuple[Any, BitMap]]] = defaultdict(list)
        for (name, *value), members in self.sets.items():
            if name in OF_CLAIMS:
                found[name].append((value[0], members))
        for rows in found.values():
            rows.sort(key=lambda row: -len(row[1]))
        return found

    @cached_property
    def pairs(self) -> Mapping[tuple[int, str], BitMap]:
        """The claims that cite an outlet with a stance."""
        return {key[1:]: members for key, members in self.sets.items() if key[0] == "pair"}

    @cached_property
    def repeats(self) -> Mapping[tuple[int, int | None], BitMap]:
        """The claims for which an outlet repeats another, known (its id) or not."""
        return {key[1:]: members for key, members in self.sets.items() if key[0] == "repeat"}

    @cached_property
    def repeated(self) -> Mapping[int, list[BitMap]]:
        """The same, all of each outlet."""
        found: dict[int, list[BitMap]] = defaultdict(list)
        for (outlet, _source), members in self.repeats.items():
            found[outlet].append(members)
        return found

    def outlet(self, pk: int) -> Publisher:
        """Return an outlet. One that came since is not known yet; the next index has it."""
        return self.outlets.get(pk, _UNKNOWN)

    def keep(self, key: Hashable, make: Callable[[], Any]) -> Any:
        """Return what `make` returns, made once. Another thread may drop it at any time."""
        found = self._kept.get(key)
        if found is None:
            found = make()
            if len(self._kept) >= _MOST_KEPT:
                self._kept.clear()
            self._kept[key] = found
        return found

    def basis(self, value: str) -> BitMap:
        if value == "single_family":
            return self.sets.get(("independent", 1), NOTHING)
        if value == "state_only":
            return self.keep(value, self._state_only)
        return self.sets.get((value,), NOTHING)

    def _state_only(self) -> BitMap:
        sides: dict[bool, list[BitMap]] = {True: [], False: []}
        for (outlet, stance), members in self.pairs.items():
            if stance == Stance.SUPPORTS:
                sides[self.outlet(outlet).control == Control.STATE].append(members)
        return union(sides[True]) - union(sides[False])


_index: Index | None = None
_lock = Lock()


def current() -> Index:
    """Return the index of the last committed write."""
    global _index
    with _lock:
        index = _caught_up(_index) or _caught_up(_taken()) or _read_all()
        if index is not _index:
            persistence.offer(persistence.Kept(index.mark, index.sets, index.days))
        _index = index
        return index


def forget() -> None:
    global _index
    _index = None


def _taken() -> Index | None:
    """Return the index that another process has kept, if there is one."""
    found = persistence.take()
    return Index(found.mark, found.sets, _outlets(), found.days) if found else None


def _caught_up(old: Index | None) -> Index | None:
    """Return an index with all that has come since; None if that cannot be told, or is much."""
    if not old:
        return None
    mark, spans = change_log.since(old.mark)
    if not spans:
        # A later snapshot may see the same state.
        same = old if mark == old.mark else replace(old, mark=mark)
        return None if spans is None else same
    dirty = BitMap()
    for first, last in set(spans):
        if first is not None and last is not None:
            dirty.add_range(first, last + 1)
    if len(dirty) > max(1000, len(old.published) // 10):
        return None
    sets = {
        key: members - dirty if members.intersect(dirty) else members
        for key, members in old.sets.items()
    }
    for key, members in _read(dirty).items():
        sets[key] = sets.get(key, NOTHING) | members
    sets = {key: members for key, members in sets.items() if members}
    named = any(first is None for first, _last in spans)
    later = old.days.after(dirty, of=len(old.published))
    return Index(mark, sets, _outlets() if named else old.outlets, later)


def _read_all() -> Index:
    mark, _spans = change_log.since(None)
    return Index(mark, _read(None), _outlets(), citation_days.read())


def _outlets() -> dict[int, Publisher]:
    rows = Outlet.objects.order_by().values_list("pk", *Publisher._fields)
    return {pk: Publisher(*values) for pk, *values in rows}


def _read(ids: BitMap | None) -> dict[Key, BitMap]:
    """Read the sets of all published claims, or of some claims alone."""
    found: dict[Key, array[int]] = defaultdict(partial(array, "I"))
    add = found.__getitem__
    for claim, status, claimant, article, language, day, independent, citations in sql.rows(
        "id, status, claimant_id, article_id, language, claimed_on, independent_count,"
        " citation_count FROM factcheck_claim WHERE stage = 'published'",
        "id",
        ids,
    ):
        add(("published",)).append(claim)
        add(("status", status)).append(claim)
        if status != Status.UNVERIFIED:
            add(("found", True)).append(claim)
        add(("language", language)).append(claim)
        add(("independent", independent)).append(claim)
        if claimant:
            add(("claimant", claimant)).append(claim)
        if article:
            add(("article", article)).append(claim)
        if day:
            add(("month", str(day)[:7])).append(claim)
        if not citations:
            add(("uncited",)).append(claim)
    rated = "DISTINCT claim_id FROM factcheck_verification WHERE kind = 'finding' AND label <> ''"
    for (claim,) in sql.rows(rated, "claim_id", ids):
        add(("found", True)).append(claim)
    for topic, claim in sql.rows("topic_id, claim_id FROM factcheck_claim_topics", "claim_id", ids):
        add(("topic", topic)).append(claim)
    for outlet, stance, claim, has_day, role, source in sql.rows(
        "outlet_id, stance, claim_id, published_on IS NOT NULL, role, reprint_of_id"
        " FROM factcheck_citation",
        "claim_id",
        ids,
    ):
        add(("pair", outlet, stance)).append(claim)
        if stance == Stance.SUPPORTS:
            repeats = source or role == Role.REPRINT
            add(("repeat", outlet, source) if repeats else ("voice", outlet)).append(claim)
        if not has_day:
            add(("undated",)).append(claim)
    published = BitMap(found.pop(("published",), ()))
    sets = {key: BitMap(members) & published for key, members in found.items()}
    sets |= _years(sets)
    sets["published",] = published
    sets["single_outlet",] = _in_one(
        members for key, members in sets.items() if key[0] == "pair" and key[2] == Stance.SUPPORTS
    )
    for key, members in sets.items():
        # An outlet that never repeats another has one set for both.
        if key[0] == "voice" and members == sets["pair", key[1], Stance.SUPPORTS]:
            sets[key] = sets["pair", key[1], Stance.SUPPORTS]
    return {key: members for key, members in sets.items() if members}


def _years(sets: Sets) -> dict[Key, BitMap]:
    years: dict[int, list[BitMap]] = defaultdict(list)
    for (name, *value), members in sets.items():
        if name == "month":
            years[int(value[0][:4])].append(members)
    return {("year", year): union(months) for year, months in years.items()}


def _in_one(sets: Iterable[BitMap]) -> BitMap:
    """Return what is a member of exactly one of the sets."""
    once, more = BitMap(), BitMap()
    for members in sets:
        more |= once & members
        once |= members
    return once - more


def union(sets: Sequence[BitMap]) -> BitMap:
    return BitMap.union(*sets) if len(sets) > 1 else sets[0] if sets else NOTHING
