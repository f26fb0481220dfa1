"""What `check_data` checks, in its order, and what it can fix."""

from collections.abc import Iterator
from typing import NamedTuple

from django.db import DEFAULT_DB_ALIAS, connections
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from factcheck import public_record, search
from factcheck.audit import engine, guards, rows, verification_log
from factcheck.models import Checkpoint, Claim, Verification
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
    yield from _unlike_their_record(using)


def _of_log(using: str) -> Iterator[str]:
    gaps: list[int] = []
    digests = _digests(gaps, using)
    yield from verification_log.faults_of_checkpoints(digests)
    for _rest in digests:
        pass
    if gaps:
        yield (
            _(
                "the log has a gap before number %d: a record was removed. A file of the log that"
                " was kept elsewhere shows which one: log_checkpoint --verify."
            )
            % gaps[0]
        )
    yield from _uncovered(using)


def _uncovered(using: str) -> Iterator[str]:
    """Say so if the newest record of a content has no checkpoint: one was stored with it."""
    contents = Verification.objects.using(using).filter(content__isnull=False)
    newest = contents.order_by("-number").values_list("number", flat=True).first() or 0
    checkpoint = Checkpoint.objects.using(using).newest()
    last = checkpoint.last_number if checkpoint else 0
    if last < newest:
        yield _(
            "No checkpoint covers the records no. %(first)d to %(last)d, although one is stored"
            " with each: checkpoints were removed. Compare the log with a file that was kept"
            " elsewhere: log_checkpoint --verify."
        ) % {"first": last + 1, "last": newest}


def _digests(gaps: list[int], using: str) -> Iterator[tuple[int, str]]:
    """Yield number and digest of every record, and note where numbers are missing."""
    expected = 1
    for entry in public_record.entries(using=using):
        if entry.number != expected:
            gaps.append(entry.number)
        expected = entry.number + 1
        yield entry.number, entry.digest


def _unlike_their_record(using: str) -> Iterator[str]:
    unrecorded: list[str] = []
    for slug, differences in public_record.unlike_their_record(using=using):
        if not differences:
            unrecorded.append(slug)
        for found in differences:
            yield _(
                "claim %(claim)s: %(what)s is “%(now)s”, and the log's last record says “%(then)s”"
            ) % {"claim": slug, "what": found.what, "now": found.after, "then": found.before}
    if unrecorded:
        yield ngettext(
            "The log has no record of what %(n)d public claim says (%(claim)s). `check_data --fix`"
            " begins it.",
            "The log has no record of what %(n)d public claims say (the first is %(claim)s)."
            " `check_data --fix` begins them.",
            len(unrecorded),
        ) % {"n": len(unrecorded), "claim": unrecorded[0]}


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
    if begun := public_record.begin_missing(using=using):
        yield (
            ngettext(
                "Began the record of %d public claim.",
                "Began the records of %d public claims.",
                begun,
            )
            % begun
        )
    search.drain(using=using)
