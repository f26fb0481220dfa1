"""Keeps what facets are counted from in the database itself, for processes that start.

Reading a million claims takes half a minute, what is kept of them a third of a second. The mark of
their state stands beside it, so who takes it over asks the log what has come since, as always. In a
backup it is that of the backup. What another version of the program has kept is not taken, nor what
another server has: it numbers its transactions anew.
"""

import hashlib
import logging
import sys
from array import array
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path
from threading import Thread
from typing import Any, NamedTuple

import orjson
from django.db import DatabaseError, connection, transaction
from pyroaring import BitMap

from factcheck.change_log import KEPT, Mark
from factcheck.facets.citation_days import Days
from factcheck.models import FacetIndex

Sets = Mapping[tuple[Any, ...], BitMap]
_MAKERS = ("bitmap_index", "citation_days", "persistence")
# Of fewer claims the sets are read as fast.
FEW = 20_000
# Changes after which they are kept anew: the log must still tell of what came since.
_OFTEN = KEPT // 4
# Bytes that are written and read at once: the whole would be held several times.
_PART = 1 << 20

# Stands for the code that makes them, and for how this machine writes numbers.
_FORM = hashlib.sha256(
    b"".join(Path(__file__).with_name(f"{name}.py").read_bytes() for name in _MAKERS)
    + sys.byteorder.encode()
).hexdigest()
_logger = logging.getLogger(__name__)
# The state that this process has last kept or taken.
_last: Mark | None = None


class Kept(NamedTuple):
    """A state of the data, its sets, and the days of its citations."""

    mark: Mark
    sets: Sets
    days: Days


def take() -> Kept | None:
    """Return what was kept, if this process can use it."""
    global _last
    rows = FacetIndex.objects.filter(form=_FORM, server=_server()).order_by("pk")
    mark: Mark | None = None
    sets: dict[tuple[Any, ...], BitMap] = {}
    single, rest = {}, {}
    for epoch, number, snapshot, part in rows.values_list(
        "epoch", "number", "snapshot", "part"
    ).iterator(chunk_size=1):
        found = Mark(epoch, number, snapshot)
        if (mark := mark or found) != found:
            continue  # two processes have kept theirs at once
        for kind, what, body in _unpacked(bytes(part)):
            if kind == "set":
                members = BitMap.deserialize(body)
                sets.update((tuple(key), members) for key in what)
            elif kind == "days":
                outlet, stance, code, middle = what
                single[outlet, stance] = array(code, body[:middle]), array("I", body[middle:])
            else:
                rest[kind] = what
    if not mark:
        return None
    _last = mark
    spans = {(outlet, stance): some for outlet, stance, some in rest["spans"]}
    return Kept(mark, sets, Days(rest["calendar"], single, spans, BitMap(rest["stale"])))


def offer(state: Kept) -> None:
    """Keep a state, in a thread of its own, if it holds many claims and the last one is old."""
    global _last
    mark = state.mark
    is_new = _last is None or _last.epoch != mark.epoch or mark.number - _last.number >= _OFTEN
    if is_new and len(state.sets.get(("published",), ())) >= FEW:
        _last = mark
        Thread(target=_keep_quietly, args=[state], daemon=True).start()


def keep(state: Kept) -> None:
    """Keep a state in place of the last one, unless another process has just done so."""
    mark, server = state.mark, _server()
    there = FacetIndex.objects.filter(form=_FORM, server=server, epoch=mark.epoch)
    with transaction.atomic():
        if not there.filter(number__gt=mark.number - _OFTEN).exists():
            FacetIndex.objects.all().delete()
            for part in _packed(state):
                FacetIndex.objects.create(form=_FORM, server=server, part=part, **vars(mark))


def _keep_quietly(state: Kept) -> None:
    try:
        keep(state)
    except DatabaseError as error:
        # It may not be written to, or somebody else writes for long: nothing depends on it.
        _logger.warning("The facets' sets are not kept: %s", error)
    finally:
        connection.close()


def _packed(state: Kept) -> Iterator[bytes]:
    """Yield parts of some size: a line of JSON, and what it tells of: sets and arrays as bytes."""
    heads: list[Any] = []
    bodies: list[bytes] = []
    size = 0
    for kind, what, body in _entries(state):
        heads.append([kind, what, len(body)])
        bodies.append(body)
        size += len(body)
        if size > _PART:
            yield b"".join([orjson.dumps(heads), b"\n", *bodies])
            heads, bodies, size = [], [], 0
    yield b"".join([orjson.dumps(heads), b"\n", *bodies])


def _entries(state: Kept) -> Iterator[tuple[str, Any, bytes]]:
    keys: dict[int, list[Any]] = defaultdict(list)
    for key, members in state.sets.items():
        keys[id(members)].append(key)
    for members in {id(members): members for members in state.sets.values()}.values():
        yield "set", keys[id(members)], members.serialize()
    days = state.days
    for pair, (places, claims) in days.single.items():
        first = places.tobytes()
        yield "days", [*pair, places.typecode, len(first)], first + claims.tobytes()
    yield "calendar", days.calendar, b""
    yield "spans", [[*pair, some] for pair, some in days.spans.items()], b""
    yield "stale", list(days.stale), b""


def _unpacked(part: bytes) -> Iterator[tuple[str, Any, bytes]]:
    line, _end, body = part.partition(b"\n")
    begin = 0
    for kind, what, length in orjson.loads(line):
        yield kind, what, body[begin : begin + length]
        begin += length


def _server() -> str:
    if connection.vendor != "postgresql":
        return ""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT system_identifier::text || '.' || oid FROM pg_control_system(), pg_database"
            " WHERE datname = current_database()"
        )
        return cursor.fetchone()[0]
