"""Imports other publishers' fact-checks from a file of any shape, for the command and the admin.

Rows that cannot be read are refused one by one and kept in a shape that can be mended and read
again; what makes a file unreadable ends it, and what came before is kept.
"""

import csv
import json
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import AbstractContextManager, closing, nullcontext
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path, PurePath
from typing import BinaryIO, NamedTuple, TextIO

from django.contrib.auth.models import User
from django.core.management import call_command
from django.db import transaction

from factcheck import sql
from factcheck.imports import batches
from factcheck.imports.dry_run import on_a_copy, taken_back
from factcheck.imports.fact_checks.claimreview import read_html, read_json, read_lines
from factcheck.imports.fact_checks.csv_table import Columns, head_of, read_table
from factcheck.imports.fact_checks.prepared import Ready, ready
from factcheck.imports.fact_checks.records import FileError, Found
from factcheck.imports.fact_checks.writer import Report, ReviewImport
from factcheck.imports.read_ahead import ahead
from factcheck.models import RatingLabel

_JSON = {"json": read_json, "jsonl": read_lines, "html": read_html}
_HEAD = 4096
# Of a dry run that needs no copy of the database: they take no longer than a chunk of an import.
_FEW = 50
# Records that go from one process to another together.
_PIECE = 250
KINDS = (*_JSON, "table")
_ENDINGS = {
    **dict.fromkeys((".json", ".jsonld"), "json"),
    **dict.fromkeys((".jsonl", ".ndjson"), "jsonl"),
    **dict.fromkeys((".html", ".htm"), "html"),
    **dict.fromkeys((".csv", ".tsv", ".txt"), "table"),
}


class MappingError(ValueError):
    """What was said about a table's columns cannot be understood."""


class Batch(NamedTuple):
    """Some records of a file, what is ready to be written, and why nothing more can be read."""

    found: list[Found]
    # Of each that has a review, in their order.
    ready: list[Ready]
    problem: str


class ReviewFile:
    """The records of a file; `problem` says what made it unreadable, once they were read."""

    def __init__(
        self,
        stream: BinaryIO,
        name: str,
        *,
        columns: Columns,
        kind: str = "",
    ) -> None:
        self.name, self.problem = name, ""
        self.kind = kind or _ENDINGS.get(PurePath(name).suffix.lower()) or _sniff(stream)
        is_table = self.kind == "table"
        # Whether its refused are a table with a head.
        self.has_head = is_table and columns.has_head
        self.found = read_table(stream, columns) if is_table else _JSON[self.kind](stream)

    def batches(self, size: int, *, is_ahead: bool = False) -> Generator[Batch]:
        """Yield what the file holds, `size` records at a time.

        `is_ahead` where a process of its own may read what is more than that.
        """
        some = min(size, _PIECE)
        pieces = self._pieces(some)
        first = next(pieces)
        # Early: the other process keeps what this one holds by now.
        is_more = is_ahead and len(first.found) == some
        with ahead(pieces) if is_more else nullcontext(pieces) as rest:
            left = chain([first], rest)
            while batch := list(islice(left, size // some)):
                found, ready_, problems = zip(*batch, strict=True)
                self.problem = problems[-1]
                if not first.found and not self.problem:
                    self.problem = "no fact-check was found in it"
                yield Batch([*chain(*found)], [*chain(*ready_)], self.problem)

    def _pieces(self, size: int) -> Iterator[Batch]:
        is_more = True
        while is_more:
            found: list[Found] = []
            problem = ""
            try:
                found.extend(islice(self.found, size))
            except FileError as error:
                problem = str(error)
            yield Batch(found, [ready(one.review) for one in found if one.review], problem)
            is_more = len(found) == size


@dataclass(frozen=True)
class Refusal:
    """Why a record was not imported."""

    place: str
    field: str
    reason: str

    def __str__(self) -> str:
        return f"{self.place}: {self.field}: {self.reason}"


class Refused:
    """The refused records, written as they can be read again: `make` is called for the first.

    Without it they are only counted and told, each with its number.
    """

    def __init__(
        self,
        file: ReviewFile,
        make: Callable[[], TextIO] | None,
        tell: Callable[[int, Refusal], None],
    ) -> None:
        self.is_table, self.has_head = file.kind == "table", file.has_head
        self.make, self.tell, self.count = make, tell, 0
        self.stream: TextIO | None = None

    def __enter__(self) -> "Refused":
        return self

    def __exit__(self, *error: object) -> None:
        if self.stream:
            self.stream.close()

    def add(self, found: Found, refusal: Refusal) -> None:
        self.count += 1
        self.tell(self.count, refusal)
        if not self.make:
            return
        row = found.raw if isinstance(found.raw, dict) else {"text": str(found.raw)}
        is_first = self.stream is None
        self.stream = self.stream or self.make()
        if self.is_table:
            table = csv.writer(self.stream)
            if is_first and self.has_head:
                table.writerow([*row, "refused"])
            table.writerow([*row.values(), refusal])
        else:
            text = json.dumps({**row, "_refused": vars(refusal)}, ensure_ascii=False, default=str)
            # Half of a pair of code units is no letter: it stays written as it was.
            self.stream.write(text.encode("utf-8", "backslashreplace").decode() + "\n")


def import_reviews(
    file: ReviewFile,
    refused: Refused,
    *,
    stage: str,
    size: int,
    is_alone: bool = False,
    is_dry: bool = False,
    is_ahead: bool = False,
    by: User | None = None,
    show: Callable[[int], None] = lambda done: None,
) -> Report:
    """Write a file's records in batches of `size`, each kept as it is done; a dry run keeps none.

    `is_alone` where nobody else writes, `is_ahead` where a process of its own may read; `show` is
    called with how many records are done. The report names the `ImportBatch` of what was written,
    imported by `by` (none: the operator). NoRoomError where a dry run has none for its copy.
    """
    with closing(file.batches(size, is_ahead=is_ahead)) as found:
        first = list(islice(found, 1))
        # As many as a chunk beside editors may have: no need of a copy.
        is_short = is_dry and len(first) * size > _FEW >= sum(len(one.found) for one in first)
        is_alone = is_alone or (is_dry and not is_short)
        with _place(is_dry=is_dry, is_short=is_short):
            if not RatingLabel.objects.exists():
                # Within a transaction, for it closes the connection else, and with it a copy.
                with transaction.atomic():
                    call_command("loaddata", "rating_labels", verbosity=0)
            work = ReviewImport(stage=stage, is_alone=is_alone)
            if not is_dry and any(one.found for one in first):
                work.report.batch = batches.begin(file.name, file.kind, by)
            with sql.rarely_settled() if is_alone else nullcontext():
                _write(file, chain(first, found), work, refused, show)
            work.finish(Path(file.name))
    work.report.refused = refused.count
    counts = {"unchanged": work.report.unchanged, "rejected": refused.count}
    batches.close(work.report.batch, **counts)
    return work.report


def _place(*, is_dry: bool, is_short: bool) -> AbstractContextManager[None]:
    """Return within what an import works: a dry run keeps nothing, and nobody waits for it."""
    if not is_dry:
        return nullcontext()
    return taken_back() if is_short else on_a_copy()


def _write(
    file: ReviewFile,
    batches: Iterable[Batch],
    work: ReviewImport,
    refused: Refused,
    show: Callable[[int], None],
) -> None:
    done = 0
    for batch in batches:
        for one in batch.found:
            if wrong := one.problem:
                refused.add(one, Refusal(one.place, wrong.field, wrong.reason))
        good = [one for one in batch.found if one.review]
        for place, why in work.write(Path(file.name), batch.ready):
            one = good[place]
            refused.add(one, Refusal(one.place, "record", why))
        done += len(batch.found)
        show(done)


def mapping(given: str) -> dict[str, str]:
    """Return which field stands in which column, as `claim=statement,url=link` says it."""
    found = {}
    for part in filter(None, given.split(",")):
        name, sign, column = part.partition("=")
        if not sign or not column.strip():
            raise MappingError(f"write field=column, not “{part}”.")
        found[name.strip()] = column.strip()
    return found


def _is_record(line: bytes) -> bool:
    try:
        return line.startswith(b"{") and isinstance(json.loads(line, strict=False), dict)
    except (ValueError, RecursionError):
        return False


def _sniff(stream: BinaryIO) -> str:
    """Return what a stream holds, by its first letters."""
    head = head_of(stream, _HEAD).lstrip(b"\xef\xbb\xbf \t\r\n")
    if head.startswith(b"<"):
        return "html"
    if head.startswith((b"{", b"[")):
        # Documents that are printed on many lines follow each other so, too.
        is_list = b"}\n{" in head or b"}\r\n{" in head
        return "jsonl" if is_list and any(map(_is_record, head.split(b"\n")[:-1])) else "json"
    return "table"
