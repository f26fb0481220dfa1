"""Python's search for cycles of garbage, left aside while rows stream through."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def uncollected() -> Iterator[None]:
    """Look for no cycles meanwhile.

    What an import makes is used once or kept to the end: looking takes a third of its time, and
    finds none.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
