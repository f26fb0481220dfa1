"""The benchmark: seeded data, answers checked first, two ways side by side in one run.

    python -m tests.benchmarks --claims 100000

builds a world of so many claims in a folder of its own and prints a line for each comparison: the
medians of ours and theirs, how many times faster ours is, the least and greatest ratio of a pair,
and what was asked for. `--keep FOLDER` keeps the databases for the next run, `--quick` makes it
short, to see that it works.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.benchmarks.generator import World

ROOT = Path(__file__).parent.parent.parent


def build(folder: Path, claims: int) -> Path:
    """Make a database of so many claims by import_fixtures, if the folder has none."""
    database = folder / f"world{claims}.sqlite3"
    new = database if database.exists() else folder / "new.sqlite3"
    environment = os.environ | {"DATABASE_URL": f"sqlite:///{new}", "FACTCHECK_DEBUG": "1"}
    run = [sys.executable, "manage.py"]
    # Also of a kept one, which may be from before a migration.
    subprocess.run([*run, "migrate", "-v0"], cwd=ROOT, env=environment, check=True)
    if new == database:
        return database
    fixture = folder / f"world{claims}.jsonl"
    objects = World(claims).write(fixture)
    begun = time.perf_counter()
    subprocess.run([*run, "import_fixtures", str(fixture)], cwd=ROOT, env=environment, check=True,
                   stdout=subprocess.DEVNULL)  # fmt: skip
    took = time.perf_counter() - begun
    new.rename(database)
    print(f"{claims:,} claims: {objects:,} objects in {took:.0f} s, {objects / took:,.0f} a second")
    return database


def sizes(database: Path) -> str:
    """Return what search takes on the disk for each claim."""
    import sqlite3

    with sqlite3.connect(database) as there:
        claims = there.execute("SELECT count(*) FROM factcheck_claim").fetchone()[0]
        index = there.execute(
            "SELECT sum(length(block)) FROM factcheck_search_index_data"
        ).fetchone()
        keys = there.execute(
            "SELECT sum(length(claim_words) + length(claim_stems) + length(other_words)"
            " + length(other_stems)) FROM factcheck_searchdocument"
        ).fetchone()
    return (
        f"search: {keys[0] / claims:.0f} bytes of keys, {index[0] / claims:.0f} of index a claim;"
        f" the database: {database.stat().st_size / claims:,.0f} bytes a claim"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--claims", type=int, default=10_000)
    parser.add_argument("--quick", action="store_true", help="short runs, small loads")
    parser.add_argument("--keep", type=Path, help="where databases are kept between runs")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = options.keep or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        small = build(folder, 10_000)
        database = build(folder, options.claims)
        os.environ["DATABASE_URL"] = f"sqlite:///{database}"
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "factcheck.settings")
        import django

        django.setup()
        from django.conf import settings

        settings.DEBUG = False
        from tests.benchmarks import loading, reading, serving
        from tests.benchmarks.timing import HEAD

        print(f"\n{options.claims:,} claims\n{HEAD}")
        for found in reading.lines(quick=options.quick):
            print(found, flush=True)
        for said in serving.lines(database, small, seconds=0.5 if options.quick else 3):
            print(said, flush=True)
        some = 200 if options.quick else min(options.claims, 3_000)
        for found in loading.lines(some, runs=1 if options.quick else 2):
            print(found, flush=True)
        print(sizes(database))
        more = folder / "more.jsonl"
        World(2_000 if options.quick else 20_000, seed=7, prefix="more-").write(more)
        print(loading.editing(more, seconds=3 if options.quick else 15), flush=True)


if __name__ == "__main__":
    main()
