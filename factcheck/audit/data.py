"""What `check_data` checks, in its order, and what it can fix."""

from collections.abc import Iterator
from typing import NamedTuple

from django.db import DEFAULT_DB_ALIAS, connections
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from factcheck import search
from factcheck.audit import engine, guards, log, rows
from factcheck.models import Claim, Verification
from factcheck.triggers.derived import expressions

_CHUNK = 5000


class Difference(NamedTuple):
    """A derived value that is not what the rows say."""

    claim: str
    column: str
    stored: object
    expected: object

    def __str__(self) -> str:
        return f"claim {self.claim}: {self.column} is {self.stored}, should be {self.expected}"


def differences(*, using: str = DEFAULT_DB_ALIAS) -> Iterator[Difference]:
    """Recompute every derived column of every claim; yield what differs.

    The claim's year is a generated column: the database itself keeps it equal to the day.
    """
    columns = expressions("factcheck_claim.id")
    differs = " OR ".join(f"{name} <> {sql}" for name, sql in columns.items())
    with connections[using].cursor() as cursor:
        cursor.execute(
            f"SELECT slug, {', '.join(columns)}, {', '.join(columns.values())}"
            f" FROM factcheck_claim WHERE {differs} ORDER BY id"
        )
        while rows := cursor.fetchmany(_CHUNK):
            for slug, *values in rows:
                stored, expected = values[: len(columns)], values[len(columns) :]
                for name, was, should in zip(columns, stored, expected, strict=True):
                    if was != should:
                        yield Difference(slug, name, was, should)


def faults(*, using: str = DEFAULT_DB_ALIAS) -> Iterator[str]:
    """Yield what else is wrong, a sentence each: the engine's own check comes first."""
    yield from engine.integrity(using=using)
    yield from guards.faults(using=using)
    yield from _of_log(using)
    yield from rows.ahead_of_time(using=using)
    yield from rows.unrecorded(using=using)


def _of_log(using: str) -> Iterator[str]:
    numbers = Verification.objects.using(using).order_by("number").values_list("number", flat=True)
    for expected, number in enumerate(numbers.iterator(), 1):
        if number != expected:
            yield (
                _(
                    "the log has a gap before number %d: a record was removed. A file of the log"
                    " that was kept elsewhere shows which one: log_checkpoint --verify."
                )
                % number
            )
            break
    digests = ((entry.number, entry.digest) for entry in log.entries(using=using))
    yield from log.faults_of_checkpoints(digests)


def fix(*, using: str = DEFAULT_DB_ALIAS) -> Iterator[str]:
    """Fix what can be fixed, and yield what was done: indexes, triggers, derived columns."""
    done = engine.fix(using=using)
    if done is None:
        yield _("Nothing was fixed, because the database file is damaged.")
        return
    yield from done
    yield from guards.fix(using=using)
    slugs = sorted({difference.claim for difference in differences(using=using)})
    for start in range(0, len(slugs), _CHUNK):
        # Writing a derived column makes the trigger compute all of them.
        Claim.objects.using(using).filter(slug__in=slugs[start : start + _CHUNK]).update(
            citation_count=0
        )
    if slugs:
        yield ngettext(
            "Computed status and counts of %d claim again.",
            "Computed status and counts of %d claims again.",
            len(slugs),
        ) % len(slugs)
    search.drain(using=using)
