"""How far the data has come: a version that every change moves, and which claims have changed.

Triggers append to the log (`models.Change`) within the transaction that changes what readers see,
so the version is that of the last committed write, from any process. On SQLite, which has one
writer at a time, it is the last id. On PostgreSQL a number that was drawn earlier may be committed
later; there a row also names its transaction, and what is new is what the last snapshot could not
see. The version is then the number of visible rows: rows only come, so one number is one state. A
name that each database drew by chance stands before it.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from threading import Lock
from typing import NamedTuple

from django.db import connection, transaction

from factcheck.models import Change, Epoch

_EPOCH = "(SELECT name FROM factcheck_epoch ORDER BY id LIMIT 1)"
# Changes that a process which sleeps may still catch up with one by one.
KEPT = 20_000
# On PostgreSQL, what this transaction has written, and what others wrote that it can see: not what
# a transaction of another server wrote, of which a dump was put back here.
_OURS = "writer = pg_current_xact_id_if_assigned()"
_OTHERS = "writer < pg_snapshot_xmax(pg_current_snapshot())"
_MOST_SPANS = 5_000


class Span(NamedTuple):
    """The claims from `first` to `last`, or with neither some other row."""

    first: int | None
    last: int | None


@dataclass(frozen=True)
class Mark:
    """A state of the data. Two with one version are the same."""

    # Of the database, by chance: another one counts for itself.
    epoch: str
    number: int
    # On PostgreSQL, what could be seen then.
    snapshot: str = ""

    @property
    def version(self) -> str:
        return f"{self.epoch}.{self.number}"


def since(mark: Mark | None) -> tuple[Mark, Sequence[Span] | None]:
    """Return the state of now and what has changed since `mark`; None if that cannot be told."""
    newer = _newer_on_postgresql if connection.vendor == "postgresql" else _newer_on_sqlite
    return newer(mark) if mark else (_now(), None)


def spans_of(ids: Iterable[int]) -> Iterator[Span]:
    """Yield the stretches of neighbours among `ids`."""
    # Within a stretch ids rise with their places.
    for _gap, run in groupby(enumerate(sorted(ids)), key=lambda one: one[1] - one[0]):
        stretch = [pk for _place, pk in run]
        yield Span(stretch[0], stretch[-1])


def record(claim_ids: Iterable[int], *, others: bool = False) -> None:
    """Append to the log that these claims have changed, and (`others`) some other row."""
    spans = [Change(first_id=first, last_id=last) for first, last in spans_of(claim_ids)]
    if len(spans) > _MOST_SPANS:  # who reads so many reads everything between them as fast
        spans = [Change(first_id=spans[0].first_id, last_id=spans[-1].last_id)]
    Change.objects.bulk_create([*spans, *([Change()] if others else [])])


def begin(*, anew: bool = False) -> None:
    """Give a database that has none its epoch and the first change. Not before their tables.

    `anew` gives it another one: after what nobody has noted, as the triggers' absence.
    """
    if Epoch._meta.db_table not in connection.introspection.table_names():
        return
    with transaction.atomic():
        if anew:
            Epoch.objects.all().delete()
        if not Epoch.objects.exists():
            Epoch.objects.create()
        if not Change.objects.exists():
            Change.objects.create()
        if connection.vendor == "postgresql":
            # As what was always there: some day a transaction here will have their number.
            with connection.cursor() as cursor:
                cursor.execute(
                    "UPDATE factcheck_change SET writer = '3'"
                    f" WHERE ({_OURS} OR {_OTHERS}) IS NOT TRUE"
                )


def prune(*, kept: int = KEPT) -> None:
    """Forget which claims old changes concerned; who has not read them yet reads everything."""
    with transaction.atomic():
        newest = Change.objects.order_by("-pk").values_list("pk", flat=True)[kept : kept + 1]
        old = Change.objects.filter(pk__lte=newest[0]) if newest else Change.objects.none()
        weights = list(old.values_list("weight", flat=True))
        # One row in the place of one would look like a change.
        if len(weights) > 1:
            old.delete()
            Change.objects.create(weight=sum(weights))


def _now() -> Mark:
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                f"SELECT {_EPOCH}, COALESCE(SUM(weight), 0), pg_current_snapshot()::text"
                " FROM factcheck_change"
            )
            epoch, number, snapshot = cursor.fetchone()
            return Mark(epoch or "", int(number), snapshot)
        cursor.execute(f"SELECT {_EPOCH}, COALESCE(MAX(id), 0) FROM factcheck_change")
        epoch, number = cursor.fetchone()
        return Mark(epoch or "", number)


def _newer_on_sqlite(mark: Mark) -> tuple[Mark, Sequence[Span] | None]:
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {_EPOCH}, id, first_id, last_id, weight FROM factcheck_change"
            " WHERE id >= %s ORDER BY id",
            [mark.number],
        )
        rows = cursor.fetchall()
    is_known = bool(rows) and rows[0][0] == mark.epoch and rows[0][1] == mark.number
    new = rows[1:]
    if not is_known or any(weight != 1 for *_row, weight in new):
        return _now(), None  # nothing yet, pruned, or another database
    spans = [Span(first, last) for _epoch, _id, first, last, _weight in new]
    return Mark(mark.epoch, rows[-1][1]), spans


def _newer_on_postgresql(mark: Mark) -> tuple[Mark, Sequence[Span] | None]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT here.epoch, here.snapshot, first_id, last_id, weight"
            f" FROM (SELECT {_EPOCH} AS epoch, pg_current_snapshot()::text AS snapshot) here"
            " LEFT JOIN factcheck_change ON writer >= pg_snapshot_xmin(%s::pg_snapshot)"
            # A snapshot says nothing of the transaction that it is taken in.
            f" AND ({_OURS} OR {_OTHERS} AND NOT pg_visible_in_snapshot(writer, %s::pg_snapshot))",
            [mark.snapshot, mark.snapshot],
        )
        rows = cursor.fetchall()
    new = [row for row in rows if row[4] is not None]
    if rows[0][0] != mark.epoch or any(weight != 1 for *_row, weight in new):
        return _now(), None
    spans = [Span(first, last) for _epoch, _snapshot, first, last, _weight in new]
    return Mark(mark.epoch, mark.number + len(new), rows[0][1]), spans


_last: Mark | None = None
_lock = Lock()


def version() -> str:
    """Return the version of now: one name for all that readers see."""
    global _last
    with _lock:
        _last, _changed = since(_last)
        return _last.version


def forget() -> None:
    """Drop what this process knows: for tests, which take writes back."""
    global _last
    _last = None
