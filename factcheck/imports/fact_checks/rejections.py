"""Rejected records, and the file in which they can be corrected and imported again."""

import csv
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TextIO

from factcheck.imports.error_messages import error_sentence, location_text
from factcheck.imports.errors import Location, RecordError


@dataclass(frozen=True)
class Rejection:
    """Why a record was not imported."""

    place: str
    field: str
    reason: str

    def __str__(self) -> str:
        return ": ".join(filter(None, (self.place, self.field, self.reason)))

    @classmethod
    def of(cls, location: Location, error: RecordError) -> "Rejection":
        """Return the rejection of the record at a place of its file, in the active language."""
        return cls(location_text(location), error.field, error_sentence(error))


class RejectedRecords:
    """Writes rejected records in a form that can be read again, and reports each with its number.

    A table's records become a table (with a head if `has_head`), all others become JSON Lines.
    `open_stream` is called for the first record; without it, records are only counted and reported.
    """

    def __init__(
        self,
        *,
        is_table: bool,
        has_head: bool,
        open_stream: Callable[[], TextIO] | None,
        report: Callable[[int, Rejection], None],
    ) -> None:
        self.is_table, self.has_head = is_table, has_head
        self.open_stream, self.report, self.count = open_stream, report, 0
        self.stream: TextIO | None = None

    def __enter__(self) -> "RejectedRecords":
        return self

    def __exit__(self, *error: object) -> None:
        if self.stream:
            self.stream.close()

    def add(self, raw: Any, rejection: Rejection) -> None:
        """Add a record as it was read; `raw` is an object, a table's row by columns, or a text."""
        self.count += 1
        self.report(self.count, rejection)
        if not self.open_stream:
            return
        row = raw if isinstance(raw, dict) else {"text": str(raw)}
        is_first = self.stream is None
        self.stream = self.stream or self.open_stream()
        if self.is_table:
            table = csv.writer(self.stream)
            if is_first and self.has_head:
                table.writerow([*row, "refused"])
            table.writerow([*row.values(), rejection])
        else:
            text = json.dumps({**row, "_refused": vars(rejection)}, ensure_ascii=False, default=str)
            # Half of a surrogate pair cannot be encoded, so it is written as an escape.
            self.stream.write(text.encode("utf-8", "backslashreplace").decode() + "\n")
