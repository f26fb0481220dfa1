"""The SQLite file: none is made by accident, none is written into that was deleted or replaced."""

import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
import urllib.request
from pathlib import Path

import pytest
from django.core.management import call_command
from django.core.signals import request_started
from django.db import OperationalError, connection, transaction

from factcheck import data_version
from factcheck.db import database_file
from factcheck.models import Epoch, Topic
from tests import factories
from tests.paths import ROOT

pytestmark = [pytest.mark.sqlite, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def path(tmp_path):
    """Let Django's connection be one to a copy of the empty test database; return its path."""
    usual, copy = connection.settings_dict["NAME"], tmp_path / "own.sqlite3"
    connection.ensure_connection()
    with sqlite3.connect(copy) as target:
        connection.connection.backup(target)
    target.close()
    connection.close()
    connection.settings_dict["NAME"] = str(copy)
    yield copy
    connection.close()
    connection.settings_dict["NAME"] = usual


def log_of(path):
    return path.with_name(f"{path.name}-wal")


def next_request():
    request_started.send(sender=None)


def test_a_missing_file_is_an_error_and_is_not_made(path):
    connection.close()
    path.unlink()

    with pytest.raises(OperationalError, match=r"own\.sqlite3 is missing"):
        Topic.objects.count()

    assert database_file.problem(connection) == "the file is gone"
    assert not path.exists()


def test_migrate_makes_a_missing_file(path):
    connection.close()
    path.unlink()

    call_command("migrate", verbosity=0)

    assert Topic.objects.count() == 0
    assert database_file.problem(connection) is None


def test_nothing_is_saved_into_a_file_that_was_deleted(path):
    factories.create_topic(slug="before")
    for file in path.parent.glob("own.sqlite3*"):
        file.unlink()

    with pytest.raises(OperationalError, match=r"Nothing was saved: the file is gone"):
        factories.create_topic()
    with pytest.raises(OperationalError, match="the file is gone"):
        Topic.objects.update(slug="after")
    with pytest.raises(OperationalError, match="the file is gone"):
        Topic.objects.filter(slug="before").delete()
    next_request()

    # The open file holds the only copy: readers may go on, and nothing stands in its place.
    assert [topic.slug for topic in Topic.objects.all()] == ["before"]
    assert database_file.problem(connection) == "the file is gone"
    assert not path.exists()


def test_a_transaction_that_began_before_is_not_committed(path):
    Topic.objects.count()

    def save():
        with transaction.atomic():
            factories.create_topic()
            path.rename(path.with_name("elsewhere"))

    with pytest.raises(OperationalError, match="the file is gone"):
        save()
    path.with_name("elsewhere").rename(path)

    assert Topic.objects.count() == 0


def test_a_request_after_the_file_was_replaced_reads_the_new_one(path, client):
    factories.create_claim(text="It was copied.")
    copy = path.with_name("copy.sqlite3")
    with sqlite3.connect(copy) as target:
        connection.connection.backup(target)
    target.close()
    epoch = Epoch.objects.get().name
    factories.create_claim(text="It came later.")
    tag = client.get("/claims/")["ETag"]
    assert log_of(path).stat().st_size
    copy.replace(path)

    with pytest.raises(OperationalError, match="another file is in its place"):
        factories.create_topic()
    assert database_file.problem(connection) == "another file is in its place"
    next_request()
    page = client.get("/claims/", headers={"If-None-Match": tag})

    assert "It was copied." in page.content.decode()
    assert "It came later." not in page.content.decode()
    assert Epoch.objects.get().name != epoch
    assert data_version.version().startswith(Epoch.objects.get().name)
    factories.create_claim(text="It goes on.")
    assert database_file.problem(connection) is None
    with sqlite3.connect(path) as file:
        assert file.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert file.execute("SELECT count(*) FROM factcheck_claim").fetchone() == (2,)
    file.close()


def test_the_log_of_the_file_before_is_kept_beside(path):
    factories.create_topic()
    with sqlite3.connect(path.with_name("copy")) as target:
        connection.connection.backup(target)
    target.close()
    size = log_of(path).stat().st_size
    path.with_name("copy").replace(path)

    next_request()
    Topic.objects.count()

    (kept,) = path.parent.glob("own.sqlite3-wal.*")
    assert kept.stat().st_size == size > 0


def test_a_new_thread_does_not_open_the_new_file_with_the_log_of_the_old(path):
    factories.create_topic()
    with sqlite3.connect(path.with_name("copy")) as target:
        connection.connection.backup(target)
    target.close()
    Topic.objects.update(name="Later")
    path.with_name("copy").replace(path)
    found = []

    def work(*, is_request):
        try:
            if is_request:
                next_request()
            found.append(Topic.objects.get().name)
        except OperationalError as error:
            found.append(str(error))
        finally:
            connection.close()

    for is_request in (False, True):
        thread = threading.Thread(target=work, kwargs={"is_request": is_request})
        thread.start()
        thread.join()

    next_request()
    assert "Another file is in the place" in found[0]
    assert found[1] == Topic.objects.get().name != "Later"


def test_an_ending_process_closes_the_connections_of_all_threads(path):
    ready, end = threading.Event(), threading.Event()

    def work():
        factories.create_topic()
        ready.set()
        end.wait(20)
        connection.connection = None  # it was closed beneath it

    thread = threading.Thread(target=work)
    thread.start()
    assert ready.wait(20)
    Topic.objects.count()
    assert log_of(path).stat().st_size

    database_file.close_all_connections()

    assert not log_of(path).exists()
    end.set()
    thread.join()
    connection.connection = None
    assert Topic.objects.count() == 1


def test_an_ending_process_saves_what_a_deleted_file_held(path):
    factories.create_topic(slug="before")
    for file in path.parent.glob("own.sqlite3*"):
        file.unlink()

    database_file.close_all_connections()

    connection.connection = None
    (rescued,) = path.parent.glob("own.sqlite3.rescued-*")
    with sqlite3.connect(rescued) as file:
        assert file.execute("SELECT slug FROM factcheck_topic").fetchall() == [("before",)]
    file.close()
    shutil.move(rescued, path)


@pytest.mark.parametrize("sent", [signal.SIGTERM, signal.SIGINT])
def test_a_server_that_is_stopped_leaves_no_log_behind(path, sent):
    connection.close()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    granian = Path(sys.executable).parent / "granian"
    environment = {"DATABASE_URL": f"sqlite:///{path}", "FACTCHECK_DEBUG": "1"}
    server = subprocess.Popen(
        [granian, "--interface", "wsgi", "--port", str(port), "factcheck.wsgi:application"],
        cwd=ROOT, env=os.environ | environment,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        wait_for(f"http://127.0.0.1:{port}/healthz")
        with sqlite3.connect(path) as other:
            other.execute("INSERT INTO factcheck_change (first_id) VALUES (NULL)")
        other.close()
        assert log_of(path).stat().st_size
    finally:
        server.send_signal(sent)
        server.wait(20)

    assert not log_of(path).exists()


def wait_for(address):
    for _ in range(200):
        try:
            with urllib.request.urlopen(address, timeout=5):
                return
        except OSError:
            time.sleep(0.1)
    raise AssertionError(f"{address} does not answer")
