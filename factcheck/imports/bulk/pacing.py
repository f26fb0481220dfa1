"""How many objects go into a chunk of a load, and how long the load waits after each chunk."""

import time
from collections.abc import Iterator

# Where nobody else writes.
EXCLUSIVE_CHUNK_SIZE = 20_000
# Beside editors, who wait while a chunk is written: the first chunk, and the smallest. The size of
# later ones follows from the time that the last one took.
INITIAL_CHUNK_SIZE, MIN_CHUNK_SIZE = 300, 50
TARGET_CHUNK_SECONDS = 0.012


class ChunkPacing:
    """Adapts the size of chunks to their time, and pauses between them."""

    def __init__(self, *, is_exclusive: bool, pause: float | None) -> None:
        """Pause for so many seconds; None: as long as the last chunk took, if others may write."""
        self.is_exclusive = is_exclusive
        self._pause = 0 if is_exclusive and pause is None else pause
        self._chunk_size = EXCLUSIVE_CHUNK_SIZE if is_exclusive else INITIAL_CHUNK_SIZE

    def chunk_size(self) -> int:
        """Return how many objects the next chunk is to hold."""
        return self._chunk_size

    def paced(self, chunks: Iterator[int]) -> Iterator[int]:
        """Yield what `chunks` yields, and leave the database to others in between."""
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
