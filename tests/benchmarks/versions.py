"""This version against an earlier commit, side by side in one run.

    python -m tests.benchmarks.versions abc716a --claims 10000

checks the commit out into a temporary folder, loads the same made-up data with each version's own
commands, compares what both answer, and then lets them answer in turns. All figures are CPU time,
because a machine is seldom idle. A ratio above 1 says that this version is faster. Pages that both
versions are asked for are new to them each time, so no answer comes from a cache of pages.
"""

import argparse
import json
import os
import re
import resource
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

from tests.benchmarks import importing
from tests.benchmarks.generator import World

ROOT = Path(__file__).parent.parent.parent
# It answers requests in a process of its own: a line with a path, then a line with the answer.
_WORKER = """
import json, sys, time
import django
django.setup()
from django.test import Client
client = Client(headers={"accept-language": "en"})
for line in sys.stdin:
    begun = time.process_time()
    response = client.get(line.strip(), HTTP_HOST="localhost")
    body = b"".join(response) if response.streaming else response.content
    took = time.process_time() - begun
    print(json.dumps([response.status_code, took, body.decode()]), flush=True)
"""


@dataclass
class Version:
    """A checkout with a database of its own."""

    name: str
    folder: Path
    database: Path
    worker: Any = None
    imported: list[tuple[Any, ...]] = field(default_factory=list)
    seconds: dict[str, list[float]] = field(default_factory=dict)

    @property
    def environment(self) -> dict[str, str]:
        return os.environ | {
            "DATABASE_URL": f"sqlite:///{self.database}",
            "DJANGO_SETTINGS_MODULE": "factcheck.settings",
            "FACTCHECK_DEBUG": "1",
            "PYTHONPATH": str(self.folder),
            # Those of the new version may not be in the old one.
            "PYTHONWARNINGS": "ignore",
        }

    def manage(self, *arguments: str) -> float:
        """Run a command of this version; return the CPU seconds that it and its children took."""
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=self.folder,
            env=self.environment,
            check=True,
            stdout=subprocess.DEVNULL,
        )
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime

    def get(self, path: str, name: str = "") -> str:
        """Return the body of a page; its CPU seconds are noted under a name."""
        asked, answered = self.worker.stdin, self.worker.stdout
        asked.write(f"{path}\n")
        asked.flush()
        status, seconds, body = json.loads(answered.readline())
        assert status == 200, f"{self.name}: {path} answers {status}"
        if name:
            self.seconds.setdefault(name, []).append(seconds)
        return body

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        import sqlite3

        with sqlite3.connect(self.database) as connection:
            return connection.execute(query).fetchall()


@contextmanager
def checkout(commit: str, folder: Path) -> Iterator[Path]:
    """Check a commit out beside the repository's own files, and remove it afterwards."""
    git = ["git", "-C", str(ROOT), "worktree"]
    subprocess.run([*git, "add", "--quiet", "--detach", str(folder), commit], check=True)
    try:
        yield folder
    finally:
        subprocess.run([*git, "remove", "--force", str(folder)], check=True)


@contextmanager
def answering(versions: list[Version]) -> Iterator[None]:
    for version in versions:
        version.worker = subprocess.Popen(
            [sys.executable, "-c", _WORKER],
            cwd=version.folder,
            env=version.environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
    try:
        yield
    finally:
        for version in versions:
            version.worker.kill()
            version.worker.wait()


def claims_named(body: str) -> list[str]:
    """Return the claims that an answer links to or lists, in its order."""
    if body.startswith("{"):
        page = json.loads(body)
        return [row["slug"] for row in page.get("results", [page])]
    main = body[body.index("<main") :]
    return re.findall(r'href="/claims/([\w-]+)/"', main)


def pages(slugs: list[str], words: list[str]) -> dict[str, list[str]]:
    """Return the addresses to ask for, by the name of what they show."""
    return {
        "a claim's page": [f"/claims/{slug}/" for slug in slugs],
        "a claim as JSON": [f"/api/v1/claims/{slug}/" for slug in slugs],
        "list page of an outlet, with facets": [f"/claims/?outlet=outlet-{n}" for n in range(60)],
        "search page, with facets": [f"/claims/?q={word}" for word in words],
        "search as JSON": [f"/api/v1/claims/?q={word}" for word in words],
    }


def show(name: str, old: list[float], new: list[float]) -> None:
    ratios = sorted(before / after for before, after in zip(old, new, strict=True))
    low, high = ratios[len(ratios) // 20], ratios[-1 - len(ratios) // 20]
    print(
        f"{name:40} {1000 * median(old):>10.2f} {1000 * median(new):>10.2f}"
        f" {median(old) / median(new):>7.2f} ×  ({low:.2f} to {high:.2f})"
    )


def load(versions: list[Version], folder: Path, claims: int, runs: int) -> None:
    """Load the same fixture, then import the same feed, in turns; compare what is stored."""
    fixture, feed = folder / "world.jsonl", folder / "feed.json"
    World(claims).write(fixture)
    importing.write(feed, claims)
    seconds: dict[tuple[str, str], list[float]] = {}
    for _ in range(runs):
        for version in versions:
            imported = Version(version.name, version.folder, folder / f"{version.name}-2.sqlite3")
            for empty in (version, imported):
                empty.database.unlink(missing_ok=True)
                empty.manage("migrate", "-v0")
            publish = ["--stage=published"] if "stage" in help_of(version) else []
            for name, took in (
                ("import_fixtures", version.manage("import_fixtures", str(fixture))),
                ("import_claims", imported.manage("import_claims", *publish, str(feed))),
            ):
                seconds.setdefault((name, version.name), []).append(took)
            version.imported = imported.rows(
                "SELECT text, status, stage FROM factcheck_claim ORDER BY text"
            )
    old, new = versions
    assert old.imported == new.imported, "the imports differ"
    # Without the status: which of several findings decides is not the same rule in all versions.
    query = "SELECT slug, citation_count, independent_count FROM factcheck_claim"
    differ = set(old.rows(query)) ^ set(new.rows(query))
    assert not differ, f"the loads differ: {sorted(differ)[:10]}"
    for name in ("import_fixtures", "import_claims"):
        show(name, seconds[name, old.name], seconds[name, new.name])


def help_of(version: Version) -> str:
    return subprocess.run(
        [sys.executable, "manage.py", "import_claims", "--help"],
        cwd=version.folder, env=version.environment, check=True, capture_output=True, text=True,
    ).stdout  # fmt: skip


def ask(versions: list[Version], most: int) -> None:
    """Ask both for the same pages, in turns."""
    old, new = versions
    query = "SELECT slug, text FROM factcheck_claim WHERE stage = 'published' ORDER BY id LIMIT ?"
    rows = new.rows(query.replace("?", str(most)))
    slugs = [slug for slug, _ in rows]
    words = sorted({max(text.split(), key=len).strip(".,").lower() for _, text in rows[:80]})
    compared: Callable[[str], list[str]] = claims_named
    with answering(versions):
        for version in versions:
            version.get("/claims/")
        for name, paths in pages(slugs, words).items():
            for path in paths:
                found = [compared(version.get(path, name)) for version in versions]
                assert found[0] == found[1], f"{path}: {found[0]} and {found[1]}"
            show(name, old.seconds[name], new.seconds[name])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("commit", help="what this version is compared with")
    parser.add_argument("--claims", type=int, default=10_000)
    parser.add_argument("--runs", type=int, default=3, help="how often the data is loaded")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        with checkout(options.commit, folder / "old") as old:
            versions = [
                Version("old", old, folder / "old.sqlite3"),
                Version("new", ROOT, folder / "new.sqlite3"),
            ]
            print(f"{'CPU time in ms':40} {options.commit:>10} {'now':>10} {'ratio':>9}")
            load(versions, folder, options.claims, options.runs)
            ask(versions, 200)


if __name__ == "__main__":
    main()
