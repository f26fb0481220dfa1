"""The table of a model for the bulk loader: columns, conversion of values, SQL."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from functools import cache, cached_property, partial
from operator import attrgetter
from typing import Any, NamedTuple

from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import connection
from django.db.models import (
    BooleanField,
    CharField,
    DateField,
    Field,
    ForeignKey,
    IntegerField,
    ManyToManyField,
    Model,
    TextField,
)
from django.utils.translation import gettext as _

from factcheck.db import bulk_sql
from factcheck.models.base import NaturalKeyModel
from factcheck.models.claims import CLAIM_MASK, DERIVED

Row = list[Any]
# Their rows are derived from others, or refer to ids of the database that they were exported from.
_EXCLUDED = {
    "factcheck.searchdocument",
    "factcheck.searchpending",
    "factcheck.change",
    "factcheck.epoch",
    "factcheck.facetindex",
    "factcheck.importprogress",
    "factcheck.checkpoint",
    "factcheck.logkey",
    "factcheck.merge",
    "factcheck.importbatch",
    "factcheck.importedrow",
    "factcheck.suggestedchange",
}
_HISTORY_PREFIX = "factcheck.historical"
# Dates and times repeat often.
_CONVERSION_CACHE_SIZE = 50_000


class _CachedConversion(dict[Any, Any]):
    """Converts the values of one field, and caches the results."""

    def __init__(self, convert: Callable[[Any], Any]) -> None:
        self.convert = convert

    def __missing__(self, value: Any) -> Any:
        if len(self) > _CONVERSION_CACHE_SIZE:
            self.clear()
        converted = self[value] = self.convert(value)
        return converted


class RowPlan(NamedTuple):
    """A plan by which objects of one model with the same fields become rows."""

    # A row of default values; None where each row has its own value.
    template: Row
    # Name, position, the type of values that are stored as they are, and the conversion of others.
    values: list[tuple[str, int, type | None, Callable[[Any], Any]]]
    links: list[tuple[str, int, Any]]
    # Columns that the objects do not name, and the functions that generate their defaults.
    generated_defaults: list[tuple[int, Callable[[], Any]]]


class Table:
    """The table of a model whose natural key consists of its own columns."""

    def __init__(self, model: type[NaturalKeyModel]) -> None:
        self.model = model
        self.name = model._meta.label_lower
        derived_names = DERIVED if self.name == "factcheck.claim" else ()
        self.fields: list[Field] = [f for f in model._meta.concrete_fields if not f.generated]
        # Recalculated after a load; values in a fixture are ignored.
        self.derived = [f for f in self.fields if f.name in derived_names]
        self.columns = [str(f.column) for f in self.fields]
        self.positions = {f.name: position for position, f in enumerate(self.fields)}
        self.links: list[ForeignKey] = [f for f in self.fields if isinstance(f, ForeignKey)]
        self.many_to_many: list[ManyToManyField] = list(model._meta.many_to_many)
        self.key = [self.positions[path.split("__")[0]] for path in model.natural_key_fields]
        self.converters = [_converter(f) for f in self.fields]
        self.link_positions = [(self.positions[f.name], f) for f in self.links]
        self.values_of = attrgetter(*[f.attname for f in self.fields])
        self.max_id = CLAIM_MASK if self.name == "factcheck.claim" else 2**63 - 1

    @property
    def sql_name(self) -> str:
        return self.model._meta.db_table

    @cached_property
    def defaults(self) -> list[Any]:
        """Default values of the columns; a callable is called for each row."""
        return [
            partial(_default, f) if f.has_default() and callable(f.default) else _default(f)
            for f in self.fields
        ]

    def stored_rows(self, position: int, values: Iterable[Any]) -> list[Row]:
        """Return the rows whose column is in `values`, in the form in which rows are written."""
        value_list, params = bulk_sql.value_list_sql(values)
        names = ", ".join(f'"{name}"' for name in self.columns)
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT {names} FROM {self.sql_name}"
                f' WHERE "{self.columns[position]}" IN {value_list}',
                params,
            )
            rows = cursor.fetchall()
        if connection.vendor == "sqlite":  # dates and times are stored as texts
            return [[str(v) if isinstance(v, date) else v for v in row] for row in rows]
        return [list(row) for row in rows]

    def rows_of(self, instances: Iterable[Model]) -> list[Row]:
        """Return the columns of instances as they are stored."""
        rows = []
        for instance in instances:
            row = [
                value if value is None or type(value) is plain else convert(value)
                for value, (plain, convert) in zip(
                    self.values_of(instance), self.converters, strict=True
                )
            ]
            for position, link in self.link_positions:
                # The related instance may have been saved after it was assigned.
                if row[position] is None and (related := link.get_cached_value(instance, None)):
                    if related.pk is None:
                        raise ValueError(f"{link.name}: insert what it refers to first.")
                    row[position] = related.pk
            rows.append(row)
        return rows

    def insert(self, rows: Sequence[Row]) -> None:
        bulk_sql.insert(self.sql_name, self.columns, rows)

    def checked_id(self, value: Any) -> int:
        """Return a fixture's `pk` as an id. ValidationError or ValueError if it is invalid."""
        _plain, convert = self.converters[0]
        pk: int = convert(value)
        if not 1 <= pk <= self.max_id:
            problem = _("%(value)s is not between 1 and %(limit)s. Correct it.")
            raise ValidationError(problem, params={"value": value, "limit": self.max_id})
        return pk

    def copy_unnamed(self, row: Row, stored: Row, fields: Mapping[str, Any]) -> None:
        """Copy the id, and the columns that an update does not change, from the stored row."""
        positions = [0, *(self.positions[derived.name] for derived in self.derived)]
        generated_defaults = self.plan(tuple(fields)).generated_defaults
        for position in (*positions, *(position for position, _make in generated_defaults)):
            row[position] = stored[position]

    def update(self, rows: Sequence[Row]) -> None:
        """Update all columns except the derived ones."""
        positions = [p for p, f in enumerate(self.fields) if p and f not in self.derived]
        assignments = ", ".join(f'"{self.columns[position]}" = %s' for position in positions)
        with connection.cursor() as cursor:
            cursor.executemany(
                f'UPDATE {self.sql_name} SET {assignments} WHERE "{self.columns[0]}" = %s',
                [[*(row[position] for position in positions), row[0]] for row in rows],
            )

    @cache  # noqa: B019 - tables live as long as the process
    def plan(self, names: tuple[str, ...]) -> RowPlan:
        """Return the plan for objects that name these fields."""
        unknown = set(names) - {f.name for f in self.model._meta.get_fields()}
        if unknown:
            problem = _("There is no such field. Remove it, or correct its name.")
            raise ValidationError({min(unknown): problem})
        values, links = [], []
        for name in names:
            position = self.positions.get(name)
            if position is None or self.fields[position] in self.derived:
                continue
            if isinstance(self.fields[position], ForeignKey):
                links.append((name, position, self.fields[position]))
            else:
                values.append((name, position, *self.converters[position]))
        generated_defaults = [
            (position, default)
            for position, default in enumerate(self.defaults)
            if callable(default) and self.fields[position].name not in names
        ]
        template = [None if callable(default) else default for default in self.defaults]
        return RowPlan([None, *template[1:]], values, links, generated_defaults)


def table_for(model: type[NaturalKeyModel]) -> Table:
    """Return the table of a model of this app that has one."""
    table = table_of(model._meta.label_lower)
    if table is None:
        raise TypeError(f"{model.__name__} has no natural key of its own columns.")
    return table


@cache
def table_of(name: str) -> Table | None:
    """Return the table of a model by its label, such as `factcheck.claim`.

    None for models that Django's deserializer loads. LookupError or ValueError for unknown models.
    """
    app, _dot, model_name = name.partition(".")
    model = apps.get_model(app, model_name)
    if not issubclass(model, NaturalKeyModel):
        return None
    for path in model.natural_key_fields:
        name, _separator, remote_name = path.partition("__")
        field: Any = model._meta.get_field(name)
        if remote_name and not isinstance(field, ForeignKey):
            return None
    return Table(model)


def is_same_row(new: Sequence[Any], stored: Sequence[Any]) -> bool:
    """Return whether two rows are equal; JSON to be written is wrapped by PostgreSQL's driver."""
    return all(a == b or getattr(a, "obj", a) == b for a, b in zip(new, stored, strict=True))


def _converter(field: Field) -> tuple[type | None, Callable[[Any], Any]]:
    """Return the type of values that need no conversion, if any, and a function for the others.

    The function raises ValidationError for an invalid value.
    """

    def convert(value: Any) -> Any:
        return _database_value(field, field.to_python(value))

    if isinstance(field, CharField | TextField):
        return str, convert
    if isinstance(field, IntegerField | ForeignKey):
        return int, convert
    if isinstance(field, BooleanField):
        return bool, convert
    if isinstance(field, DateField):  # or its subclass DateTimeField
        return None, _CachedConversion(convert).__getitem__
    return None, convert


def _database_value(field: Field, value: Any) -> Any:
    if value is None:
        return None
    return field.get_db_prep_save(value, connection)


def _default(field: Field) -> Any:
    return _database_value(field, field.get_default())


def is_excluded(name: str) -> bool:
    """Return whether a model's rows are not loaded, because they are derived or local."""
    return name in _EXCLUDED or name.startswith(_HISTORY_PREFIX)


def key_of(table: Table, row: Sequence[Any]) -> tuple[Any, ...]:
    """Return a row's natural key."""
    return tuple([row[position] for position in table.key])
