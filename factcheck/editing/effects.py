"""What a change of owners or a merge does to the counts of public claims, before it is saved.

Counts are computed by the database over the citations as they would be, and nothing is written.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import NamedTuple

from django.contrib.auth.models import User
from django.db import connection, transaction

from factcheck import public_record, sql
from factcheck.models import Claim, Outlet, VerificationKind
from factcheck.models.stages import PUBLIC_STAGES

# Claims that are named as examples.
_SHOWN = 10


class Moved(NamedTuple):
    """One public claim with its independent sources and its outlets, before and after."""

    claim_id: int
    before: int
    after: int
    outlets_before: int
    outlets_after: int


@dataclass
class Effects:
    """What a change does to the counts of public claims."""

    # Claims of which any count moves.
    total: int = 0
    # Claims that gain or lose independent sources, and that fall to one or to none.
    gain: int = 0
    lose: int = 0
    to_one: int = 0
    to_zero: int = 0
    # Claims whose number of outlets alone moves.
    outlets_only: int = 0
    # Those that are left with the fewest independent sources.
    examples: list[Moved] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.total)

    def named(self) -> list[tuple[Claim, Moved]]:
        """Return the examples with their claims."""
        claims = Claim.objects.in_bulk([one.claim_id for one in self.examples])
        return [(claims[one.claim_id], one) for one in self.examples if one.claim_id in claims]

    @property
    def digest(self) -> str:
        """Return what tells these effects from others, for a form that asks about them."""
        return f"{self.total}.{self.gain}.{self.lose}.{self.to_one}.{self.to_zero}"

    def add(self, one: Moved) -> None:
        self.total += 1
        self.gain += one.after > one.before
        self.lose += one.after < one.before
        self.to_one += one.after == 1 < one.before
        self.to_zero += one.after == 0 < one.before
        self.outlets_only += one.after == one.before
        self.examples.append(one)
        if len(self.examples) > 2 * _SHOWN:
            self._cut()

    def _cut(self) -> None:
        self.examples.sort(key=lambda one: (one.after, one.after - one.before, one.claim_id))
        del self.examples[_SHOWN:]

    @classmethod
    def of(cls, moved: Iterable[Moved]) -> "Effects":
        found = cls()
        for one in moved:
            found.add(one)
        found._cut()
        return found


def of_owners(owners: Mapping[int, int | None]) -> Effects:
    """Return what giving outlets (by their ids) other owners would do."""
    return Effects.of(_counted(owners, {})) if owners else Effects()


def of_merge(loser: Outlet, winner: Outlet) -> Effects:
    """Return what merging one outlet into another would do."""
    return Effects.of(_counted({}, {loser.pk: winner.pk}))


def of_doing(act: Callable[[], object], outlets: Iterable[int]) -> Effects:
    """Return what a change of outlets does to public claims. It is done, counted and rolled back.

    For what is rare and has no short way of counting; other writers wait as long as it takes.
    """
    ids = list(outlets)
    with transaction.atomic():
        before = _counts(ids)
        act()
        found = Effects.of(_differences(before, _counts(ids)))
        transaction.set_rollback(True)
    return found


@contextmanager
def recorded(outlets: Iterable[int], *, reason: str, by: User | None) -> Iterator[None]:
    """Leave a public record on each public claim whose counts a change of `outlets` moves.

    Within the transaction of the change.
    """
    ids = list(outlets)
    before = _counts(ids)
    yield
    moved = [one.claim_id for one in _differences(before, _counts(ids))]
    if moved:
        kind = VerificationKind.RECOUNT
        public_record.record_changes(moved, reason=reason, by=by, kind=kind)


_Counts = dict[int, tuple[int, int]]


def _counts(outlets: list[int]) -> _Counts:
    """Return the counts of the public claims that cite or reprint outlets, as they stand."""
    those, params = sql.among(outlets)
    statement = "SELECT id, independent_count, outlet_count FROM factcheck_claim WHERE " + _CITING
    with connection.cursor() as cursor:
        cursor.execute(statement.format(those=those), [*params, *params])
        return {pk: (independent, outlets) for pk, independent, outlets in cursor.fetchall()}


def _differences(before: _Counts, after: _Counts) -> Iterator[Moved]:
    for pk in sorted(before.keys() & after.keys()):
        if before[pk] != after[pk]:
            (was, outlets_were), (now, outlets) = before[pk], after[pk]
            yield Moved(pk, was, now, outlets_were, outlets)


_STAGES = ", ".join(f"'{stage}'" for stage in PUBLIC_STAGES)
_CITING = (
    f"stage IN ({_STAGES}) AND id IN (SELECT claim_id FROM factcheck_citation"
    " WHERE outlet_id IN {those} UNION"
    " SELECT claim_id FROM factcheck_citation WHERE reprint_of_id IN {those})"
)
# Counts by the rule of `queries.independence`, as if outlets had other owners or were merged. Of
# two citations that a merge makes equal, the one of the remaining outlet is kept.
_AS_IT_WOULD_BE = """
WITH owned (outlet_id, owner_id) AS ({owned}), joined (outlet_id, into_id) AS ({joined}),
found AS MATERIALIZED (
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
SELECT id, independent_count, independent_then, outlet_count, outlets_then FROM found
WHERE independent_count <> independent_then OR outlet_count <> outlets_then ORDER BY id
"""


def _counted(owners: Mapping[int, int | None], into: Mapping[int, int]) -> Iterator[Moved]:
    """Yield the public claims whose counts would move, with both counts."""
    owned, of_owned = sql.pairs(owners.items())
    joined, of_joined = sql.pairs(into.items())
    those, params = sql.among([*owners, *into])
    statement = _AS_IT_WOULD_BE.format(
        owned=owned, joined=joined, citing=_CITING.format(those=those)
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, [*of_owned, *of_joined, *params, *params])
        while some := cursor.fetchmany(1_000):
            yield from (Moved(*row) for row in some)
