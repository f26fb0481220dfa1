"""The values of a row's fields: as they are stored, and in words."""

from datetime import date
from typing import Any

from django.utils.translation import gettext as _


def stored_value(row: Any, field: Any) -> Any:
    """Return a column's value as JSON holds it."""
    value = getattr(row, field.attname)
    return value.isoformat() if isinstance(value, date) else value


def value_in_words(row: Any, field: Any) -> str:
    """Return a field's value as an editor reads it; empty if it has none."""
    if field.choices:
        return str(getattr(row, f"get_{field.name}_display")())
    value = getattr(row, field.name)
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    return "" if value is None else str(value)
