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

# No object is longer; where one seems to be, the file's brackets do not match.
_MAX_OBJECT_LENGTH = 64 << 20
_SUFFIXES = (".json", ".jsonl")


class FixtureError(ValueError):
    """A file cannot be loaded; the message names the place and what is wrong there."""


class FixtureObject(NamedTuple):
    """One object of a fixture, and the line on which it begins."""

    line: int
    model: str
    pk: Any
    fields: dict[str, Any]


def read_fixture(path: Path) -> Iterator[FixtureObject]:
    """Yield a file's objects in their order. FixtureError names the line of what is no object."""
    name = path.name.removesuffix(".gz")
    if not name.endswith(_SUFFIXES):
        raise FixtureError(
            f"{path}: .json and .jsonl, and either with .gz, are read; use loaddata for others."
        )
    values = _read_lines(path) if name.endswith(".jsonl") else _read_array(path)
    try:
        for line, value in values:
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


def _read_lines(path: Path) -> Iterator[tuple[int, Any]]:
    with _open(path) as stream:
        for number, line in enumerate(stream, 1):
            if line.strip():
                try:
                    yield number, orjson.loads(line)
                except orjson.JSONDecodeError as error:
                    raise FixtureError(f"{path}, line {number}: {error}.") from error


def _read_array(path: Path) -> Iterator[tuple[int, Any]]:
    """Yield the members of the file's one array, each as soon as it is complete."""
    with _open(path) as text:
        stream = JSONStream(text.read, max_length=_MAX_OBJECT_LENGTH)
        try:
            if stream.peek() not in {"[", ""}:
                raise StreamError(stream.line, "a list of objects is expected")
            for line, value in stream.members():
                if "\\u" in stream.raw:
                    _check_surrogates(path, line, stream.raw, value)
                yield line, value
            if stream.peek():
                raise StreamError(stream.line, "more follows the end of the list")
        except StreamError as error:
            raise FixtureError(f"{path}, {error}.") from error


def _check_surrogates(path: Path, line: int, raw: str, value: Any) -> None:
    """Reject half of a surrogate pair: it is no character, and no column takes it."""
    if not re.search(r"\\u[dD][89a-fA-F]", raw):
        return
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError as error:
        raise FixtureError(f"{path}, line {line}: half a surrogate pair is no text.") from error


def digest_of(path: Path) -> str:
    """Return a digest of a file's name and content, by which it is recognised."""
    digest = hashlib.sha256(path.name.encode("utf-8", "replace"))
    try:
        with path.open("rb") as stream:
            while block := stream.read(1 << 20):
                digest.update(block)
    except OSError as error:
        raise FixtureError(
            f"{path}: this file cannot be read ({error.strerror or error})."
        ) from error
    return digest.hexdigest()
