"""The log of changes: the version of the data, and which claims have changed since a version.

Triggers append to the log (`models.Change`) in the same transaction as the change itself, so the
version is that of the last committed write, whichever process wrote. `docs/freshness.md` draws how
ETags and the facet index use it.

SQLite has one writer at a time, so the version's number is the last id. On PostgreSQL, a row with
a lower id may be committed later. There a row also names its transaction, the number is how many
rows are visible, and the new rows are those that the last snapshot could not see. Rows are only
ever added, so one number is one state. The database's random id stands before the number.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import NamedTuple

from django.db import DEFAULT_DB_ALIAS, connection, transaction

from factcheck.caches import clears_cache
from factcheck.models import Change, Epoch

_DATABASE_ID = "(SELECT name FROM factcheck_epoch ORDER BY id LIMIT 1)"
# Entries kept in the log, so that idle processes can still catch up one by one.
MAX_CHANGES = 20_000
# On PostgreSQL: the rows of this transaction, and the visible rows of others. A row that was
# written on another server and restored from a dump may be neither.
_THIS_TRANSACTION = "writer = pg_current_xact_id_if_assigned()"
_OTHER_TRANSACTIONS = "writer < pg_snapshot_xmax(pg_current_snapshot())"
# A transaction number older than any that PostgreSQL assigns.
_OLDEST_TRANSACTION = "'3'"
_MAX_RANGES = 5_000


class IdRange(NamedTuple):
    """The claims from `first` to `last`; without either, a row that is no claim."""

    first: int | None
    last: int | None


@dataclass(frozen=True)
class DataVersion:
    """A version of the data. Two versions with the same text are the same state."""

    # Random, different for each database: numbers are compared within one database only.
    database_id: str
    number: int
    # On PostgreSQL, which transactions were visible.
    snapshot: str = ""

    def __str__(self) -> str:
        return f"{self.database_id}.{self.number}"


def changes_since(version: DataVersion | None) -> tuple[DataVersion, Sequence[IdRange] | None]:
    """Return the current version and what has changed since `version`; None if unknown."""
    if not version:
        return _read_version(), None
    if connection.vendor == "postgresql":
        return _changes_on_postgresql(version)
    return _changes_on_sqlite(version)


def id_ranges(ids: Iterable[int]) -> Iterator[IdRange]:
    """Group ids into ranges of consecutive ones."""
    # Within a range, an id and its position rise together, so their difference is constant.
    for _difference, group in groupby(enumerate(sorted(ids)), key=lambda pair: pair[1] - pair[0]):
        consecutive = [pk for _position, pk in group]
        yield IdRange(consecutive[0], consecutive[-1])


def record_changes(
    claim_ids: Iterable[int], *, other_rows: bool = False, using: str = DEFAULT_DB_ALIAS
) -> None:
    """Append changes of these claims to the log, and with `other_rows` one of another table."""
    rows = [Change(first_id=first, last_id=last) for first, last in id_ranges(claim_ids)]
    if len(rows) > _MAX_RANGES:  # reading everything between them is as fast
        rows = [Change(first_id=rows[0].first_id, last_id=rows[-1].last_id)]
    Change.objects.using(using).bulk_create([*rows, *([Change()] if other_rows else [])])


def initialise(*, reset: bool = False) -> None:
    """Create the database's id and the first log entry if they are missing.

    Does nothing before the tables exist. `reset` issues a new id, which invalidates every cache:
    needed after a migration, because no triggers log its changes.
    """
    if Epoch._meta.db_table not in connection.introspection.table_names():
        return
    with transaction.atomic():
        if reset:
            Epoch.objects.all().delete()
        if not Epoch.objects.exists():
            Epoch.objects.create()
        if not Change.objects.exists():
            Change.objects.create()
        if connection.vendor == "postgresql":
            # Rows of another server's transactions count as old: a transaction of this server
            # will have the same number some day.
            with connection.cursor() as cursor:
                cursor.execute(
                    f"UPDATE factcheck_change SET writer = {_OLDEST_TRANSACTION}"
                    f" WHERE ({_THIS_TRANSACTION} OR {_OTHER_TRANSACTIONS}) IS NOT TRUE"
                )


def prune(*, keep: int = MAX_CHANGES) -> None:
    """Replace all but the last changes by one row, after which slower readers reload everything."""
    with transaction.atomic():
        newest = Change.objects.order_by("-pk").values_list("pk", flat=True)[keep : keep + 1]
        old = Change.objects.filter(pk__lte=newest[0]) if newest else Change.objects.none()
        weights = list(old.values_list("weight", flat=True))
        # Replacing one row by another one would look like a change.
        if len(weights) > 1:
            old.delete()
            Change.objects.create(weight=sum(weights))


def _read_version() -> DataVersion:
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                f"SELECT {_DATABASE_ID}, COALESCE(SUM(weight), 0), pg_current_snapshot()::text"
                " FROM factcheck_change"
            )
            database_id, number, snapshot = cursor.fetchone()
            return DataVersion(database_id or "", int(number), snapshot)
        cursor.execute(f"SELECT {_DATABASE_ID}, COALESCE(MAX(id), 0) FROM factcheck_change")
        database_id, number = cursor.fetchone()
        return DataVersion(database_id or "", number)


def _changes_on_sqlite(version: DataVersion) -> tuple[DataVersion, Sequence[IdRange] | None]:
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {_DATABASE_ID}, id, first_id, last_id, weight FROM factcheck_change"
            " WHERE id >= %s ORDER BY id",
            [version.number],
        )
        rows = cursor.fetchall()
    is_same_log = bool(rows) and rows[0][:2] == (version.database_id, version.number)
    new = rows[1:]
    if not is_same_log or any(weight != 1 for *_row, weight in new):
        return _read_version(), None  # an empty log, a pruned one, or another database
    ranges = [IdRange(first, last) for _database_id, _id, first, last, _weight in new]
    return DataVersion(version.database_id, rows[-1][1]), ranges


def _changes_on_postgresql(version: DataVersion) -> tuple[DataVersion, Sequence[IdRange] | None]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT state.database_id, state.snapshot, first_id, last_id, weight"
            f" FROM (SELECT {_DATABASE_ID} AS database_id,"
            " pg_current_snapshot()::text AS snapshot) state"
            " LEFT JOIN factcheck_change ON writer >= pg_snapshot_xmin(%s::pg_snapshot)"
            # A snapshot does not tell whether it saw the transaction that it was taken in.
            f" AND ({_THIS_TRANSACTION} OR {_OTHER_TRANSACTIONS}"
            " AND NOT pg_visible_in_snapshot(writer, %s::pg_snapshot))",
            [version.snapshot, version.snapshot],
        )
        rows = cursor.fetchall()
    database_id, snapshot = rows[0][:2]
    new = [row for row in rows if row[4] is not None]
    if database_id != version.database_id or any(weight != 1 for *_row, weight in new):
        return _read_version(), None
    ranges = [IdRange(first, last) for _database_id, _snapshot, first, last, _weight in new]
    return DataVersion(version.database_id, version.number + len(new), snapshot), ranges


@dataclass
class _Cache:
    """The version that this process read last: the next look-up reads only later changes.

    No lock: any version that was read is a valid starting point, so it does not matter
    which thread writes last, and no reader waits for another's query.
    """

    version: DataVersion | None = None


_cache = _Cache()


def version() -> str:
    """Return the current version: one text for everything that readers see."""
    cache = _cache
    current, _changed = changes_since(cache.version)
    cache.version = current
    return str(current)


@clears_cache
def clear_cache() -> None:
    """Drop the version that this process read last; look-ups under way write into the old cache."""
    global _cache
    _cache = _Cache()
