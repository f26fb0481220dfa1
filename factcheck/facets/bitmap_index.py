"""The bitmap index: for each facet value, the set of published claims that have it.

Each process keeps one `Index`, made from one state of the data. Each request asks the log of
changes what has come since (one query, mostly without a row). If something has, the changed
claims are read again and a new index is made, so counts are those of the last committed write,
whichever process wrote. A process that starts loads the index that another one has saved
(`persistence`). If too much has changed, everything is read again. An index is never changed: a
request keeps the one that it began with.
"""

from collections import defaultdict
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from threading import Event, Lock
from typing import Any, NamedTuple

from pyroaring import BitMap

from factcheck import data_version
from factcheck.caches import clears_cache
from factcheck.data_version import DataVersion
from factcheck.facets import citation_days, persistence
from factcheck.facets.bitmap_reader import NOTHING, Sets, read_sets, union
from factcheck.facets.citation_days import CitationDays
from factcheck.facets.declarations import CLAIM_FACETS
from factcheck.facets.selection import BASIS
from factcheck.models import Control, Outlet, Stance

# Answers cached for one state of the data: words, dates, unions of many outlets. Each may hold
# some megabytes at a million claims.
_ANSWERS_CACHE_SIZE = 30


class OutletFields(NamedTuple):
    """The fields of an outlet that are facets (`Facet.outlet_field`)."""

    owner: int | None = None
    control: str = Control.UNKNOWN.value
    country: str = ""


_UNKNOWN = OutletFields()


@dataclass(frozen=True)
class Index:
    """The sets of one state of the data."""

    version: DataVersion
    sets: Sets
    outlets: Mapping[int, OutletFields]
    days: CitationDays
    _answers: dict[Hashable, Any] = field(default_factory=dict)

    @cached_property
    def published(self) -> BitMap:
        return self.sets.get(("published",), NOTHING)

    @cached_property
    def values(self) -> Mapping[str, list[tuple[Any, BitMap]]]:
        """The values of each facet of claims with their sets, the largest first."""
        values: dict[str, list[tuple[Any, BitMap]]] = defaultdict(list)
        for (name, *value), members in self.sets.items():
            if name in CLAIM_FACETS:
                values[name].append((value[0], members))
        values["basis"] = [(value, self.basis(value)) for value in BASIS]
        for pairs in values.values():
            pairs.sort(key=lambda pair: -len(pair[1]))
        return values

    @cached_property
    def pairs(self) -> Mapping[tuple[int, str], BitMap]:
        """The claims that cite an outlet with a stance."""
        return {key[1:]: members for key, members in self.sets.items() if key[0] == "pair"}

    @cached_property
    def reprints(self) -> Mapping[tuple[int, int | None], BitMap]:
        """The claims for which an outlet reprints another one (its id, None: not known)."""
        return {key[1:]: members for key, members in self.sets.items() if key[0] == "repeat"}

    @cached_property
    def reprints_by_outlet(self) -> Mapping[int, list[BitMap]]:
        grouped: dict[int, list[BitMap]] = defaultdict(list)
        for (outlet, _source), members in self.reprints.items():
            grouped[outlet].append(members)
        return grouped

    def outlet(self, pk: int) -> OutletFields:
        """Return an outlet's fields; defaults for one that was added after this index was made."""
        return self.outlets.get(pk, _UNKNOWN)

    def cached(self, key: Hashable, compute: Callable[[], Any]) -> Any:
        """Return the result of `compute`, cached. Another thread may drop it at any time."""
        answer = self._answers.get(key)
        if answer is None:
            answer = compute()
            if len(self._answers) >= _ANSWERS_CACHE_SIZE:
                self._answers.clear()
            self._answers[key] = answer
        return answer

    def basis(self, value: str) -> BitMap:
        if value == "single_family":
            return self.sets.get(("independent", 1), NOTHING)
        if value == "state_only":
            return self._state_only
        return self.sets.get((value,), NOTHING)

    @cached_property
    def _state_only(self) -> BitMap:
        by_state: dict[bool, list[BitMap]] = {True: [], False: []}
        for (outlet, stance), members in self.pairs.items():
            if stance == Stance.SUPPORTS:
                by_state[self.outlet(outlet).control == Control.STATE].append(members)
        return union(by_state[True]) - union(by_state[False])


class _SharedIndex:
    """The index that the threads of a process share. One thread at a time updates it.

    The lock protects the two attributes below and is never held during a query. A reader whose
    index is still current waits for nobody. One who needs a newer index while another thread
    makes it waits for that thread, and looks again: its own question may be the younger one.
    """

    def __init__(self) -> None:
        self.lock = Lock()
        self.index: Index | None = None
        # Set when the update that is under way ends.
        self.update_ends: Event | None = None

    def current(self) -> Index:
        """Return the index of the last committed write."""
        while True:
            index = self.index
            if index and (unchanged := _unless_changed(index)):
                return unchanged
            with self.lock:
                update_ends = self.update_ends
                if update_ends is None:
                    self.update_ends = Event()
            if update_ends is None:
                return self._update()
            update_ends.wait()

    def _update(self) -> Index:
        try:
            index = self.index = (
                _with_changes(self.index) or _with_changes(_load_saved()) or _rebuild()
            )
            persistence.save_in_background(
                persistence.SavedIndex(index.version, index.sets, index.days)
            )
            return index
        finally:
            with self.lock:
                update_ends, self.update_ends = self.update_ends, None
            if update_ends:
                update_ends.set()


_shared = _SharedIndex()


def current() -> Index:
    """Return the index of the last committed write."""
    return _shared.current()


@clears_cache
def clear_cache() -> None:
    """Drop the index; an update that is under way ends in the old one."""
    global _shared
    _shared = _SharedIndex()


def _unless_changed(index: Index) -> Index | None:
    """Return the index if nothing has changed since, with the version of the last look-up."""
    version, ranges = data_version.changes_since(index.version)
    if ranges is None or ranges:
        return None
    # On PostgreSQL, a later snapshot may see the same state.
    return index if version == index.version else replace(index, version=version)


def _load_saved() -> Index | None:
    """Return the index that another process has saved, if there is one."""
    saved = persistence.load_saved()
    return Index(saved.version, saved.sets, _read_outlets(), saved.days) if saved else None


def _with_changes(index: Index | None) -> Index | None:
    """Return an index with all changes since; None if they are unknown, or too many."""
    if not index:
        return None
    version, ranges = data_version.changes_since(index.version)
    if ranges is None:
        return None
    changed = BitMap()
    for first, last in set(ranges):
        if first is not None and last is not None:
            changed.add_range(first, last + 1)
    if len(changed) > max(1000, len(index.published) // 10):
        return None
    sets = {
        key: members - changed if members.intersect(changed) else members
        for key, members in index.sets.items()
    }
    for key, members in read_sets(changed).items():
        sets[key] = sets.get(key, NOTHING) | members
    sets = {key: members for key, members in sets.items() if members}
    has_other_rows = any(first is None for first, _last in ranges)
    outlets = _read_outlets() if has_other_rows else index.outlets
    return Index(version, sets, outlets, index.days.after(changed, of=len(index.published)))


def _rebuild() -> Index:
    version, _ranges = data_version.changes_since(None)
    return Index(version, read_sets(None), _read_outlets(), citation_days.read_days())


def _read_outlets() -> dict[int, OutletFields]:
    rows = Outlet.objects.order_by().values_list("pk", *OutletFields._fields)
    return {pk: OutletFields(*values) for pk, *values in rows}
