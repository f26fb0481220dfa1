"""The outlets that printed names mean: known ones, near ones, and new ones."""

from collections import defaultdict
from collections.abc import Iterable
from functools import cached_property

from rapidfuzz import fuzz, process

from factcheck.imports import outlet_names
from factcheck.models import Outlet, OutletAlias
from factcheck.models.outlets import OutletKind
from factcheck.text.name_keys import alias_keys, latin_key, name_key

# Below it, two names have no more in common than any two.
_MIN_SIMILARITY = 80


class OutletNames:
    """Every name of every outlet, read once: for articles with hundreds of citations."""

    def __init__(self) -> None:
        self._ids: dict[str, int] = {}
        self._outlets: dict[int, Outlet] = {}

    @classmethod
    def load(cls) -> "OutletNames":
        names = cls()
        names.reload()
        return names

    def reload(self) -> None:
        """Read what others have written since."""
        aliases = OutletAlias.objects.values_list("key", "outlet", "outlet__merged_into")
        self._ids = {key: winner or outlet for key, outlet, winner in aliases.order_by()}
        self._outlets.clear()
        self.__dict__.pop("_latin", None)

    def __contains__(self, printed: str) -> bool:
        return name_key(printed) in self._ids

    def find(self, printed: str) -> Outlet | None:
        """Return the outlet that a printed name, domain or address means, in any script."""
        pk = self._find_id(printed)
        return None if pk is None else self._outlet(pk)

    def prefetch(self, printed: Iterable[str]) -> None:
        """Fetch the outlets of many printed names at once."""
        ids = {pk for name in set(printed) if (pk := self._find_id(name))}
        self._outlets |= Outlet.objects.in_bulk(ids - set(self._outlets))

    def _find_id(self, printed: str) -> int | None:
        for key in alias_keys(printed):
            if key in self._ids:
                return self._ids[key]
        same = self._latin.get(latin_key(name_key(printed)), set())
        return next(iter(same)) if len(same) == 1 else None

    def similar(self, printed: str, *, most: int = 3) -> list[Outlet]:
        """Return known outlets whose names are near to one that is not known, the nearest first."""
        name = outlet_names.host(printed) if outlet_names.is_site(printed) else printed
        found = process.extract(
            latin_key(name_key(name)),
            list(self._latin),
            scorer=fuzz.WRatio,
            score_cutoff=_MIN_SIMILARITY,
            limit=4 * most,
        )
        ids = dict.fromkeys(pk for key, _score, _place in found for pk in self._latin[key])
        return [self._outlet(pk) for pk in list(ids)[:most]]

    def add(self, outlet: Outlet, *printed: str) -> None:
        """Let printed names mean `outlet` from now on, and its own names too."""
        self._outlets[outlet.pk] = outlet
        for key in filter(None, map(name_key, (*printed, outlet.name, outlet.domain))):
            if self._ids.setdefault(key, outlet.pk) == outlet.pk:
                self._latin.setdefault(latin_key(key), set()).add(outlet.pk)

    def _outlet(self, pk: int) -> Outlet:
        if pk not in self._outlets:
            self._outlets[pk] = Outlet.objects.get(pk=pk)
        return self._outlets[pk]

    @cached_property
    def _latin(self) -> dict[str, set[int]]:
        found = defaultdict(set)
        for key, pk in self._ids.items():
            found[latin_key(key)].add(pk)
        found.pop("", None)
        return dict(found)


def new_outlet(printed: str) -> Outlet:
    """Return an unsaved outlet for a name that no known one has; an editor is to look at it."""
    if printed.startswith("@"):
        return Outlet(name=_cut(printed), kind=OutletKind.SOCIAL, is_confirmed=False)
    if not outlet_names.is_site(printed) or not outlet_names.host(printed):
        return Outlet(name=_cut(printed), is_confirmed=False)
    if account := _cut(outlet_names.account(printed)):
        return Outlet(
            name=account, domain=account.lower(), kind=OutletKind.SOCIAL, is_confirmed=False
        )
    host = _cut(outlet_names.host(printed))
    # A bare domain keeps its capitals.
    bare = printed.removeprefix("www.").rstrip("/")
    name = bare if bare.casefold() == host else host
    return Outlet(name=name, domain=host, kind=OutletKind.ONLINE, is_confirmed=False)


def identity(printed: str) -> str:
    """Return what two prints of one name share."""
    return outlet_names.owner(printed) or printed


def _cut(name: str) -> str:
    """Return a name as long as its columns: folded, ligatures and the like grow."""
    name = name[: outlet_names.MAX_NAME]
    while len(name_key(name)) > outlet_names.MAX_NAME:
        name = name[:-10]
    return name
