"""The public record: numbered, append-only, and covered by checkpoints.

It holds what was found about a claim (findings with their evidence), and everything else that gives
a published claim its meaning: the statement, the claimant, the date, the citations with their
stance, the stage, and how many sources count as independent.

- `contents`: what a claim says at a moment, as plain data, and how two such states differ.
- `chain`: each record's digest, the chain of digests, and checkpoints.
- `reading`: what each record changed, in words for readers.
- `writing`: what appends to the record, and what removes a draft that no reader ever saw.

Every function that changes a public claim calls `record_changes` in the same transaction.
`manage.py check_data` names each claim that differs from its last record.
"""

from factcheck.public_record.chain import Chain, Entry, chained, digest, entries, seal
from factcheck.public_record.contents import (
    Difference,
    contents_of,
    count_labels,
    differences,
    differs,
    merged_slugs,
)
from factcheck.public_record.reading import Recorded, recorded
from factcheck.public_record.writing import (
    add_content_record,
    begin_missing,
    mark_correction,
    record_changes,
    remove_unpublished_records,
    unlike_their_record,
)

__all__ = [
    "Chain",
    "Difference",
    "Entry",
    "Recorded",
    "add_content_record",
    "begin_missing",
    "chained",
    "contents_of",
    "count_labels",
    "differences",
    "differs",
    "digest",
    "entries",
    "mark_correction",
    "merged_slugs",
    "record_changes",
    "recorded",
    "remove_unpublished_records",
    "seal",
    "unlike_their_record",
]
