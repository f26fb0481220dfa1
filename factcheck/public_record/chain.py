"""Each record's digest, the chain of digests, and the checkpoints that hold it.

A record is a JSON object. Its digest is the SHA-256 of its canonical form: keys sorted, no space,
UTF-8. The chain begins empty; each record in the order of numbers makes it the SHA-256 of itself
and the record's digest, both in hexadecimal. So whoever has the public export can recompute the
digest of each public record, and the chain of all: docs/record.md.

A record holds what was found, of what, when, with which evidence, by the ids of the rows, which do
not change: a claim may be renamed and an outlet merged. Records of a claim's content hold that too.
The accounts that signed are covered by a keyed hash. Of a draft that was deleted before anybody
could read it, only number and digest remain.
"""

import hashlib
import hmac
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC
from heapq import merge
from itertools import islice
from typing import Any, NamedTuple

import orjson
from django.db import DEFAULT_DB_ALIAS, transaction

from factcheck.db import bulk_sql, snapshots
from factcheck.models import Checkpoint, Evidence, LogKey, RemovedRecord, Verification
from factcheck.models.claims import PUBLIC

FORMAT = "factcheck-log-1"
_RECORDS_PER_CHUNK = 2_000


class Entry(NamedTuple):
    """A record as it stands now. One that was removed has a digest and no content."""

    number: int
    digest: str
    record: dict[str, Any]
    claim: str
    is_public: bool
    is_removed: bool = False


def entries(*, after: int = 0, using: str = DEFAULT_DB_ALIAS) -> Iterator[Entry]:
    """Yield every record whose number is larger than `after`, in order, at constant memory."""
    key = LogKey.current(using).encode()
    rows = Verification.objects.using(using).filter(number__gt=after).order_by("number")
    removed = RemovedRecord.objects.using(using).filter(number__gt=after).order_by("number")
    with snapshots.snapshot(using=using):
        yield from merge(
            _stored(
                rows.values_list(*_COLUMNS, named=True).iterator(chunk_size=_RECORDS_PER_CHUNK),
                key,
                using,
            ),
            (_removed(row) for row in removed.iterator(chunk_size=_RECORDS_PER_CHUNK)),
            key=lambda entry: entry.number,
        )


# Rows and not models: a million records are read at each check.
_COLUMNS = (
    *(f.attname for f in Verification._meta.concrete_fields),
    *("claim__slug", "claim__stage"),
)
_OF_EVIDENCE = ("title", "publisher_name", "url", "archived_url", "quote", "accessed_on")


def _stored(rows: Iterator[Any], key: bytes, using: str) -> Iterator[Entry]:
    while chunk := list(islice(rows, _RECORDS_PER_CHUNK)):
        ids = bulk_sql.in_values([row.id for row in chunk], using=using)
        evidence: dict[int, list[Any]] = defaultdict(list)
        records = Evidence.objects.using(using).filter(verification__in=ids).order_by()
        for record in records.values_list("verification_id", *_OF_EVIDENCE, named=True):
            evidence[record.verification_id].append(record)
        for row in chunk:
            record = record_of(row, evidence[row.id], key)
            is_public = row.claim__stage in PUBLIC
            yield Entry(row.number, digest(record), record, row.claim__slug, is_public)


def _removed(row: RemovedRecord) -> Entry:
    return Entry(row.number, row.digest, {}, "", is_public=False, is_removed=True)


def record_of(entry: Any, evidence: Iterable[Any], key: bytes) -> dict[str, Any]:
    """Return what the digest of a record covers.

    `entry` and `evidence` have the columns of their tables; `key` is the database's `LogKey`.
    """
    signed = f"{entry.ref}:{entry.reviewer_id or ''}:{entry.approved_by_id or ''}"
    # Records of before there were any of content keep the digests that they had.
    content = {} if entry.content is None else {"content": entry.content}
    return {
        "ref": entry.ref,
        "kind": entry.kind,
        "claim": entry.claim_id,
        "statement": entry.statement,
        "status": entry.status,
        "label": entry.label,
        "reason": entry.reason,
        "publisher": entry.publisher_id,
        "url": entry.url,
        "byline": entry.byline,
        "signed": hmac.new(key, signed.encode(), hashlib.sha256).hexdigest(),
        "reviewed_on": entry.reviewed_on.isoformat(),
        "created_at": entry.created_at.astimezone(UTC).isoformat(timespec="microseconds"),
        "evidence": [
            {
                "title": record.title,
                "publisher": record.publisher_name,
                "url": record.url,
                "archived_url": record.archived_url,
                "quote": record.quote,
                "accessed_on": record.accessed_on.isoformat() if record.accessed_on else None,
            }
            for record in sorted(evidence, key=lambda record: record.url)
        ],
    } | content


def digest(record: Any) -> str:
    """Return the SHA-256 of a record's canonical form, in hexadecimal."""
    return hashlib.sha256(orjson.dumps(record, option=orjson.OPT_SORT_KEYS)).hexdigest()


def chained(chain: str, own: str) -> str:
    """Return the chain (at first empty) with one more record's digest."""
    return hashlib.sha256(f"{chain}{own}".encode()).hexdigest()


@dataclass
class Chain:
    """The chain as it grows over records in their order."""

    count: int = 0
    last_number: int = 0
    sha256: str = ""

    def add(self, number: int, own: str) -> None:
        self.count += 1
        self.last_number = number
        self.sha256 = chained(self.sha256, own)

    def as_line(self) -> dict[str, Any]:
        return {
            "format": FORMAT,
            "count": self.count,
            "last_number": self.last_number,
            "sha256": self.sha256,
        }


def seal(*, using: str = DEFAULT_DB_ALIAS) -> Checkpoint | None:
    """Store a checkpoint that covers every record, and return it; None while there is no record.

    It goes on from the last checkpoint, so that a record which was altered under that one stays
    found out. Call it once all that belongs to the new records is written: no evidence can be
    added to a record that a checkpoint covers.
    """
    with transaction.atomic(using=using):
        # No other record is written until this transaction ends.
        Verification.objects.using(using).next_number()
        last = Checkpoint.objects.using(using).newest()
        chain = Chain(last.count, last.last_number, last.sha256) if last else Chain()
        for entry in entries(after=chain.last_number, using=using):
            chain.add(entry.number, entry.digest)
        if last and chain.last_number == last.last_number:
            return last
        if not chain.count:
            return None
        return Checkpoint.objects.using(using).create(
            last_number=chain.last_number, count=chain.count, sha256=chain.sha256
        )
