"""Whether derived columns, triggers and the log's numbers are what they should be."""

from collections.abc import Iterator
from typing import NamedTuple

from django.db import DEFAULT_DB_ALIAS, connections, transaction
from django.utils.translation import gettext as _

from factcheck import public_record, search, triggers
from factcheck.audit import log
from factcheck.models import Claim
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
    """Yield what else is wrong: triggers that are missing, gaps in the log."""
    for name in triggers.missing(using):
        yield _("trigger %s is missing") % name
    gaps: list[int] = []
    digests = _digests(gaps, using)
    yield from log.faults_of_checkpoints(digests)
    for _rest in digests:
        pass
    if gaps:
        yield _("the log has a gap before number %d") % gaps[0]
    yield from _unlike_their_record(using)


def _digests(gaps: list[int], using: str) -> Iterator[tuple[int, str]]:
    """Yield number and digest of every record, and note where numbers are missing."""
    expected = 1
    for entry in public_record.entries(using=using):
        if entry.number != expected:
            gaps.append(entry.number)
        expected = entry.number + 1
        yield entry.number, entry.digest


def _unlike_their_record(using: str) -> Iterator[str]:
    for slug, differences in public_record.unlike_their_record(using=using):
        if not differences:
            yield _("claim %(claim)s is public, and the log has no record of what it says") % {
                "claim": slug
            }
        for found in differences:
            yield _(
                "claim %(claim)s: %(what)s is “%(now)s”, and the log's last record says “%(then)s”"
            ) % {"claim": slug, "what": found.what, "now": found.after, "then": found.before}


def fix(*, using: str = DEFAULT_DB_ALIAS) -> None:
    """Install the triggers anew, let them recompute what differs, renew the search queue."""
    with transaction.atomic(using=using):
        triggers.install(using)
        slugs = sorted({difference.claim for difference in differences(using=using)})
        for start in range(0, len(slugs), _CHUNK):
            # Writing a derived column makes the trigger compute all of them.
            Claim.objects.using(using).filter(slug__in=slugs[start : start + _CHUNK]).update(
                citation_count=0
            )
    public_record.begin_missing(using=using)
    search.drain(using=using)
