"""What a reader of other publishers' fact-checks yields, and how their words are cleaned.

Whatever a record lacks stays empty; what it must have and lacks refuses it alone. No markup, no
control character and no address but of the web gets through. No Django, no database, no network.
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
from factcheck.text.dates import known_day
from factcheck.text.normalize import without_controls

_MOST_TEXT, _MOST_URL, _MOST_DAY = 20_000, 1_000, 60
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
# A tag, unless it reads as two comparisons: `x<y and y>z`. One that never closes, too.
_TAG = re.compile(
    rf"<(?:[!?][^<>]{{0,2000}}|/?(?:{_ELEMENTS})\b[^<>]{{0,2000}}"
    r"|/?[a-z][\w:-]{0,50}(?:/|\s[^<>=]{0,1900}=[^<>]{0,2000})?)>"
    rf"|<(?:{_ELEMENTS})\s[^<>=]*=[^<>]*\Z",
    re.I,
)
# They turn the direction of all that follows, beyond the text.
_DIRECTIONS = r"\u202a-\u202e\u2066-\u2069"
_TURNS = re.compile(f"[{_DIRECTIONS}]")
# What an address holds in its coded form alone.
_UNCODED = re.compile(rf"[\s<>\"\\^`{{|}}{_DIRECTIONS}]")
# A number, and letters that are coded.
_NO_HOST = re.compile(r"[\[%]")
_SEVERAL = re.compile(r"[\s,;|](?=https?://)", re.I)
# What most addresses are: nothing else in them needs to be taken apart.
_PLAIN_LINK = re.compile(r"https?://[a-z0-9-]+(?:\.[a-z0-9-]+)+(?:[/?#][!#-;=?-\[\]_a-z~]*)?")


class RecordError(ValueError):
    """A record that cannot be read: its field, and what is wrong with it."""

    def __init__(self, field: str, reason: str) -> None:
        self.field, self.reason = field, reason
        super().__init__(field, reason)

    def __str__(self) -> str:
        return f"{self.field}: {self.reason}"


class FileError(ValueError):
    """A file that cannot be read on; the message names the place."""


class Appearance(NamedTuple):
    """Where a claim appeared."""

    url: str
    title: str = ""
    published_on: str = ""


class Review(NamedTuple):
    """One publisher's finding about one claim. Days are ISO, or empty where not known."""

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
    # Days and addresses that were given and cannot be read.
    lost: tuple[str, ...] = ()


class Found(NamedTuple):
    """What stands at one place of a file: a review, or why there is none; `raw` as it was read."""

    place: str
    raw: Any
    review: Review | None = None
    problem: RecordError | None = None


def read_one(place: str, raw: Any, read: Callable[[Any], Review]) -> Found:
    """Return what a record says, or what is wrong with it."""
    try:
        return Found(place, raw, read(raw))
    except RecordError as error:
        return Found(place, raw, problem=error)


def plain_text(value: str) -> str:
    """Return plain text: no markup gets through, as markup or as text."""
    if "<" in value or "&" in value:
        # Once unescaped it may be markup again.
        value = _TAG.sub(" ", html.unescape(_TAG.sub(" ", value)))
    if not value.isprintable():
        value = _TURNS.sub("", without_controls(value))
    return " ".join(value.split())


def needed(name: str, value: str) -> str:
    """Return a text that a record must have."""
    if not value or not any(letter.isprintable() and letter != " " for letter in value):
        raise RecordError(name, "is missing")
    if len(value) > _MOST_TEXT:
        raise RecordError(name, f"is longer than {_MOST_TEXT} letters")
    return value


def needed_link(value: str) -> str:
    """Return the address that a record is known by."""
    if not value:
        raise RecordError("url", "is missing: a record is known by it")
    if len(value) > _MOST_URL:
        raise RecordError("url", f"is longer than {_MOST_URL} letters")
    if not (link := web_link(value)):
        said = without_controls(value[:80])
        raise RecordError("url", f"“{said}” is no http or https address of a public site")
    return link


def web_link(value: str) -> str:
    """Return a web address; empty for what is none, or too long, or of no public site."""
    if len(value) > _MOST_URL:
        return ""
    if _PLAIN_LINK.fullmatch(value):
        return value
    value = _UNCODED.sub(lambda mark: quote(mark[0]), value)
    try:
        parts = urlsplit(value)
        host, _port = parts.hostname or "", parts.port
    except ValueError:
        return ""
    # One word is a machine of somebody's own network; a colon, a number.
    is_public = "." in host.strip(".") and not _NO_HOST.search(parts.netloc) and len(host) < 254
    clean = is_public and parts.scheme in {"http", "https"} and len(value) <= _MOST_URL
    return value if clean and value == without_controls(value) else ""


def several(value: str) -> list[str]:
    """Return the addresses of a text that may hold more than one."""
    return [part.strip(" ,;|\t\r\n") for part in _SEVERAL.split(value)]


class Lost:
    """What a record gives that cannot be read: kept, to be told."""

    def __init__(self) -> None:
        self.texts: list[str] = []

    def link(self, value: str) -> str:
        """Return a web address; empty for what is none."""
        found = web_link(value)
        if value and not found:
            self.texts.append(without_controls(value[:80]))
        return found

    def day(self, value: str, *, is_past: bool = False) -> str:
        """Return an ISO day; empty for what is none, and for one to come where it is past."""
        found = iso_day(value)
        if found and is_past and found > _tomorrow():
            found = ""
        if value and not found:
            self.texts.append(without_controls(value[:40]))
        return found


@lru_cache(10_000)  # days come again and again
def iso_day(value: str) -> str:
    """Return the day that a text names, written in any way that means one day alone; else empty.

    ISO 8601, `20210820`, `20 August 2021` in English, Russian and Kazakh, `20.08.2021`,
    `8/20/2021`, RFC 822, and seconds or milliseconds since 1970.
    """
    if (day := known_day(value[:10])) and not value[10:11].isdigit():
        return day.isoformat()
    if len(value) > _MOST_DAY:
        return ""
    if _NUMBERS.fullmatch(value):
        return _numbered(value)
    same = _EITHER.match(value)
    if same and same["one"].lstrip("0") != same["other"].lstrip("0"):
        return ""  # the month or the day stands first
    if parts := _YEAR_FIRST.match(value):
        year, month, number = map(int, parts.groups())
        return _day(year, month, number)
    printed = printed_dates.read(_TIME.sub("", value))
    if printed and printed.year and printed.month and printed.day and not printed.last_day:
        return _day(printed.year, printed.month, printed.day)
    try:
        return parsedate_to_datetime(value).date().isoformat()
    except (ValueError, TypeError, IndexError, OverflowError):
        return ""


_NUMBERS = re.compile(r"[0-9]{8}|[0-9]{10}|[0-9]{13}")
_EITHER = re.compile(r"(?P<one>0?[1-9]|1[0-2])/(?P<other>0?[1-9]|1[0-2])/")
_YEAR_FIRST = re.compile(r"([0-9]{4})[-/.]([0-9]{1,2})[-/.]([0-9]{1,2})(?![0-9])")
_TIME = re.compile(r",?\s+(?:at\s+)?[0-9]{1,2}:[0-9]{2}.*\Z", re.S)


def _numbered(value: str) -> str:
    if len(value) == 8:
        return _day(int(value[:4]), int(value[4:6]), int(value[6:]))
    return datetime.fromtimestamp(int(value[:10]), UTC).date().isoformat()


def _day(year: int, month: int, number: int) -> str:
    try:
        return date(year, month, number).isoformat()
    except ValueError:
        return ""


def _tomorrow() -> str:
    # Where the sun rises first it is tomorrow already.
    return (date.today() + timedelta(days=1)).isoformat()  # noqa: DTZ011 - of any zone


def language_code(value: str) -> str:
    """Return a BCP 47 code; empty for what is none."""
    found = re.fullmatch(r"([A-Za-z]{2,3})(-[A-Za-z0-9]{2,8})*", value)
    return found[0] if found and len(value) <= 16 else ""
