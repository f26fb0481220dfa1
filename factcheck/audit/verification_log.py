"""The log of records as a file that anybody can check, and whether it still says what it said.

What a record and its digest are: `factcheck.public_record.chain`, and docs/record.md for readers.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice, takewhile
from typing import Any

import orjson
from django.utils.translation import gettext as _

from factcheck.models import Checkpoint
from factcheck.public_record import Chain, digest, entries


class LogError(Exception):
    """A file that is no export of a log; the message names the line."""


def export(*, chain: Chain | None = None) -> Iterator[bytes]:
    """Yield the log as JSON Lines: number and digest of every record, the public ones' content.

    The last line is the checkpoint of the whole.
    """
    chain = chain if chain is not None else Chain()
    for entry in entries():
        chain.add(entry.number, entry.digest)
        line: dict[str, Any] = {"number": entry.number, "digest": entry.digest}
        if entry.is_removed:
            line["removed"] = "before publication"
        elif entry.is_public:
            line |= {"slug": entry.claim, "record": entry.record}
        yield orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE)
    yield orjson.dumps(chain.as_line(), option=orjson.OPT_APPEND_NEWLINE)


def faults_of_checkpoints(found: Iterable[tuple[int, str]]) -> Iterator[str]:
    """Compare numbers and digests, as they pass, with every stored checkpoint."""
    chain, good = Chain(), 0
    numbers = iter(found)
    for checkpoint in Checkpoint.objects.order_by("last_number").iterator():
        for number, own in islice(numbers, max(0, checkpoint.count - chain.count)):
            chain.add(number, own)
        if chain != Chain(checkpoint.count, checkpoint.last_number, checkpoint.sha256):
            yield _(
                "the log no longer agrees with the checkpoint of %(day)s (last no. %(last)d): a"
                " record of no. %(first)d to %(last)d was altered, removed or inserted"
            ) % {
                "day": checkpoint.made_at.date().isoformat(),
                "first": good + 1,
                "last": checkpoint.last_number,
            }
            return
        good = checkpoint.last_number


@dataclass
class Published:
    """What an exported file says of the log: numbers and digests, and the checkpoint."""

    checkpoint: Chain
    digests: dict[int, str]


def read(lines: Iterable[bytes]) -> Published:
    """Read a file that `export` wrote, or its last line alone; LogError names a bad line."""
    checkpoint: Chain | None = None
    digests: dict[int, str] = {}
    last = 0
    for place, line in enumerate(lines, 1):
        if not line.strip():
            continue
        if checkpoint is not None:
            raise LogError(_("line %d stands after the checkpoint, which is the end") % place)
        try:
            said = json.loads(line)
            if "sha256" in said:
                numbers = _whole(said["count"]), _whole(said["last_number"])
                checkpoint = Chain(*numbers, str(said["sha256"]))
                continue
            number, own = _whole(said["number"]), str(said["digest"])
            is_its_own = "record" not in said or digest(said["record"]) == own
        except (ValueError, KeyError, TypeError, OverflowError, RecursionError) as error:
            raise LogError(
                _("line %(line)d is no record of a log (%(why)s)") % {"line": place, "why": error}
            ) from error
        if not is_its_own:
            raise LogError(
                _("line %(line)d: the content of no. %(number)d has another digest than it says")
                % {"line": place, "number": number}
            )
        if number <= last:
            raise LogError(
                _("line %(line)d: no. %(number)d does not come after no. %(last)d")
                % {"line": place, "number": number, "last": last}
            )
        digests[number] = own
        last = number
    if checkpoint is None:
        raise LogError(_("there is no checkpoint in it: its last line is missing"))
    if digests and _chain_of(digests) != checkpoint:
        raise LogError(_("its own records do not give its own checkpoint: the file was changed"))
    return Published(checkpoint, digests)


def _whole(value: Any) -> int:
    if type(value) is not int or not 0 <= value < 2**63:
        raise ValueError(f"{value!r} is no number of a record")
    return value


def _chain_of(digests: dict[int, str]) -> Chain:
    chain = Chain()
    for number, own in digests.items():
        chain.add(number, own)
    return chain


def verify(published: Published) -> Iterator[str]:
    """Yield what is no longer as it was published, naming the records."""
    then = published.checkpoint
    before = takewhile(lambda entry: entry.number <= then.last_number, entries())
    now = {entry.number: entry.digest for entry in before}
    if _chain_of(now) == then:
        return
    if not published.digests:
        yield _(
            "no. 1 to %(last)d no longer give the published checkpoint: %(count)d records are"
            " there, %(asked)d were. Verify with the whole exported file to learn which differ."
        ) % {"last": then.last_number, "count": len(now), "asked": then.count}
        return
    yield from _differing(published.digests, now)


def _differing(then: dict[int, str], now: dict[int, str]) -> Iterator[str]:
    was = {own: number for number, own in then.items()}
    stands = {own: number for number, own in now.items()}
    for number, own in then.items():
        if own in stands:
            if stands[own] != number:
                yield _("record no. %(number)d now stands as no. %(now)d") % {
                    "number": number,
                    "now": stands[own],
                }
        elif number in now and now[number] not in was:
            yield _("record no. %d was altered") % number
        else:
            yield _("record no. %d was removed") % number
    for number, own in now.items():
        if own not in was and (number not in then or then[number] in stands):
            yield _("record no. %d was inserted") % number
