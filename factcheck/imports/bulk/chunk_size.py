"""Chooses the size of a load's chunks, and the pauses between them."""

import time
from collections.abc import Iterator

# If nobody else writes.
EXCLUSIVE_CHUNK_SIZE = 20_000
# If editors work meanwhile, who wait while a chunk is written. The size of a chunk follows from the
# time that the last one took.
INITIAL_CHUNK_SIZE, MIN_CHUNK_SIZE = 300, 50
TARGET_CHUNK_SECONDS = 0.012


class ChunkPacing:
    """Adapts the size of chunks to their time, and pauses between them."""

    def __init__(self, *, is_exclusive: bool, pause: float | None) -> None:
        """`pause` is in seconds; None: as long as the last chunk took, unless exclusive."""
        self.is_exclusive = is_exclusive
        self._pause = 0 if is_exclusive and pause is None else pause
        self._chunk_size = EXCLUSIVE_CHUNK_SIZE if is_exclusive else INITIAL_CHUNK_SIZE

    def chunk_size(self) -> int:
        """Return the number of objects for the next chunk."""
        return self._chunk_size

    def paced(self, chunks: Iterator[int]) -> Iterator[int]:
        """Yield the values of `chunks`, and pause between them, so that others can write."""
        while True:
            begun = time.monotonic()
            done = next(chunks, None)
            if done is None:
                return
            seconds = time.monotonic() - begun
            yield done
            if not self.is_exclusive:
                size = int(self._chunk_size * TARGET_CHUNK_SECONDS / seconds)
                self._chunk_size = min(max(size, MIN_CHUNK_SIZE), 2 * self._chunk_size)
            time.sleep(seconds if self._pause is None else self._pause)
