"""Reads Django fixtures object by object: JSON and JSON Lines, plain or gzipped, of any size.

No Django, no database. Memory holds one object and one block of the file at a time.
"""

import gzip
import hashlib
import io
import json
import re
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import orjson

from factcheck.imports.errors import Code, FileError, at_line
from factcheck.imports.json_stream import JSONStream

# An object that seems to be longer has brackets that do not match.
_MAX_OBJECT_LENGTH = 64 << 20
_SUFFIXES = (".json", ".jsonl")


class FixtureObject(NamedTuple):
    """One object of a fixture, and the line on which it begins."""

    line: int
    model: str
    pk: Any
    fields: dict[str, Any]


def read_fixture(path: Path) -> Iterator[FixtureObject]:
    """Yield the objects of a file in order. FileError if the file or an object is invalid."""
    name = path.name.removesuffix(".gz")
    if not name.endswith(_SUFFIXES):
        raise FileError(Code.FIXTURE_FORMAT_UNKNOWN, path=str(path))
    objects = _read_lines(path) if name.endswith(".jsonl") else _read_array(path)
    try:
        for number, value in objects:
            yield _object(number, value)
    except FileError as error:
        error.path = str(path)
        raise
    except UnicodeDecodeError as error:
        raise FileError(Code.NOT_UTF8, path=str(path)) from error
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise FileError(Code.GZIP_INVALID, path=str(path)) from error
    except OSError as error:
        # An error while reading does not name its file.
        error.filename = error.filename or str(path)
        raise


def object_error(
    path: Path, item: FixtureObject, code: Code, field: str = "", **params: str | int
) -> FileError:
    """Return an error that names the object's file, line, model and field."""
    name = f"{item.model}: {field}" if field else item.model
    return FileError(code, path=str(path), location=at_line(item.line), field=name, **params)


def _object(number: int, value: Any) -> FixtureObject:
    if not isinstance(value, dict) or not isinstance(value.get("model"), str):
        raise FileError(Code.FIXTURE_MODEL_MISSING, location=at_line(number))
    fields = value.get("fields", {})
    if not isinstance(fields, dict):
        raise FileError(Code.FIXTURE_FIELDS_INVALID, location=at_line(number), field=value["model"])
    return FixtureObject(number, value["model"].lower(), value.get("pk"), fields)


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
                    raise FileError(
                        Code.LINE_NOT_JSON, location=at_line(number), position=error.pos + 1
                    ) from error


def _read_array(path: Path) -> Iterator[tuple[int, Any]]:
    """Yield the members of the file's one array, each as soon as it is complete."""
    with _open(path) as text:
        stream = JSONStream(text.read, max_length=_MAX_OBJECT_LENGTH)
        if stream.peek() not in {"[", ""}:
            raise FileError(Code.JSON_LIST_EXPECTED, location=at_line(stream.line))
        for number, value in stream.members():
            if "\\u" in stream.raw:
                _check_surrogates(number, stream.raw, value)
            yield number, value
        if stream.peek():
            raise FileError(Code.JSON_TEXT_AFTER_END, location=at_line(stream.line))


def _check_surrogates(number: int, raw: str, value: Any) -> None:
    """Raise FileError for half of a surrogate pair, which no database column accepts."""
    if not re.search(r"\\u[dD][89a-fA-F]", raw):
        return
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError as error:
        raise FileError(Code.HALF_SURROGATE_PAIR, location=at_line(number)) from error


def digest_of(path: Path) -> str:
    """Return the digest of a file's name and content, which identifies the file."""
    digest = hashlib.sha256(path.name.encode("utf-8", "replace"))
    with path.open("rb") as stream:
        while block := stream.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()
