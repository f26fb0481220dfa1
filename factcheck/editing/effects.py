"""The effects of new owners and of merges on the counts of public claims.

Before it is saved, the database computes the counts over the citations as they would be, and
nothing is written. When it is saved, each claim whose counts change gets a public record.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import NamedTuple

from django.contrib.auth.models import User
from django.db import connection, transaction

from factcheck import public_record
from factcheck.db import bulk_sql
from factcheck.models import Claim, Outlet, VerificationKind
from factcheck.models.stages import PUBLIC_STAGES

_MAX_EXAMPLES = 10


class CountChange(NamedTuple):
    """A public claim whose counts change: its independent sources and outlets, before and after."""

    claim_id: int
    before: int
    after: int
    outlets_before: int
    outlets_after: int


@dataclass
class Effects:
    """The effects of a change on the counts of public claims."""

    total: int = 0  # claims of which any count changes
    gain: int = 0  # claims that gain independent sources
    lose: int = 0  # claims that lose independent sources
    to_one: int = 0  # claims that are left with one independent source
    to_zero: int = 0  # claims that are left without any
    outlets_only: int = 0  # claims of which only the number of outlets changes
    # The claims that are left with the fewest independent sources.
    examples: list[CountChange] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.total)

    def named(self) -> list[tuple[Claim, CountChange]]:
        """Return the examples with their claims."""
        claims = Claim.objects.in_bulk([change.claim_id for change in self.examples])
        return [
            (claims[change.claim_id], change)
            for change in self.examples
            if change.claim_id in claims
        ]

    @property
    def digest(self) -> str:
        """Return a text that differs for other effects: a form that asks about them holds it."""
        return f"{self.total}.{self.gain}.{self.lose}.{self.to_one}.{self.to_zero}"

    def add(self, change: CountChange) -> None:
        self.total += 1
        self.gain += change.after > change.before
        self.lose += change.after < change.before
        self.to_one += change.after == 1 < change.before
        self.to_zero += change.after == 0 < change.before
        self.outlets_only += change.after == change.before
        self.examples.append(change)
        if len(self.examples) > 2 * _MAX_EXAMPLES:
            self._drop_examples()

    def _drop_examples(self) -> None:
        self.examples.sort(
            key=lambda change: (change.after, change.after - change.before, change.claim_id)
        )
        del self.examples[_MAX_EXAMPLES:]

    @classmethod
    def of(cls, changes: Iterable[CountChange]) -> "Effects":
        effects = cls()
        for change in changes:
            effects.add(change)
        effects._drop_examples()
        return effects


def predict_owner_change(owners: Mapping[int, int | None]) -> Effects:
    """Return the effects of new owners of outlets; both are given by their ids."""
    return Effects.of(_predicted(owners, {})) if owners else Effects()


def predict_merge(loser: Outlet, winner: Outlet) -> Effects:
    """Return the effects of merging one outlet into another."""
    return Effects.of(_predicted({}, {loser.pk: winner.pk}))


def try_out(change: Callable[[], object], outlets: Iterable[int]) -> Effects:
    """Make a change of outlets, measure what it does to public claims, and roll it back.

    For rare changes whose effects cannot be predicted. Other writers wait until it is done.
    """
    ids = list(outlets)
    with transaction.atomic():
        before = _counts(ids)
        change()
        effects = Effects.of(_differences(before, _counts(ids)))
        transaction.set_rollback(True)
    return effects


@contextmanager
def recording_recount(outlets: Iterable[int], *, reason: str, by: User | None) -> Iterator[None]:
    """Append a public record to each public claim whose counts change within this block.

    `outlets` are the ids of the outlets that the block changes, in the same transaction.
    """
    ids = list(outlets)
    before = _counts(ids)
    yield
    changed = [change.claim_id for change in _differences(before, _counts(ids))]
    if changed:
        kind = VerificationKind.RECOUNT
        public_record.record_changes(changed, reason=reason, by=by, kind=kind)


_Counts = dict[int, tuple[int, int]]


def _counts(outlets: list[int]) -> _Counts:
    """Return the current counts of the public claims that cite or reprint outlets."""
    outlet_list, params = bulk_sql.value_list_sql(outlets)
    statement = "SELECT id, independent_count, outlet_count FROM factcheck_claim WHERE " + _CITING
    with connection.cursor() as cursor:
        cursor.execute(statement.format(outlet_list=outlet_list), [*params, *params])
        return {pk: (independent, count) for pk, independent, count in cursor.fetchall()}


def _differences(before: _Counts, after: _Counts) -> Iterator[CountChange]:
    for pk in sorted(before.keys() & after.keys()):
        if before[pk] != after[pk]:
            (independent_before, outlets_before), (independent, outlets) = before[pk], after[pk]
            yield CountChange(pk, independent_before, independent, outlets_before, outlets)


_STAGES = ", ".join(f"'{stage}'" for stage in PUBLIC_STAGES)
_CITING = (
    f"stage IN ({_STAGES}) AND id IN (SELECT claim_id FROM factcheck_citation"
    " WHERE outlet_id IN {outlet_list} UNION"
    " SELECT claim_id FROM factcheck_citation WHERE reprint_of_id IN {outlet_list})"
)
# Counts by the rule of `queries.independence`, with the new owners and the merged outlets. A
# citation that would be folded into the same citation of the other outlet is left out.
_PREDICTED = """
WITH owned (outlet_id, owner_id) AS ({owned}), joined (outlet_id, into_id) AS ({joined}),
counted AS MATERIALIZED (
  SELECT id, independent_count, outlet_count,
    (SELECT COUNT(DISTINCT CASE WHEN owned.outlet_id IS NULL
         THEN COALESCE(o.owner_id, -o.id) ELSE COALESCE(owned.owner_id, -o.id) END)
     FROM factcheck_citation c
     LEFT JOIN joined ON joined.outlet_id = COALESCE(c.reprint_of_id, c.outlet_id)
     JOIN factcheck_outlet o
       ON o.id = COALESCE(joined.into_id, c.reprint_of_id, c.outlet_id)
     LEFT JOIN owned ON owned.outlet_id = o.id
     WHERE c.claim_id = factcheck_claim.id AND c.stance = 'supports' AND NOT EXISTS (
       SELECT 1 FROM joined folded JOIN factcheck_citation twin ON twin.outlet_id = folded.into_id
       WHERE folded.outlet_id = c.outlet_id AND twin.claim_id = c.claim_id
         AND twin.date_text = c.date_text AND twin.url = c.url)) AS independent_then,
    (SELECT COUNT(DISTINCT COALESCE(joined.into_id, c.outlet_id))
     FROM factcheck_citation c LEFT JOIN joined ON joined.outlet_id = c.outlet_id
     WHERE c.claim_id = factcheck_claim.id) AS outlets_then
  FROM factcheck_claim WHERE {citing})
SELECT id, independent_count, independent_then, outlet_count, outlets_then FROM counted
WHERE independent_count <> independent_then OR outlet_count <> outlets_then ORDER BY id
"""


def _predicted(
    owners: Mapping[int, int | None], merged: Mapping[int, int]
) -> Iterator[CountChange]:
    """Yield the public claims whose counts would change, with both counts."""
    owned, owned_params = bulk_sql.pair_list_sql(owners.items())
    joined, joined_params = bulk_sql.pair_list_sql(merged.items())
    outlet_list, params = bulk_sql.value_list_sql([*owners, *merged])
    statement = _PREDICTED.format(
        owned=owned, joined=joined, citing=_CITING.format(outlet_list=outlet_list)
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, [*owned_params, *joined_params, *params, *params])
        while rows := cursor.fetchmany(1_000):
            yield from (CountChange(*row) for row in rows)
