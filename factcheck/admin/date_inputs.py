"""Inputs for dates in the admin. Each shows in words which date was understood."""

from datetime import date
from typing import Any

from django import forms
from django.contrib.admin.widgets import AdminDateWidget
from django.core.exceptions import ValidationError
from django.db import models
from django.urls import reverse
from django.utils.http import urlencode

from factcheck.forms.date_fields import (
    FULL_DATE,
    PARTIAL_DATE,
    FullDateField,
    PartialDateField,
    date_in_words,
    read_date,
)
from factcheck.models.fields import DateTextField


def reader_address(kind: str) -> str:
    """Return the address at which a page's script asks how a date is read."""
    return f"{reverse('admin:read-date')}?{urlencode({'kind': kind})}"


def typed_date_in_words(value: Any, kind: str = PARTIAL_DATE) -> str:
    """Return a field's date in words; empty if it has none that can be read."""
    text = value.isoformat() if isinstance(value, date) else str(value or "")
    try:
        return date_in_words(read_date(text, kind))
    except ValidationError:
        return ""


DATES_SCRIPT = "factcheck/dates.js"
_TEMPLATE = "factcheck/widgets/date.html"


class _DateInWordsMixin:
    """Shows the date in words beside its input, also while it is typed."""

    kind: str

    @property
    def media(self) -> forms.Media:
        return super().media + forms.Media(js=[DATES_SCRIPT])  # type: ignore[misc]

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context(name, value, attrs)  # type: ignore[misc]
        context["widget"]["attrs"]["data-read-date"] = reader_address(self.kind)
        return {**context, "words": typed_date_in_words(value, self.kind)}


class FullDateInput(_DateInWordsMixin, AdminDateWidget):
    """An input for a full date, with the admin's calendar."""

    template_name = _TEMPLATE
    kind = FULL_DATE

    def __init__(self, attrs: Any = None) -> None:
        super().__init__({"size": "18", **(attrs or {})}, format="%Y-%m-%d")


class PartialDateInput(_DateInWordsMixin, forms.TextInput):
    """An input for a date of which only a part may be known."""

    template_name = _TEMPLATE

    def __init__(self, attrs: Any = None, *, kind: str = PARTIAL_DATE) -> None:
        self.kind = kind
        super().__init__({"class": "known-date", "size": "18", **(attrs or {})})


# `formfield_overrides` of the admin's classes.
DATE_FIELDS: dict[Any, dict[str, Any]] = {
    models.DateField: {"form_class": FullDateField, "widget": FullDateInput},
    DateTextField: {"form_class": PartialDateField, "widget": PartialDateInput},
}
