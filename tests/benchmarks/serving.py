"""The server, one worker, against Datasette, one worker, on the same SQLite file."""

import http.client
import os
import shutil
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count, cycle, repeat
from pathlib import Path
from statistics import median
from threading import Thread
from urllib.parse import quote

from tests.benchmarks.timing import Line

ROOT = Path(__file__).parent.parent.parent
CLIENTS = 4
# Of the whole run: an address that a server was asked for before may be answered from what it kept.
_numbers = count(1)


@contextmanager
def serving(command: list[str], path: str, **environment: str) -> Iterator[tuple[int, int]]:
    """Start a server, wait until it answers, yield its port and process id, and stop it."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = subprocess.Popen(
        [part.replace("PORT", str(port)) for part in command],
        cwd=ROOT,
        env=os.environ | environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        for _ in range(600):
            try:
                fetch(port, path)
                break
            except (OSError, http.client.HTTPException, AssertionError):
                time.sleep(0.1)
        yield port, process.pid
    finally:
        process.terminate()
        process.wait(10)


def factcheck(database: Path):
    """Serve a database with granian, as the README says, but on loopback without https."""
    command = [
        *(str(Path(sys.executable).parent / "granian"), "--interface", "wsgi", "--workers", "1"),
        *("--blocking-threads", "4", "--host", "127.0.0.1", "--port", "PORT"),
        "factcheck.wsgi:application",
    ]
    environment = {
        "DATABASE_URL": f"sqlite:///{database}",
        "FACTCHECK_DEBUG": "0",
        "FACTCHECK_HTTPS": "0",
        "FACTCHECK_API_RATE": "",
        "SECRET_KEY": "a key of no site at all, for a benchmark on this machine",
        "FACTCHECK_ALLOWED_HOSTS": "127.0.0.1",
        "FACTCHECK_STATIC_ROOT": str(database.parent / "static"),
    }
    subprocess.run(
        [sys.executable, "manage.py", "collectstatic", "--noinput", "-v0"],
        cwd=ROOT,
        env=os.environ | environment,
        check=True,
    )
    return serving(command, "/claims/", **environment)


def datasette(database: Path):
    """Serve the same file with Datasette, its limits raised so that it counts facets."""
    binary = shutil.which("datasette", path=str(Path(sys.executable).parent))
    assert binary, "python -m pip install -e '.[test]' brings datasette"
    limits = ("facet_time_limit_ms", "sql_time_limit_ms", "facet_suggest_time_limit_ms")
    command = [binary, "serve", str(database), "--port", "PORT"]
    for limit in limits:
        command += ["--setting", limit, "50" if "suggest" in limit else "30000"]
    return serving(command, "/-/versions.json")


def fetch(port: int, path: str) -> bytes:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
    connection.request("GET", path)
    response = connection.getresponse()
    body = response.read()
    connection.close()
    assert response.status == 200, (path, response.status)
    return body


def rate(port: int, paths: Iterator[str], *, seconds: float) -> float:
    """Return requests answered in a second, for some clients that each wait for their answer."""
    counts = [0] * CLIENTS
    begun = time.perf_counter()

    def ask(number: int) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
        while time.perf_counter() - begun < seconds:
            connection.request("GET", next(paths))
            response = connection.getresponse()
            response.read()
            assert response.status == 200, response.status
            counts[number] += 1
        connection.close()

    threads = [Thread(target=ask, args=(number,)) for number in range(CLIENTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(counts) / (time.perf_counter() - begun)


def anew(*paths: str) -> Iterator[str]:
    """Return addresses of some pages in turn that are all different, so that none is kept."""
    forms = [f"{path}{'&' if '?' in path else '?'}n={{}}" for path in paths]
    # No generator, which two clients at once cannot ask.
    return map(str.format, cycle(forms), _numbers)


def prepare(database: Path) -> tuple[list[tuple[str, int]], str]:
    """Give Datasette a full-text index of its own; return slugs and ids of claims, and a word.

    The claims are typical ones, each with three citations; the word is in a hundredth of all.
    """
    with sqlite3.connect(database) as there:
        there.execute("PRAGMA journal_mode=WAL")
        there.execute(
            "CREATE VIRTUAL TABLE IF NOT EXISTS bench_text"
            " USING fts5(text, content=factcheck_claim, content_rowid=id)"
        )
        there.execute("INSERT INTO bench_text (bench_text) VALUES ('rebuild')")
        total = there.execute("SELECT count(*) FROM factcheck_claim").fetchone()[0]
        claims = there.execute(
            "SELECT slug, id FROM factcheck_claim WHERE stage = 'published'"
            " AND citation_count = 3 LIMIT 200"
        ).fetchall()
        texts = there.execute("SELECT text FROM factcheck_claim LIMIT 300").fetchall()
        words = sorted({word for (text,) in texts for word in text.split() if len(word) > 3})[:120]
        hits = {
            word: there.execute(
                "SELECT count(*) FROM bench_text WHERE bench_text MATCH ?", [f'"{word}"']
            ).fetchone()[0]
            for word in words
        }
    return claims, min(words, key=lambda word: abs(hits[word] - total / 100))


def lines(database: Path, small: Path, *, seconds: float) -> Iterator[str]:
    claims, word = prepare(database)
    name = database.stem
    facets = "_facet=status&_facet=year&_facet=language"
    table = f"/{name}/factcheck_claim"
    with factcheck(database) as (ours, pid), factcheck(small) as (few, _pid):
        yield scaling(ours, few)
        with datasette(database) as (theirs, _their_pid):
            for what, paths, others, target in (
                ("list with facets, 50 rows", ["/claims/?page_size=50"],
                 [f"{table}?_size=50&_sort_desc=newest_day&{facets}"], "≥ 20"),
                ("a claim's own page", [f"/claims/{slug}/" for slug, _pk in claims],
                 [f"{table}/{pk}" for _slug, pk in claims], "≥ 3"),
                ("search with facets, 50 rows", [f"/claims/?page_size=50&q={quote(word)}"],
                 [f"{table}?_size=50&_search={quote(word)}&{facets}"], "≥ 4"),
                ("JSON, 50 rows", ["/api/v1/claims/?page_size=50"],
                 [f"{table}.json?_size=50&_sort_desc=newest_day"], "≥ 5"),
            ):  # fmt: skip
                yield str(against(what, ours, paths, theirs, others, target, seconds))
        kept = rate(ours, repeat("/claims/?page_size=50"), seconds=seconds)
        yield f"{'cache: a list page that was made before':58} {kept:,.0f} requests/s"
        yield f"memory of the serving process: {memory(pid):.0f} MB (asked ≤ 400)"


def against(what, ours, paths, theirs, others, target, seconds) -> Line:
    """Compare requests a second, in turns; shown as seconds for one request."""
    fetch(ours, paths[0])
    fetch(theirs, others[0])
    pairs = [
        (rate(ours, anew(*paths), seconds=seconds), rate(theirs, cycle(others), seconds=seconds))
        for _ in range(3)
    ]
    ratios = [mine / other for mine, other in pairs]
    mine, them = (median(pair[side] for pair in pairs) for side in (0, 1))
    label = f"{what} : Datasette ({mine:,.0f} : {them:,.1f} a second)"
    return Line(label, 1 / mine, 1 / them, min(ratios), max(ratios), target)


def scaling(large: int, small: int) -> str:
    """Return how much longer a list page with all facets takes at full size."""
    times: dict[int, list[float]] = {large: [], small: []}
    paths = {port: anew("/claims/?page_size=50") for port in times}
    for turn in range(60):
        for port in times:
            begun = time.perf_counter()
            fetch(port, next(paths[port]))
            if turn >= 10:
                times[port].append(time.perf_counter() - begun)
    here, there = median(times[large]), median(times[small])
    return (
        f"{'list page and facets at full size : at 10,000 claims':58} {1000 * here:6.2f} ms"
        f" {1000 * there:6.2f} ms {here / there:>8.2f} ×{'':19}≤ 1.5"
    )


def memory(pid: int) -> float:
    """Return the resident memory of a process and its children, in megabytes."""
    total = 0
    for status in Path("/proc").glob("[0-9]*/status"):
        try:
            text = status.read_text()
        except OSError:
            continue
        fields = dict(line.split(":", 1) for line in text.splitlines() if ":" in line)
        if int(fields["Pid"]) == pid or int(fields["PPid"]) == pid:
            total += int(fields.get("VmRSS", "0 kB").split()[0])
    return total / 1024
