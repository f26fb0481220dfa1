"""A storm of edits from several processes on one database, and whether every count is right after.

    python -m tests.benchmarks.storm --seconds 60

works on the database of DATABASE_URL, which it changes: give it one of made-up claims. It changes
owners, merges outlets and takes merges back, marks reprints, adds and deletes citations, approves
findings, all at random, and ends with what `check_data` finds. Exit status 1 if that is anything.
"""

import argparse
import os
import subprocess
import sys
import time
from collections import defaultdict
from random import Random

OPERATIONS = ("owner", "merge", "reprints", "add", "delete", "finding")


def work(seed: int, seconds: float) -> None:
    """Edit at random; print what each kind of edit took, in milliseconds."""
    import django

    django.setup()
    from django.contrib.auth.models import User
    from django.core.exceptions import ValidationError
    from django.db import DatabaseError

    random = Random(seed)
    by = User.objects.get(username="storm")
    took: dict[str, list[float]] = defaultdict(list)
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        name = random.choice(OPERATIONS)
        begun = time.perf_counter()
        try:
            done = globals()[f"_{name}"](random, by)
        except ValidationError:  # another process was faster: merged, decided
            continue
        except DatabaseError as error:
            if "merged into another" in str(error) or "UNIQUE" in str(error).upper():
                continue  # refused, as it must be
            print("ERROR", name, type(error).__name__, str(error).split("\n")[0], flush=True)
            continue
        if done:
            took[name].append(1000 * (time.perf_counter() - begun))
    for name, times in took.items():
        print(
            "DONE", name, len(times), f"{sorted(times)[len(times) // 2]:.0f}", f"{max(times):.0f}"
        )


def _row(model, random):
    last = model.objects.order_by("-pk").values_list("pk", flat=True)[0]
    return model.objects.filter(pk__gte=random.randint(1, last)).order_by("pk").first()


def _owner(random, by):
    from factcheck.models import Owner

    outlet = _listed(random)
    outlet.owner = random.choice([None, _row(Owner, random)])
    outlet.save()
    return True


def _listed(random):
    from factcheck.models import Outlet

    return random.choice(list(Outlet.objects.listed()))


def _merge(random, by):
    from factcheck import editing
    from factcheck.models import Merge

    open_merges = list(Merge.objects.filter(undone_at=None).order_by("-pk")[:3])
    if open_merges and random.random() < 0.5:
        editing.undo_merge(merge=random.choice(open_merges), by=by)
    else:
        editing.merge_outlets(loser=_listed(random), winner=_listed(random), by=by)
    return True


def _reprints(random, by):
    from factcheck import editing
    from factcheck.models import Claim

    claim = _row(Claim, random)
    source = random.choice([None, _listed(random)])
    editing.mark_reprints(citations=list(claim.citations.all()), source=source, by=by)
    return True


def _add(random, by):
    from factcheck.models import Citation, Claim

    day = f"20{random.randint(10, 25)}-0{random.randint(1, 9)}-{random.randint(10, 28)}"
    Citation.objects.create(
        claim=_row(Claim, random), outlet=_listed(random), date_text=day,
        stance=random.choice(["supports", "supports", "disputes"]),
    )  # fmt: skip
    return True


def _delete(random, by):
    from factcheck.models import Citation

    citation = _row(Citation, random)
    return citation is not None and citation.delete()


def _finding(random, by):
    from factcheck import editing
    from factcheck.models import Claim

    proposal = editing.propose(
        claim=_row(Claim, random), by=by, status=random.choice(["true", "false", "mixed"]),
        reason="No evidence needed: a made-up world.",
    )  # fmt: skip
    editing.approve(proposal=proposal, by=by)
    return True


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--workers", type=int, default=4)
    parser.add_argument("--seed", type=int, help="work as one of the processes")
    options = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "factcheck.settings")
    if options.seed is not None:
        work(options.seed, options.seconds)
        return
    import django

    django.setup()
    from django.contrib.auth.models import Group, User

    from factcheck import audit
    from factcheck.models import Citation

    user, _is_new = User.objects.get_or_create(username="storm")
    user.groups.set(Group.objects.all())
    print(f"{Citation.objects.count():,} citations, {options.workers} processes")
    command = [sys.executable, "-m", "tests.benchmarks.storm", "--seconds", str(options.seconds)]
    processes = [
        subprocess.Popen([*command, "--seed", str(seed)], stdout=subprocess.PIPE, text=True)
        for seed in range(options.workers)
    ]
    said = [line for process in processes for line in process.communicate()[0].splitlines()]
    counts: dict[str, list[tuple[int, int, int]]] = defaultdict(list)
    for line in said:
        if line.startswith("DONE"):
            _done, name, n, middle, most = line.split()
            counts[name].append((int(n), int(middle), int(most)))
        else:
            print(line)
    for name, rows in sorted(counts.items()):
        n, most = sum(row[0] for row in rows), max(row[2] for row in rows)
        middle = sorted(row[1] for row in rows)[len(rows) // 2]
        print(f"{name:10} {n:6} done, median {middle:,} ms, longest {most:,} ms")
    begun = time.perf_counter()
    found = [str(one) for one in (*audit.faults(), *audit.differences())]
    print(f"check_data: {len(found)} found, in {time.perf_counter() - begun:.0f} s")
    print("\n".join(found[:20]))
    if found or any(process.returncode for process in processes):
        raise SystemExit(1)


if __name__ == "__main__":
    main()
