"""Keyset pagination: a page begins after a row, not at an offset, so late pages are fast."""

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

from factcheck.db import bulk_sql

PAGE_SIZES = (20, 50, 100)
# The maximum number of ids that are read at once to find the rows of a list.
_MAX_STEP = 100_000


@dataclass(frozen=True)
class Sort:
    """An order of rows: all fields in one direction, of which the last is unique."""

    name: str
    fields: tuple[str, ...]
    descending: bool = True

    def order(self, *, backwards: bool = False) -> list[str]:
        sign = "-" if self.descending != backwards else ""
        return [f"{sign}{field}" for field in self.fields]


@dataclass(frozen=True)
class Page:
    """The rows of a page, and the opaque cursors of the next and previous pages (empty: none)."""

    rows: Sequence[Any]
    after: str = ""
    before: str = ""


def page_or_first(
    read: Callable[..., Page], *args: Any, after: str = "", before: str = "", **options: Any
) -> tuple[Page, str]:
    """Return the page at a cursor; the first page and the problem if the cursor is invalid."""
    try:
        return read(*args, after=after, before=before, **options), ""
    except ValidationError as error:
        return read(*args, **options), error.messages[0]


class _Row(Func):
    """A row value, `(a, b, c)`, whose comparison uses one index."""

    template = "(%(expressions)s)"
    output_field = BooleanField()


def page(
    queryset: QuerySet[Any],
    sort: Sort,
    *,
    size: int,
    after: str = "",
    before: str = "",
    contains: Callable[[int], bool] | None = None,
) -> Page:
    """Return the `size` rows after the cursor `after`, or before `before`, or the first.

    `contains` tells whether the row of an id belongs to the list (None: all do). ValidationError
    for a cursor that does not belong to this order.
    """
    backwards = bool(before) and not after
    cursor = after or before
    rows = queryset.order_by(*sort.order(backwards=backwards))
    position = _decode(cursor, sort) if cursor else None
    if contains:
        page_rows = _walk(rows, sort, position, contains, size + 1, backwards=backwards)
    else:
        page_rows = list(_beyond(rows, sort, position, backwards=backwards)[: size + 1])
    more, page_rows = len(page_rows) > size, page_rows[:size]
    if backwards:
        page_rows.reverse()
    has_next = more if not backwards else bool(page_rows)
    has_previous = more if backwards else bool(cursor) and bool(page_rows)
    return Page(
        page_rows,
        after=cursor_of(page_rows[-1], sort) if has_next else "",
        before=cursor_of(page_rows[0], sort) if has_previous else "",
    )


def _beyond(
    rows: QuerySet[Any], sort: Sort, position: list[Any] | None, *, backwards: bool
) -> QuerySet[Any]:
    """Return the rows that come after a position in the order."""
    if position is None:
        return rows
    columns = _Row(*[F(field) for field in sort.fields])
    values = _Row(*[_value(value) for value in position])
    compare = LessThan if sort.descending != backwards else GreaterThan
    return rows.filter(compare(columns, values))


def _walk(
    rows: QuerySet[Any],
    sort: Sort,
    position: list[Any] | None,
    contains: Callable[[int], bool],
    count: int,
    *,
    backwards: bool,
) -> list[Any]:
    """Return the first `count` rows that belong to the list, reading ids in growing steps.

    Only the index and the returned rows are read.
    """
    matching: list[int] = []
    step, start = 4 * count, position
    while True:
        id_rows = _beyond(rows, sort, position, backwards=backwards).values_list("pk")[:step]
        ids = bulk_sql.fetch_ids(*id_rows.query.sql_with_params())
        matching += filter(contains, ids)
        if len(matching) >= count or len(ids) < step:
            return rows_in_order(rows, matching[:count])
        last = rows.order_by().filter(pk=ids[-1]).values_list(*sort.fields).first()
        if last is None:  # it was deleted meanwhile: start again
            matching, last = [], start
        position, step = last and list(last), min(4 * step, _MAX_STEP)


def rows_in_order(rows: QuerySet[Any], ids: Sequence[int]) -> list[Any]:
    """Return the rows of ids, in the order of the ids."""
    rows_by_id = {row.id: row for row in rows.order_by().filter(pk__in=ids)}
    return [rows_by_id[pk] for pk in ids if pk in rows_by_id]


def ranked_page(
    ranking: Sequence[tuple[int, int]],
    name: str,
    version: str = "",
    *,
    size: int,
    after: str = "",
    before: str = "",
) -> Page:
    """Return a page of the ids in a ranking, which has a score and an id for each row, best first.

    Cursors contain the data's `version` if the ranking depends on it. ValidationError for a cursor
    of another version.
    """
    backwards = bool(before) and not after
    start = 0
    if cursor := after or before:
        position = tuple(_decode_ranked(cursor, name, version))
        # The ranking is in descending order, so the key is a condition, which ascends.
        start = bisect_left(ranking, True, key=lambda row: row <= position)
        if not backwards:
            start += 1
        else:
            start = max(start - size, 0)
    rows = ranking[start : start + size]

    def cursor_at(row: tuple[int, int]) -> str:
        return _packed([name, version, *row])

    return Page(
        [pk for _score, pk in rows],
        after=cursor_at(rows[-1]) if rows and start + size < len(ranking) else "",
        before=cursor_at(rows[0]) if rows and start > 0 else "",
    )


def _decode_ranked(cursor: str, name: str, version: str) -> list[int]:
    cursor_name, cursor_version, *position = _unpacked(cursor)
    if cursor_name != name or len(position) != 2:
        raise _invalid_cursor()
    if cursor_version != version:
        raise ValidationError(
            _("The claims have changed since, and with them the order; here is the first page.")
        )
    return [_parsed("id", value) for value in position]


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
        raise _invalid_cursor()
    return [_parsed(field, value) for field, value in zip(sort.fields, values, strict=True)]


def _packed(values: list[Any]) -> str:
    text = json.dumps(values, ensure_ascii=False, separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _unpacked(cursor: str) -> list[Any]:
    try:
        text = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        values = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise _invalid_cursor() from error
    if not isinstance(values, list) or len(values) < 2:
        raise _invalid_cursor()
    return values


def _invalid_cursor() -> ValidationError:
    return ValidationError(_("This page's address is not valid any more; here is the first page."))


def _parsed(field: str, value: Any) -> Any:
    """Return a cursor's value converted to the type of its column; ValidationError if invalid."""
    try:
        if field.endswith("_day"):
            return value if isinstance(value, date) else date.fromisoformat(value)
        if field == "sort_name":
            if not isinstance(value, str) or "\0" in value:
                raise ValueError
            value.encode()  # half of a surrogate pair cannot be encoded
            return value
        if type(value) is not int or not -(2**63) <= value < 2**63:  # true is an int too
            raise ValueError
    except (ValueError, TypeError) as error:
        raise _invalid_cursor() from error
    return value
