"""Detects the format of a file of fact-checks, and reads its records."""

import json
from collections.abc import Iterator
from pathlib import PurePath
from typing import BinaryIO

from factcheck.imports.errors import Code, FileError
from factcheck.imports.fact_checks.claimreview import read_html, read_json, read_lines
from factcheck.imports.fact_checks.csv_table import Columns, head_of, read_table
from factcheck.imports.fact_checks.records import ParsedRecord

_READERS = {"json": read_json, "jsonl": read_lines, "html": read_html}
KINDS = (*_READERS, "table")
_KIND_BY_SUFFIX = {
    **dict.fromkeys((".json", ".jsonld"), "json"),
    **dict.fromkeys((".jsonl", ".ndjson"), "jsonl"),
    **dict.fromkeys((".html", ".htm"), "html"),
    **dict.fromkeys((".csv", ".tsv", ".txt"), "table"),
}
_HEAD = 4096


class ReviewFile:
    """A file of fact-checks; `problem` is the error at which reading stopped, if any."""

    def __init__(
        self,
        stream: BinaryIO,
        name: str,
        *,
        columns: Columns,
        kind: str = "",
    ) -> None:
        self.name = name
        self.problem: FileError | None = None
        self.kind = kind or _KIND_BY_SUFFIX.get(PurePath(name).suffix.lower()) or _sniff(stream)
        is_table = self.kind == "table"
        # Whether its rejected records are a table with a head.
        self.has_head = is_table and columns.has_head
        self._records = read_table(stream, columns) if is_table else _READERS[self.kind](stream)

    def records(self) -> Iterator[ParsedRecord]:
        """Yield the records of the file, up to the first error of the file itself."""
        is_empty = True
        try:
            for record in self._records:
                is_empty = False
                yield record
        except FileError as error:
            self.problem = error
        if is_empty and not self.problem:
            self.problem = FileError(Code.FACT_CHECKS_MISSING)


def _sniff(stream: BinaryIO) -> str:
    """Guess the format of a stream from its first characters."""
    head = head_of(stream, _HEAD).lstrip(b"\xef\xbb\xbf \t\r\n")
    if head.startswith(b"<"):
        return "html"
    if head.startswith((b"{", b"[")):
        # Documents of several lines can follow each other in the same way.
        is_list = b"}\n{" in head or b"}\r\n{" in head
        return "jsonl" if is_list and any(map(_is_record, head.split(b"\n")[:-1])) else "json"
    return "table"


def _is_record(line: bytes) -> bool:
    try:
        return line.startswith(b"{") and isinstance(json.loads(line, strict=False), dict)
    except (ValueError, RecursionError):
        return False
