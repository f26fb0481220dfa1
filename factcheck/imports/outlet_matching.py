"""Outlet matching: the outlets that printed names mean, similar ones, and new ones."""

from collections import defaultdict
from collections.abc import Iterable
from functools import cached_property

from rapidfuzz import fuzz, process

from factcheck.imports import outlet_names
from factcheck.models import Outlet, OutletAlias
from factcheck.models.outlet_kinds import OutletKind
from factcheck.text.name_keys import alias_keys, latin_key, name_key

# Percent: unrelated names reach less.
_MIN_SIMILARITY = 80


class OutletNames:
    """The names of all outlets, in memory: for articles with hundreds of citations."""

    def __init__(self) -> None:
        self._ids: dict[str, int] = {}
        self._outlets: dict[int, Outlet] = {}

    @classmethod
    def load(cls) -> "OutletNames":
        names = cls()
        names.reload()
        return names

    def reload(self) -> None:
        """Read the names again: other processes may have added some."""
        aliases = OutletAlias.objects.values_list("key", "outlet", "outlet__merged_into")
        self._ids = {key: winner or outlet for key, outlet, winner in aliases.order_by()}
        self._outlets.clear()
        self.__dict__.pop("_ids_by_latin_key", None)

    def __contains__(self, printed: str) -> bool:
        return name_key(printed) in self._ids

    def find(self, printed: str) -> Outlet | None:
        """Return the outlet that a printed name, domain or address means, in any script."""
        pk = self._find_id(printed)
        return None if pk is None else self._get_outlet(pk)

    def prefetch(self, printed: Iterable[str]) -> None:
        """Fetch the outlets of many printed names at once."""
        ids = {pk for name in set(printed) if (pk := self._find_id(name))}
        self._outlets |= Outlet.objects.in_bulk(ids - set(self._outlets))

    def _find_id(self, printed: str) -> int | None:
        for key in alias_keys(printed):
            if key in self._ids:
                return self._ids[key]
        ids = self._ids_by_latin_key.get(latin_key(name_key(printed)), set())
        return next(iter(ids)) if len(ids) == 1 else None

    def similar(self, printed: str, *, limit: int = 3) -> list[Outlet]:
        """Return outlets whose names are similar to an unknown one, the most similar first."""
        name = outlet_names.host(printed) if outlet_names.is_site(printed) else printed
        matches = process.extract(
            latin_key(name_key(name)),
            list(self._ids_by_latin_key),
            scorer=fuzz.WRatio,
            score_cutoff=_MIN_SIMILARITY,
            limit=4 * limit,
        )
        ids = dict.fromkeys(
            pk for key, _score, _index in matches for pk in self._ids_by_latin_key[key]
        )
        return [self._get_outlet(pk) for pk in list(ids)[:limit]]

    def add(self, outlet: Outlet, *printed: str) -> None:
        """Add an outlet under printed names and under its own name and domain."""
        self._outlets[outlet.pk] = outlet
        for key in filter(None, map(name_key, (*printed, outlet.name, outlet.domain))):
            if self._ids.setdefault(key, outlet.pk) == outlet.pk:
                self._ids_by_latin_key.setdefault(latin_key(key), set()).add(outlet.pk)

    def _get_outlet(self, pk: int) -> Outlet:
        if pk not in self._outlets:
            self._outlets[pk] = Outlet.objects.get(pk=pk)
        return self._outlets[pk]

    @cached_property
    def _ids_by_latin_key(self) -> dict[str, set[int]]:
        ids = defaultdict(set)
        for key, pk in self._ids.items():
            ids[latin_key(key)].add(pk)
        ids.pop("", None)
        return dict(ids)


def new_outlet(printed: str) -> Outlet:
    """Return a new unsaved outlet of this name, which an editor has to confirm."""
    if printed.startswith("@"):
        return Outlet(name=_shorten(printed), kind=OutletKind.SOCIAL, is_confirmed=False)
    if not outlet_names.is_site(printed) or not outlet_names.host(printed):
        return Outlet(name=_shorten(printed), is_confirmed=False)
    if account := _shorten(outlet_names.account(printed)):
        return Outlet(
            name=account, domain=account.lower(), kind=OutletKind.SOCIAL, is_confirmed=False
        )
    host = _shorten(outlet_names.host(printed))
    # A bare domain keeps its capitals.
    bare = printed.removeprefix("www.").rstrip("/")
    name = bare if bare.casefold() == host else host
    return Outlet(name=name, domain=host, kind=OutletKind.ONLINE, is_confirmed=False)


def printed_name_key(printed: str) -> str:
    """Return the key that all printed forms of one name share."""
    return outlet_names.outlet_key(printed) or printed


def _shorten(name: str) -> str:
    """Shorten a name so that its key fits its column: folding makes ligatures longer."""
    name = name[: outlet_names.MAX_NAME]
    while len(name_key(name)) > outlet_names.MAX_NAME:
        name = name[:-10]
    return name
