"""`manage.py import_fixtures`: what `loaddata` reads, at many times its speed."""

import time
from collections.abc import Iterator
from contextlib import nullcontext
from functools import partial
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError, CommandParser
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from factcheck import sql
from factcheck.failures import cannot_read
from factcheck.imports.bulk.fixture_reader import FixtureError
from factcheck.imports.bulk.loader import Loader
from factcheck.imports.dry_run import NoRoomError, on_a_copy
from factcheck.management.command import FactcheckCommand, nothing_saved, saved_chunks
from factcheck.management.gc_pause import uncollected
from factcheck.management.progress import bar
from factcheck.models import Claim

# In an empty database, and beside editors, for whom a chunk shall take no longer than so.
_LARGE, _SMALL, _LEAST, _SECONDS = 20_000, 300, 50, 0.012


class Command(FactcheckCommand):
    help = "Load fixtures (.json, .jsonl, .gz) as loaddata does, many rows at a time."
    # They load every page and form of the site.
    requires_system_checks = []
    is_dry = False
    loader: Loader | None = None

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
        is_alone = options["exclusive"] or dry_run or not Claim.objects.exists()
        loader = self.loader = Loader(is_alone=is_alone)
        self.is_dry = dry_run
        pace = _Pace(is_alone=is_alone, pause=pause)
        started = time.monotonic()
        try:
            with (
                uncollected(),
                on_a_copy() if dry_run else nullcontext(),
                sql.rarely_settled() if is_alone else nullcontext(),
            ):
                self._load(loader, paths, pace)
        except FixtureError as error:
            raise CommandError(str(error), returncode=2) from error
        except NoRoomError as error:
            raise CommandError(str(error)) from error
        self._tell(loader, time.monotonic() - started, dry_run=dry_run)

    def saved(self) -> str:
        if self.is_dry or not self.loader:
            return nothing_saved(is_dry=self.is_dry)
        done = self.loader.done
        objects = ngettext("%d object", "%d objects", done.total) % done.total
        return saved_chunks(done.chunks, objects)

    def continues(self) -> str:
        is_begun = self.loader and self.loader.done.chunks and not self.is_dry
        return _("It continues where it stopped.") if is_begun else ""

    def _load(self, loader: Loader, paths: list[Path], pace: "_Pace") -> None:
        for path in paths:
            with bar(path.name, partial(_objects_in, path)) as show:
                for done in pace.timed(loader.chunks(path, pace.size)):
                    show(done)
        loader.finish()

    def _tell(self, loader: Loader, seconds: float, *, dry_run: bool) -> None:
        done = loader.done
        for name in dict.fromkeys([*done.new, *done.updated, *done.unchanged, *done.left_out]):
            line = (
                f"{name:24} {done.new[name]:9} new {done.updated[name]:9} changed"
                f" {done.unchanged[name]:9} as they were"
            )
            left = f" {done.left_out[name]:9} left out, for they are made anew"
            self.stdout.write(line + (left if done.left_out[name] else ""))
        if done.skipped:
            said = ngettext(
                "%d object had been saved before: an import was interrupted.",
                "%d objects had been saved before: an import was interrupted.",
                done.skipped,
            )
            self.stdout.write(said % done.skipped)
        total = ngettext("%d object", "%d objects", done.total) % done.total
        rate = f"{total} in {seconds:.1f} s, {done.total / max(seconds, 0.001):,.0f} a second."
        self.stdout.write(self.style.SUCCESS(rate))
        if dry_run:
            self.stdout.write(nothing_saved(is_dry=True))


class _Pace:
    """How many objects go into a chunk, and how long to wait after it."""

    def __init__(self, *, is_alone: bool, pause: float | None) -> None:
        self.pause = 0 if is_alone and pause is None else pause
        self.is_alone = is_alone
        self._size = _LARGE if is_alone else _SMALL

    def size(self) -> int:
        return self._size

    def timed(self, chunks: Iterator[int]) -> Iterator[int]:
        """Yield what `chunks` does, and leave the database to others in between."""
        while True:
            begun = time.monotonic()
            done = next(chunks, None)
            if done is None:
                return
            took = time.monotonic() - begun
            yield done
            if not self.is_alone:
                self._size = int(min(max(self._size * _SECONDS / took, _LEAST), 2 * self._size))
            time.sleep(took if self.pause is None else self.pause)


def _path(name: str) -> Path:
    """Return a file given by its path, or by the name of a fixture of ours."""
    path = Path(name)
    if path.is_file():
        return path
    for folder in settings.FIXTURE_DIRS:
        for ending in ("", ".json", ".jsonl", ".json.gz", ".jsonl.gz"):
            if (found := Path(folder) / f"{name}{ending}").is_file():
                return found
    try:
        path.open("rb").close()
    except OSError as error:
        raise CommandError(cannot_read(name, error), returncode=2) from error
    return path


def _seconds(given: str) -> float | None:
    if given == "auto":
        return None
    try:
        seconds = float(given)
    except ValueError:
        seconds = -1
    if not 0 <= seconds < 3600:
        raise CommandError("--pause: write auto or a number of seconds.", returncode=2)
    return seconds


def _objects_in(path: Path) -> int | None:
    """Return about how many objects a file holds; None where counting would take too long."""
    if path.suffix == ".gz":
        return None
    with path.open("rb") as stream:
        return sum(block.count(b'"model"') for block in iter(lambda: stream.read(1 << 20), b""))
