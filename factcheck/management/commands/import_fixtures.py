"""`manage.py import_fixtures`: loads the files of `loaddata`, many times faster."""

import time
from contextlib import nullcontext
from functools import partial
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError, CommandParser
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from factcheck.db import planner
from factcheck.failures import failure_of, read_error_text
from factcheck.imports.bulk.chunk_size import ChunkPacing
from factcheck.imports.bulk.fixture_loader import FixtureLoader
from factcheck.imports.dry_run import NoRoomError, on_database_copy
from factcheck.imports.error_messages import describe
from factcheck.imports.errors import FileError
from factcheck.management.command import FactcheckCommand, nothing_saved, saved_chunks
from factcheck.management.gc_pause import gc_disabled
from factcheck.management.progress import progress_bar
from factcheck.models import Claim


class Command(FactcheckCommand):
    help = "Load fixtures (.json, .jsonl, .gz) as loaddata does, many rows at a time."
    # The checks import every view and form of the site.
    requires_system_checks = []
    is_dry = False
    loader: FixtureLoader | None = None

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("files", nargs="+", metavar="FILE")
        parser.add_argument("--dry-run", action="store_true", help="check everything, save nothing")
        parser.add_argument(
            "--pause",
            default="auto",
            help="seconds between chunks, for editors to write in; auto: as long as a chunk took,"
            " and none into a database without claims",
        )
        parser.add_argument(
            "--exclusive", action="store_true", help="nobody else writes: large chunks, no pause"
        )

    def handle(self, *args: Any, files: list[str], dry_run: bool, **options: Any) -> None:
        paths = [_path(name) for name in files]
        pause = _seconds(options["pause"])
        is_exclusive = options["exclusive"] or dry_run or not Claim.objects.exists()
        loader = self.loader = FixtureLoader(is_exclusive=is_exclusive)
        self.is_dry = dry_run
        pacing = ChunkPacing(is_exclusive=is_exclusive, pause=pause)
        started = time.monotonic()
        try:
            with (
                gc_disabled(),
                on_database_copy() if dry_run else nullcontext(),
                planner.bulk_write_pragmas() if is_exclusive else nullcontext(),
            ):
                self._load(loader, paths, pacing)
        except FileError as error:
            raise CommandError(describe(error), returncode=2) from error
        except OSError as error:
            if failure_of(error) or error.filename is None:
                raise
            raise CommandError(read_error_text(error.filename, error), returncode=2) from error
        except NoRoomError as error:
            raise CommandError(str(error)) from error
        self._print_report(loader, time.monotonic() - started, dry_run=dry_run)

    def saved_text(self) -> str:
        if self.is_dry or not self.loader:
            return nothing_saved(is_dry=self.is_dry)
        counts = self.loader.counts
        objects = ngettext("%d object", "%d objects", counts.total) % counts.total
        return saved_chunks(counts.chunks, objects)

    def continuation_text(self) -> str:
        is_begun = self.loader and self.loader.counts.chunks and not self.is_dry
        return _("It continues where it stopped.") if is_begun else ""

    def _load(self, loader: FixtureLoader, paths: list[Path], pacing: ChunkPacing) -> None:
        for path in paths:
            with progress_bar(path.name, partial(_count_objects, path)) as show:
                for done in pacing.paced(loader.chunks(path, pacing.chunk_size)):
                    show(done)
        loader.finish()

    def _print_report(self, loader: FixtureLoader, seconds: float, *, dry_run: bool) -> None:
        counts = loader.counts
        for name in dict.fromkeys(
            [*counts.new, *counts.updated, *counts.unchanged, *counts.excluded]
        ):
            line = (
                f"{name:24} {counts.new[name]:9} new {counts.updated[name]:9} changed"
                f" {counts.unchanged[name]:9} as they were"
            )
            left_out = f" {counts.excluded[name]:9} left out, for they are made anew"
            self.stdout.write(line + (left_out if counts.excluded[name] else ""))
        if counts.skipped:
            message = ngettext(
                "%d object had been saved before: an import was interrupted.",
                "%d objects had been saved before: an import was interrupted.",
                counts.skipped,
            )
            self.stdout.write(message % counts.skipped)
        total = ngettext("%d object", "%d objects", counts.total) % counts.total
        rate = f"{total} in {seconds:.1f} s, {counts.total / max(seconds, 0.001):,.0f} a second."
        self.stdout.write(self.style.SUCCESS(rate))
        if dry_run:
            self.stdout.write(nothing_saved(is_dry=True))


def _path(name: str) -> Path:
    """Return a file by its path, or by the name of a fixture of this project."""
    path = Path(name)
    if path.is_file():
        return path
    for folder in settings.FIXTURE_DIRS:
        for ending in ("", ".json", ".jsonl", ".json.gz", ".jsonl.gz"):
            if (fixture := Path(folder) / f"{name}{ending}").is_file():
                return fixture
    try:
        path.open("rb").close()
    except OSError as error:
        raise CommandError(read_error_text(name, error), returncode=2) from error
    return path


def _seconds(text: str) -> float | None:
    if text == "auto":
        return None
    try:
        seconds = float(text)
    except ValueError:
        seconds = -1
    if not 0 <= seconds < 3600:
        raise CommandError("--pause: write auto or a number of seconds.", returncode=2)
    return seconds


def _count_objects(path: Path) -> int | None:
    """Return about how many objects a file holds; None where counting would take too long."""
    if path.suffix == ".gz":
        return None
    with path.open("rb") as stream:
        return sum(block.count(b'"model"') for block in iter(lambda: stream.read(1 << 20), b""))
