"""Rows of a list: flat fields, read as columns and turned into JSON without making objects."""

from collections.abc import Callable, Sequence
from functools import lru_cache
from operator import attrgetter, itemgetter
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from factcheck.absolute_urls import url_builder

# Fields that hold several values, or values that only a row's own object has.
_NOT_FLAT = (
    serializers.SerializerMethodField,
    serializers.ManyRelatedField,
    serializers.BaseSerializer,
)


class ComputedField(serializers.Field):
    """A field that is computed from columns, in a list as well as at a row's own address."""

    def __init__(self, compute: Callable[..., Any], *columns: str) -> None:
        self._compute, self.columns = compute, columns
        super().__init__(source="*", read_only=True)

    def computation(self) -> Callable[..., Any]:
        """Return the function of the columns' values; a list asks for it once a page."""
        return self._compute

    def to_representation(self, value: Any) -> Any:
        paths = (column.replace("__", ".") for column in self.columns)
        return self.computation()(*(attrgetter(path)(value) for path in paths))


@extend_schema_field(OpenApiTypes.STR)
class PageField(ComputedField):
    """The absolute address of a row's public page."""

    def __init__(self, page: str) -> None:
        self.page = page
        super().__init__(str, "slug")

    def computation(self) -> Callable[[str], str]:
        return url_builder(self.page)


class FlatRows:
    """Reads the fields of a serializer for a list, as tuples of columns; see `flat_rows_of`."""

    def __init__(self, serializer: type[serializers.Serializer]) -> None:
        columns: dict[str, int] = {}
        self._fields: dict[str, tuple[Any, list[int]]] = {}
        for name, field in serializer().fields.items():
            if isinstance(field, ComputedField):
                paths = field.columns
            elif field.source == "*" or isinstance(field, _NOT_FLAT):
                raise ImproperlyConfigured(
                    f"{serializer.__name__}.{name} is in lists, which read columns. Make it a"
                    " ComputedField that names the columns it is computed from, or move it to the"
                    " serializer of a row's own address."
                )
            else:
                paths = (field.source.replace(".", "__"),)
            self._fields[name] = field, [columns.setdefault(path, len(columns)) for path in paths]
        self.columns = tuple(columns)

    def of(self, rows: Sequence[Any]) -> list[dict[str, Any]]:
        """Return objects for JSON, made of tuples that begin with `columns`."""
        getters = {name: _getter(*parts) for name, parts in self._fields.items()}
        return [{name: get(row) for name, get in getters.items()} for row in rows]


def _getter(field: Any, indexes: list[int]) -> Callable[[Sequence[Any]], Any]:
    """Return the function that takes a field's value from a row."""
    if not isinstance(field, ComputedField):
        return itemgetter(*indexes)
    compute = field.computation()
    return lambda row: compute(*(row[index] for index in indexes))


# A list reads the fields of a serializer many times: they are found once.
flat_rows_of = lru_cache(FlatRows)
