"""Form fields that read a typed date, and their error messages; filters and the API use them.

The same notations are read whatever the language of the page: see `imports.typed_dates`.
"""

from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from factcheck.formatting import format_date_text
from factcheck.imports import typed_dates
from factcheck.text.dates import full_date

# What a field accepts: a full date, a date with its year, or any part of a date.
FULL_DATE, WITH_YEAR, PARTIAL_DATE = KINDS = ("day", "year", "known")
MAX_LENGTH = 60


def read_date(typed: str, kind: str = PARTIAL_DATE) -> str:
    """Return a typed date as a date text; a ValidationError says what to write instead."""
    typed = typed.strip()
    if len(typed) > MAX_LENGTH:
        raise ValidationError(
            _("This is too long for a date: it has %(n)d characters; %(most)d are allowed.")
            % {"n": len(typed), "most": MAX_LENGTH},
            "too_long",
        )
    try:
        date_text = typed_dates.parse_typed_date(typed)
    except typed_dates.DateError as error:
        raise _validation_error(error, kind) from error
    if kind == FULL_DATE and date_text and not full_date(date_text):
        raise ValidationError(
            _("A full date is needed here, but “%(part)s” is only a part of one. %(advice)s")
            % {"part": date_in_words(date_text), "advice": _advice(kind)},
            "incomplete",
        )
    if kind == WITH_YEAR and date_text.startswith("-"):
        raise ValidationError(_("Write the year as well."), "incomplete")
    return date_text


def date_in_words(date_text: str) -> str:
    """Return a date text in words, in the language of the page; empty for an empty one."""
    return format_date_text(date_text) if date_text else ""


def _validation_error(error: typed_dates.DateError, kind: str) -> ValidationError:
    if isinstance(error, typed_dates.AmbiguousDateError):
        *first, last = map(date_in_words, error.readings)
        message = _(
            "Did you mean %(first)s or %(second)s? Write the month as a word or the date as"
            " %(example)s."
        )
        params = {"first": ", ".join(first), "second": last, "example": error.readings[0]}
        return ValidationError(message % params, "ambiguous")
    if isinstance(error, typed_dates.ImpossibleDateError):
        return ValidationError(
            _("There is no such date. Check the day, the month and the year."), "impossible"
        )
    if isinstance(error, typed_dates.SeveralDatesError):
        return ValidationError(_("These are several dates. Write one date."), "several")
    return ValidationError(f"{_('This cannot be read as a date.')} {_advice(kind)}", "invalid")


def _advice(kind: str) -> str:
    if kind == FULL_DATE:
        return _("Write it as 20 August 2021 or 2021-08-20.")
    if kind == WITH_YEAR:
        return _("Write it as 20 August 2021, 2021-08-20, August 2021 or 2021.")
    return _(
        "Write it as 20 August 2021, 2021-08-20, August 2021 or 2021; as 20 August where the year"
        " is not known."
    )


class FullDateField(forms.DateField):
    """A full date, in any of the notations that are read."""

    def to_python(self, value: Any) -> date | None:
        if isinstance(value, str):
            return full_date(read_date(value, FULL_DATE))
        return super().to_python(value)


class PartialDateField(forms.CharField):
    """A date of which a part may be unknown: a date text such as `2021-08-20` or `--08-20`."""

    def __init__(self, *, kind: str = PARTIAL_DATE, **kwargs: Any) -> None:
        self.kind = kind
        # The limit of the column is for the date text, not for what is typed.
        super().__init__(**{**kwargs, "max_length": None})

    def to_python(self, value: Any) -> str:
        return read_date(super().to_python(value) or "", self.kind)
