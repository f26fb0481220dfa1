"""Reads ClaimReview as publishers provide it: JSON of any shape and size, and web pages.

No Django, no database, no network; memory holds one record, some of a graph, or one page of HTML.
"""

import codecs
import json
import re
from collections.abc import Iterator
from itertools import accumulate
from typing import Any, BinaryIO

import orjson

from factcheck.imports.errors import Code, FileError, Location, RecordError, Unit, at_line
from factcheck.imports.fact_checks.claimreview_properties import parse_claim_review
from factcheck.imports.fact_checks.claimreview_search import MAX_DEPTH, find_claim_reviews
from factcheck.imports.fact_checks.json_ld import scripts
from factcheck.imports.fact_checks.records import ParsedRecord, parse_record
from factcheck.imports.json_stream import JSONStream

# A record with more parts or characters is harmful or empty. Members of a graph may refer to each
# other, so as many of them are searched together.
_MAX_PARTS, _MAX_LENGTH, _MAX_GRAPH = 20_000, 4 << 20, 1_000
# Brackets, and strings, in which brackets mean nothing.
_BRACKET = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\]]', re.S)
# Long lists of a document. A list of claims is streamed only if the
# object that holds it is not itself a record.
_STREAMED = {"@graph", "dataFeedElement", "claims"}


def read_json(stream: BinaryIO) -> Iterator[ParsedRecord]:
    """Yield the ClaimReviews of JSON documents of any size, wherever they stand in them."""
    number = 0
    for member in _members(stream):
        for raw in find_claim_reviews(member):
            number += 1
            yield parse_record(Location(Unit.RECORD, number), raw, parse_claim_review)


def read_lines(stream: BinaryIO) -> Iterator[ParsedRecord]:
    """Yield the ClaimReviews of JSON Lines; a line that is not JSON is rejected alone."""
    for number, line in enumerate(stream, 1):
        if line.strip():
            text = line.removeprefix(codecs.BOM_UTF8)
            yield from _parse_text(at_line(number), text, Code.LINE_NOT_JSON)


def read_html(stream: BinaryIO) -> Iterator[ParsedRecord]:
    """Yield the ClaimReviews that a web page holds as JSON-LD; a bad block is rejected alone."""
    for number, block in scripts(stream):
        yield from _parse_text(at_line(number), block, Code.BLOCK_NOT_JSON)


def _parse_text(location: Location, text: bytes, not_json: Code) -> Iterator[ParsedRecord]:
    """Yield the ClaimReviews of a line or block, or one rejected record with the code given."""
    try:
        value = _load(text)
        if isinstance(value, dict) and set(value) == {"text", "_refused"}:
            # A text that was rejected because it was not JSON, and has been corrected.
            value = _load(str(value["text"]).encode("utf-8", "replace"))
        _check_complexity(text.decode("utf-8", "replace"))
    except orjson.JSONDecodeError as error:
        problem = RecordError(not_json, position=error.pos + 1)
    except FileError as error:
        problem = RecordError(error.code)
    else:
        for raw in find_claim_reviews(value):
            yield parse_record(location, raw, parse_claim_review)
        return
    yield ParsedRecord(location, text.decode("utf-8", "replace"), problem=problem)


def _load(text: bytes) -> Any:
    """Return the value of a JSON text; line breaks within its strings, and NaN, are accepted."""
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError as error:
        try:
            return json.loads(text, strict=False)
        except (ValueError, RecursionError):
            raise error from None


def _members(stream: BinaryIO) -> Iterator[Any]:
    """Yield the members of lists and of streamed properties one by one; other documents whole."""
    text = JSONStream(codecs.getreader("utf-8-sig")(stream).read, max_length=_MAX_LENGTH)
    try:
        while True:
            yield from _members_of_document(text)
            if not text.peek():
                return
            if text.peek() not in "{[":
                raise FileError(Code.JSON_TEXT_AFTER_END, location=at_line(text.line))
    except UnicodeDecodeError as error:
        raise FileError(Code.NOT_UTF8) from error


def _members_of_document(text: JSONStream) -> Iterator[Any]:
    document: dict[str, Any] = {}
    if text.peek() == "[":
        yield from _checked_members(text)
    elif text.skip("{"):
        for name in _names(text):
            is_record = name == "claims" and "@type" in document
            if name in _STREAMED and text.peek() == "[" and not is_record:
                yield from _graphs(text) if name == "@graph" else _checked_members(text)
            else:
                document[name] = text.next_value()
                _check_complexity(text.raw)
    else:
        text.next_value()
    if document:
        yield document


def _graphs(text: JSONStream) -> Iterator[Any]:
    """Yield the members of a graph in large pieces, within which references are resolved."""
    piece: list[Any] = []
    length = 0
    try:
        for member in _checked_members(text):
            piece.append(member)
            length += len(text.raw)
            if len(piece) == _MAX_GRAPH or length > _MAX_LENGTH:
                yield piece
                piece, length = [], 0
    except (UnicodeDecodeError, FileError):
        yield piece
        raise
    yield piece


def _checked_members(text: JSONStream) -> Iterator[Any]:
    for _line, member in text.members():
        _check_complexity(text.raw)
        yield member


def _check_complexity(raw: str) -> None:
    """Raise FileError if a text is nested too deeply, or has too many parts, to be a record."""
    is_flat = raw.count("{") + raw.count("[") <= MAX_DEPTH
    if raw.count(",") > _MAX_PARTS or (not is_flat and _depth(raw) > MAX_DEPTH):
        raise FileError(Code.RECORD_TOO_COMPLEX)


def _depth(raw: str) -> int:
    steps = ("{[".count(mark[0]) - "}]".count(mark[0]) for mark in _BRACKET.findall(raw))
    return max(accumulate(steps))


def _names(text: JSONStream) -> Iterator[str]:
    """Yield the names of an object's members; read each value before asking for the next name."""
    if text.skip("}"):
        return
    while True:
        name = text.next_value()
        if not isinstance(name, str) or not text.skip(":"):
            raise FileError(Code.JSON_NAME_EXPECTED, location=at_line(text.line))
        yield name
        if text.skip("}"):
            return
        if not text.skip(","):
            raise FileError(Code.JSON_COMMA_MISSING, location=at_line(text.line))
