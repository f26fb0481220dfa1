"""What a reader of other publishers' fact-checks yields, and how their words are cleaned.

Whatever a record lacks stays empty; what it must have and lacks refuses it alone. No markup, no
control character and no address but of the web gets through. No Django, no database, no network.
"""

import html
import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from factcheck.text import known_day, without_controls

_MOST_TEXT, _MOST_URL = 20_000, 1_000
_TAG = re.compile(r"<[^<>]{0,2000}>")
_NO_LINK = re.compile(r"[\s<>\"\\^`{|}]")
# What most addresses are: nothing else in them needs to be taken apart.
_PLAIN_LINK = re.compile(r"https?://[a-z0-9][a-z0-9.-]*(?:[/?#][!#-;=?-\[\]_a-z~]*)?")


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
        value = without_controls(value)
    return " ".join(value.split())


def needed(name: str, value: str) -> str:
    """Return a text that a record must have."""
    if not value:
        raise RecordError(name, "is missing")
    if len(value) > _MOST_TEXT:
        raise RecordError(name, f"is longer than {_MOST_TEXT} letters")
    return value


def needed_link(value: str) -> str:
    """Return the address that a record is known by."""
    if not value:
        raise RecordError("url", "is missing: a record is known by it")
    if not (link := web_link(value)):
        raise RecordError("url", f"“{value[:80]}” is no http or https address")
    return link


def web_link(value: str) -> str:
    """Return a web address; empty for what is none, or too long."""
    if len(value) <= _MOST_URL and _PLAIN_LINK.fullmatch(value):
        return value
    try:
        parts = urlsplit(value)
        is_web = parts.scheme in {"http", "https"} and bool(parts.hostname)
    except ValueError:
        return ""
    clean = is_web and len(value) <= _MOST_URL and not _NO_LINK.search(value)
    return value if clean and value == without_controls(value) else ""


@lru_cache(10_000)  # days come again and again
def iso_day(value: str) -> str:
    """Return the day that a text begins with; empty for what is none."""
    day = known_day(value[:10])
    return day.isoformat() if day else ""


def language_code(value: str) -> str:
    """Return a BCP 47 code; empty for what is none."""
    found = re.fullmatch(r"([A-Za-z]{2,3})(-[A-Za-z0-9]{2,8})*", value)
    return found[0] if found and len(value) <= 16 else ""
