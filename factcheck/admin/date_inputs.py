"""Inputs for dates in the admin. Each shows, in words, which date it understood."""

from datetime import date
from typing import Any

from django import forms
from django.contrib.admin.widgets import AdminDateWidget
from django.core.exceptions import ValidationError
from django.db import models
from django.urls import reverse
from django.utils.http import urlencode

from factcheck.forms.date_fields import AS_KNOWN, DAY, DayField, KnownDateField, in_words, read_date
from factcheck.models.base import DateTextField


def reader_address(kind: str) -> str:
    """Return where a page's script asks how a date is read."""
    return f"{reverse('admin:read-date')}?{urlencode({'kind': kind})}"


def understood(value: Any, kind: str = AS_KNOWN) -> str:
    """Return in words the date that a field holds; empty if it holds none that can be read."""
    text = value.isoformat() if isinstance(value, date) else str(value or "")
    try:
        return in_words(read_date(text, kind))
    except ValidationError:
        return ""


DATES_SCRIPT = "factcheck/dates.js"
_TEMPLATE = "factcheck/widgets/date.html"


class _InWords:
    """Shows the date beside its input, when the page is made and while one is typed."""

    kind: str

    @property
    def media(self) -> forms.Media:
        return super().media + forms.Media(js=[DATES_SCRIPT])  # type: ignore[misc]

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context(name, value, attrs)  # type: ignore[misc]
        context["widget"]["attrs"]["data-read-date"] = reader_address(self.kind)
        return {**context, "words": understood(value, self.kind)}


class DayInput(_InWords, AdminDateWidget):
    """An input for a full date, with the admin's calendar."""

    template_name = _TEMPLATE
    kind = DAY

    def __init__(self, attrs: Any = None) -> None:
        super().__init__({"size": "18", **(attrs or {})}, format="%Y-%m-%d")


class KnownDateInput(_InWords, forms.TextInput):
    """An input for a date as far as it is known."""

    template_name = _TEMPLATE

    def __init__(self, attrs: Any = None, *, kind: str = AS_KNOWN) -> None:
        self.kind = kind
        super().__init__({"class": "known-date", "size": "18", **(attrs or {})})


# For the admin's classes: what a date's field in a form is.
DATE_FIELDS: dict[Any, dict[str, Any]] = {
    models.DateField: {"form_class": DayField, "widget": DayInput},
    DateTextField: {"form_class": KnownDateField, "widget": KnownDateInput},
}
