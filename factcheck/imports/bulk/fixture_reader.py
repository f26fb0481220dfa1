"""Reads Django fixtures object by object: JSON and JSON Lines, plain or gzipped, of any size.

No Django, no database. Memory holds one object and one block of the file at a time.
"""

import gzip
import hashlib
import io
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import orjson

from factcheck.imports.json_stream import JSONStream, StreamError

# No row is longer; beyond it the file's brackets do not match.
_MOST_LETTERS = 64 << 20
_FORMATS = (".json", ".jsonl")


class FixtureError(ValueError):
    """What a file holds cannot be loaded; the message names the place and what is wrong."""


class FixtureObject(NamedTuple):
    """One object of a fixture, and the line on which it begins."""

    line: int
    model: str
    pk: Any
    fields: dict[str, Any]


def read_fixture(path: Path) -> Iterator[FixtureObject]:
    """Yield a file's objects in their order. FixtureError, with the line, for what is none."""
    name = path.name.removesuffix(".gz")
    if not name.endswith(_FORMATS):
        raise FixtureError(
            f"{path}: .json and .jsonl, and either with .gz, are read; use loaddata for others."
        )
    found = _lines(path) if name.endswith(".jsonl") else _array(path)
    try:
        for line, value in found:
            yield _object(path, line, value)
    except (OSError, EOFError) as error:
        raise FixtureError(
            f"{path}: this file cannot be read ({getattr(error, 'strerror', None) or error})."
        ) from error
    except UnicodeDecodeError as error:
        raise FixtureError(f"{path}: not UTF-8 text (byte {error.start}).") from error


def _object(path: Path, line: int, value: Any) -> FixtureObject:
    if not isinstance(value, dict) or not isinstance(value.get("model"), str):
        raise FixtureError(f"{path}, line {line}: an object with a “model” is expected.")
    fields = value.get("fields", {})
    if not isinstance(fields, dict):
        raise FixtureError(f"{path}, line {line}: {value['model']}: “fields” is no object.")
    return FixtureObject(line, value["model"].lower(), value.get("pk"), fields)


def _open(path: Path) -> io.TextIOWrapper:
    raw: Any = gzip.GzipFile(path) if path.suffix == ".gz" else io.FileIO(path)
    return io.TextIOWrapper(io.BufferedReader(raw), encoding="utf-8-sig", newline="\n")


def _lines(path: Path) -> Iterator[tuple[int, Any]]:
    with _open(path) as stream:
        for number, line in enumerate(stream, 1):
            if line.strip():
                try:
                    yield number, orjson.loads(line)
                except orjson.JSONDecodeError as error:
                    raise FixtureError(f"{path}, line {number}: {error}.") from error


def _array(path: Path) -> Iterator[tuple[int, Any]]:
    """Yield the members of the array that a file is, as each is complete."""
    with _open(path) as text:
        stream = JSONStream(text.read, most=_MOST_LETTERS)
        try:
            if stream.peek() not in {"[", ""}:
                raise StreamError(stream.line, "a list of objects is expected")
            for line, value in stream.members():
                if "\\u" in stream.raw:
                    _check_letters(path, line, stream.raw, value)
                yield line, value
            if stream.peek():
                raise StreamError(stream.line, "more follows the end of the list")
        except StreamError as error:
            raise FixtureError(f"{path}, {error}.") from error


def _check_letters(path: Path, line: int, raw: str, value: Any) -> None:
    """Refuse half of a pair of surrogates, which is no letter and no column takes."""
    if not re.search(r"\\u[dD][89a-fA-F]", raw):
        return
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError as error:
        raise FixtureError(f"{path}, line {line}: half a surrogate pair is no text.") from error


def digest_of(path: Path) -> str:
    """Return what a file is known by: its name and all that it holds."""
    found = hashlib.sha256(path.name.encode("utf-8", "replace"))
    try:
        with path.open("rb") as stream:
            while block := stream.read(1 << 20):
                found.update(block)
    except OSError as error:
        raise FixtureError(
            f"{path}: this file cannot be read ({error.strerror or error})."
        ) from error
    return found.hexdigest()
