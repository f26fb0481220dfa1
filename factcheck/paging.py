"""Keyset pages: a page begins after a row, never at an offset, so depth costs nothing."""

import base64
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import BooleanField, DateField, F, Func, Model, QuerySet, Value
from django.db.models.lookups import GreaterThan, LessThan
from django.utils.translation import gettext as _

PAGE_SIZES = (20, 50, 100)


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


def page_or_first(
    queryset: QuerySet[Any], sort: Sort, *, size: int, after: str = "", before: str = ""
) -> tuple[Page, str]:
    """Return the page asked for, or the first one and what was wrong with the cursor."""
    try:
        return page(queryset, sort, size=size, after=after, before=before), ""
    except ValidationError as error:
        return page(queryset, sort, size=size), error.messages[0]


class _Row(Func):
    """A row value, `(a, b, c)`: compared as one, it is answered by one index."""

    template = "(%(expressions)s)"
    output_field = BooleanField()


def page(
    queryset: QuerySet[Any], sort: Sort, *, size: int, after: str = "", before: str = ""
) -> Page:
    """Return the `size` rows after the cursor `after`, or before `before`, or the first.

    Raises ValidationError for a cursor that this order did not give.
    """
    backwards = bool(before) and not after
    cursor = after or before
    rows = queryset.order_by(*sort.order(backwards=backwards))
    if cursor:
        here = _Row(*[F(field) for field in sort.fields])
        there = _Row(*[_value(value) for value in _decode(cursor, sort)])
        compare = LessThan if sort.descending != backwards else GreaterThan
        rows = rows.filter(compare(here, there))
    found = list(rows[: size + 1])
    more, found = len(found) > size, found[:size]
    if backwards:
        found.reverse()
    has_next = more if not backwards else bool(found)
    has_previous = more if backwards else bool(cursor) and bool(found)
    return Page(
        found,
        after=_encode(found[-1], sort) if has_next else "",
        before=_encode(found[0], sort) if has_previous else "",
    )


def _value(value: Any) -> Value:
    return Value(value, output_field=DateField()) if isinstance(value, date) else Value(value)


def _encode(row: Model, sort: Sort) -> str:
    values = [getattr(row, field) for field in sort.fields]
    plain = [value.isoformat() if isinstance(value, date) else value for value in values]
    text = json.dumps([sort.name, *plain], ensure_ascii=False, separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _decode(cursor: str, sort: Sort) -> list[Any]:
    try:
        text = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        name, *values = json.loads(text)
        if name != sort.name or len(values) != len(sort.fields):
            raise ValueError
        return [_typed(field, value) for field, value in zip(sort.fields, values, strict=True)]
    except (ValueError, TypeError, RecursionError) as error:
        raise ValidationError(
            _("This page's address is not valid any more; here is the first page.")
        ) from error


def _typed(field: str, value: Any) -> Any:
    if field.endswith("_day"):
        return date.fromisoformat(value)
    if field == "sort_name":
        if not isinstance(value, str) or "\0" in value:
            raise ValueError
        value.encode()  # half a surrogate pair is no text
        return value
    if type(value) is not int or not -(2**63) <= value < 2**63:  # true is an int too
        raise ValueError
    return value
