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

_BLOCK = 1 << 20
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
            f"{path}: cannot be read ({getattr(error, 'strerror', None) or error})."
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
    decode = json.JSONDecoder().raw_decode
    with _open(path) as stream:
        text, at, line, is_end = "", 0, 1, False
        is_open, is_closed, is_first, has_comma = False, False, True, False
        while True:
            while at < len(text) and text[at] in " \t\r\n":
                line += text[at] == "\n"
                at += 1
            if is_closed:
                if at < len(text):
                    raise FixtureError(f"{path}, line {line}: more follows the end of the list.")
                if is_end:
                    return
                text, at = stream.read(_BLOCK), 0
                is_end = not text
                continue
            if at < len(text) and not is_open:
                if text[at] != "[":
                    raise FixtureError(f"{path}, line {line}: a list of objects is expected.")
                is_open, at = True, at + 1
                continue
            if at < len(text) and text[at] == "]" and not has_comma:
                is_closed, at = True, at + 1
                continue
            if at < len(text) and text[at] == "," and not has_comma and not is_first:
                has_comma, at = True, at + 1
                continue
            if at < len(text) and not (is_first or has_comma):
                raise FixtureError(f"{path}, line {line}: a comma is missing before this.")
            try:
                value, end = decode(text, at) if at < len(text) else (None, -1)
            except json.JSONDecodeError as error:
                if is_end or len(text) - at > _MOST_LETTERS:
                    place = line + text.count("\n", at, error.pos)
                    raise FixtureError(f"{path}, line {place}: {error.msg}.") from error
                end = -1
            except RecursionError as error:
                raise FixtureError(f"{path}, line {line}: nested too deeply.") from error
            # A number that ends with the block may go on in the next one.
            if end < 0 or (end == len(text) and not is_end):
                if is_end:
                    raise FixtureError(f"{path}, line {line}: the file ends within its list.")
                block = stream.read(_BLOCK)
                is_end = not block
                text, at = text[at:] + block, 0
                continue
            if "\\u" in (raw := text[at:end]):
                _check_letters(path, line, raw, value)
            yield line, value
            line += text.count("\n", at, end)
            at, is_first, has_comma = end, False, False


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
        raise FixtureError(f"{path}: cannot be read ({error.strerror or error}).") from error
    return found.hexdigest()
