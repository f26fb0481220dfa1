"""Files of fact-checks: what format a file has, and the records in it."""

import json
from collections.abc import Iterator
from pathlib import PurePath
from typing import BinaryIO

from factcheck.imports.fact_checks.claimreview import read_html, read_json, read_lines
from factcheck.imports.fact_checks.csv_table import Columns, head_of, read_table
from factcheck.imports.fact_checks.records import FileError, Found

_READERS = {"json": read_json, "jsonl": read_lines, "html": read_html}
KINDS = (*_READERS, "table")
_KIND_BY_SUFFIX = {
    **dict.fromkeys((".json", ".jsonld"), "json"),
    **dict.fromkeys((".jsonl", ".ndjson"), "jsonl"),
    **dict.fromkeys((".html", ".htm"), "html"),
    **dict.fromkeys((".csv", ".tsv", ".txt"), "table"),
}
_HEAD = 4096


class MappingError(ValueError):
    """What was said about a table's columns cannot be understood."""


class ReviewFile:
    """A file of fact-checks; `problem` says what made it unreadable, once it has been read."""

    def __init__(
        self,
        stream: BinaryIO,
        name: str,
        *,
        columns: Columns,
        kind: str = "",
    ) -> None:
        self.name, self.problem = name, ""
        self.kind = kind or _KIND_BY_SUFFIX.get(PurePath(name).suffix.lower()) or _sniff(stream)
        is_table = self.kind == "table"
        # Whether its rejected records are a table with a head.
        self.has_head = is_table and columns.has_head
        self._found = read_table(stream, columns) if is_table else _READERS[self.kind](stream)

    def records(self) -> Iterator[Found]:
        """Yield the records of the file, as far as it can be read."""
        is_empty = True
        try:
            for found in self._found:
                is_empty = False
                yield found
        except FileError as error:
            self.problem = str(error)
        if is_empty and not self.problem:
            self.problem = "no fact-check was found in it"


def mapping(given: str) -> dict[str, str]:
    """Return the column of each field that `claim=statement,url=link` names."""
    columns = {}
    for part in filter(None, given.split(",")):
        name, sign, column = part.partition("=")
        if not sign or not column.strip():
            raise MappingError(f"write field=column, not “{part}”.")
        columns[name.strip()] = column.strip()
    return columns


def _sniff(stream: BinaryIO) -> str:
    """Return the format of a stream, by its first letters."""
    head = head_of(stream, _HEAD).lstrip(b"\xef\xbb\xbf \t\r\n")
    if head.startswith(b"<"):
        return "html"
    if head.startswith((b"{", b"[")):
        # Documents that are printed on many lines follow each other so, too.
        is_list = b"}\n{" in head or b"}\r\n{" in head
        return "jsonl" if is_list and any(map(_is_record, head.split(b"\n")[:-1])) else "json"
    return "table"


def _is_record(line: bytes) -> bool:
    try:
        return line.startswith(b"{") and isinstance(json.loads(line, strict=False), dict)
    except (ValueError, RecursionError):
        return False
