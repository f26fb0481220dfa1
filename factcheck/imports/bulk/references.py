"""Resolves the references of a fixture's rows, by natural keys or ids, also to later rows."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.core.exceptions import ObjectDoesNotExist
from django.db.models import ForeignKey, ManyToManyField

from factcheck.bulk_history import record_versions
from factcheck.imports.bulk.changed_claims import REASON
from factcheck.imports.bulk.fixture_reader import FixtureObject, object_error
from factcheck.imports.bulk.table import Row, Table, key_of, table_of
from factcheck.imports.errors import Code, FileError, at_line

# With more ids the cache is cleared.
_ID_CACHE_SIZE = 400_000


@dataclass(frozen=True)
class ForwardReference:
    """A reference to a row that comes later in the files."""

    table: Table
    pk: int
    link: ForeignKey
    key: Any
    # The place of the row that has the reference, for an error message.
    path: str
    line: int


class References:
    """Caches the ids of rows by their keys, and collects forward references."""

    def __init__(self) -> None:
        # For each model: ids by natural key (a tuple), and by id.
        self.ids: defaultdict[type, dict[Any, int]] = defaultdict(dict)
        self.unresolved: list[ForwardReference] = []

    def find(self, model: type, value: Any) -> int | None:
        """Return the id of the row that a fixture's value names, if it has been looked up."""
        return self.ids[model].get(_key(value))

    def related_ids(
        self, path: Path, link: ManyToManyField, rows: Sequence[tuple[Row, FixtureObject]]
    ) -> dict[int, list[int]]:
        """Return the related ids of a many-to-many relation, by the id of each row."""
        ids: dict[int, list[int]] = {}
        for row, item in rows:
            if link.name not in item.fields:
                continue
            keys = item.fields[link.name]
            if not isinstance(keys, list):
                raise object_error(path, item, Code.LIST_EXPECTED, link.name)
            related: dict[int, None] = {}
            for key in keys:
                pk = self.find(link.remote_field.model, key)
                if pk is None:
                    raise missing_reference(path, item, link.name, key)
                related[pk] = None
            ids[row[0]] = list(related)
        return ids

    def add_written(
        self, path: Path, table: Table, rows: Sequence[tuple[Row, FixtureObject]]
    ) -> None:
        """Add the ids of written rows, and the references of theirs that are not resolved."""
        ids = self.ids[table.model]
        for row, item in rows:
            ids[key_of(table, row)] = ids[row[0]] = row[0]
            for name, position, link in table.plan(tuple(item.fields)).links:
                key = item.fields[name]
                if row[position] is None and key is not None:
                    self.unresolved.append(
                        ForwardReference(table, row[0], link, key, str(path), item.line)
                    )

    def dump_state(self, path: Path) -> list[Any]:
        """Return a file's unresolved references, with which an interrupted load can resume."""
        return [
            [
                reference.table.name,
                reference.pk,
                reference.link.name,
                reference.key,
                f"{reference.path}, line {reference.line}: {reference.table.name}",
            ]
            for reference in self.unresolved
            if reference.path == str(path)
        ]

    def restore_state(self, state: list[Any]) -> None:
        """Add the unresolved references of an interrupted load."""
        for table_name, pk, link_name, key, source in state:
            table = table_of(table_name)
            if table is not None:
                link: Any = table.model._meta.get_field(link_name)
                path, _separator, line_and_model = source.rpartition(", line ")
                line = int(line_and_model.partition(":")[0])
                self.unresolved.append(ForwardReference(table, pk, link, key, path, line))

    def resolve_all(self) -> None:
        """Set all forward references."""
        for reference in self.unresolved:
            self._resolve(reference)

    def prefetch(self, table: Table, batch: Sequence[FixtureObject]) -> None:
        """Fetch the ids of rows that a batch refers to, with one query for each model."""
        if sum(map(len, self.ids.values())) > _ID_CACHE_SIZE:
            self.ids.clear()
        keys_by_model: dict[type, set[Any]] = defaultdict(set)
        for link in (*table.links, *table.many_to_many):
            values = [item.fields.get(link.name) for item in batch]
            if isinstance(link, ManyToManyField):
                values = [key for keys in values if isinstance(keys, list) for key in keys]
            keys_by_model[link.remote_field.model] |= {
                _key(key) for key in values if key is not None
            }
        for model, keys in keys_by_model.items():
            self._fetch_ids(model, keys - self.ids[model].keys())

    def _fetch_ids(self, model: Any, keys: set[Any]) -> None:
        ids = self.ids[model]
        pks = {key for key in keys if type(key) is int and abs(key) < 2**63}
        natural_keys = {key for key in keys if isinstance(key, tuple)}
        for pk in model._base_manager.filter(pk__in=pks).values_list("pk", flat=True):
            ids[pk] = pk
        paths: tuple[str, ...] = getattr(model, "natural_key_fields", ())
        if len(paths) == 1:
            lookup = {f"{paths[0]}__in": [key[0] for key in natural_keys]}
            rows = model._base_manager.filter(**lookup).order_by()
            for value, pk in rows.values_list(paths[0], "pk"):
                ids[(value,)] = pk
            return
        for key in natural_keys:
            try:
                ids[key] = model._default_manager.get_by_natural_key(*key).pk
            except (ObjectDoesNotExist, AttributeError, TypeError):
                continue

    def _resolve(self, reference: ForwardReference) -> None:
        model: Any = reference.link.remote_field.model
        key, ids = _key(reference.key), self.ids[model]
        if key not in ids:
            self._fetch_ids(model, {key})
        if key not in ids:
            raise FileError(
                Code.FORWARD_REFERENCE_MISSING,
                path=reference.path,
                location=at_line(reference.line),
                field=f"{reference.table.name}: {reference.link.name}",
                model=str(model._meta.verbose_name),
                key=str(reference.key),
            )
        rows = reference.table.model._base_manager.filter(pk=reference.pk)
        rows.update(**{reference.link.attname: ids[key]})
        record_versions(reference.table.model, [reference.pk], reason=REASON)


def _key(value: Any) -> Any:
    """Return the key of a reference: a tuple, or an id."""
    if type(value) is list:
        if len(value) == 1 and type(value[0]) is str:
            return (value[0],)
        return tuple([tuple(part) if isinstance(part, list) else part for part in value])
    is_number = isinstance(value, str) and value.isdecimal()
    return int(value) if is_number else value


def missing_reference(path: Path, item: FixtureObject, name: str, key: Any) -> FileError:
    """Return the error of an object that refers to a missing row."""
    return object_error(path, item, Code.REFERENCE_MISSING, name, key=str(key))
