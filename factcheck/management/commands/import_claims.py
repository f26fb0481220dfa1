"""`manage.py import_claims`: other publishers' fact-checks, from files of any shape."""

import csv
import json
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, nullcontext
from itertools import islice
from pathlib import Path
from typing import Any, TextIO

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from factcheck.ingest.claimreview import read_html, read_json, read_lines
from factcheck.ingest.review_store import Report, ReviewImport
from factcheck.ingest.reviews import FileError, Found
from factcheck.ingest.spreadsheet import Columns, read_table
from factcheck.management.progress import bar
from factcheck.models import Claim, RatingLabel, Stage

_CHUNK, _SHOWN = 2_000, 20
_JSON = {"json": read_json, "jsonl": read_lines, "html": read_html}
_KINDS = {
    **dict.fromkeys((".json", ".jsonld"), "json"),
    **dict.fromkeys((".jsonl", ".ndjson"), "jsonl"),
    **dict.fromkeys((".html", ".htm"), "html"),
    **dict.fromkeys((".csv", ".tsv", ".txt"), "table"),
}


class Command(BaseCommand):
    help = "Import fact-checks: ClaimReview (JSON, JSON Lines, HTML pages), CSV and TSV."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", metavar="FILE", help="a file, or - for standard input")
        parser.add_argument("--format", choices=[*_JSON, "table"], help="if the name does not say")
        parser.add_argument(
            "--map", default="", metavar="claim=COLUMN,url=COLUMN", help="which column holds what"
        )
        parser.add_argument("--no-header", action="store_true", help="the first row is a record")
        parser.add_argument(
            "--stage", choices=[Stage.DRAFT.value, Stage.PUBLISHED.value], default=Stage.PUBLISHED
        )
        parser.add_argument("--dry-run", action="store_true", help="check everything, keep nothing")
        parser.add_argument(
            "--refused", metavar="FILE", help="where records go that cannot be read, to be mended"
        )

    def handle(self, *args: Any, file: str, dry_run: bool, **options: Any) -> None:
        path, begun = Path(file), time.monotonic()
        self.problem = ""
        with ExitStack() as stack:
            try:
                raw = sys.stdin.buffer if file == "-" else stack.enter_context(path.open("rb"))
                kind = options["format"] or _KINDS.get(path.suffix.lower()) or _sniff(raw)
                columns = Columns(_mapping(options["map"]), has_head=not options["no_header"])
                found = read_table(raw, columns) if kind == "table" else _JSON[kind](raw)
                self.refused = stack.enter_context(
                    _Refused(options["refused"] or f"{path.stem.strip('-') or 'stdin'}.refused",
                             kind, is_kept=not dry_run)
                )  # fmt: skip
                stack.enter_context(transaction.atomic() if dry_run else nullcontext())
                report = self._import(path, found, options["stage"], is_dry=dry_run)
                if dry_run:
                    transaction.set_rollback(True)
            except OSError as error:
                raise CommandError(f"{file}: {error.strerror}", returncode=2) from error
        self._tell(report, time.monotonic() - begun, dry_run=dry_run)
        if self.problem:
            raise CommandError(f"{file}: {self.problem}", returncode=2)

    def _import(self, path: Path, found: Iterator[Found], stage: str, *, is_dry: bool) -> Report:
        if not RatingLabel.objects.exists():
            call_command("loaddata", "rating_labels", verbosity=0)
        work = ReviewImport(stage=stage, is_alone=is_dry or not Claim.objects.exists())
        done = 0
        with bar(path.name, lambda: None) as show:
            while batch := self._batch(found):
                for one in batch:
                    if one.problem:
                        self._refuse(one, one.problem.field, one.problem.reason)
                good = [(one, one.review) for one in batch if one.review]
                for place, why in work.write(path, [review for _one, review in good]):
                    self._refuse(good[place][0], "record", why)
                done += len(batch)
                show(done)
        work.finish()
        work.report.refused = self.refused.count
        return work.report

    def _batch(self, found: Iterator[Found]) -> list[Found]:
        """Return the next records. What makes a file unreadable ends it, and is told at the end."""
        batch: list[Found] = []
        try:
            batch.extend(islice(found, _CHUNK))
        except FileError as error:
            self.problem = str(error)
        return batch

    def _refuse(self, found: Found, field: str, reason: str) -> None:
        self.refused.add(found, field, reason)
        if self.refused.count <= _SHOWN:
            self.stderr.write(f"{found.place}: {field}: {reason}")
        elif self.refused.count == _SHOWN + 1:
            self.stderr.write("… more are in the file of the refused.")

    def _tell(self, report: Report, seconds: float, *, dry_run: bool) -> None:
        total = report.created + report.unchanged + report.superseded + report.refused
        self.stdout.write(
            f"{report.created} created, {report.unchanged} unchanged, {report.superseded}"
            f" superseded, {report.refused} refused: {total} records in {seconds:.1f} s"
        )
        if report.unknown:
            counts = report.unknown.most_common(_SHOWN)
            said = ", ".join(f"“{label or 'none'}” {count}" for label, count in counts)
            self.stdout.write(
                f"{report.unknown.total()} ratings are in words that are not in the table of"
                f" ratings, and stay unverified: {said}"
            )
        if report.refused and not dry_run:
            self.stdout.write(f"The refused are in {self.refused.path}: mend it and import it.")
        if dry_run:
            self.stdout.write("Nothing was kept.")


class _Refused:
    """The file of refused records: made with the first, in the shape in which it can be read."""

    def __init__(self, name: str, kind: str, *, is_kept: bool) -> None:
        self.is_table, self.is_kept, self.count = kind == "table", is_kept, 0
        ending = ".csv" if self.is_table else ".jsonl"
        self.path = Path(name if name.endswith(ending) else f"{name}{ending}")
        self.stream: TextIO | None = None

    def __enter__(self) -> "_Refused":
        return self

    def __exit__(self, *error: Any) -> None:
        if self.stream:
            self.stream.close()

    def add(self, found: Found, field: str, reason: str) -> None:
        self.count += 1
        if not self.is_kept:
            return
        said = {"place": found.place, "field": field, "reason": reason}
        row = found.raw if isinstance(found.raw, dict) else {"text": str(found.raw)}
        if self.stream is None:
            self.stream = self.path.open("w", encoding="utf-8", newline="", errors="replace")
            if self.is_table:
                csv.writer(self.stream).writerow([*row, "refused"])
        if self.is_table:
            why = f"{found.place}: {field}: {reason}"
            csv.writer(self.stream).writerow([*row.values(), why])
        else:
            self.stream.write(
                json.dumps({**row, "_refused": said}, ensure_ascii=False, default=str) + "\n"
            )


def _mapping(given: str) -> dict[str, str]:
    found = {}
    for part in filter(None, given.split(",")):
        name, sign, column = part.partition("=")
        if not sign or not column.strip():
            raise CommandError(f"--map: write field=column, not “{part}”.", returncode=2)
        found[name.strip()] = column.strip()
    return found


def _sniff(stream: Any) -> str:
    """Return what a stream holds, by its first letters."""
    head = (stream.peek(4096) if hasattr(stream, "peek") else b"").lstrip(b"\xef\xbb\xbf \t\r\n")
    if head.startswith(b"<"):
        return "html"
    if head.startswith((b"{", b"[")):
        return "jsonl" if b"}\n{" in head or b"}\r\n{" in head else "json"
    return "table"
