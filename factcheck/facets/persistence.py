"""Saves the bitmap index in the database, for processes that start.

Reading a million claims takes half a minute, loading the saved sets a third of a second. The
version of their state is saved too, so a process that loads them asks the log of changes what has
come since, as always. In a backup, the version is that of the backup. An index that another
version of the program has saved is not loaded, nor one that another server has saved, because that
numbers its transactions differently.
"""

import logging
import sys
from array import array
from collections import defaultdict
from collections.abc import Iterator
from threading import Thread
from typing import Any, NamedTuple

import orjson
from django.db import DatabaseError, connection, transaction
from pyroaring import BitMap

from factcheck.caches import clears_cache
from factcheck.data_version import MAX_CHANGES, DataVersion
from factcheck.facets.bitmap_reader import Sets
from factcheck.facets.citation_days import CitationDays
from factcheck.models import FacetIndex

# Raise it when the keys of the sets, the fields of `CitationDays`, or the parts below change: a
# saved index of another format is not loaded.
FORMAT = 1
# Machines write the numbers of an array in different byte orders.
_FORMAT = f"{FORMAT} {sys.byteorder}"
# With fewer claims, reading them is as fast.
MIN_CLAIMS = 20_000
# Changes after which the index is saved again: the log must still hold what came since.
_MAX_AGE = MAX_CHANGES // 4
# Bytes written and read at once: the whole would be in memory several times.
_PART_SIZE = 1 << 20

_logger = logging.getLogger(__name__)
# The version that this process last saved or loaded.
_last: DataVersion | None = None


class SavedIndex(NamedTuple):
    """A state of the data, its sets, and the dates of its citations."""

    version: DataVersion
    sets: Sets
    days: CitationDays


@clears_cache
def clear_cache() -> None:
    """Forget which version was saved last, so that the next index may be saved."""
    global _last
    _last = None


def load_saved() -> SavedIndex | None:
    """Return the saved index, if this process can use it."""
    global _last
    rows = FacetIndex.objects.filter(form=_FORMAT, server=_server_id()).order_by("pk")
    version: DataVersion | None = None
    sets: dict[tuple[Any, ...], BitMap] = {}
    single, fields = {}, {}
    parts = rows.values_list("epoch", "number", "snapshot", "part")
    for database_id, number, snapshot, part in parts.iterator(chunk_size=1):
        version_of_part = DataVersion(database_id, number, snapshot)
        version = version or version_of_part
        if version != version_of_part:
            continue  # two processes have saved theirs at the same time
        for kind, head, body in _unpacked(bytes(part)):
            if kind == "set":
                members = BitMap.deserialize(body)
                sets.update((tuple(key), members) for key in head)
            elif kind == "days":
                outlet, stance, code, middle = head
                single[outlet, stance] = array(code, body[:middle]), array("I", body[middle:])
            else:
                fields[kind] = head
    if not version:
        return None
    _last = version
    spans = {(outlet, stance): spans for outlet, stance, spans in fields["spans"]}
    days = CitationDays(fields["calendar"], single, spans, BitMap(fields["stale"]))
    return SavedIndex(version, sets, days)


def save_in_background(index: SavedIndex) -> None:
    """Save an index in a thread, if it covers many claims and the saved one is old or missing."""
    global _last
    version = index.version
    is_due = (
        _last is None
        or _last.database_id != version.database_id
        or version.number - _last.number >= _MAX_AGE
    )
    if is_due and len(index.sets.get(("published",), ())) >= MIN_CLAIMS:
        _last = version
        Thread(target=_save_or_log, args=[index], daemon=True).start()


def save(index: SavedIndex) -> None:
    """Save an index in place of the last one, unless another process has just done so."""
    version, server = index.version, _server_id()
    saved = FacetIndex.objects.filter(form=_FORMAT, server=server, epoch=version.database_id)
    with transaction.atomic():
        if not saved.filter(number__gt=version.number - _MAX_AGE).exists():
            FacetIndex.objects.all().delete()
            for part in _packed(index):
                FacetIndex.objects.create(
                    form=_FORMAT,
                    server=server,
                    epoch=version.database_id,
                    number=version.number,
                    snapshot=version.snapshot,
                    part=part,
                )


def _save_or_log(index: SavedIndex) -> None:
    try:
        save(index)
    except DatabaseError as error:
        # The database may be read-only, or busy for long. Nothing depends on the saved index.
        _logger.warning("The index of facets was not saved: %s", error)
    finally:
        connection.close()


def _packed(index: SavedIndex) -> Iterator[bytes]:
    """Yield parts of about `_PART_SIZE`: a line of JSON, then the sets and arrays as bytes."""
    heads: list[Any] = []
    bodies: list[bytes] = []
    size = 0
    for kind, head, body in _entries(index):
        heads.append([kind, head, len(body)])
        bodies.append(body)
        size += len(body)
        if size > _PART_SIZE:
            yield b"".join([orjson.dumps(heads), b"\n", *bodies])
            heads, bodies, size = [], [], 0
    yield b"".join([orjson.dumps(heads), b"\n", *bodies])


def _entries(index: SavedIndex) -> Iterator[tuple[str, Any, bytes]]:
    """Yield the kind, the description and the bytes of each entry. Equal sets are one entry."""
    keys: dict[int, list[Any]] = defaultdict(list)
    for key, members in index.sets.items():
        keys[id(members)].append(key)
    for members in {id(members): members for members in index.sets.values()}.values():
        yield "set", keys[id(members)], members.serialize()
    days = index.days
    for pair, (positions, claims) in days.single.items():
        first = positions.tobytes()
        yield "days", [*pair, positions.typecode, len(first)], first + claims.tobytes()
    yield "calendar", days.calendar, b""
    yield "spans", [[*pair, spans] for pair, spans in days.spans.items()], b""
    yield "stale", list(days.stale), b""


def _unpacked(part: bytes) -> Iterator[tuple[str, Any, bytes]]:
    line, _end, body = part.partition(b"\n")
    begin = 0
    for kind, head, length in orjson.loads(line):
        yield kind, head, body[begin : begin + length]
        begin += length


def _server_id() -> str:
    """Return which PostgreSQL server and database this is; on SQLite nothing."""
    if connection.vendor != "postgresql":
        return ""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT system_identifier::text || '.' || oid FROM pg_control_system(), pg_database"
            " WHERE datname = current_database()"
        )
        return cursor.fetchone()[0]
