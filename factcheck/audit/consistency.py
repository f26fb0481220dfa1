"""The checks of `check_data` in their order, and what it can fix."""

from collections.abc import Iterator
from typing import NamedTuple

from django.db import DEFAULT_DB_ALIAS, connections
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from factcheck import public_record, search
from factcheck.audit import engine, history_checks, trigger_checks, verification_log
from factcheck.db import bulk_sql
from factcheck.models import Checkpoint, Claim, Verification
from factcheck.triggers.declarations import expressions

_BATCH_SIZE = 5000


class Difference(NamedTuple):
    """A derived value that differs from what the records give."""

    claim: str
    column: str
    stored: object
    expected: object

    def __str__(self) -> str:
        return f"claim {self.claim}: {self.column} is {self.stored}, should be {self.expected}"


def differences(*, using: str = DEFAULT_DB_ALIAS) -> Iterator[Difference]:
    """Compute the derived columns of every claim, and yield the values that differ.

    The year is not among them, because the database itself generates it.
    """
    columns = expressions("factcheck_claim.id")
    differs = " OR ".join(f"{name} <> {sql}" for name, sql in columns.items())
    with connections[using].cursor() as cursor:
        cursor.execute(
            f"SELECT slug, {', '.join(columns)}, {', '.join(columns.values())}"
            f" FROM factcheck_claim WHERE {differs} ORDER BY id"
        )
        while rows := cursor.fetchmany(_BATCH_SIZE):
            for slug, *values in rows:
                stored, expected = values[: len(columns)], values[len(columns) :]
                for name, value, right in zip(columns, stored, expected, strict=True):
                    if value != right:
                        yield Difference(slug, name, value, right)


def faults(*, using: str = DEFAULT_DB_ALIAS) -> Iterator[str]:
    """Yield a sentence for every other fault, those of the database engine first."""
    yield from engine.integrity(using=using)
    yield from trigger_checks.faults(using=using)
    yield from _of_log(using)
    yield from history_checks.dated_in_the_future(using=using)
    yield from history_checks.changed_without_history(using=using)
    yield from _unrecorded_differences(using)


def _of_log(using: str) -> Iterator[str]:
    gaps: list[int] = []
    digests = _digests(gaps, using)
    yield from verification_log.faults_of_checkpoints(digests)
    for _remaining in digests:
        pass  # reads the numbers after the last checkpoint, for the gaps
    if gaps:
        yield (
            _(
                "the log has a gap before number %d: a record was removed. A file of the log that"
                " was kept elsewhere shows which one: log_checkpoint --verify."
            )
            % gaps[0]
        )
    yield from _without_checkpoint(using)


def _without_checkpoint(using: str) -> Iterator[str]:
    """Report content records after the last checkpoint: each was stored with a checkpoint."""
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
    """Yield number and digest of every record, and collect missing numbers in `gaps`."""
    expected = 1
    for entry in public_record.entries(using=using):
        if entry.number != expected:
            gaps.append(entry.number)
        expected = entry.number + 1
        yield entry.number, entry.digest


def _unrecorded_differences(using: str) -> Iterator[str]:
    unrecorded: list[str] = []
    for slug, differences in public_record.unrecorded_differences(using=using):
        if not differences:
            unrecorded.append(slug)
        for difference in differences:
            yield _(
                "claim %(claim)s: %(what)s is “%(now)s”, and the log's last record says “%(then)s”"
            ) % {
                "claim": slug,
                "what": difference.label,
                "now": difference.after,
                "then": difference.before,
            }
    if unrecorded:
        yield ngettext(
            "The log has no record of what %(n)d public claim says (%(claim)s). `check_data --fix`"
            " begins it.",
            "The log has no record of what %(n)d public claims say (the first is %(claim)s)."
            " `check_data --fix` begins them.",
            len(unrecorded),
        ) % {"n": len(unrecorded), "claim": unrecorded[0]}


def fix(*, using: str = DEFAULT_DB_ALIAS) -> Iterator[str]:
    """Fix indexes, triggers and derived columns, and yield what was done."""
    done = engine.fix(using=using)
    if done is None:
        yield _("Nothing was fixed, because the database file is damaged.")
        return
    yield from done
    yield from trigger_checks.fix(using=using)
    slugs = sorted({difference.claim for difference in differences(using=using)})
    for batch in bulk_sql.batches(slugs, _BATCH_SIZE):
        # Writing one derived column makes the trigger compute all of them.
        Claim.objects.using(using).filter(slug__in=batch).update(citation_count=0)
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
