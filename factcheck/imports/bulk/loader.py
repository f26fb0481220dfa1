"""Writes rows in bulk, in chunks that are each complete and consistent.

A chunk is one transaction. Its rows are written while the triggers are suspended, and what the
triggers maintain is recalculated once at its end: counts and statuses, search documents, the change
log, and history entries. An interrupted load leaves whole chunks. The sizes of the chunks of
fixtures are in `pacing`.

    with transaction.atomic(), loader.chunk() as chunk:
        chunk.insert(outlets)
        chunk.insert(claims)
        chunk.insert(citations)
    loader.finish()
"""

from collections.abc import Iterator
from contextlib import contextmanager

from factcheck import data_version, search, triggers
from factcheck.db import planner
from factcheck.db.claim_lock import lock_claims
from factcheck.imports.bulk.changed_claims import ChangedClaims
from factcheck.imports.bulk.chunk import Chunk


class Loader:
    """Writes the chunks of one load."""

    def __init__(self, *, is_exclusive: bool = False) -> None:
        # Nobody else writes or searches meanwhile, so search documents of claims may be written
        # later, with their citations.
        self.is_exclusive = is_exclusive
        self.changed_claims = ChangedClaims()
        self.growth = planner.TableGrowth()

    @contextmanager
    def chunk(self) -> Iterator[Chunk]:
        """Suspend the triggers within a transaction of the caller's, and recalculate at the end."""
        lock_claims()
        chunk = Chunk(self.changed_claims, is_exclusive=self.is_exclusive)
        with triggers.suspended(exclusive=self.is_exclusive):
            yield chunk
            for model, ids in chunk.new_ids.items():
                self.growth.add(model._meta.db_table, len(ids))
            chunk.recalculate()

    def finish(self) -> None:
        """Finish a load: write queued search documents and the public record."""
        search.drain()
        self.changed_claims.record()
        data_version.prune()
        self.growth.analyze_missing()
