"""Keeps the sets of one state of the data in the database itself, for processes that start.

Reading a million claims takes half a minute, their sets a third of a second. They are kept together
with the mark of their state, so who takes them over asks the log what has come since, as always. A
backup holds what belongs to it. What another version of the program has kept is not taken, nor what
another server has: it numbers its transactions anew.
"""

import hashlib
import logging
from collections.abc import Mapping
from pathlib import Path
from threading import Thread
from typing import Any

import orjson
from django.db import DatabaseError, connection, transaction
from pyroaring import BitMap

from factcheck.changes import KEPT, Mark
from factcheck.models import FacetIndex

Sets = Mapping[tuple[Any, ...], BitMap]
# Of fewer claims the sets are read as fast.
FEW = 20_000
# Changes after which they are kept anew: the log must still tell of what came since.
_OFTEN = KEPT // 4

# Stands for the code that makes the sets.
_FORM = hashlib.sha256(
    Path(__file__).read_bytes() + Path(__file__).with_name("index.py").read_bytes()
).hexdigest()
_logger = logging.getLogger(__name__)
# The state that this process has last kept or taken.
_last: Mark | None = None


def take() -> tuple[Mark, Sets] | None:
    """Return what was kept, if this process can use it."""
    global _last
    kept = FacetIndex.objects.filter(form=_FORM, server=_server()).first()
    if not kept:
        return None
    _last = Mark(kept.epoch, kept.number, kept.snapshot)
    return _last, _unpacked(bytes(kept.sets))


def offer(mark: Mark, sets: Sets) -> None:
    """Keep sets, in a thread of its own, if there are many and the last ones are old."""
    global _last
    is_new = _last is None or _last.epoch != mark.epoch or mark.number - _last.number >= _OFTEN
    if is_new and len(sets.get(("published",), ())) >= FEW:
        _last = mark
        Thread(target=_keep_quietly, args=(mark, sets), daemon=True).start()


def keep(mark: Mark, sets: Sets) -> None:
    """Keep sets in place of the last ones, unless another process has just done so."""
    there = FacetIndex.objects.filter(form=_FORM, server=_server(), epoch=mark.epoch)
    with transaction.atomic():
        if not there.filter(number__gt=mark.number - _OFTEN).exists():
            FacetIndex.objects.all().delete()
            FacetIndex.objects.create(
                form=_FORM, server=_server(), sets=_packed(sets), **vars(mark)
            )


def _keep_quietly(mark: Mark, sets: Sets) -> None:
    try:
        keep(mark, sets)
    except DatabaseError as error:
        # It may not be written to, or somebody else writes for long: nothing depends on it.
        _logger.warning("The facets' sets are not kept: %s", error)
    finally:
        connection.close()


def _packed(sets: Sets) -> bytes:
    """Return keys and lengths as JSON on a line, and all sets; one of two keys is there once."""
    places: dict[int, int] = {}
    parts: list[bytes] = []
    for members in sets.values():
        if id(members) not in places:
            places[id(members)] = len(parts)
            parts.append(members.serialize())
    keys = [[places[id(members)], *key] for key, members in sets.items()]
    head = orjson.dumps([keys, [len(part) for part in parts]])
    return b"".join([head, b"\n", *parts])


def _unpacked(packed: bytes) -> dict[tuple[Any, ...], BitMap]:
    head, _line, body = packed.partition(b"\n")
    keys, lengths = orjson.loads(head)
    parts, begin = [], 0
    for length in lengths:
        parts.append(BitMap.deserialize(body[begin : begin + length]))
        begin += length
    return {tuple(key): parts[place] for place, *key in keys}


def _server() -> str:
    if connection.vendor != "postgresql":
        return ""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT system_identifier::text || '.' || oid FROM pg_control_system(), pg_database"
            " WHERE datname = current_database()"
        )
        return cursor.fetchone()[0]
