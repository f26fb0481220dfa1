"""Reads ClaimReview as found in the wild: JSON of any shape and size, and pages that hold it.

One object, several, a list, `@graph`, a DataFeed, what Google's API answers; `appearance` a text,
an object or a list; `author` anywhere, or told of by its `@id`; broken days, missing fields,
ratings of any scale (their words alone are kept). No Django, no database, no network; memory holds
one record, some of a graph, or one page of HTML.
"""

import codecs
import json
import re
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from itertools import accumulate, chain
from typing import Any, BinaryIO

import orjson

from factcheck.imports.fact_checks.json_ld import scripts
from factcheck.imports.fact_checks.records import (
    Appearance,
    FileError,
    Found,
    Lost,
    RecordError,
    Review,
    language_code,
    needed,
    needed_link,
    plain_text,
    read_one,
    web_link,
)
from factcheck.imports.json_stream import TOO_DEEP, JSONStream, StreamError

# A record's parts, depth and letters, beyond which a file means harm or nothing; and how many
# members of a graph are looked at together, for they tell of each other.
_MOST_PARTS, _MOST_DEPTH, _MOST_LETTERS, _MOST_GRAPH = 20_000, 40, 4 << 20, 1_000
_TOO_MUCH = "a record is nested too deep, or has too many parts"
# Brackets, and strings, in which they mean nothing.
_MARK = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\]]', re.S)
# Long lists of a document; the last one is of what is no record itself.
_STREAMED = {"@graph", "dataFeedElement", "claims"}
# The parts of a record that a graph may tell of elsewhere, and how many of a list's.
_LEAF: dict[str, Any] = {}
_ITEM = dict.fromkeys(("author", "creator", "appearance", "firstAppearance"), _LEAF)
_PARTS = {**dict.fromkeys(("author", "publisher", "reviewRating"), _LEAF), "itemReviewed": _ITEM}
_MOST_LINKED = 50


def read_json(stream: BinaryIO) -> Iterator[Found]:
    """Yield the ClaimReviews of JSON documents of any size, wherever they stand in them."""
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
        yield from _of_text(f"line {number}", "line", line.removeprefix(b"\xef\xbb\xbf"))


def read_html(stream: BinaryIO) -> Iterator[Found]:
    """Yield the ClaimReviews that a web page holds as JSON-LD; a bad block is refused alone."""
    for line, block in scripts(stream):
        yield from _of_text(f"line {line}", "JSON-LD", block)


def _of_text(place: str, name: str, text: bytes) -> Iterator[Found]:
    try:
        value = _loaded(text)
        if isinstance(value, dict) and set(value) == {"text", "_refused"}:
            # What was refused as no JSON, mended.
            value = _loaded(str(value["text"]).encode("utf-8", "replace"))
        _check(text.decode("utf-8", "replace"))
    except ValueError as error:
        yield Found(place, text.decode("utf-8", "replace"), problem=RecordError(name, str(error)))
        return
    for raw in _claim_reviews(value):
        yield read_one(place, raw, _from_claimreview)


def _loaded(text: bytes) -> Any:
    """Return what JSON says; line breaks within its texts, and NaN, are let pass."""
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError as error:
        try:
            return json.loads(text, strict=False)
        except (ValueError, RecursionError):
            raise error from None


def _members(stream: BinaryIO) -> Iterator[Any]:
    """Yield the members of a list, or of what is `_STREAMED`, one by one, and else documents."""
    text = JSONStream(codecs.getreader("utf-8-sig")(stream).read, most=_MOST_LETTERS)
    try:
        while True:
            yield from _of_document(text)
            if not text.peek():
                return
            if text.peek() not in "{[":
                raise StreamError(text.line, "more follows the end")
    except StreamError as error:
        reason = _TOO_MUCH if error.reason == TOO_DEEP else error
        raise FileError(f"no JSON after what was read so far: {reason}") from error
    except UnicodeDecodeError as error:
        raise FileError(f"no UTF-8 text after what was read so far: {error.reason}") from error


def _of_document(text: JSONStream) -> Iterator[Any]:
    whole: dict[str, Any] = {}
    if text.peek() == "[":
        yield from _checked(text)
    elif text.take("{"):
        for name in _names(text):
            is_record = name == "claims" and "@type" in whole
            if name in _STREAMED and text.peek() == "[" and not is_record:
                yield from _graphs(text) if name == "@graph" else _checked(text)
            else:
                whole[name] = text.value()
                _check(text.raw)
    else:
        text.value()
    if whole:
        yield whole


def _graphs(text: JSONStream) -> Iterator[Any]:
    """Yield the members of a graph, so many at once that one may tell of another."""
    some: list[Any] = []
    letters = 0
    try:
        for member in _checked(text):
            some.append(member)
            letters += len(text.raw)
            if len(some) == _MOST_GRAPH or letters > _MOST_LETTERS:
                yield some
                some, letters = [], 0
    except (StreamError, UnicodeDecodeError, FileError):
        yield some
        raise
    yield some


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


def _claim_reviews(value: Any) -> Iterator[Any]:
    """Yield the ClaimReviews in a value, with what else it tells of their parts."""

    @cache
    def known() -> dict[str, Any]:
        return dict(_by_id(value))

    for raw in _reviews_in(value):
        yield _linked(raw, known, _PARTS)


def _reviews_in(value: Any, depth: int = 0, gone: Any = None) -> Iterator[Any]:
    """Yield the ClaimReviews in a value: itself, a feed item's, or those anywhere in it.

    `gone` is the day on which a feed took what is in it back.
    """
    if depth > _MOST_DEPTH:
        return
    if isinstance(value, list):
        for one in value:
            yield from _reviews_in(one, depth + 1, gone)
    elif isinstance(value, dict):
        gone = value.get("dateDeleted") or gone
        if _is_review(value):
            raw = value if "claimReviewed" in value else _without_prefixes(value)
            yield {**raw, "dateDeleted": gone} if gone else raw
        elif isinstance(value.get("claimReview"), list) and "text" in value:
            yield from _from_google(value)
        else:
            for one in value.values():
                if isinstance(one, dict | list):
                    yield from _reviews_in(one, depth + 1, gone)


def _is_review(value: Mapping[str, Any]) -> bool:
    kinds = value.get("@type", value.get("type"))
    if not kinds:
        return "claimReviewed" in value
    return any(
        isinstance(kind, str) and _bare(kind) == "ClaimReview"
        for kind in (kinds if isinstance(kinds, list) else [kinds])
    )


def _bare(name: str) -> str:
    """Return a name without what stands before it: `schema:`, `https://schema.org/`."""
    return name[max(map(name.rfind, "/#:")) + 1 :]


def _without_prefixes(value: Any, depth: int = 0) -> Any:
    if isinstance(value, list) and depth < _MOST_DEPTH:
        return [_without_prefixes(one, depth + 1) for one in value]
    if isinstance(value, dict) and depth < _MOST_DEPTH:
        return {_bare(name): _without_prefixes(one, depth + 1) for name, one in value.items()}
    return value


def _from_google(claim: Mapping[str, Any]) -> Iterator[Any]:
    """Yield the reviews of a claim of the Fact Check Tools API as ClaimReviews."""
    for one in claim["claimReview"]:
        if isinstance(one, dict):
            yield {
                "@type": "ClaimReview",
                "url": one.get("url"),
                "claimReviewed": claim["text"],
                "author": one.get("publisher"),
                "datePublished": one.get("reviewDate"),
                "inLanguage": one.get("languageCode"),
                "reviewRating": {"alternateName": one.get("textualRating")},
                "itemReviewed": {
                    "author": {"name": claim.get("claimant")},
                    "datePublished": claim.get("claimDate"),
                },
            }


def _by_id(value: Any, depth: int = 0) -> Iterator[tuple[str, Any]]:
    """Yield what a value tells under a name of its own."""
    if isinstance(value, dict | list) and depth < _MOST_DEPTH:
        for one in value.values() if isinstance(value, dict) else value:
            yield from _by_id(one, depth + 1)
    if isinstance(value, dict) and len(value) > 1 and isinstance(value.get("@id"), str):
        yield value["@id"], value


def _linked(value: Any, known: Callable[[], dict[str, Any]], parts: Mapping[str, Any]) -> Any:
    """Return a value with those of its parts that are named alone put in their places."""
    if isinstance(value, list):
        return [_linked(one, known, parts) for one in value[:_MOST_LINKED]] + value[_MOST_LINKED:]
    if not isinstance(value, dict):
        return value
    if len(value) == 1 and isinstance(value.get("@id"), str):
        value = known().get(value["@id"], value)
    found = {
        name: _linked(value[name], known, inner)
        for name, inner in parts.items()
        if isinstance(value.get(name), dict | list)
    }
    return {**value, **found} if found else value


def _from_claimreview(raw: Mapping[str, Any]) -> Review:
    properties = raw.get("properties")
    also = properties if isinstance(properties, dict) else {}

    def get(name: str) -> Any:
        value = raw.get(name)
        return also.get(name) if value is None else value

    if raw.get("dateDeleted"):
        raise RecordError("dateDeleted", "its publisher has taken it back")
    lost, item = Lost(), _first_map(get("itemReviewed"))
    by = _publisher(get("author"), get("publisher"))
    claimant = _first_map(item.get("author")) or _first_map(item.get("creator"))
    rating = _first_map(get("reviewRating"))
    reviewed = lost.day(_string(get("datePublished")), is_past=True)
    return Review(
        url=needed_link(_string(get("url")) or _string(get("@id"))),
        text=needed("claimReviewed", plain_text(_string(get("claimReviewed")))),
        publisher=plain_text(_string(by.get("name")))[:200],
        label=plain_text(_label(rating) or _string(get("reviewRating")))[:200],
        reason=plain_text(_string(get("reviewBody")) or _string(rating.get("ratingExplanation"))),
        reviewed_on=reviewed or lost.day(_string(get("dateModified")), is_past=True),
        language=language_code(_language(get("inLanguage"))),
        claimant=plain_text(_string(claimant.get("name")))[:200],
        is_organisation="Organization" in _kinds(claimant),
        claimant_role=plain_text(_string(claimant.get("jobTitle")))[:200],
        same_as=web_link(_string(claimant.get("sameAs"))),
        claimed_on=lost.day(_string(item.get("datePublished"))),
        appearances=tuple(_appearances(item, lost)),
        lost=tuple(lost.texts),
    )


def _publisher(author: Any, publisher: Any) -> Mapping[str, Any]:
    """Return whose review it is: an organisation, not whoever wrote it for one."""
    every = [*_maps(author), *_maps(publisher)]
    for one in every:
        if "Organization" in _kinds(one):
            return one
    is_person = any("Person" in _kinds(one) for one in _maps(author))
    return (_first_map(publisher) if is_person else {}) or next(iter(every), {})


def _kinds(part: Mapping[str, Any]) -> str:
    kinds = part.get("@type")
    every = kinds if isinstance(kinds, list) else [kinds]
    return " ".join([kind for kind in every if isinstance(kind, str)])


def _label(rating: Mapping[str, Any]) -> str:
    value = _string(rating.get("ratingValue"))
    in_words = value if any(map(str.isalpha, value)) and value.casefold() != "nan" else ""
    return _string(rating.get("alternateName")) or _string(rating.get("name")) or in_words


def _language(value: Any) -> str:
    code = value.get("alternateName") if isinstance(value, dict) else None
    return _string(code or value).replace("_", "-")


def _appearances(item: Mapping[str, Any], lost: Lost) -> Iterator[Appearance]:
    seen: set[str] = set()
    given = [item.get("firstAppearance"), item.get("appearance")]
    if not any(given) and "Claim" not in _kinds(item):
        # What was reviewed is itself what appeared, or its address alone.
        given = [item.get("url") or item.get("sameAs") or _linked_name(item)]
    for one in chain.from_iterable(v if isinstance(v, list) else [v] for v in given):
        part = one if isinstance(one, dict) else {"url": one}
        url = lost.link(next(filter(None, map(_string, map(part.get, _ADDRESSES))), ""))
        if url and url not in seen and len(seen) < 50:
            seen.add(url)
            title = plain_text(_string(part.get("headline")) or _string(part.get("name")))
            yield Appearance(url, title[:500], lost.day(_string(part.get("datePublished"))))


_ADDRESSES = ("url", "@id", "@value")


def _linked_name(item: Mapping[str, Any]) -> str:
    name = _string(item.get("name"))
    return name if name.startswith(("http://", "https://")) else ""


def _maps(value: Any) -> list[Mapping[str, Any]]:
    """Return objects: itself, those of a list, or a text as an object's name."""
    parts = value if isinstance(value, list) else [value]
    return [
        one if isinstance(one, dict) else {"name": one}
        for one in parts
        if one and isinstance(one, dict | str)
    ]


def _first_map(value: Any) -> Mapping[str, Any]:
    return next(iter(_maps(value)), {})


def _string(value: Any) -> str:
    """Return a text, the first of a list, or an object's own text."""
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, list):
        value = next((one for one in value if one), None)
    if isinstance(value, dict):
        own = next(filter(None, map(value.get, ("@value", "name", "@id", "url"))), None)
        # By language: {"en": …, "ru": …}
        is_by_language = not own and all(len(name) in {2, 3} for name in value)
        value = next(iter(value.values()), None) if is_by_language else own
    if isinstance(value, str):
        return value.strip()
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else ""
