"""Query sets that are compiled once, for what readers open most.

Django writes the SQL of a query set anew each time that it is read, which takes several times as
long as the database takes to answer.
"""

from collections.abc import Callable
from copy import copy
from inspect import signature
from typing import Any, Generic, NamedTuple, ParamSpec, get_origin

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models import QuerySet

from factcheck import sql

P = ParamSpec("P")
# What stands for a number while a query set is built. Any column of numbers can hold it.
_NUMBER = 29_873


class _Compiled(NamedTuple):
    rows: "QuerySet[Any]"
    compiler: Any
    # What makes of the driver's values those of the columns.
    converters: Any
    statement: str
    params: list[Any]
    # Of each place among the parameters that waits for a value: which one.
    places: list[tuple[int, int]]


class Prepared(Generic[P]):
    """Decorates what builds a query set of the default database: called, it returns the rows.

    Its parameters are numbers, texts, and lists of numbers for `sql.within`, annotated so. The SQL
    must depend on nothing else, such as the reader's language or the day.
    """

    def __init__(self, build: "Callable[P, QuerySet[Any]]") -> None:
        self.build = build
        kinds = [parameter.annotation for parameter in signature(build).parameters.values()]
        self.kinds = [get_origin(kind) or kind for kind in kinds]
        self.by_vendor: dict[str, _Compiled] = {}

    def __call__(self, *values: P.args, **none: P.kwargs) -> list[Any]:
        if none or list(map(type, values)) != self.kinds:
            # None among them would be compared as no value is.
            raise TypeError(f"{self.build.__name__}: {self.kinds} are expected, not {values}")
        connection = connections[DEFAULT_DB_ALIAS]
        ready = self.by_vendor.get(connection.vendor) or self._compile()
        given, params = list(map(_param, values)), ready.params.copy()
        for place, number in ready.places:
            params[place] = given[number]
        # A compiler knows the columns of what it has compiled; threads have their own connections.
        compiler = copy(ready.compiler)
        compiler.connection = connection
        compiler.as_sql = lambda *args, **kwargs: (ready.statement, params)
        compiler.get_converters = lambda columns: ready.converters
        rows = ready.rows.all()
        rows.query.get_compiler = lambda *args, **kwargs: compiler  # type: ignore[method-assign]
        return list(rows)

    def _compile(self) -> _Compiled:
        # One of its own, which is never opened: no thread's connection outlives it here.
        connection = connections.create_connection(DEFAULT_DB_ALIAS)
        marks = [_mark(kind, number) for number, kind in enumerate(self.kinds)]
        build: Any = self.build
        rows = build(*marks)
        compiler = rows.query.get_compiler(connection=connection)
        statement, found = compiler.as_sql()
        known = list(map(_param, marks))
        places = [(at, known.index(one)) for at, one in enumerate(found) if one in known]
        if {number for _at, number in places} != set(range(len(marks))):
            raise TypeError(f"{self.build.__name__}: a value has no place in {statement}")
        columns = [column for column, *_sql in compiler.select[: compiler.col_count]]
        converters = compiler.get_converters(columns)
        ready = _Compiled(rows, compiler, converters, statement, list(found), places)
        self.by_vendor[connection.vendor] = ready
        return ready


def _mark(kind: type, number: int) -> Any:
    marks = {int: _NUMBER + number, str: f"{_NUMBER + number}", list: [_NUMBER + number]}
    return marks[kind]


def _param(value: Any) -> Any:
    """Return a value as the driver takes it."""
    return sql.among(value)[1][0] if isinstance(value, list) else value
