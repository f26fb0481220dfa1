"""The records of other publishers' fact-checks, and functions that clean their values.

Missing values stay empty. A record that lacks a required value is rejected alone. Markup,
control characters and addresses that are not of the public web are removed. No Django, no
database, no network.
"""

import html
import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import lru_cache
from typing import Any, NamedTuple
from urllib.parse import quote, urlsplit

from factcheck.imports import printed_dates
from factcheck.imports.errors import Code, Location, RecordError
from factcheck.text.dates import full_date
from factcheck.text.normalize import remove_controls

_MAX_TEXT, _MAX_URL, _MAX_DATE = 20_000, 1_000, 60
_ELEMENTS = (
    "a abbr address area article aside audio b base bdi bdo big blockquote body br button canvas"
    " caption center cite code col colgroup data datalist dd del details dfn dialog dir div dl dt"
    " em embed fieldset figcaption figure font footer form frame frameset h[1-6] head header"
    " hgroup hr html i iframe image img input ins kbd label legend li link main map mark marquee"
    " math menu meta meter nav nobr noembed noframes noscript object ol optgroup option output p"
    " param picture plaintext pre progress q rp rt ruby s samp script search section select slot"
    " small source span strike strong style sub summary sup svg table tbody td template textarea"
    " tfoot th thead time title tr track tt u ul var video wbr xmp"
).replace(" ", "|")
# A tag, but not two comparisons (`x<y and y>z`). A tag that is never closed counts, too.
_TAG = re.compile(
    rf"<(?:[!?][^<>]{{0,2000}}|/?(?:{_ELEMENTS})\b[^<>]{{0,2000}}"
    r"|/?[a-z][\w:-]{0,50}(?:/|\s[^<>=]{0,1900}=[^<>]{0,2000})?)>"
    rf"|<(?:{_ELEMENTS})\s[^<>=]*=[^<>]*\Z",
    re.I,
)
# Characters that change the writing direction of all that follows, even after the text.
_BIDI_CONTROLS = r"\u202a-\u202e\u2066-\u2069"
_BIDI_CONTROL = re.compile(f"[{_BIDI_CONTROLS}]")
# Characters that an address must percent-encode.
_UNENCODED = re.compile(rf"[\s<>\"\\^`{{|}}{_BIDI_CONTROLS}]")
# An IP address in brackets, or percent-encoded letters.
_NO_HOST = re.compile(r"[\[%]")
_URL_SEPARATOR = re.compile(r"[\s,;|](?=https?://)", re.I)
# Most addresses match, and need no further check.
_PLAIN_LINK = re.compile(r"https?://[a-z0-9-]+(?:\.[a-z0-9-]+)+(?:[/?#][!#-;=?-\[\]_a-z~]*)?")


class Appearance(NamedTuple):
    """A publication in which a claim appeared."""

    url: str
    title: str = ""
    published_on: str = ""


class Review(NamedTuple):
    """One publisher's fact-check of one claim. Dates are ISO, or empty where not known."""

    url: str
    text: str
    publisher: str = ""
    label: str = ""
    reason: str = ""
    reviewed_on: str = ""
    language: str = ""
    claimant: str = ""
    is_organisation: bool = False
    claimant_role: str = ""
    same_as: str = ""
    claimed_on: str = ""
    appearances: tuple[Appearance, ...] = ()
    # Dates and addresses that were given and cannot be read.
    unreadable: tuple[str, ...] = ()


class ParsedRecord(NamedTuple):
    """A record of a file: its review or its error, and the raw record as it was read."""

    location: Location
    raw: Any
    review: Review | None = None
    problem: RecordError | None = None


def parse_record(location: Location, raw: Any, parse: Callable[[Any], Review]) -> ParsedRecord:
    """Parse a raw record; return it with its review or its error."""
    try:
        return ParsedRecord(location, raw, parse(raw))
    except RecordError as error:
        return ParsedRecord(location, raw, problem=error)


def plain_text(value: str) -> str:
    """Return a text without markup, plain or escaped, and without control characters."""
    if "<" in value or "&" in value:
        # Unescaped text may be markup again.
        value = _TAG.sub(" ", html.unescape(_TAG.sub(" ", value)))
    if not value.isprintable():
        value = _BIDI_CONTROL.sub("", remove_controls(value))
    return " ".join(value.split())


def require(field: str, value: str) -> str:
    """Return a text that a record must have."""
    if not value or not any(letter.isprintable() and letter != " " for letter in value):
        raise RecordError(Code.FIELD_MISSING, field=field)
    if len(value) > _MAX_TEXT:
        raise RecordError(Code.FIELD_TOO_LONG, field=field, limit=_MAX_TEXT)
    return value


def require_url(value: str) -> str:
    """Return the address that identifies a record."""
    if not value:
        raise RecordError(Code.ADDRESS_MISSING, field="url")
    if len(value) > _MAX_URL:
        raise RecordError(Code.FIELD_TOO_LONG, field="url", limit=_MAX_URL)
    if not (url := web_link(value)):
        shown = remove_controls(value[:80])
        raise RecordError(Code.ADDRESS_NOT_PUBLIC, field="url", value=shown)
    return url


def web_link(value: str) -> str:
    """Return a web address; empty if it is invalid, too long or not of a public site."""
    if len(value) > _MAX_URL:
        return ""
    if _PLAIN_LINK.fullmatch(value):
        return value
    value = _UNENCODED.sub(lambda mark: quote(mark[0]), value)
    try:
        parts = urlsplit(value)
        host, _port = parts.hostname or "", parts.port
    except ValueError:
        return ""
    # A host without a dot is a machine of a local network.
    is_public = "." in host.strip(".") and not _NO_HOST.search(parts.netloc) and len(host) < 254
    is_clean = is_public and parts.scheme in {"http", "https"} and len(value) <= _MAX_URL
    return value if is_clean and value == remove_controls(value) else ""


def split_urls(value: str) -> list[str]:
    """Return the addresses of a text that may hold more than one."""
    return [part.strip(" ,;|\t\r\n") for part in _URL_SEPARATOR.split(value)]


class UnreadableValues:
    """Collects the dates and addresses of a record that cannot be read, to report them."""

    def __init__(self) -> None:
        self.texts: list[str] = []

    def link(self, value: str) -> str:
        """Return a web address; empty, and noted, if it is invalid."""
        url = web_link(value)
        if value and not url:
            self.texts.append(remove_controls(value[:80]))
        return url

    def date(self, value: str, *, is_past: bool = False) -> str:
        """Return an ISO date; empty, and noted, if it is invalid, or in the future if `is_past`."""
        day = iso_date(value)
        if day and is_past and day > _tomorrow():
            day = ""
        if value and not day:
            self.texts.append(remove_controls(value[:40]))
        return day


@lru_cache(10_000)  # dates repeat often
def iso_date(value: str) -> str:
    """Return the ISO date that a text means; empty if it is invalid or ambiguous.

    ISO 8601, `20210820`, `20 August 2021` in English, Russian and Kazakh, `20.08.2021`,
    `8/20/2021`, RFC 822, and seconds or milliseconds since 1970.
    """
    if (day := full_date(value[:10])) and not value[10:11].isdigit():
        return day.isoformat()
    if len(value) > _MAX_DATE:
        return ""
    if _DIGITS.fullmatch(value):
        return _from_digits(value)
    ambiguous = _DAY_OR_MONTH_FIRST.match(value)
    if ambiguous and ambiguous["first"].lstrip("0") != ambiguous["second"].lstrip("0"):
        return ""
    if parts := _YEAR_FIRST.match(value):
        year, month, day_of_month = map(int, parts.groups())
        return _valid_date(year, month, day_of_month)
    printed = printed_dates.parse(_TIME.sub("", value))
    if printed and printed.year and printed.month and printed.day and not printed.last_day:
        return _valid_date(printed.year, printed.month, printed.day)
    try:
        return parsedate_to_datetime(value).date().isoformat()
    except (ValueError, TypeError, IndexError, OverflowError):
        return ""


_DIGITS = re.compile(r"[0-9]{8}|[0-9]{10}|[0-9]{13}")
_DAY_OR_MONTH_FIRST = re.compile(r"(?P<first>0?[1-9]|1[0-2])/(?P<second>0?[1-9]|1[0-2])/")
_YEAR_FIRST = re.compile(r"([0-9]{4})[-/.]([0-9]{1,2})[-/.]([0-9]{1,2})(?![0-9])")
_TIME = re.compile(r",?\s+(?:at\s+)?[0-9]{1,2}:[0-9]{2}.*\Z", re.S)


def _from_digits(value: str) -> str:
    """Return the date of `20210820`, or of seconds or milliseconds since 1970."""
    if len(value) == 8:
        return _valid_date(int(value[:4]), int(value[4:6]), int(value[6:]))
    return datetime.fromtimestamp(int(value[:10]), UTC).date().isoformat()


def _valid_date(year: int, month: int, day: int) -> str:
    try:
        return date(year, month, day).isoformat()
    except ValueError:
        return ""


def _tomorrow() -> str:
    # In the easternmost time zones it is tomorrow already.
    return (date.today() + timedelta(days=1)).isoformat()  # noqa: DTZ011 - of any zone


def language_code(value: str) -> str:
    """Return a BCP 47 code; empty if it is invalid."""
    is_code = re.fullmatch(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*", value)
    return value if is_code and len(value) <= 16 else ""
