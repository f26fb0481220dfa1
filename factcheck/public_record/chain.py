"""The digest of each record, the chain of digests, and the checkpoints that store it.

A record is a JSON object. Its digest is the SHA-256 of its canonical form: sorted keys, no spaces,
UTF-8. The chain is at first the empty string. Each record, in the order of numbers, replaces it by
the SHA-256 of the chain and the record's digest, both in hexadecimal. So everybody who has the
public export can recompute the digest of each public record and the chain of all records:
docs/record.md.

A record contains the finding, its claim, date and evidence. It refers to other records by ids,
which stay the same if a claim is renamed or an outlet merged. Records of a claim's content contain
that content. The accounts that signed are covered by a keyed hash. If a draft was deleted before
publication, only the number and digest of its records remain.
"""

import hashlib
import hmac
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC
from heapq import merge
from typing import Any, NamedTuple

import orjson
from django.db import DEFAULT_DB_ALIAS, transaction

from factcheck.db import bulk_sql, snapshots
from factcheck.models import Checkpoint, Evidence, LogKey, RemovedRecord, Verification
from factcheck.models.stages import PUBLIC_STAGES

FORMAT = "factcheck-log-1"
_RECORDS_PER_CHUNK = 2_000


class Entry(NamedTuple):
    """A record as it is stored now. A removed record has only a number and a digest."""

    number: int
    digest: str
    record: dict[str, Any]
    claim: str
    is_public: bool
    is_removed: bool = False


def entries(*, after: int = 0, using: str = DEFAULT_DB_ALIAS) -> Iterator[Entry]:
    """Yield the records with numbers larger than `after`, in order, using constant memory."""
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
            (
                Entry(row.number, row.digest, {}, "", is_public=False, is_removed=True)
                for row in removed.iterator(chunk_size=_RECORDS_PER_CHUNK)
            ),
            key=lambda entry: entry.number,
        )


# The columns are read without models, because each check reads up to a million records.
_COLUMNS = (
    *(f.attname for f in Verification._meta.concrete_fields),
    *("claim__slug", "claim__stage"),
)
_EVIDENCE_COLUMNS = ("title", "publisher_name", "url", "archived_url", "quote", "accessed_on")


def _stored(rows: Iterator[Any], key: bytes, using: str) -> Iterator[Entry]:
    for chunk in bulk_sql.batches(rows, _RECORDS_PER_CHUNK):
        ids = bulk_sql.in_values([row.id for row in chunk], using=using)
        evidence: dict[int, list[Any]] = defaultdict(list)
        records = Evidence.objects.using(using).filter(verification__in=ids).order_by()
        for record in records.values_list("verification_id", *_EVIDENCE_COLUMNS, named=True):
            evidence[record.verification_id].append(record)
        for row in chunk:
            record = record_of(row, evidence[row.id], key)
            is_public = row.claim__stage in PUBLIC_STAGES
            yield Entry(row.number, digest(record), record, row.claim__slug, is_public)


def record_of(entry: Any, evidence: Iterable[Any], key: bytes) -> dict[str, Any]:
    """Return the JSON object of a record, which its digest covers.

    `entry` and `evidence` have the columns of their tables; `key` is the database's `LogKey`.
    """
    signed = f"{entry.ref}:{entry.reviewer_id or ''}:{entry.approved_by_id or ''}"
    # Records from before contents were recorded keep their digests.
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
    """Return the SHA-256 of a record's canonical form in hexadecimal."""
    return hashlib.sha256(orjson.dumps(record, option=orjson.OPT_SORT_KEYS)).hexdigest()


def chained(chain: str, record_digest: str) -> str:
    """Return the chain, which is at first empty, with one more record's digest."""
    return hashlib.sha256(f"{chain}{record_digest}".encode()).hexdigest()


@dataclass
class Chain:
    """The chain over the records added so far."""

    count: int = 0
    last_number: int = 0
    sha256: str = ""

    def add(self, number: int, record_digest: str) -> None:
        self.count += 1
        self.last_number = number
        self.sha256 = chained(self.sha256, record_digest)

    def as_line(self) -> dict[str, Any]:
        return {
            "format": FORMAT,
            "count": self.count,
            "last_number": self.last_number,
            "sha256": self.sha256,
        }


def seal(*, using: str = DEFAULT_DB_ALIAS) -> Checkpoint | None:
    """Store a checkpoint that covers every record, and return it. Return None if the log is empty.

    The chain continues from the last checkpoint, so a record that was altered before it still
    fails the check. Write all evidence first: a record that a checkpoint covers cannot get any.
    """
    with transaction.atomic(using=using):
        # This locks the log until the transaction ends.
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
