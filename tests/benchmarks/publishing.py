"""Publishing under fire: the process that publishes is killed at any moment, and nothing is lost.

    python -m tests.benchmarks.publishing --kills 30
    DATABASE_URL=postgres://user@host/name python -m tests.benchmarks.publishing --kills 30

It works on a database of its own, made like that of `tests.benchmarks.restores`. A reviewer
presses the button of the page that asks before claims are published: of one claim with a finding
that waits ("Approve the finding and publish"), and of 60 chosen claims. The process that answers
is killed with SIGKILL at a moment drawn evenly over the time that it usually takes, or with
`--begin 0.8` over the last fifth of it, where the database commits. Then each claim must be as it
was or be wholly published, with its records and a checkpoint that covers them; `check_data` must
find nothing; no row may be lost, the log must have no gap and say what it said before. Pressing
the button again must publish the rest. Exit status 1 if anything else was seen.
"""

import argparse
import os
import signal
import sys
import tempfile
import time
from collections import Counter, deque
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

import django

from tests.benchmarks.restores import PostgreSQL, SQLite, Trial, digest

PAGE = "/admin/factcheck/claim/act/publish/"
# One more part than is published in one transaction.
MANY = 60


class Snapshot(NamedTuple):
    """What publishing some claims must leave alone, and the log."""

    rows: dict[str, str]
    log: list[tuple[int, str]]


class Publishing(Trial):
    """The trials, in a process that has no connection open while the one that is killed works."""

    def begin(self) -> None:
        os.environ |= {"DATABASE_URL": self.database.url, "FACTCHECK_HTTPS": "0"}
        os.environ["DJANGO_SETTINGS_MODULE"] = "factcheck.settings"
        django.setup()
        from django.test import Client
        from django.test.utils import setup_test_environment

        from tests import factories

        setup_test_environment(debug=False)
        self.reviewer = factories.create_editor("publishes", "Reviewers")
        self.outlet = factories.create_outlet(slug="ferry-post", name="Ferry Post")
        self.client = Client()
        self.client.force_login(self.reviewer)
        self.drafted = 0

    def drafts(self, count: int) -> list[int]:
        """Write drafts, each with a citation and a finding that waits; return their ids."""
        from django.db import transaction

        from factcheck import editing

        record = {"title": "Record", "url": "https://example.org/record"}
        made = []
        with transaction.atomic():
            for _number in range(count):
                self.drafted += 1
                text = f"The ferry sailed for the {self.drafted}th time in May."
                claim = editing.draft(by=self.reviewer, text=text)
                where = {"outlet": self.outlet, "date_text": "2021-08-15"}
                editing.cite(claim=claim, by=self.reviewer, **where)
                editing.propose(
                    claim=claim, by=self.reviewer, status="false", reason="It did not sail.",
                    evidence=[record],
                )  # fmt: skip
                made.append(claim.pk)
        return made

    def asked(self, ids: list[int]) -> dict[str, str]:
        """Open the page that asks; return what its button sends."""
        page = self.client.get(PAGE, {"ids": ",".join(map(str, ids))})
        fields = {name: page.context[name] for name in ("ids", "seen", "back")}
        return fields | ({"_approve": "1"} if len(ids) == 1 else {})

    def press(self, fields: dict[str, str], after: float | None = None) -> tuple[float, bool]:
        """Press the button in a process of its own, and kill it `after` some seconds.

        Return how long it took, and whether it was killed.
        """
        from django.db import connections

        # Neither engine lets two processes use one connection.
        connections.close_all()
        begun = time.monotonic()
        process = os.fork()
        if not process:
            self._press_and_exit(fields)
        ended = 0, 0
        while not ended[0] and (after is None or time.monotonic() < begun + after):
            time.sleep(0.001)
            ended = os.waitpid(process, os.WNOHANG)
        if not ended[0]:
            os.kill(process, signal.SIGKILL)
            ended = os.waitpid(process, 0)
        status = os.waitstatus_to_exitcode(ended[1])
        took = time.monotonic() - begun
        if status not in {0, -signal.SIGKILL}:
            self.note(f"the press ended with {status}")
        self._wait_for_the_engine()
        return took, status == -signal.SIGKILL

    def _press_and_exit(self, fields: dict[str, str]) -> None:
        status = 1
        try:
            status = int(self.client.post(PAGE, fields).status_code != 302)
        finally:
            os._exit(status)

    def _wait_for_the_engine(self) -> None:
        """Wait until PostgreSQL has noticed that its client is gone: it may still commit."""
        from django.db import connection

        if connection.vendor != "postgresql":
            return
        others = (
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
            " AND backend_type = 'client backend' AND pid <> pg_backend_pid()"
        )
        with connection.cursor() as cursor:
            cursor.execute(others)
            while cursor.fetchone() != (0,):
                time.sleep(0.02)
                cursor.execute(others)

    def snapshot(self, ids: list[int]) -> Snapshot:
        from factcheck import public_record
        from factcheck.models import Citation, Claim, Evidence, Proposal, Verification

        of_proposals = ("pk", "claim", "status", "reason", "label", "evidence", "author_ids")
        watched: dict[str, Any] = {
            "claims": Claim.objects.values_list("pk", "slug", "text"),
            "other claims": Claim.objects.exclude(pk__in=ids).values_list(),
            "citations": Citation.objects.values_list(),
            "proposals": Proposal.objects.values_list(*of_proposals),
            "other proposals": Proposal.objects.exclude(claim__in=ids).values_list(),
            "other records": Verification.objects.exclude(claim__in=ids).values_list(),
            "other evidence": Evidence.objects.exclude(verification__claim__in=ids).values_list(),
        }
        log = [(entry.number, entry.digest) for entry in public_record.entries()]
        return Snapshot({name: digest(rows) for name, rows in watched.items()}, log)

    def published(self, ids: list[int]) -> int:
        """Return how many of the claims are published; note each that is neither that nor a draft.

        A single claim is published with its finding, several without.
        """
        from factcheck.models import Claim

        count = 0
        drafted = ("draft", "drafted", (), ("open",), 0, "unverified")
        public: tuple = ("published", "published", ("publication",), ("open",), 0, "unverified")
        if len(ids) == 1:
            both = ("finding", "publication")
            public = ("published", "published", both, ("approved",), 1, "false")
        for claim in Claim.objects.filter(pk__in=ids):
            last = claim.history.first()
            records = claim.verifications.order_by("number")
            found = (
                claim.stage if claim.stage == last.stage else f"{claim.stage}, not {last.stage}",
                last.history_change_reason,
                tuple(record.kind for record in records),
                tuple(claim.proposals.values_list("state", flat=True)),
                sum(record.evidence.count() for record in records),
                claim.status,
            )
            if found not in {drafted, public}:
                self.note(f"claim {claim.slug} is neither a draft nor published: {found}")
            count += found == public
        return count

    def judge(self, ids: list[int], before: Snapshot) -> int:
        """Note what is wrong after a press; return how many of its claims are published."""
        from factcheck import audit
        from factcheck.models import Checkpoint

        now = self.snapshot(ids)
        changed = [name for name, rows in now.rows.items() if rows != before.rows[name]]
        if changed:
            self.note(f"a press changed what it must not: {changed}")
        count = self.published(ids)
        if now.log[: len(before.log)] != before.log:
            self.note("the log no longer says what it said")
        if [number for number, _digest in now.log] != list(range(1, len(now.log) + 1)):
            self.note("the log has a gap")
        if len(now.log) - len(before.log) != count * (2 if len(ids) == 1 else 1):
            self.note(f"{len(now.log) - len(before.log)} records for {count} published claims")
        covered = Checkpoint.objects.newest()
        if count and (covered is None or covered.last_number != now.log[-1][0]):
            self.note(f"no checkpoint covers the last record: {covered}")
        for fault in [*audit.faults(), *audit.differences()]:
            self.note(f"check_data: {fault}")
        return count

    def kill_presses(self, name: str, size: int) -> None:
        """Kill presses that publish so many claims at once, and print what was seen."""
        # The time changes with the load and the size of the log, so the last ones count.
        times = deque((self._whole_press(size) for _time in range(3)), maxlen=5)
        faults_before = len(self.faults)
        seen: Counter[str] = Counter({"tries": 0, "killed": 0, "done": 0, "none": 0, "part": 0})
        while seen["killed"] < self.options.kills:
            ids = self.drafts(size)
            fields, before = self.asked(ids), self.snapshot(ids)
            moment = self.chance.uniform(self.options.begin, 1)
            took, was_killed = self.press(fields, median(times) * moment)
            count = self.judge(ids, before)
            seen["tries"] += 1
            seen["killed"] += was_killed
            if not was_killed:
                times.append(took)
            if was_killed:
                seen["done" if count == size else "part" if count else "none"] += 1
            elif count < size:
                self.note(f"an answered press published {count} of {size}")
            # One that was published already is shown anew instead, which is no answer of 302.
            if count < size:
                took, _was_killed = self.press(fields)
                if not count:
                    times.append(took)
                if self.judge(ids, before) < size:
                    self.note("pressing again did not publish the rest")
            elif self.client.post(PAGE, fields) and self.judge(ids, before) != size:
                self.note("pressing again changed what was published")
        print(
            f"{name}: usually {1000 * median(times):.0f} ms; tries {seen['tries']}, really killed"
            f" {seen['killed']} (before any claim was published {seen['none']}, with a part of"
            f" them published {seen['part']}, with all {seen['done']}),"
            f" faults {len(self.faults) - faults_before}",
            flush=True,
        )

    def _whole_press(self, size: int) -> float:
        ids = self.drafts(size)
        fields, before = self.asked(ids), self.snapshot(ids)
        took, _was_killed = self.press(fields)
        if self.judge(ids, before) != size:
            self.note("a press that was not killed did not publish")
        return took


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kills", type=int, default=30, help="of each of the two kinds (30)")
    parser.add_argument("--claims", type=int, default=200, help="in the database before (200)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--begin", type=float, default=0, help="share of the time before which none is killed (0)"
    )
    options = parser.parse_args()
    url = os.environ.get("DATABASE_URL", "")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        database = PostgreSQL(url) if url.startswith("postgres") else SQLite(folder)
        trial = Publishing(database, folder, options)
        try:
            trial.prepare()
            trial.begin()
            trial.kill_presses("one claim with its finding", 1)
            trial.kill_presses(f"{MANY} claims at once", MANY)
        finally:
            database.close()
    print(f"{len(trial.faults)} faults")
    sys.exit(bool(trial.faults))


if __name__ == "__main__":
    main()
