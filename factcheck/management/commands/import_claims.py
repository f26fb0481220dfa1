"""`manage.py import_claims`: other publishers' fact-checks, from files of several formats."""

import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from factcheck.failures import failure_of, read_error_text, write_error_text
from factcheck.imports.dry_run import NoRoomError
from factcheck.imports.error_messages import describe
from factcheck.imports.errors import Code, FileError, MappingError
from factcheck.imports.fact_checks.csv_table import Columns, parse_mapping
from factcheck.imports.fact_checks.formats import KINDS, ReviewFile
from factcheck.imports.fact_checks.importer import import_reviews
from factcheck.imports.fact_checks.rejections import RejectedRecords, Rejection
from factcheck.imports.fact_checks.writer import ImportReport
from factcheck.management.command import FactcheckCommand, nothing_saved, saved_chunks
from factcheck.management.gc_pause import gc_disabled
from factcheck.management.progress import progress_bar
from factcheck.models import Claim, Stage

_RECORDS_PER_CHUNK, _MAX_SHOWN = 3_000, 20


class Command(FactcheckCommand):
    help = "Import fact-checks: ClaimReview (JSON, JSON Lines, HTML pages), CSV and TSV."
    # The checks import every view and form of the site.
    requires_system_checks = []
    is_dry = False
    chunks = records = 0

    def saved_text(self) -> str:
        if self.is_dry:
            return nothing_saved(is_dry=True)
        records = ngettext("%d record", "%d records", self.records) % self.records
        return saved_chunks(self.chunks, records)

    def continuation_text(self) -> str:
        is_begun = self.chunks and not self.is_dry
        return _("What is saved already is not imported twice.") if is_begun else ""

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", metavar="FILE", help="a file, or - for standard input")
        parser.add_argument("--format", choices=KINDS, default="", help="if the name does not say")
        parser.add_argument(
            "--map", default="", metavar="claim=COLUMN,url=COLUMN", help="which column holds what"
        )
        parser.add_argument(
            "--encoding", default="", help="of a table that is not UTF-8: windows-1251, utf-16"
        )
        parser.add_argument("--no-header", action="store_true", help="the first row is a record")
        parser.add_argument(
            "--stage",
            choices=[Stage.DRAFT.value, Stage.PUBLISHED.value],
            default=Stage.DRAFT,
            help="of new claims: drafts for editors (the default), or published at once",
        )
        parser.add_argument("--dry-run", action="store_true", help="check everything, save nothing")
        parser.add_argument(
            "--refused", metavar="FILE", help="where records go that cannot be read, to be mended"
        )

    def handle(self, *args: Any, file: str, dry_run: bool, **options: Any) -> None:
        path, begun = Path(file), time.monotonic()
        self.is_dry, self.chunks, self.records = dry_run, 0, 0
        with ExitStack() as stack, _command_errors(path):
            stack.enter_context(gc_disabled())
            raw = sys.stdin.buffer if file == "-" else stack.enter_context(path.open("rb"))
            reviews = _reviews(raw, path, options)
            rejected_path = _rejected_path(options["refused"], path, reviews.kind)
            rejected = RejectedRecords(
                is_table=reviews.kind == "table",
                has_head=reviews.has_head,
                open_stream=None if dry_run else lambda: _open_for_writing(rejected_path),
                report=self._report_rejection,
            )
            show = stack.enter_context(progress_bar(path.name, lambda: None))
            report = import_reviews(
                reviews,
                stack.enter_context(rejected),
                stage=options["stage"],
                size=_RECORDS_PER_CHUNK,
                is_exclusive=not Claim.objects.exists(),
                is_dry=dry_run,
                on_read=show,
                on_written=self._counting(show),
            )
        self._print_report(report, time.monotonic() - begun)
        self._print_next_steps(report, rejected_path)
        if reviews.problem:
            raise CommandError(f"{file}: {_problem_text(reviews.problem)}", returncode=2)

    def _print_next_steps(self, report: ImportReport, rejected_path: Path) -> None:
        if self.is_dry:
            self.stdout.write(nothing_saved(is_dry=True))
            return
        if report.batch:
            self.stdout.write(
                f"This is import {report.batch.pk}: review it or take it back under Imports in"
                " the admin."
            )
        if report.rejected:
            self.stdout.write(f"The refused are in {rejected_path}: mend it and import it.")

    def _counting(self, show: Callable[[int], None]) -> Callable[[int], None]:
        """Return a function that shows how many records are done and counts its calls as chunks."""

        def show_chunk(done: int) -> None:
            self.chunks, self.records = self.chunks + 1, done
            show(done)

        return show_chunk

    def _report_rejection(self, number: int, rejection: Rejection) -> None:
        if number <= _MAX_SHOWN:
            self.stderr.write(str(rejection))
        elif number == _MAX_SHOWN + 1:
            self.stderr.write("… more are in the file of the refused.")

    def _print_report(self, report: ImportReport, seconds: float) -> None:
        total = ngettext("%d record", "%d records", report.total) % report.total
        self.stdout.write(
            f"{report.created} created, {report.unchanged} unchanged, {report.superseded}"
            f" superseded, {report.rejected} refused: {total} in {seconds:.1f} s"
        )
        if labels := report.unknown_labels:
            message = ngettext(
                "%(number)d rating is in words that are not in the table of ratings, and stays"
                " unverified: %(words)s",
                "%(number)d ratings are in words that are not in the table of ratings, and stay"
                " unverified: %(words)s",
                labels.total(),
            )
            self.stdout.write(message % {"number": labels.total(), "words": _with_counts(labels)})
        if texts := report.unreadable:
            message = ngettext(
                "%(number)d date or address cannot be read, and was left out: %(texts)s",
                "%(number)d dates or addresses cannot be read, and were left out: %(texts)s",
                texts.total(),
            )
            self.stdout.write(message % {"number": texts.total(), "texts": _with_counts(texts)})


def _with_counts(texts: Counter[str]) -> str:
    return ", ".join(f"“{text or 'none'}” {n}" for text, n in texts.most_common(_MAX_SHOWN))


def _encoding(name: str) -> str:
    try:
        "".encode(name or "utf-8")  # LookupError also for codecs that are no text encodings
        return name
    except LookupError as error:
        message = f"--encoding: there is none that is called “{name}”."
        raise CommandError(message, returncode=2) from error


def _reviews(raw: Any, path: Path, options: dict[str, Any]) -> ReviewFile:
    columns = Columns(
        parse_mapping(options["map"]),
        has_head=not options["no_header"],
        encoding=_encoding(options["encoding"]),
    )
    return ReviewFile(raw, path.name, kind=options["format"], columns=columns)


def _problem_text(problem: FileError) -> str:
    """Return the problem of a file, after the option that solves it."""
    if isinstance(problem, MappingError):
        return f"--map: {describe(problem)}"
    option = "--encoding: " if problem.code == Code.TABLE_ENCODING_WRONG else ""
    return f"{option}{describe(problem)}"


@contextmanager
def _command_errors(path: Path) -> Iterator[None]:
    """Turn errors of the files and options into a CommandError of one line."""
    try:
        yield
    except MappingError as error:
        raise CommandError(_problem_text(error), returncode=2) from error
    except OSError as error:
        if failure_of(error) or error.filename is None:
            raise
        is_input = error.filename == str(path)
        message = (read_error_text if is_input else write_error_text)(error.filename, error)
        raise CommandError(message, returncode=2) from error
    except NoRoomError as error:
        raise CommandError(str(error)) from error


def _rejected_path(option: str | None, path: Path, kind: str) -> Path:
    """Return where rejected records go; CommandError if that is the file to be imported."""
    name = option or f"{path.stem.strip('-') or 'stdin'}.refused"
    ending = ".csv" if kind == "table" else ".jsonl"
    path_with_ending = Path(name if name.endswith(ending) else f"{name}{ending}")
    if path_with_ending.resolve() == path.resolve():
        message = f"--refused: {path_with_ending} is what is to be imported: name another file."
        raise CommandError(message, returncode=2)
    return path_with_ending


def _open_for_writing(path: Path) -> Any:
    return path.open("w", encoding="utf-8", newline="", errors="replace")
