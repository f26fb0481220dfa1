"""The public record: numbered, append-only, and covered by checkpoints.

It holds the findings about a claim with their evidence, and everything else that gives a published
claim its meaning: the statement, the claimant, the date, the citations with their stance, the
stage, and the number of independent sources.

- `contents`: the content of a claim as plain data.
- `differences`: how two contents differ, in words for readers.
- `chain`: the digest of each record, the chain of digests, and checkpoints.
- `reading`: what each record changed.
- `writing`: appends records, and removes those of drafts that no reader ever saw.

Every function that changes a public claim calls `record_changes` in the same transaction.
`manage.py check_data` names each claim that differs from its last record.
"""

from factcheck.public_record.chain import Chain, digest, entries, seal
from factcheck.public_record.contents import contents_of
from factcheck.public_record.differences import Difference, count_labels, differences
from factcheck.public_record.reading import recorded
from factcheck.public_record.writing import (
    add_content_record,
    begin_missing,
    mark_correction,
    record_changes,
    remove_unpublished_records,
    unrecorded_differences,
)
