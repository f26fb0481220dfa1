"""What a fixture's rows refer to, by natural keys or ids, before and after it is there."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.core.exceptions import ObjectDoesNotExist
from django.db.models import ForeignKey, ManyToManyField

from factcheck.bulk_history import remember
from factcheck.imports.bulk.fixture_reader import FixtureError, FixtureObject
from factcheck.imports.bulk.table import Row, Table, key_of, table_of

REASON = "imported from a fixture"
# References that are remembered; more are looked up again.
_MOST_KNOWN = 400_000


@dataclass(frozen=True)
class Later:
    """A reference to a row that comes later in the files."""

    table: Table
    pk: int
    link: ForeignKey
    key: Any
    place: str


class References:
    """The rows that are known by their keys, and those that are still to come."""

    def __init__(self) -> None:
        # By model: by natural keys, which are tuples, and ids.
        self.known: defaultdict[type, dict[Any, int]] = defaultdict(dict)
        self.later: list[Later] = []

    def find(self, model: type, value: Any) -> int | None:
        """Return the id of the row that a fixture's value names, if it has been looked up."""
        return self.known[model].get(_key(value))

    def note(self, path: Path, table: Table, rows: Sequence[tuple[Row, FixtureObject]]) -> None:
        """Note what written rows are known by, and which of their references are still empty."""
        known = self.known[table.model]
        for row, found in rows:
            known[key_of(table, row)] = known[row[0]] = row[0]
            fields = found.fields
            for name, place, link in table.plan(tuple(fields)).links:
                if row[place] is None and fields[name] is not None:
                    self.later.append(Later(table, row[0], link, fields[name], at(path, found)))

    def waiting(self, path: Path) -> list[Any]:
        """Return what is still empty, for a load that is cut off to go on with."""
        return [
            [later.table.name, later.pk, later.link.name, later.key, later.place]
            for later in self.later
            if later.place.startswith(f"{path},")
        ]

    def resume(self, waiting: list[Any]) -> None:
        for name, pk, link, key, place in waiting:
            table = table_of(name)
            if table is not None:
                field: Any = table.model._meta.get_field(link)
                self.later.append(Later(table, pk, field, key, place))

    def settle(self) -> None:
        """Set the references to rows that came later."""
        for later in self.later:
            self._set_later(later)

    def look_up(self, table: Table, batch: Sequence[FixtureObject]) -> None:
        """Find the rows that a batch refers to, with one query for each other table."""
        if sum(map(len, self.known.values())) > _MOST_KNOWN:
            self.known.clear()
        asked: dict[type, set[Any]] = defaultdict(set)
        for link in (*table.links, *table.sets):
            name, model = link.name, link.remote_field.model
            is_set = isinstance(link, ManyToManyField)
            given = [value for found in batch if (value := found.fields.get(name)) is not None]
            if is_set:
                given = [one for value in given if isinstance(value, list) for one in value]
            asked[model] |= {_key(one) for one in given if one is not None}
        for model, keys in asked.items():
            self._learn(model, keys - self.known[model].keys())

    def _learn(self, model: Any, keys: set[Any]) -> None:
        known = self.known[model]
        plain = {key for key in keys if type(key) is int and abs(key) < 2**63}
        natural = {key for key in keys if isinstance(key, tuple)}
        for pk in model._base_manager.filter(pk__in=plain).values_list("pk", flat=True):
            known[pk] = pk
        paths: tuple[str, ...] = getattr(model, "natural_key_fields", ())
        if len(paths) == 1:
            rows = model._base_manager.filter(**{f"{paths[0]}__in": [key[0] for key in natural]})
            for key, pk in rows.order_by().values_list(paths[0], "pk"):
                known[(key,)] = pk
            return
        for key in natural:
            try:
                known[key] = model._default_manager.get_by_natural_key(*key).pk
            except (ObjectDoesNotExist, AttributeError, TypeError):
                continue

    def _set_later(self, later: Later) -> None:
        model: Any = later.link.remote_field.model
        key, known = _key(later.key), self.known[model]
        if key not in known:
            self._learn(model, {key})
        if key not in known:
            raise FixtureError(
                f"{later.place}: {later.link.name}: there is no"
                f" {model._meta.verbose_name} {later.key}."
            )
        rows = later.table.model._base_manager.filter(pk=later.pk)
        rows.update(**{later.link.attname: known[key]})
        remember(later.table.model, [later.pk], reason=REASON)


def _key(value: Any) -> Any:
    """Return what a reference is known by: a tuple, or an id."""
    if type(value) is list:
        if len(value) == 1 and type(value[0]) is str:
            return (value[0],)
        return tuple([tuple(one) if isinstance(one, list) else one for one in value])
    is_number = isinstance(value, str) and value.isdecimal()
    return int(value) if is_number else value


def at(path: Path, found: FixtureObject) -> str:
    return f"{path}, line {found.line}: {found.model}"


def missing(path: Path, found: FixtureObject, name: str, key: Any) -> FixtureError:
    """Return the error of an object that refers to what is not there."""
    return FixtureError(
        f"{at(path, found)}: {name}: there is no {key} (yet): what is referred to comes first, as"
        " `dumpdata --natural-foreign --natural-primary` writes it."
    )
