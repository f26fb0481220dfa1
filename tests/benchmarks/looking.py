"""How long a save takes beside a dry run, and how long alone: side by side, in turns.

    python -m tests.benchmarks.looking --rows 60000

works on the database of DATABASE_URL, which it fills with made-up claims if it has none: give it
one of its own. A process saves drafts without a pause. Meanwhile, in turns, nothing else runs, a
process does nothing but count, and one looks at so many records (`import_claims --dry-run`). The
counting one is there because two busy processes of one machine hinder each other whatever they do:
it tells how much of the difference is that.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from io import StringIO
from pathlib import Path

from tests.benchmarks.generator import World
from tests.benchmarks.importing import ROOT

_COUNT = "while True: sum(range(10**6))"


def save(number: int) -> float:
    """Save a draft as the admin does, and change it; return the seconds that it took."""
    from factcheck.models import Claim

    begun = time.perf_counter()
    claim = Claim(text=f"A bridge of {number} metres was built", language="en")
    claim.save()
    claim.text += " again"
    claim.save()
    return time.perf_counter() - begun


def saves(while_true: Callable[[], bool]) -> list[float]:
    took = []
    while while_true():
        took.append(save(len(took)))
        time.sleep(0.01)  # a moment for whoever waits for the database
    return took


def alone(seconds: float) -> list[float]:
    until = time.monotonic() + seconds
    return saves(lambda: time.monotonic() < until)


def beside(command: list[str], seconds: float | None = None) -> tuple[list[float], str]:
    """Return what saves take while a process runs, or its first `seconds`, and what it said."""
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        time.sleep(1)  # while it starts it does not look at anything
        until = time.monotonic() + (seconds or 1e9)
        took = saves(lambda: process.poll() is None and time.monotonic() < until)
        process.kill()
        return took, process.stdout.readline().strip() if process.stdout else ""


def line(name: str, took: list[float], usual: list[float]) -> str:
    def at(part: float, of: list[float]) -> float:
        return 1000 * sorted(of)[min(int(part * len(of)), len(of) - 1)]

    parts = [
        f"{at(part, took):8.1f} ms ({at(part, took) / at(part, usual):4.2f} ×)"
        for part in (0.5, 0.95, 1)
    ]
    return f"{name:28} {len(took):6} {'  '.join(parts)}"


def write(path: Path, rows: int) -> None:
    """Write a table of fact-checks by twenty publishers."""
    texts = (row["fields"]["text"] for row in World(rows).objects() if "claim" in row["model"][-5:])
    with path.open("w", encoding="utf-8") as out:
        out.write("claim,url,label,claimant\n")
        for number, text in enumerate(texts):
            said, site = text.replace('"', "'"), f"https://checkers{number % 20}.example"
            out.write(f'"{said}",{site}/{number},False,Speaker {number % 500}\n')


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=60_000)
    parser.add_argument("--claims", type=int, default=10_000, help="made up, where there are none")
    parser.add_argument("--seconds", type=float, default=15, help="of each turn that is not a look")
    parser.add_argument("--turns", type=int, default=2)
    options = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "factcheck.settings")
    import django

    django.setup()
    from django.conf import settings
    from django.core.management import call_command

    from factcheck.models import Claim

    settings.DEBUG = False
    with tempfile.TemporaryDirectory() as folder:
        if not Claim.objects.exists():
            World(options.claims).write(Path(folder) / "world.jsonl")
            call_command("import_fixtures", f"{folder}/world.jsonl", stdout=StringIO())
        write(Path(folder) / "more.csv", options.rows)
        look = ["manage.py", "import_claims", f"{folder}/more.csv", "--dry-run"]
        usual, counting, looking = [], [], []
        alone(2)
        for _turn in range(options.turns):
            usual += alone(options.seconds)
            counting += beside([sys.executable, "-c", _COUNT], options.seconds)[0]
            took, said = beside([sys.executable, *look])
            looking += took
            print(said, flush=True)
    print(f"{'':28} {'saves':>6} {'median':>11} {'95 of 100':>20} {'longest':>20}")
    print(line("alone", usual, usual))
    print(line("beside one that counts", counting, usual))
    print(line("beside a dry run", looking, usual))
    print(line("… for the one that counts", looking, counting))


if __name__ == "__main__":
    main()
