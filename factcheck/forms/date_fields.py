"""The one way in which forms, filters and the API read dates, and what they answer.

Whatever the language of the page is, the same forms are read: see `imports.typed_dates`.
"""

from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from factcheck.imports import typed_dates
from factcheck.templatetags.factcheck import as_known
from factcheck.text import known_day

# What a field takes: a full date, a date with its year, or any part of a date.
DAY, WITH_YEAR, AS_KNOWN = KINDS = ("day", "year", "known")
MAX_TYPED = 60


def read_date(typed: str, kind: str = AS_KNOWN) -> str:
    """Return the date text of what was typed; a ValidationError says what to write instead."""
    typed = typed.strip()
    if len(typed) > MAX_TYPED:
        raise ValidationError(
            _("This is too long for a date: it has %(n)d characters; %(most)d are allowed.")
            % {"n": len(typed), "most": MAX_TYPED},
            "too_long",
        )
    try:
        found = typed_dates.read_typed(typed)
    except typed_dates.DateError as error:
        raise _refusal(error, kind) from error
    if kind == DAY and found and not known_day(found):
        raise ValidationError(
            _("A full date is needed here, but “%(part)s” is only a part of one. %(advice)s")
            % {"part": in_words(found), "advice": _how_to_write(kind)},
            "incomplete",
        )
    if kind == WITH_YEAR and found.startswith("-"):
        raise ValidationError(_("Write the year as well."), "incomplete")
    return found


def in_words(date_text: str) -> str:
    """Return a date text in the words of the page's language; empty for an empty one."""
    return as_known(date_text) if date_text else ""


def _refusal(error: typed_dates.DateError, kind: str) -> ValidationError:
    if isinstance(error, typed_dates.AmbiguousDateError):
        *others, last = map(in_words, error.readings)
        said = _(
            "Did you mean %(first)s or %(second)s? Write the month as a word or the date as"
            " %(example)s."
        )
        words = {"first": ", ".join(others), "second": last, "example": error.readings[0]}
        return ValidationError(said % words, "ambiguous")
    if isinstance(error, typed_dates.ImpossibleDateError):
        return ValidationError(
            _("There is no such date. Check the day, the month and the year."), "impossible"
        )
    if isinstance(error, typed_dates.SeveralDatesError):
        return ValidationError(_("These are several dates. Write one date."), "several")
    return ValidationError(
        f"{_('This cannot be read as a date.')} {_how_to_write(kind)}", "invalid"
    )


def _how_to_write(kind: str) -> str:
    if kind == DAY:
        return _("Write it as 20 August 2021 or 2021-08-20.")
    if kind == WITH_YEAR:
        return _("Write it as 20 August 2021, 2021-08-20, August 2021 or 2021.")
    return _(
        "Write it as 20 August 2021, 2021-08-20, August 2021 or 2021; as 20 August where the year"
        " is not known."
    )


class DayField(forms.DateField):
    """A full date, in any of the forms that are read."""

    def to_python(self, value: Any) -> date | None:
        if isinstance(value, str):
            return known_day(read_date(value, DAY))
        return super().to_python(value)


class KnownDateField(forms.CharField):
    """A date as far as it is known: a date text such as `2021-08-20`, `--08-20` or `2021`."""

    def __init__(self, *, kind: str = AS_KNOWN, **kwargs: Any) -> None:
        self.kind = kind
        # It is the date text that is short, not what is typed.
        super().__init__(**{**kwargs, "max_length": None})

    def to_python(self, value: Any) -> str:
        return read_date(super().to_python(value) or "", self.kind)
