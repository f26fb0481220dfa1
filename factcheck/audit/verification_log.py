"""Export the log as a file that anybody can check, and compare the log with such a file.

`factcheck.public_record.chain` defines records and digests; docs/record.md explains them.
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
    """The file is not an export of a log. The message names the line."""


def export(*, chain: Chain | None = None) -> Iterator[bytes]:
    """Yield the log as JSON Lines: number and digest of every record, and public records in full.

    The last line is the checkpoint of all records.
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


def faults_of_checkpoints(digests: Iterable[tuple[int, str]]) -> Iterator[str]:
    """Compare numbers and digests of records with every stored checkpoint."""
    chain, last_good = Chain(), 0
    records = iter(digests)
    for checkpoint in Checkpoint.objects.order_by("last_number").iterator():
        for number, record_digest in islice(records, max(0, checkpoint.count - chain.count)):
            chain.add(number, record_digest)
        if chain != Chain(checkpoint.count, checkpoint.last_number, checkpoint.sha256):
            yield _(
                "the log no longer agrees with the checkpoint of %(day)s (last no. %(last)d): a"
                " record of no. %(first)d to %(last)d was altered, removed or inserted"
            ) % {
                "day": checkpoint.made_at.date().isoformat(),
                "first": last_good + 1,
                "last": checkpoint.last_number,
            }
            return
        last_good = checkpoint.last_number


@dataclass
class Published:
    """The content of an exported file: its checkpoint, and digests by numbers."""

    checkpoint: Chain
    digests: dict[int, str]


def read(lines: Iterable[bytes]) -> Published:
    """Read a file that `export` wrote, or only its last line; LogError names a bad line."""
    checkpoint: Chain | None = None
    digests: dict[int, str] = {}
    last = 0
    for line_number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        if checkpoint is not None:
            raise LogError(_("line %d stands after the checkpoint, which is the end") % line_number)
        try:
            entry = json.loads(line)
            if "sha256" in entry:
                numbers = _whole(entry["count"]), _whole(entry["last_number"])
                checkpoint = Chain(*numbers, str(entry["sha256"]))
                continue
            number, record_digest = _whole(entry["number"]), str(entry["digest"])
            has_its_digest = "record" not in entry or digest(entry["record"]) == record_digest
        except (ValueError, KeyError, TypeError, OverflowError, RecursionError) as error:
            raise LogError(
                _("line %(line)d is not a record of the log (%(why)s)")
                % {"line": line_number, "why": error}
            ) from error
        if not has_its_digest:
            raise LogError(
                _("line %(line)d: the content of no. %(number)d has another digest than it says")
                % {"line": line_number, "number": number}
            )
        if number <= last:
            raise LogError(
                _("line %(line)d: no. %(number)d does not come after no. %(last)d")
                % {"line": line_number, "number": number, "last": last}
            )
        digests[number] = record_digest
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
    for number, record_digest in digests.items():
        chain.add(number, record_digest)
    return chain


def verify(published: Published) -> Iterator[str]:
    """Yield a sentence for each record that differs from the published file."""
    checkpoint = published.checkpoint
    before = takewhile(lambda entry: entry.number <= checkpoint.last_number, entries())
    stored = {entry.number: entry.digest for entry in before}
    if _chain_of(stored) == checkpoint:
        return
    if not published.digests:
        yield _(
            "no. 1 to %(last)d no longer give the published checkpoint: %(count)d records are"
            " there, %(asked)d were. Verify with the whole exported file to learn which differ."
        ) % {"last": checkpoint.last_number, "count": len(stored), "asked": checkpoint.count}
        return
    yield from _differing(published.digests, stored)


def _differing(published: dict[int, str], stored: dict[int, str]) -> Iterator[str]:
    published_numbers = {record_digest: number for number, record_digest in published.items()}
    stored_numbers = {record_digest: number for number, record_digest in stored.items()}
    for number, record_digest in published.items():
        if record_digest in stored_numbers:
            if stored_numbers[record_digest] != number:
                yield _("record no. %(number)d now stands as no. %(now)d") % {
                    "number": number,
                    "now": stored_numbers[record_digest],
                }
        elif number in stored and stored[number] not in published_numbers:
            yield _("record no. %d was altered") % number
        else:
            yield _("record no. %d was removed") % number
    for number, record_digest in stored.items():
        is_new = record_digest not in published_numbers
        if is_new and (number not in published or published[number] in stored_numbers):
            yield _("record no. %d was inserted") % number
