"""Writers of SQLite wait for each other, and what can be left to others does not wait."""

import sqlite3
import threading

import pytest
from django.db import OperationalError, transaction
from django.db.utils import ConnectionHandler

from factcheck.db import sqlite_locking

pytestmark = pytest.mark.django_db


@pytest.fixture
def database(tmp_path, monkeypatch):
    """Return a connection to a file, and another one that others hold."""
    options = {"timeout": 30, "transaction_mode": "IMMEDIATE"}
    name = str(tmp_path / "locking.sqlite3")
    made = {"ENGINE": "django.db.backends.sqlite3", "NAME": name, "OPTIONS": options}
    handler = ConnectionHandler({"default": made})
    monkeypatch.setattr(sqlite_locking, "connections", handler)
    # Django's own finds its connections by their alias.
    monkeypatch.setattr(transaction, "connections", handler)
    other = sqlite3.connect(name, isolation_level=None, check_same_thread=False)
    other.execute("PRAGMA journal_mode=WAL")
    other.execute("CREATE TABLE rows (number INTEGER)")
    yield handler["default"], other
    other.close()
    handler.close_all()


def write(connection, number):
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("INSERT INTO rows VALUES (%s)", [number])


def numbers(connection):
    return [row[0] for row in connection.execute("SELECT number FROM rows ORDER BY number")]


def test_a_writer_waits_until_another_is_done(database, monkeypatch):
    connection, other = database
    other.execute("BEGIN IMMEDIATE")
    looks = []

    def pause(seconds):
        looks.append(seconds)
        if len(looks) == 5:
            other.execute("COMMIT")

    monkeypatch.setattr(sqlite_locking.time, "sleep", pause)
    write(connection, 1)

    assert numbers(other) == [1]
    assert len(looks) == 5


def test_a_writer_is_told_when_it_has_waited_too_long(database):
    connection, other = database
    connection.ensure_connection()
    sqlite_locking._retry_of(connection).timeout = 0.05
    other.execute("BEGIN IMMEDIATE")

    with pytest.raises(OperationalError, match="locked"):
        write(connection, 1)
    other.execute("COMMIT")
    write(connection, 2)
    assert numbers(other) == [2]


def test_what_can_be_skipped_is_skipped_while_others_write_and_done_otherwise(database):
    connection, other = database
    connection.ensure_connection()
    other.execute("BEGIN IMMEDIATE")
    with sqlite_locking.skip_if_locked():
        write(connection, 1)
    other.execute("COMMIT")
    assert numbers(other) == []

    with sqlite_locking.skip_if_locked():
        write(connection, 2)
    assert numbers(other) == [2]
    # It waits as long as before, afterwards.
    assert sqlite_locking._retry_of(connection).timeout == 30
    with connection.cursor() as cursor:
        assert cursor.execute("PRAGMA busy_timeout").fetchone()[0] == 30_000


def test_other_errors_are_not_skipped(database):
    connection, _other = database
    connection.ensure_connection()
    with (
        pytest.raises(OperationalError, match="no such table"),
        sqlite_locking.skip_if_locked(),
        connection.cursor() as cursor,
    ):
        cursor.execute("INSERT INTO missing VALUES (1)")


def test_a_connection_has_one_retry_however_often_it_is_opened(database):
    connection, _other = database
    for _ in range(3):
        connection.close()
        connection.ensure_connection()

    assert (
        sum(
            isinstance(wrapper, sqlite_locking.BusyRetry) for wrapper in connection.execute_wrappers
        )
        == 1
    )


def test_many_writers_all_come_through(database):
    connection, other = database
    connection.close()

    def run(number):
        for step in range(20):
            write(sqlite_locking.connections["default"], 20 * number + step)
        sqlite_locking.connections["default"].close()

    threads = [threading.Thread(target=run, args=[number]) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert numbers(other) == list(range(80))
