"""Reads ahead in a process of its own: on two processors a writer does not wait for its reader."""

import ctypes
import os
import pickle
import signal
import sys
import warnings
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from queue import Queue
from threading import Thread
from traceback import format_exception
from typing import Any, BinaryIO, NoReturn, TypeVar

T = TypeVar("T")
# Items that are made before it waits for who uses them.
_MOST_AHEAD = 12
# Of Linux, which has no name for it in Python.
_PR_SET_PDEATHSIG = 1


class ReaderError(RuntimeError):
    """The process that read ahead has failed; the message holds what it said."""


@contextmanager
def ahead(source: Iterable[T]) -> Iterator[Iterator[T]]:
    """Within it, yield what `source` yields, made in a process of its own where that is possible.

    What it yields is not None, and must pickle, as must the errors that it raises. It may hold open
    files; nobody else reads them any more. Not for a process of many threads.
    """
    if not _is_possible():
        yield iter(source)
        return
    reading, writing, own = *os.pipe(), os.getpid()
    with warnings.catch_warnings():
        # From Python 3.12 on: of threads, such as a progress bar's, whose locks are not asked for.
        warnings.simplefilter("ignore", DeprecationWarning)
        child = os.fork()
    if child == 0:
        _end_with(own)
        os.close(reading)
        _send(source, writing)
    os.close(writing)
    try:
        with os.fdopen(reading, "rb", buffering=1 << 20) as stream:
            yield _received(stream)
    finally:
        # It holds nothing that it would have to put in order, and may wait for a file for ever.
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)


def _is_possible() -> bool:
    # Only on Linux may a process that has done anything be forked without care.
    return sys.platform == "linux" and len(os.sched_getaffinity(0)) > 1


def _end_with(parent: int) -> None:
    """End this process with the one that it reads for.

    It holds a database's connection open, and with it the locks of a load that was killed.
    """
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(0)


def _send(source: Iterable[object], writing: int) -> NoReturn:
    """Make each item and what ended them; end without what a process does at its end."""
    try:
        # Ctrl-C is for who reads; it ends this one.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        # While one thread makes, the other is to write what is asked for at once.
        sys.setswitchinterval(0.0002)
        made: Queue[bytes] = Queue(_MOST_AHEAD)
        writer = Thread(target=_write, args=(made, writing))
        writer.start()
        try:
            for item in source:
                made.put(pickle.dumps(item))
            made.put(pickle.dumps(None))
        except Exception as error:
            error.add_note("".join(format_exception(error)))
            made.put(pickle.dumps(error))
        made.put(b"")
        writer.join()
    finally:
        os._exit(0)


def _write(made: Queue[bytes], writing: int) -> None:
    """Write what is made as it is asked for: a pipe itself holds little."""
    try:
        with os.fdopen(writing, "wb") as stream:
            while one := made.get():
                stream.write(one)
    finally:
        # Done, or nobody reads any more.
        os._exit(0)


def _received(stream: BinaryIO) -> Iterator[Any]:
    while True:
        try:
            item = pickle.load(stream)  # noqa: S301 - our own process has written it
        except EOFError:
            raise ReaderError("the process that reads ahead has ended before the file") from None
        if item is None:
            return
        if isinstance(item, Exception):
            raise item
        yield item
