"""One date as a person types it into a form: `20 August 2022`, `20.08.2022`, `2022-08`, `2022`.

An article's own dates are read by `dates`, which takes `05/07/2022` for American. A form asks
instead: what can be read in two ways is never guessed.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime

from factcheck.imports import printed_dates
from factcheck.imports.languages import any_of
from factcheck.text.dates import is_date_text
from factcheck.text.normalize import fold

# The century of two digits is known for the years that editors write so.
_LAST_CENTURY = 70


class DateError(ValueError):
    """What was typed is not one date."""


class UnreadableDateError(DateError):
    """It is not written like a date."""


class ImpossibleDateError(DateError):
    """It is written like a date that no calendar has."""


class SeveralDatesError(DateError):
    """It is a range of dates."""


class AmbiguousDateError(DateError):
    """It can be read as more than one date; `readings` are their date texts."""

    def __init__(self, readings: list[str]) -> None:
        self.readings = readings
        super().__init__(", ".join(readings))


def read_typed(typed: str) -> str:
    """Return the date text of what was typed; empty if nothing was. A DateError says why not.

    Dots put the day first, a year of four digits at the start is followed by the month. Slashes,
    dashes and spaces between numbers say neither.

    >>> read_typed("20 августа 2022 г."), read_typed("20 August"), read_typed("25/12/2022")
    ('2022-08-20', '--08-20', '2022-12-25')
    """
    text = _plain(typed)
    if not text or is_date_text(text):
        return text
    text = _YEAR_UNKNOWN.sub("", _YEAR_WORD.sub("", text)).rstrip(",. ")
    for reader in (_year_first, _numbers, _words):
        if (readings := reader(text)) is not None:
            return _only(readings)
    printed = printed_dates.read(text)
    raise SeveralDatesError if printed and printed.last_day else UnreadableDateError


def _plain(typed: str) -> str:
    """Return the text in lower case, with plain spaces, dashes and digits.

    A raised number is no digit of the date, though it would become one.
    """
    if any(unicodedata.category(char) == "No" for char in typed):
        raise UnreadableDateError
    text = fold(typed).translate(printed_dates.DASHES)
    return "".join(str(unicodedata.decimal(char, char)) for char in text)


def _only(readings: Iterable[str]) -> str:
    found = list(dict.fromkeys(filter(is_date_text, readings)))
    if not found:
        raise ImpossibleDateError
    if len(found) > 1:
        raise AmbiguousDateError(found)
    return found[0]


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
    r"(?P<one>[0-9]{1,2})\s*(?P<mark>[-/. ])\s*(?P<two>[0-9]{1,2})"
    r"(?:\s*(?P=mark)\s*(?P<three>[0-9]{4}|[0-9]{2}))?"
)
_MONTH_AND_YEAR = re.compile(r"(?P<month>[0-9]{1,2})\s*[-/. ]\s*(?P<year>[0-9]{4})")


def _numbers(text: str) -> Iterator[str] | None:
    """Read `20.08.2022`, `25/12/2022`, `20.08` and `08/2022`."""
    if match := _MONTH_AND_YEAR.fullmatch(text):
        return iter([f"{match['year']}-{match['month']:>02}"])
    match = _NUMBERS.fullmatch(text)
    if match is None:
        return None
    one, two, three = match["one"], match["two"], match["three"]
    if match["mark"] == ".":
        return _dates(_years(three), two, one)
    return _orders(one, two, three)


def _orders(one: str, two: str, three: str | None) -> Iterator[str]:
    """Yield every date that numbers without a known order can be."""
    years = _years(three)
    yield from _dates(years, two, one)
    yield from _dates(years, one, two)
    if three is None:
        if len(two) == 2:
            yield from (f"{year}-{one:>02}" for year in _years(two) if year)
    elif len(three) == 2 and len(one) == 2:
        yield from _dates(_years(one), two, three)


def _dates(years: Iterable[str], month: str, day: str) -> Iterator[str]:
    for year in years:
        yield f"{year or '-'}-{month:>02}-{day:>02}"


def _years(digits: str | None) -> list[str]:
    """Return the years that these digits can be; an empty one where there are none."""
    if digits is None or len(digits) == 4:
        return [digits or ""]
    number = int(digits)
    if 2000 + number <= datetime.now(UTC).year + 1:
        return [f"20{digits}"]
    return [f"19{digits}"] if number >= _LAST_CENTURY else [f"20{digits}", f"19{digits}"]


_WEEKDAY = f"(?:{any_of(lambda language: language.weekdays)})"
_LEAD = re.compile(rf"(?:(?:on|в|во|от|за)\s+)?(?:{_WEEKDAY}\b[.,]?\s*)?(?:the\s+)?")
_ORDINAL = re.compile(r"(?<=[0-9])(?:st|nd|rd|th|-?(?:го|е|ое|шы|ші|сы|сі|ы|і))(?!\w)(?:\s+of\b)?")
_PART = re.compile(r"[0-9]+|[^\W\d_]+\.?|[^\s,.-]")
_ORDERS = {"dmy", "mdy", "ymd", "ydm", "dm", "md", "my", "ym"}


def _words(text: str) -> Iterator[str] | None:
    """Read a month's name with a day, a year or both: `August 20, 2022`, `2022 20 тамыз`."""
    text = _ORDINAL.sub("", _LEAD.sub("", text, count=1))
    found: dict[str, str] = {}
    for part in _PART.findall(text):
        month = printed_dates.month_of(part)
        kind = "m" if month else "y" if len(part) == 4 else "d" if len(part) < 3 else ""
        if not kind or kind in found or not (month or part.isdecimal()):
            return None
        found[kind] = str(month or part)
    if "".join(found) not in _ORDERS:
        return None
    if "d" in found:
        return _dates([found.get("y", "")], found["m"], found["d"])
    return iter([f"{found['y']}-{found['m']:>02}"])
