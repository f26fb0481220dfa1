"""Reading ahead in a process of its own gives what reading here gives, and leaves nothing."""

import os
import pickle
import signal
import subprocess
import sys
import time
from itertools import count
from pathlib import Path

import pytest

from factcheck.imports import read_ahead as module
from factcheck.imports.fact_checks.records import FileError, RecordError
from factcheck.imports.read_ahead import ReaderError, ahead

needs_process = pytest.mark.skipif(
    not module._is_possible(), reason="needs Linux and a second processor"
)


@pytest.fixture(params=["here", "elsewhere"])
def place(request, monkeypatch):
    if request.param == "here":
        monkeypatch.setattr(module, "_is_possible", lambda: False)
    elif not module._is_possible():
        pytest.skip("needs Linux and a second processor")
    return request.param


@pytest.fixture
def is_left(monkeypatch):
    """Return what says whether a process that was forked is still there, dead or alive."""
    forked = []
    fork = os.fork
    monkeypatch.setattr(os, "fork", lambda: forked.append(fork()) or forked[-1])

    def is_left_():
        try:
            return [os.waitpid(child, os.WNOHANG) for child in forked]
        except ChildProcessError:
            return []

    return is_left_


def test_items_come_in_their_order_whatever_their_size(place, is_left):
    items = [["a" * 300_000, number, {"ә": (1, None)}] for number in range(20)]

    with ahead(iter(items)) as found:
        assert list(found) == items

    assert not is_left()


def test_an_error_ends_them_and_is_the_readers_own(place, is_left):
    def source():
        yield 1
        raise FileError("line 7: no JSON")

    with ahead(source()) as found:
        assert next(found) == 1
        with pytest.raises(FileError, match="line 7: no JSON"):
            next(found)

    assert not is_left()


def test_who_stops_early_leaves_no_process(place, is_left):
    with ahead(count()) as found:
        assert next(found) == 0

    assert not is_left()


@needs_process
def test_it_is_read_by_another_process_while_this_one_works():
    with ahead(os.getpid() for _ in range(2)) as found:
        assert os.getpid() not in found


@needs_process
def test_a_process_that_is_killed_is_no_end_of_the_file():
    def source():
        yield 1
        os.kill(os.getpid(), signal.SIGKILL)

    with ahead(source()) as found, pytest.raises(ReaderError, match="ended before the file"):
        list(found)


@needs_process
def test_a_reader_ends_with_the_process_that_it_reads_for():
    code = """
import os, time
from factcheck.imports.read_ahead import ahead
def slowly():
    yield os.getpid(), " " * 1_000_000  # what is small is sent with what comes next
    time.sleep(60)
with ahead(slowly()) as found:
    print(next(found)[0], flush=True)
    time.sleep(60)
"""
    command = [sys.executable, "-c", code]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        state = Path(f"/proc/{int(process.stdout.readline())}/stat")
        assert state.exists()
        process.kill()
    until = time.monotonic() + 10
    # Nobody may be there to ask for what has ended.
    while state.exists() and ") Z " not in state.read_text():
        assert time.monotonic() < until
        time.sleep(0.01)


@needs_process
def test_what_a_reader_does_at_its_end_is_not_done_twice(tmp_path):
    with (tmp_path / "kept").open("w") as kept:
        kept.write("once")
        with ahead([1]) as found:
            list(found)

    assert (tmp_path / "kept").read_text() == "once"


def test_what_is_wrong_with_a_record_says_the_same_elsewhere():
    error = pickle.loads(pickle.dumps(RecordError("url", "is missing")))

    assert (error.field, error.reason, str(error)) == ("url", "is missing", "url: is missing")
