"""How fast other publishers' fact-checks come in, and how much memory that takes.

    python -m tests.benchmarks.importing --records 100000

makes a DataFeed of made-up ClaimReviews, imports it into a new SQLite database, imports it again,
and prints records a second and the most memory that each run held (Linux).
"""

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from random import Random

from tests.benchmarks.generator import World

ROOT = Path(__file__).parent.parent.parent
_LABELS = ("True", "False", "Mostly false", "Misleading", "Half true", "Five bananas")


def write(path: Path, records: int) -> None:
    """Write a feed: claims of the made-up world, by twenty publishers, most with an appearance."""
    random, world = Random(9), World(records)
    with path.open("w", encoding="utf-8") as out:
        out.write('{"@context": "https://schema.org", "@type": "DataFeed", "dataFeedElement": [')
        texts = (
            row["fields"]["text"] for row in world.objects() if row["model"].endswith(".claim")
        )
        for number, text in enumerate(texts):
            site = f"https://checkers{number % 20}.example"
            review = {
                "@type": "ClaimReview",
                "url": f"{site}/{number}",
                "claimReviewed": text,
                "author": {"@type": "Organization", "name": f"Checkers {number % 20}"},
                "datePublished": f"20{10 + number % 15}-05-{1 + number % 28:02}",
                "reviewRating": {"alternateName": random.choice(_LABELS), "ratingValue": 2},
                "itemReviewed": {
                    "author": {"name": f"Speaker {number % 500}"},
                    "appearance": [f"https://paper{number % 300}.example/{number}"],
                },
            }
            item = json.dumps({"@type": "DataFeedItem", "item": [review]}, ensure_ascii=False)
            out.write(f"{',' if number else ''}\n{item}")
        out.write("]}")


def run(path: Path, database: Path) -> tuple[float, int, str]:
    """Import a file in a process of its own; return its seconds, its memory, and its first line."""
    environment = os.environ | {"DATABASE_URL": f"sqlite:///{database}", "FACTCHECK_DEBUG": "1"}
    command = [sys.executable, "manage.py", "import_claims", str(path)]
    begun, most = time.perf_counter(), 0
    with subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True
    ) as process:
        while process.poll() is None:
            most = max(most, memory_of(process.pid))
            time.sleep(0.2)
        seconds = time.perf_counter() - begun
        said = process.stdout.readline()
    assert process.returncode == 0, said
    return seconds, most, said


def memory_of(pid: int) -> int:
    """Return the memory of a process, in KB."""
    try:
        pss = re.search(r"^Pss: *(\d+)", Path(f"/proc/{pid}/smaps_rollup").read_text(), re.M)
    except OSError:  # it has ended
        return 0
    return int(pss[1]) if pss else 0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--records", type=int, default=100_000)
    records = parser.parse_args().records
    with tempfile.TemporaryDirectory() as name:
        path, database = Path(name) / "feed.json", Path(name) / "new.sqlite3"
        write(path, records)
        environment = os.environ | {"DATABASE_URL": f"sqlite:///{database}"}
        migrate = [sys.executable, "manage.py", "migrate", "-v0"]
        subprocess.run(migrate, cwd=ROOT, env=environment, check=True)
        for what in ("new", "again"):
            seconds, most, said = run(path, database)
            assert f"{records} {'created' if what == 'new' else 'unchanged'}" in said, said
            print(
                f"{what}: {records / seconds:,.0f} records a second ({seconds:.1f} s),"
                f" {most / 1024:,.0f} MB (asked: 5,000 a second, < 200 MB)"
            )


if __name__ == "__main__":
    main()
