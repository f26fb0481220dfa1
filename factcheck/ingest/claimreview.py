"""Reads ClaimReview as found in the wild: JSON of any shape and size, and pages that hold it.

One object, a list, `@graph`, a DataFeed; `appearance` a text, an object or a list; `author`
anywhere; broken days, missing fields, ratings of any scale (their words alone are kept). No Django,
no database, no network; memory holds one record, or one page of HTML.
"""

import codecs
import re
from collections.abc import Iterator, Mapping
from itertools import accumulate
from typing import Any, BinaryIO

import orjson

from factcheck.ingest.json_stream import TOO_DEEP, JSONStream, StreamError
from factcheck.ingest.reviews import (
    Appearance,
    FileError,
    Found,
    RecordError,
    Review,
    iso_day,
    language_code,
    needed,
    needed_link,
    plain_text,
    read_one,
    web_link,
)

# A page, a record's parts, and its depth, beyond which a file means harm or nothing.
_MOST_PAGE, _MOST_PARTS, _MOST_DEPTH, _MOST_LETTERS = 20 << 20, 20_000, 40, 4 << 20
_TOO_MUCH = "a record is nested too deep, or has too many parts"
_SCRIPT = re.compile(
    rb"<script\b[^>]*\btype\s*=\s*[\"']?application/ld\+json[\"']?[^>]*>(.*?)</script", re.I | re.S
)
# Brackets, and strings, in which they mean nothing.
_MARK = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\]]', re.S)
_STREAMED = {"@graph", "dataFeedElement"}


def read_json(stream: BinaryIO) -> Iterator[Found]:
    """Yield the ClaimReviews of a JSON document of any size, wherever they stand in it."""
    number = 0
    for member in _members(stream):
        for raw in _claim_reviews(member):
            number += 1
            yield read_one(f"object {number}", raw, _from_claimreview)


def read_lines(stream: BinaryIO) -> Iterator[Found]:
    """Yield the ClaimReviews of JSON Lines; a line that is no JSON is refused alone."""
    for number, line in enumerate(stream, 1):
        if not line.strip():
            continue
        try:
            value = orjson.loads(line.removeprefix(b"\xef\xbb\xbf"))
        except orjson.JSONDecodeError as error:
            text = line.decode("utf-8", "replace")
            yield Found(f"line {number}", text, problem=RecordError("line", str(error)))
            continue
        for raw in _claim_reviews(value):
            yield read_one(f"line {number}", raw, _from_claimreview)


def read_html(stream: BinaryIO) -> Iterator[Found]:
    """Yield the ClaimReviews that a web page holds as JSON-LD; a bad block is refused alone."""
    page = stream.read(_MOST_PAGE + 1)
    if len(page) > _MOST_PAGE:
        raise FileError(f"a page of more than {_MOST_PAGE >> 20} MB is not read")
    for block in _SCRIPT.finditer(page):
        line = page.count(b"\n", 0, block.start()) + 1
        place = f"line {line}"
        try:
            value = orjson.loads(block[1].strip())
        except orjson.JSONDecodeError as error:
            text = block[1].decode("utf-8", "replace")
            yield Found(place, text, problem=RecordError("JSON-LD", str(error)))
            continue
        for raw in _claim_reviews(value):
            yield read_one(place, raw, _from_claimreview)


def _members(stream: BinaryIO) -> Iterator[Any]:
    """Yield the members of a list, `@graph` or DataFeed one by one, and else the whole document."""
    text = JSONStream(codecs.getreader("utf-8-sig")(stream).read, most=_MOST_LETTERS)
    whole: dict[str, Any] = {}
    try:
        if text.peek() == "[":
            yield from _checked(text)
        elif text.take("{"):
            for name in _names(text):
                if name in _STREAMED and text.peek() == "[":
                    yield from _checked(text)
                else:
                    whole[name] = text.value()
                    _check(text.raw)
        else:
            text.value()
        if text.peek():
            raise StreamError(text.line, "more follows the end")
    except StreamError as error:
        reason = _TOO_MUCH if error.reason == TOO_DEEP else error
        raise FileError(f"no JSON after what was read so far: {reason}") from error
    except UnicodeDecodeError as error:
        raise FileError(f"no UTF-8 text after what was read so far: {error.reason}") from error
    if whole:
        yield whole


def _checked(text: JSONStream) -> Iterator[Any]:
    for _line, member in text.members():
        _check(text.raw)
        yield member


def _check(raw: str) -> None:
    """FileError for what is nested too deep, or has too many parts, to be a record."""
    is_flat = raw.count("{") + raw.count("[") <= _MOST_DEPTH
    if raw.count(",") > _MOST_PARTS or (not is_flat and _depth(raw) > _MOST_DEPTH):
        raise FileError(_TOO_MUCH)


def _depth(raw: str) -> int:
    steps = ("{[".count(mark[0]) - "}]".count(mark[0]) for mark in _MARK.findall(raw))
    return max(accumulate(steps))


def _names(text: JSONStream) -> Iterator[str]:
    """Yield the names of an object's members; each value is read before the next is asked for."""
    if text.take("}"):
        return
    while True:
        name = text.value()
        if not isinstance(name, str) or not text.take(":"):
            raise StreamError(text.line, "a name and a colon are expected")
        yield name
        if text.take("}"):
            return
        if not text.take(","):
            raise StreamError(text.line, "a comma is missing before this")


def _claim_reviews(value: Any, depth: int = 0) -> Iterator[Any]:
    """Yield the ClaimReviews in a value: itself, a feed item's, or those of a list or graph."""
    if depth > _MOST_DEPTH:
        return
    if isinstance(value, list):
        for one in value:
            yield from _claim_reviews(one, depth + 1)
    elif isinstance(value, dict):
        kinds = value.get("@type", value.get("type"))
        kinds = kinds if isinstance(kinds, list) else [kinds]
        if any(
            isinstance(kind, str) and kind.rpartition("/")[2] == "ClaimReview" for kind in kinds
        ):
            yield value
            return
        if not any(kinds) and "claimReviewed" in value:
            yield value
            return
        for name in ("item", "@graph", "dataFeedElement", "review", "mainEntity"):
            if name in value:
                yield from _claim_reviews(value[name], depth + 1)


def _from_claimreview(raw: Mapping[str, Any]) -> Review:
    properties = raw.get("properties")
    also = properties if isinstance(properties, dict) else {}

    def get(name: str) -> Any:
        value = raw.get(name)
        return also.get(name) if value is None else value

    item = _first_map(get("itemReviewed"))
    by = _first_map(get("author")) or _first_map(get("publisher"))
    claimant = _first_map(item.get("author")) or _first_map(item.get("creator"))
    rating = _first_map(get("reviewRating"))
    label = _string(rating.get("alternateName")) or _string(rating.get("name"))
    return Review(
        url=needed_link(_string(get("url")) or _string(get("@id"))),
        text=needed("claimReviewed", plain_text(_string(get("claimReviewed")))),
        publisher=plain_text(_string(by.get("name")))[:200],
        label=plain_text(label or _string(get("reviewRating")))[:200],
        reason=plain_text(_string(get("reviewBody")) or _string(rating.get("ratingExplanation"))),
        reviewed_on=iso_day(_string(get("datePublished"))) or iso_day(_string(get("dateModified"))),
        language=language_code(_string(get("inLanguage"))),
        claimant=plain_text(_string(claimant.get("name")))[:200],
        is_organisation="Organization" in str(claimant.get("@type")),
        claimant_role=plain_text(_string(claimant.get("jobTitle")))[:200],
        same_as=web_link(_string(claimant.get("sameAs"))),
        claimed_on=iso_day(_string(item.get("datePublished"))),
        appearances=tuple(_appearances(item)),
    )


def _appearances(item: Mapping[str, Any]) -> Iterator[Appearance]:
    seen: set[str] = set()
    for name in ("firstAppearance", "appearance"):
        value = item.get(name)
        for one in value if isinstance(value, list) else [value]:
            part = one if isinstance(one, dict) else {"url": one}
            url = web_link(_string(part.get("url")) or _string(part.get("@id")))
            if url and url not in seen and len(seen) < 50:
                seen.add(url)
                title = plain_text(_string(part.get("headline")) or _string(part.get("name")))
                yield Appearance(url, title[:500], iso_day(_string(part.get("datePublished"))))


def _first_map(value: Any) -> Mapping[str, Any]:
    """Return an object, the first of a list, or a text as an object's name."""
    if isinstance(value, list):
        value = next((one for one in value if one), None)
    if isinstance(value, dict):
        return value
    return {"name": value} if isinstance(value, str) else {}


def _string(value: Any) -> str:
    """Return a text, the first of a list, or an object's own text."""
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, list):
        value = next((one for one in value if one), None)
    if isinstance(value, dict):
        value = value.get("@value") or value.get("name") or value.get("@id") or value.get("url")
    if isinstance(value, str):
        return value.strip()
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else ""
