"""`import_fixtures` against `loaddata` and against ready rows, and editors beside an import."""

import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import quantiles

from tests.benchmarks.generator import World
from tests.benchmarks.timing import Line, timed

ROOT = Path(__file__).parent.parent.parent


def manage(database: str, *args: str, code: str = "") -> subprocess.CompletedProcess[str]:
    """Run a command of the project on another database."""
    command = [sys.executable, "-c", code] if code else [sys.executable, "manage.py", *args]
    environment = os.environ | {"DATABASE_URL": database, "FACTCHECK_DEBUG": "1"}
    return subprocess.run(
        command, cwd=ROOT, env=environment, check=True, capture_output=True, text=True
    )


# Seconds of the command alone, without starting Python and loading modules.
_LOAD = """
import os, sys, time
os.environ["DJANGO_SETTINGS_MODULE"] = "factcheck.settings"
import django; django.setup()
from django.conf import settings; settings.DEBUG = False
from django.core.management import call_command, get_commands, load_command_class
command = load_command_class(get_commands()[{command!r}], {command!r})
begun = time.perf_counter()
call_command(command, {path!r}, verbosity=0, stdout=open(os.devnull, "w"))
print(time.perf_counter() - begun)
"""
# The rows of a loaded database, written again into an empty one with its triggers, search keys
# among them: what `executemany` alone takes.
_RAW = """
import os, time
os.environ["DJANGO_SETTINGS_MODULE"] = "factcheck.settings"
import django; django.setup()
from django.db import connection, transaction
import sqlite3
source = sqlite3.connect({source!r})
tables = "owner outlet topic claimant claim claim_topics citation verification searchdocument"
ready = []
for name in tables.split():
    table = "factcheck_" + name
    columns = [c[1] for c in source.execute(f"pragma table_xinfo({{table}})") if c[6] == 0]
    names = ",".join('"' + c + '"' for c in columns)
    ready.append((table, columns, source.execute(f"select {{names}} from {{table}}").fetchall()))
begun = time.perf_counter()
with transaction.atomic(), connection.cursor() as cursor:
    for table, columns, rows in ready:
        names, places = ",".join('"' + c + '"' for c in columns), ",".join(["%s"] * len(columns))
        cursor.executemany(f"INSERT INTO {{table}} ({{names}}) VALUES ({{places}})", rows)
print(time.perf_counter() - begun)
"""


def new_database(folder: Path) -> Path:
    """Return an empty database: migrated once, and then copied."""
    empty = folder / "empty.sqlite3"
    if not empty.exists():
        manage(f"sqlite:///{empty}", "migrate", "-v0")
    return Path(shutil.copy(empty, folder / f"{time.monotonic_ns()}.sqlite3"))


def load(folder: Path, command: str, path: Path) -> tuple[float, Path]:
    """Load a fixture into a new database; return the seconds it took, and the database."""
    database = new_database(folder)
    done = manage(f"sqlite:///{database}", code=_LOAD.format(command=command, path=str(path)))
    return float(done.stdout), database


def contents(database: Path) -> list[tuple]:
    import sqlite3

    with sqlite3.connect(database) as there:
        return [
            there.execute(f"SELECT {columns} FROM factcheck_{table} ORDER BY 1").fetchall()
            for table, columns in (
                ("claim", "slug, text, status, citation_count, outlet_count, independent_count"),
                ("citation", "ref, date_text, stance, published_on"),
                # What a load adds: each public claim's first record.
                ("verification WHERE content IS NULL", "ref, number, status, reviewed_on"),
                ("searchdocument", "id, claim_words, claim_stems, other_words"),
                ("outletalias", "key, name"),
            )
        ]


def lines(claims: int, *, runs: int) -> Iterator[Line]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for natural, target in ((True, "≥ 30"), (False, "≥ 20")):
            path = folder / f"{'natural' if natural else 'integer'}.jsonl"
            World(claims).write(path, natural=natural)
            pairs = []
            for _ in range(runs):
                (mine, ours), (other, theirs) = (
                    load(folder, command, path) for command in ("import_fixtures", "loaddata")
                )
                assert contents(ours) == contents(theirs)
                pairs.append((mine, other))
            kind = "natural keys" if natural else "integer keys"
            yield line(f"import_fixtures, {claims:,} claims, {kind} : loaddata", pairs, target)
        pairs = []
        for _ in range(runs):
            mine, ours = load(folder, "import_fixtures", path)
            empty = new_database(folder)
            done = manage(f"sqlite:///{empty}", code=_RAW.format(source=str(ours)))
            pairs.append((mine, float(done.stdout)))
        yield line("import_fixtures : executemany of ready rows, same triggers", pairs, "≥ 0.4")


def line(name: str, pairs: list[tuple[float, float]], target: str) -> Line:
    ratios = [theirs / ours for ours, theirs in pairs]
    middle = sorted(pairs, key=lambda pair: pair[1] / pair[0])[len(pairs) // 2]
    return Line(name, *middle, min(ratios), max(ratios), target)


def editing(fixture: Path, *, seconds: float) -> str:
    """Edit with four writers and read with eight while an import runs, on this database."""
    from django.db import OperationalError, connection
    from django.http import QueryDict

    from factcheck.filters import ClaimFilter
    from factcheck.models import Claim

    ids = list(Claim.objects.order_by("pk").values_list("pk", flat=True)[:200])
    saves: list[float] = []
    errors: list[str] = []
    reads = [0]
    until = time.monotonic() + seconds

    def write(number: int) -> None:
        turn = number
        while time.monotonic() < until:
            turn += 4
            claim = Claim.objects.get(pk=ids[turn % len(ids)])
            claim.text = f"{claim.text.split(' edited')[0]} edited {turn}"
            try:
                saves.append(timed_save(claim))
            except OperationalError as error:
                errors.append(str(error))
            time.sleep(0.1)
        connection.close()

    def read(number: int) -> None:
        while time.monotonic() < until:
            try:
                ClaimFilter(QueryDict(f"year={2010 + number}")).page()
                reads[0] += 1
            except OperationalError as error:
                errors.append(str(error))
            time.sleep(0.02)
        connection.close()

    loading = subprocess.Popen(
        [sys.executable, "manage.py", "import_fixtures", str(fixture)],
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
    )
    threads = [threading.Thread(target=write, args=(n,)) for n in range(4)]
    threads += [threading.Thread(target=read, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    was_running = loading.poll() is None
    loading.kill()
    loading.wait()
    p95 = quantiles(saves, n=20)[-1] if len(saves) > 20 else max(saves)
    return (
        f"4 writers, 8 readers, an import {'all along' if was_running else 'that ended early'}:"
        f" {len(saves)} saves, p95 {1000 * p95:.0f} ms (asked ≤ 200), {reads[0]} reads,"
        f" {len(errors)} lock errors (asked 0)"
    )


def timed_save(claim) -> float:
    return timed_quick(claim.save)


def timed_quick(run) -> float:
    begun = time.perf_counter()
    run()
    return time.perf_counter() - begun


__all__ = ["editing", "lines", "timed"]
