"""Writes new rows by the thousand, in chunks that are each complete and right in themselves.

A chunk is one transaction: its rows go in while the triggers are suspended, and what the triggers
maintain is done once for all of them at its end: counts and statuses, search documents, the log of
changes, and the beginning of each row's history. A load that is cut off leaves whole chunks. The
sizes of the chunks of fixtures are in `pacing`.

    with transaction.atomic(), loader.chunk() as chunk:
        chunk.insert(outlets)
        chunk.insert(claims)
        chunk.insert(citations)
    loader.finish()
"""

from collections.abc import Iterator
from contextlib import contextmanager

from factcheck import change_log, search, triggers
from factcheck.db import planner
from factcheck.db.claim_lock import lock_claims
from factcheck.imports.bulk.changed_claims import ChangedClaims
from factcheck.imports.bulk.chunk import Chunk


class Loader:
    """One load of any number of chunks."""

    def __init__(self, *, is_exclusive: bool = False) -> None:
        # Nobody else writes or searches meanwhile: claims may wait for the outlets that are cited
        # later to be found by search.
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
        """Write what waits for the end of a load: queued search documents, the public record."""
        search.drain()
        self.changed_claims.record()
        change_log.prune()
        self.growth.analyze_missing()
