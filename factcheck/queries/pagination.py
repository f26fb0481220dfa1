"""Keyset pages: a page begins after a row, never at an offset, so depth costs nothing."""

import base64
import json
from bisect import bisect_left
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import BooleanField, DateField, F, Func, Model, QuerySet, Value
from django.db.models.lookups import GreaterThan, LessThan
from django.utils.translation import gettext as _

from factcheck import sql

PAGE_SIZES = (20, 50, 100)
# Rows of an order that are read at once, to find those of a list in it.
_LONGEST = 100_000


@dataclass(frozen=True)
class Sort:
    """An order of rows: all fields in one direction, the last one unique."""

    name: str
    fields: tuple[str, ...]
    descending: bool = True

    def order(self, *, backwards: bool = False) -> list[str]:
        sign = "-" if self.descending != backwards else ""
        return [f"{sign}{field}" for field in self.fields]


@dataclass(frozen=True)
class Page:
    """Rows in their order, and the opaque cursors of the pages beside them (empty: none)."""

    rows: Sequence[Any]
    after: str = ""
    before: str = ""


def or_first(
    read: Callable[..., Page], *args: Any, after: str = "", before: str = "", **options: Any
) -> tuple[Page, str]:
    """Return the page asked for, or the first one and what was wrong with the cursor."""
    try:
        return read(*args, after=after, before=before, **options), ""
    except ValidationError as error:
        return read(*args, **options), error.messages[0]


class _Row(Func):
    """A row value, `(a, b, c)`: compared as one, it is answered by one index."""

    template = "(%(expressions)s)"
    output_field = BooleanField()


def page(
    queryset: QuerySet[Any],
    sort: Sort,
    *,
    size: int,
    after: str = "",
    before: str = "",
    holds: Callable[[int], bool] | None = None,
) -> Page:
    """Return the `size` rows after the cursor `after`, or before `before`, or the first.

    `holds` says which rows, by their ids, belong to the list (None: all). Raises ValidationError
    for a cursor that this order did not give.
    """
    backwards = bool(before) and not after
    cursor = after or before
    rows = queryset.order_by(*sort.order(backwards=backwards))
    place = _decode(cursor, sort) if cursor else None
    if holds:
        found = _walk(rows, sort, place, holds, size + 1, backwards=backwards)
    else:
        found = list(_beyond(rows, sort, place, backwards=backwards)[: size + 1])
    more, found = len(found) > size, found[:size]
    if backwards:
        found.reverse()
    has_next = more if not backwards else bool(found)
    has_previous = more if backwards else bool(cursor) and bool(found)
    return Page(
        found,
        after=cursor_of(found[-1], sort) if has_next else "",
        before=cursor_of(found[0], sort) if has_previous else "",
    )


def _beyond(
    rows: QuerySet[Any], sort: Sort, place: list[Any] | None, *, backwards: bool
) -> QuerySet[Any]:
    """Return the rows that come after a place in the order."""
    if place is None:
        return rows
    here = _Row(*[F(field) for field in sort.fields])
    there = _Row(*[_value(value) for value in place])
    compare = LessThan if sort.descending != backwards else GreaterThan
    return rows.filter(compare(here, there))


def _walk(
    rows: QuerySet[Any],
    sort: Sort,
    place: list[Any] | None,
    holds: Callable[[int], bool],
    wanted: int,
    *,
    backwards: bool,
) -> list[Any]:
    """Return the first rows that belong to the list, reading its order in ever longer steps.

    The index alone is read, and the rows that are found.
    """
    kept: list[int] = []
    step, start = 4 * wanted, place
    while True:
        stretch = _beyond(rows, sort, place, backwards=backwards).values_list("pk")[:step]
        seen = sql.numbers(*stretch.query.sql_with_params())
        kept += filter(holds, seen)
        if len(kept) >= wanted or len(seen) < step:
            return in_turn(rows, kept[:wanted])
        last = rows.order_by().filter(pk=seen[-1]).values_list(*sort.fields).first()
        if last is None:  # taken away meanwhile: once more from the start
            kept, last = [], start
        place, step = last and list(last), min(4 * step, _LONGEST)


def in_turn(rows: QuerySet[Any], ids: Sequence[int]) -> list[Any]:
    """Return the rows of these ids, in their order."""
    found = {row.id: row for row in rows.order_by().filter(pk__in=ids)}
    return [found[pk] for pk in ids if pk in found]


def ranked_page(
    ranking: Sequence[tuple[int, int]],
    name: str,
    version: str = "",
    *,
    size: int,
    after: str = "",
    before: str = "",
) -> Page:
    """Return a page of a ranking (score and place, the best first): the places, for the caller.

    Where the ranking of other data is another one, a cursor holds the data's version, and one of
    another version raises ValidationError.
    """
    backwards = bool(before) and not after
    start = 0
    if cursor := after or before:
        there = tuple(_decode_ranked(cursor, name, version))
        # The ranking falls, bisection wants it to rise.
        start = bisect_left(ranking, True, key=lambda row: row <= there)
        if not backwards:
            start += 1
        else:
            start = max(start - size, 0)
    found = ranking[start : start + size]

    def at(row: tuple[int, int]) -> str:
        return _packed([name, version, *row])

    return Page(
        [place for _score, place in found],
        after=at(found[-1]) if found and start + size < len(ranking) else "",
        before=at(found[0]) if found and start > 0 else "",
    )


def _decode_ranked(cursor: str, name: str, version: str) -> list[int]:
    order, given, *place = _unpacked(cursor)
    if order != name or len(place) != 2:
        raise _stale()
    if given != version:
        raise ValidationError(
            _("The claims have changed since, and with them the order; here is the first page.")
        )
    return [_typed("id", value) for value in place]


def _value(value: Any) -> Value:
    return Value(value, output_field=DateField()) if isinstance(value, date) else Value(value)


def cursor_of(row: Model, sort: Sort) -> str:
    """Return the opaque cursor of the page that begins after a row."""
    values = [getattr(row, field) for field in sort.fields]
    plain = [value.isoformat() if isinstance(value, date) else value for value in values]
    return _packed([sort.name, *plain])


def _decode(cursor: str, sort: Sort) -> list[Any]:
    name, *values = _unpacked(cursor)
    if name != sort.name or len(values) != len(sort.fields):
        raise _stale()
    return [_typed(field, value) for field, value in zip(sort.fields, values, strict=True)]


def _packed(values: list[Any]) -> str:
    text = json.dumps(values, ensure_ascii=False, separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _unpacked(cursor: str) -> list[Any]:
    try:
        text = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        values = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise _stale() from error
    if not isinstance(values, list) or len(values) < 2:
        raise _stale()
    return values


def _stale() -> ValidationError:
    return ValidationError(_("This page's address is not valid any more; here is the first page."))


def _typed(field: str, value: Any) -> Any:
    """Return a cursor's value as its column's; ValidationError if it cannot be one."""
    try:
        if field.endswith("_day"):
            return value if isinstance(value, date) else date.fromisoformat(value)
        if field == "sort_name":
            if not isinstance(value, str) or "\0" in value:
                raise ValueError
            value.encode()  # half a surrogate pair is no text
            return value
        if type(value) is not int or not -(2**63) <= value < 2**63:  # true is an int too
            raise ValueError
    except (ValueError, TypeError) as error:
        raise _stale() from error
    return value
