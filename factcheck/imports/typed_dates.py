"""Parses one date typed into a form: `20 August 2022`, `20.08.2022`, `2022-08`, `2022`.

The dates in articles are read by `printed_dates`, which takes `05/07/2022` for American. A form
asks instead: a date that can be read in two ways is never guessed.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime

from factcheck.imports import printed_dates
from factcheck.imports.language_words import any_of
from factcheck.text.dates import is_date_text
from factcheck.text.normalize import fold

# Two digits from 70 on always mean the twentieth century.
_FIRST_YEAR_OF_LAST_CENTURY = 70


class DateError(ValueError):
    """A typed text is not exactly one date."""


class UnreadableDateError(DateError):
    """A text is not written like a date."""


class ImpossibleDateError(DateError):
    """A text is written like a date that no calendar has."""


class SeveralDatesError(DateError):
    """A text is a range of dates."""


class AmbiguousDateError(DateError):
    """A text can be read as more than one date; `readings` are their date texts."""

    def __init__(self, readings: list[str]) -> None:
        self.readings = readings
        super().__init__(", ".join(readings))


def parse_typed_date(typed: str) -> str:
    """Return the date text of a typed date; empty if nothing was typed. Raises a DateError.

    With dots the day comes first; after a year of four digits the month follows. Slashes, dashes
    and spaces between numbers do not tell the order.

    >>> [parse_typed_date(text) for text in ("20 августа 2022 г.", "20 August", "25/12/2022")]
    ['2022-08-20', '--08-20', '2022-12-25']
    """
    text = _normalize(typed)
    if not text or is_date_text(text):
        return text
    text = _YEAR_UNKNOWN.sub("", _YEAR_WORD.sub("", text)).rstrip(",. ")
    for reader in (_year_first, _numbers, _words):
        if (readings := reader(text)) is not None:
            return _single_date(readings)
    printed = printed_dates.parse(text)
    raise SeveralDatesError if printed and printed.last_day else UnreadableDateError


def _normalize(typed: str) -> str:
    """Return the text in lower case, with plain spaces, dashes and digits.

    A superscript number is rejected: normalizing would make it a digit of the date.
    """
    if any(unicodedata.category(char) == "No" for char in typed):
        raise UnreadableDateError
    text = fold(typed).translate(printed_dates.DASHES)
    return "".join(str(unicodedata.decimal(char, char)) for char in text)


def _single_date(readings: Iterable[str]) -> str:
    dates = list(dict.fromkeys(filter(is_date_text, readings)))
    if not dates:
        raise ImpossibleDateError
    if len(dates) > 1:
        raise AmbiguousDateError(dates)
    return dates[0]


_YEAR_WORD = re.compile(r"(?<=[0-9]{2})\s*(?:год[ау]?|г\.?|жыл\w*|ж\.?)(?!\w)")
# As pages print a day whose year is not known.
_YEAR_UNKNOWN = re.compile(r",? (?:year unknown|год неизвестен|жылы белгісіз)$")
_YEAR_FIRST = re.compile(
    r"(?P<year>[0-9]{4})(?:\s*(?P<mark>[-/. ])\s*(?P<month>[0-9]{1,2})"
    r"(?:\s*(?P=mark)\s*(?P<day>[0-9]{1,2}))?)?"
)
_NO_YEAR = re.compile(r"--[0-9]{2}-[0-9]{2}")


def _year_first(text: str) -> Iterator[str] | None:
    """Read `2022-08-20`, `2022/8`, `2022` and `--08-20`."""
    if match := _YEAR_FIRST.fullmatch(text):
        parts = (match["year"], match["month"], match["day"])
        return iter(["-".join(part.zfill(2) for part in parts if part)])
    return iter([text]) if _NO_YEAR.fullmatch(text) else None


_NUMBERS = re.compile(
    r"(?P<first>[0-9]{1,2})\s*(?P<mark>[-/. ])\s*(?P<second>[0-9]{1,2})"
    r"(?:\s*(?P=mark)\s*(?P<third>[0-9]{4}|[0-9]{2}))?"
)
_MONTH_AND_YEAR = re.compile(r"(?P<month>[0-9]{1,2})\s*[-/. ]\s*(?P<year>[0-9]{4})")


def _numbers(text: str) -> Iterator[str] | None:
    """Read `20.08.2022`, `25/12/2022`, `20.08` and `08/2022`."""
    if match := _MONTH_AND_YEAR.fullmatch(text):
        return iter([f"{match['year']}-{match['month']:>02}"])
    match = _NUMBERS.fullmatch(text)
    if match is None:
        return None
    first, second, third = match["first"], match["second"], match["third"]
    if match["mark"] == ".":
        return _dates(_years(third), second, first)
    return _orders(first, second, third)


def _orders(first: str, second: str, third: str | None) -> Iterator[str]:
    """Yield every date that numbers without a known order can be."""
    years = _years(third)
    yield from _dates(years, second, first)
    yield from _dates(years, first, second)
    if third is None:
        if len(second) == 2:
            yield from (f"{year}-{first:>02}" for year in _years(second) if year)
    elif len(third) == 2 and len(first) == 2:
        yield from _dates(_years(first), second, third)


def _dates(years: Iterable[str], month: str, day: str) -> Iterator[str]:
    for year in years:
        yield f"{year or '-'}-{month:>02}-{day:>02}"


def _years(digits: str | None) -> list[str]:
    """Return the years that digits can mean; one empty text if there are no digits."""
    if digits is None or len(digits) == 4:
        return [digits or ""]
    number = int(digits)
    if 2000 + number <= datetime.now(UTC).year + 1:
        return [f"20{digits}"]
    return (
        [f"19{digits}"] if number >= _FIRST_YEAR_OF_LAST_CENTURY else [f"20{digits}", f"19{digits}"]
    )


_WEEKDAY = f"(?:{any_of(lambda language: language.weekdays)})"
_LEAD = re.compile(rf"(?:(?:on|в|во|от|за)\s+)?(?:{_WEEKDAY}\b[.,]?\s*)?(?:the\s+)?")
_ORDINAL = re.compile(r"(?<=[0-9])(?:st|nd|rd|th|-?(?:го|е|ое|шы|ші|сы|сі|ы|і))(?!\w)(?:\s+of\b)?")
_PART = re.compile(r"[0-9]+|[^\W\d_]+\.?|[^\s,.-]")
_ORDERS = {"dmy", "mdy", "ymd", "ydm", "dm", "md", "my", "ym"}


def _words(text: str) -> Iterator[str] | None:
    """Read a month's name with a day, a year or both: `August 20, 2022`, `2022 20 тамыз`."""
    text = _ORDINAL.sub("", _LEAD.sub("", text, count=1))
    parts: dict[str, str] = {}
    for part in _PART.findall(text):
        month = printed_dates.month_of(part)
        kind = "m" if month else "y" if len(part) == 4 else "d" if len(part) < 3 else ""
        if not kind or kind in parts or not (month or part.isdecimal()):
            return None
        parts[kind] = str(month or part)
    if "".join(parts) not in _ORDERS:
        return None
    if "d" in parts:
        return _dates([parts.get("y", "")], parts["m"], parts["d"])
    return iter([f"{parts['y']}-{parts['m']:>02}"])
