"""A model's table as the bulk loader sees it: columns, what a fixture's values become, its SQL."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from functools import cache, cached_property, partial
from typing import Any, NamedTuple

from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import connection
from django.db.models import (
    CharField,
    DateField,
    Field,
    ForeignKey,
    IntegerField,
    ManyToManyField,
    Model,
    TextField,
)

from factcheck import sql
from factcheck.models.base import NaturalKeyModel
from factcheck.models.claims import CLAIM_MASK, DERIVED

Row = list[Any]
# Made anew from the other rows, or the other database's own: its past by its rows' numbers.
_DERIVED = {
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
_PAST = "factcheck.historical"
# Moments and days come again and again.
_MOST_REMEMBERED = 50_000


class _Memo(dict[Any, Any]):
    """Remembers what values of one field become."""

    def __init__(self, convert: Callable[[Any], Any]) -> None:
        self.convert = convert

    def __missing__(self, value: Any) -> Any:
        if len(self) > _MOST_REMEMBERED:
            self.clear()
        found = self[value] = self.convert(value)
        return found


class Plan(NamedTuple):
    """How objects of one model and with the same fields become rows."""

    base: Row
    # Name, place, the type of values that are stored as they are, and what others become.
    values: list[tuple[str, int, type | None, Callable[[Any], Any]]]
    links: list[tuple[str, int, Any]]
    # What is not named and made anew each time.
    absent: list[tuple[int, Callable[[], Any]]]


class Table:
    """One model's table. Only models with a natural key of their own columns have one."""

    def __init__(self, model: type[NaturalKeyModel]) -> None:
        self.model = model
        self.name = model._meta.label_lower
        kept = DERIVED if self.name == "factcheck.claim" else ()
        self.fields: list[Field] = [f for f in model._meta.concrete_fields if not f.generated]
        # Written by the loader, whatever a file says of them.
        self.derived = [f for f in self.fields if f.name in kept]
        self.columns = [str(f.column) for f in self.fields]
        self.place = {f.name: place for place, f in enumerate(self.fields)}
        self.links: list[ForeignKey] = [f for f in self.fields if isinstance(f, ForeignKey)]
        self.sets: list[ManyToManyField] = list(model._meta.many_to_many)
        self.key = [self.place[path.split("__")[0]] for path in model.natural_key_fields]
        self.converters = [_converter(f) for f in self.fields]
        self.most_id = CLAIM_MASK if self.name == "factcheck.claim" else 2**63 - 1

    @property
    def sql_name(self) -> str:
        return self.model._meta.db_table

    @cached_property
    def constants(self) -> list[Any]:
        """What columns hold that a file does not name; a callable is asked for each row."""
        return [
            partial(_default, f) if f.has_default() and callable(f.default) else _default(f)
            for f in self.fields
        ]

    def find(self, column: int, values: Iterable[Any]) -> list[Row]:
        """Return the stored rows, as they are written, of which a column holds one of `values`."""
        those, params = sql.among(values)
        names = ", ".join(f'"{name}"' for name in self.columns)
        with connection.cursor() as cursor:
            cursor.execute(
                f'SELECT {names} FROM {self.sql_name} WHERE "{self.columns[column]}" IN {those}',
                params,
            )
            rows = cursor.fetchall()
        if connection.vendor == "sqlite":  # days and moments are stored as texts
            return [[str(v) if isinstance(v, date) else v for v in row] for row in rows]
        return [list(row) for row in rows]

    def insert(self, rows: Sequence[Row]) -> None:
        sql.insert(self.sql_name, self.columns, rows)

    def expect(self, rows: Iterable[Any], values: Mapping[str, Mapping[str, Any]]) -> None:
        """Set derived columns of new rows to what they will be, by the rows' natural keys."""
        for row, _found in rows if values else ():
            for name, value in values.get(row[self.key[0]], {}).items():
                row[self.place[name]] = value

    def update(self, rows: Sequence[Row]) -> None:
        """Write over all columns but the derived ones."""
        places = [p for p, f in enumerate(self.fields) if p and f not in self.derived]
        assign = ", ".join(f'"{self.columns[place]}" = %s' for place in places)
        with connection.cursor() as cursor:
            cursor.executemany(
                f'UPDATE {self.sql_name} SET {assign} WHERE "{self.columns[0]}" = %s',
                [[*(row[place] for place in places), row[0]] for row in rows],
            )

    @cache  # noqa: B019 - tables live as long as the process
    def plan(self, names: tuple[str, ...]) -> "Plan":
        """Return how objects with these fields become rows: a file holds many of one kind."""
        unknown = set(names) - {f.name for f in self.model._meta.get_fields()}
        if unknown:
            raise ValidationError({min(unknown): "there is no such field."})
        values, links = [], []
        for name in names:
            place = self.place.get(name)
            if place is None or self.fields[place] in self.derived:
                continue
            if isinstance(self.fields[place], ForeignKey):
                links.append((name, place, self.fields[place]))
            else:
                values.append((name, place, *self.converters[place]))
        absent = [
            (place, value)
            for place, value in enumerate(self.constants)
            if callable(value) and self.fields[place].name not in names
        ]
        base = [None if callable(value) else value for value in self.constants]
        return Plan([None, *base[1:]], values, links, absent)


@cache
def table_of(name: str) -> Table | None:
    """Return the table of `factcheck.claim` and the like; None for what Django must load itself.

    LookupError or ValueError for what is no model.
    """
    app, _dot, model_name = name.partition(".")
    model = apps.get_model(app, model_name)
    if not issubclass(model, NaturalKeyModel):
        return None
    paths = (path.split("__") for path in model.natural_key_fields)
    is_ours = all(
        len(path) == 1 or isinstance(_field(model, path[0]), ForeignKey) for path in paths
    )
    return Table(model) if is_ours else None


def _field(model: type[Model], name: str) -> Any:
    return model._meta.get_field(name)


def same(one: Sequence[Any], other: Sequence[Any]) -> bool:
    """Return whether two rows say the same. PostgreSQL's driver wraps JSON that is written."""
    return all(a == b or getattr(a, "obj", a) == b for a, b in zip(one, other, strict=True))


def new_ids(model: type[Model], count: int) -> Sequence[int]:
    """Return ids that no row has or will be given by the database itself."""
    table, column = model._meta.db_table, model._meta.pk.column
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "SELECT nextval(pg_get_serial_sequence(%s, %s)) FROM generate_series(1, %s)",
                [table, column, count],
            )
            return [pk for (pk,) in cursor.fetchall()]
        cursor.execute(
            f"SELECT MAX((SELECT COALESCE(MAX({column}), 0) FROM {table}),"
            " COALESCE((SELECT seq FROM sqlite_sequence WHERE name = %s), 0))",
            [table],
        )
        first = cursor.fetchone()[0] + 1
        return range(first, first + count)


def give_ids_after(model: type[Model], last: int) -> None:
    """Let the database itself give no id up to `last`: rows have come with ids of their own."""
    if connection.vendor == "postgresql":
        table, column = model._meta.db_table, model._meta.pk.column
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT setval(s, GREATEST(%s, nextval(s)))"
                " FROM (SELECT pg_get_serial_sequence(%s, %s)::regclass AS s) sequence",
                [last, table, column],
            )


def _converter(field: Field) -> tuple[type | None, Callable[[Any], Any]]:
    """Return the type of values that are stored as they are, if there is one, and what turns any
    value of a fixture into the one that is stored; that raises ValidationError for what is none.
    """

    def convert(value: Any) -> Any:
        return _stored(field, field.to_python(value))

    if isinstance(field, CharField | TextField):
        return str, convert
    if isinstance(field, IntegerField):
        return int, convert
    if isinstance(field, DateField):  # moments are days, too
        return None, _Memo(convert).__getitem__
    return None, convert


def _stored(field: Field, value: Any) -> Any:
    if value is None:
        return None
    return field.get_db_prep_save(value, connection)


def _default(field: Field) -> Any:
    return _stored(field, field.get_default())


def is_left_out(name: str) -> bool:
    """Return whether a model's rows are not loaded, for they are made anew."""
    return name in _DERIVED or name.startswith(_PAST)


def key_of(table: Table, row: Sequence[Any]) -> tuple[Any, ...]:
    """Return a row's natural key."""
    first, *others = table.key
    return (row[first], *(row[place] for place in others)) if others else (row[first],)


def why(table: Table, row: Row, error: Exception) -> str:
    """Return what a row's own model says is wrong with it, or else what the database said."""
    values = dict(zip((f.attname for f in table.fields), row, strict=True))
    try:
        instance = table.model(**values)
        instance.clean_fields(exclude=[link.name for link in table.links])
        instance.validate_unique()
        instance.validate_constraints()
    except ValidationError as found:
        return said(found)
    except Exception:  # noqa: S110 - the database's own words are there
        pass
    return said(error)


def said(error: Exception) -> str:
    """Return an error's words on one line."""
    if isinstance(error, ValidationError):
        if hasattr(error, "error_dict"):
            return "; ".join(
                f"{name}: {' '.join(messages)}" for name, messages in error.message_dict.items()
            )
        return " ".join(error.messages)
    return " ".join(str(error).split()) or type(error).__name__
