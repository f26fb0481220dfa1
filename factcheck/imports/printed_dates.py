"""Reads dates as analysts print them: `August 15–17`, `15 августа 2021 г.`, `03/29/23`."""

import re
from calendar import monthrange
from datetime import date
from typing import NamedTuple

from factcheck.imports.errors import ArticleError, Code
from factcheck.imports.language_words import LANGUAGES
from factcheck.text.dates import is_date_text

# The patterns of each month's names in all languages: in full, and abbreviated.
_FULL_NAMES = tuple(zip(*(language.months for language in LANGUAGES), strict=True))
_SHORT_NAMES = tuple(
    zip(*filter(None, (language.short_months for language in LANGUAGES)), strict=True)
)
_NUMBERED = [
    (number, re.compile(rf"(?:{'|'.join(full)}|(?:{'|'.join(short)})\.?)", re.I))
    for number, (full, short) in enumerate(zip(_FULL_NAMES, _SHORT_NAMES, strict=True), 1)
]
_FULL = "|".join(map("|".join, _FULL_NAMES))
_SHORT = "|".join(rf"(?:{'|'.join(short)})\.?" for short in _SHORT_NAMES)
# Full names first: `Jun` must not cut `June`.
MONTH = rf"(?:(?:{_FULL}|{_SHORT})(?![^\W\d_]))"
_DAY = r"(?:0?[1-9]|[12][0-9]|3[01])(?:st|nd|rd|th|-?го)?(?![0-9])"
_YEAR = r"(?:(?:19|20)[0-9][0-9](?![0-9])(?:\s*(?:года|году|г\.?|жыл[ығ]?[ыі]?|ж\.?)(?!\w))?)"
_RANGE = r"\s*(?:-|to\b|through\b|по\b)\s*"
_PREFIX = (
    r"(?:(?:on|of|from|dated|published|posted|both|all|от|за)\s+)?"
    r"(?:(?:mon|tues|wednes|thurs|fri|satur|sun)day\s+)?"
)

_FORMS = (
    # August 15, August 15-17, August 30-September 2; the year after either end.
    rf"(?P<m>{MONTH})\s*(?P<d>{_DAY})(?:,?\s*(?P<y>{_YEAR}))?"
    rf"(?:{_RANGE}(?:(?P<m2>{MONTH})\s*)?(?P<d2>{_DAY})(?:,?\s*(?P<y2>{_YEAR}))?)?",
    # 15 August, 15-17 августа 2021, 30 августа - 2 сентября
    rf"(?P<d>{_DAY})(?:{_RANGE}(?P<d2>{_DAY}))?[\s-]*(?P<m>{MONTH})(?:,?\s*(?P<y>{_YEAR}))?",
    rf"(?P<d>{_DAY})\s*(?P<m>{MONTH})(?:\s*(?P<y>{_YEAR}))?"
    rf"{_RANGE}(?P<d2>{_DAY})\s*(?P<m2>{MONTH})(?:,?\s*(?P<y2>{_YEAR}))?",
    # 2021 жылғы 20 тамыз
    rf"(?P<y>(?:19|20)[0-9][0-9])\s*(?:жыл\w*|ж\.|г\.|года)\s*"
    rf"(?P<d>{_DAY})(?:{_RANGE}(?P<d2>{_DAY}))?\s*(?P<m>{MONTH})",
    # Numbers: the slash is American unless that cannot be, the dot is European.
    r"(?P<y>(?:19|20)[0-9][0-9])-(?P<m>[0-9][0-9])-(?P<d>[0-9][0-9])",
    r"(?P<m>0?[1-9]|1[0-2])/(?P<d>0?[1-9]|[12][0-9]|3[01])/(?P<y>[0-9]{4}|[0-9][0-9])",
    r"(?P<d>1[3-9]|2[0-9]|3[01])/(?P<m>0?[1-9]|1[0-2])/(?P<y>[0-9]{4}|[0-9][0-9])",
    r"(?P<d>0?[1-9]|[12][0-9]|3[01])\.(?P<m>0?[1-9]|1[0-2])\.(?P<y>[0-9]{4}|[0-9][0-9])(?:\s*г\.?)?",
    r"(?P<d>[0-2][0-9]|3[01])\.(?P<m>0[1-9]|1[0-2])",
)
_FULL_PATTERNS = [re.compile(rf"{_PREFIX}{form}", re.I) for form in _FORMS]
_PARTIAL_PATTERNS = [
    re.compile(form, re.I)
    for form in (
        rf"(?P<d>{_DAY})(?:{_RANGE}(?P<d2>{_DAY}))?",
        rf"(?P<m>{MONTH})(?:\s*[-/]\s*{MONTH})?(?:,?\s*(?P<y>{_YEAR}))?",
        rf"(?P<y>{_YEAR})",
    )
]
_IMPOSSIBLE = re.compile(rf"(?:{MONTH}\s*[\d²³¹]+|\d+\s*{MONTH})[\d\s,²³¹–-]*", re.I)
_DATE_AT_END = re.compile(
    "|".join(rf"(?<![^\s:-]){_PREFIX}(?:{re.sub(r'[?]P<[^>]+>', '?:', form)})$" for form in _FORMS),
    re.I,
)
DASHES = str.maketrans("–—−‒―‐‑", "-------")
# The word that a date ends in must end with it.
_DATES_AT_START = [re.compile(rf"(?i:{form})(?=[^\w.)-]|-\s*[^\W\d]|[A-ZА-ЯЁ])") for form in _FORMS]
_NUMERIC = re.compile(r"[\d./-]+")


class PrintedDate(NamedTuple):
    """The parts of one printed date; those that it leaves open are None."""

    year: int | None = None
    month: int | None = None
    day: int | None = None
    last_month: int | None = None
    last_day: int | None = None
    last_year: int | None = None
    is_numeric: bool = False

    @property
    def final_year(self) -> int | None:
        """Return the last year that is printed."""
        return self.last_year or self.year

    def with_final_year(self, year: int | None) -> "PrintedDate":
        """Return the date with this year at its end."""
        return self._replace(last_year=year) if self.last_day else self._replace(year=year)

    @property
    def is_possible(self) -> bool:
        """Return whether the calendar has these dates, and a range runs forward."""
        return self._runs_forward and all(
            month is None or day is None or _exists(year or 2000, month, day)
            for year, month, day in (
                (self.year, self.month, self.day),
                (self.last_year, self.last_month or self.month, self.last_day),
            )
        )

    @property
    def _runs_forward(self) -> bool:
        """Return whether a range ends on or after its first day, in the next year if near."""
        if not (self.last_day and self.month):
            return True
        last_month = self.last_month or self.month
        first, last = (self.month, self.day or 1), (last_month, self.last_day)
        if self.year and self.last_year:
            return (self.year, *first) <= (self.last_year, *last)
        return first <= last or 0 < (last_month - self.month) % 12 < 4


def parse(part: str) -> PrintedDate | None:
    """Return the date that `part` is; None if it is anything else or more."""
    part = part.translate(DASHES).rstrip(". ")
    for form in (*_FULL_PATTERNS, *_PARTIAL_PATTERNS):
        if match := form.fullmatch(part):
            groups = match.groupdict()
            year, last_year = _year(groups.get("y")), _year(groups.get("y2"))
            return PrintedDate(
                year,
                _month(groups.get("m")),
                _number(groups.get("d")),
                _month(groups.get("m2")),
                _number(groups.get("d2")),
                last_year,
                bool(_NUMERIC.fullmatch(part)) and groups.get("m") is not None,
            )
    return None


def is_impossible(part: str) -> bool:
    """Return whether `part` is written like a date that no calendar has: `August 32`."""
    return bool(_IMPOSSIBLE.fullmatch(part))


def split_trailing_date(part: str) -> tuple[str, str]:
    """Split `Interfax August 20` before its date; without a date, the second part is empty."""
    match = _DATE_AT_END.search(part.translate(DASHES).rstrip(". "))
    return (part[: match.start()], part[match.start() :]) if match else (part, "")


def split_leading_date(part: str) -> tuple[str, str]:
    """Split `June 8 and China Brief` after its date; without a date, the first part is empty."""
    plain = part.translate(DASHES)
    ends = [match.end() for form in _DATES_AT_START if (match := form.match(plain))]
    return (part[: max(ends)], part[max(ends) :]) if ends else ("", part)


def month_of(word: str) -> int | None:
    """Return the number of the month that a word names, in full or short."""
    return next((number for number, name in _NUMBERED if name.fullmatch(word)), None)


def first_date_in(line: str) -> str:
    """Return the first full date that a short line names; empty if it names none."""
    for form in _FORMS:
        for match in re.finditer(rf"(?<!\w){form}(?!\w)", line.translate(DASHES), re.I):
            printed = parse(match[0])
            if printed and printed.year and printed.day and printed.is_possible:
                return resolve(printed, None)[0] or ""
    return ""


def last_day_of(published: str | None) -> date | None:
    """Return the last day of a date, month or year; ArticleError if it is none of these."""
    if not published:
        return None
    if not is_date_text(published) or published.startswith("-"):
        raise ArticleError(Code.DATE_INVALID, value=published)
    year, month, day = [*map(int, published.split("-")), 0, 0][:3]
    month = month or 12
    return date(year, month, day or monthrange(year, month)[1])


def resolve(printed: PrintedDate, published: date | None) -> tuple[str | None, str | None]:
    """Return the first and last day as date texts.

    A year that is not printed is the latest that puts the date on or before `published`. Without
    `published` the year stays unknown (`--08-20`).
    """
    year, month, day = printed.year, printed.month, printed.day
    if month is None:
        return (str(year) if year else None), None
    end_month, end_day = printed.last_month or month, printed.last_day
    crosses_year = end_day is not None and (end_month, end_day) < (month, day or 1)
    if year is None and printed.last_year is not None:
        year = printed.last_year - crosses_year
    if year is None:
        year = _latest_year(month, day or 1, published)
    if day is None:
        return (f"{year:04}-{month:02}" if year else None), None
    first = _text(year, month, day)
    if end_day is None:
        return first, None
    return first, _text(year and (printed.last_year or year + crosses_year), end_month, end_day)


def without_year(text: str | None) -> str:
    """Return the month and day of a date text that names a day, else the text as it is."""
    return re.sub(r"^(?:\d{4}-|--)(?=\d\d-\d\d$)", "", text or "")


def _latest_year(month: int, day: int, published: date | None) -> int | None:
    if published is None:
        return None
    for year in range(published.year, max(published.year - 9, 0), -1):
        if _exists(year, month, day) and date(year, month, day) <= published:
            return year
    return None


def _text(year: int | None, month: int, day: int) -> str:
    return f"{year:04}-{month:02}-{day:02}" if year else f"--{month:02}-{day:02}"


def _exists(year: int, month: int, day: int) -> bool:
    return 1 <= month <= 12 and 1 <= day <= monthrange(year, month)[1]


def _month(printed: str | None) -> int | None:
    if printed is None:
        return None
    return int(printed) if printed.isdecimal() else month_of(printed)


def _number(printed: str | None) -> int | None:
    return int(re.match(r"\d+", printed)[0]) if printed else None  # type: ignore[index]


def _year(printed: str | None) -> int | None:
    if printed is None:
        return None
    digits = re.match(r"\d+", printed)[0]  # type: ignore[index]
    if len(digits) == 4:
        return int(digits)
    return (1900 if int(digits) >= 70 else 2000) + int(digits)
