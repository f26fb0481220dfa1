"""/healthz answers 200 while readers are served, and says whether editors can save."""

import shutil
from importlib.metadata import version

import pytest
from django.db import connection, connections, transaction

from factcheck import triggers
from factcheck.audit import check_health, health
from factcheck.db import database_file
from tests import factories
from tests.damage import LOG_UPDATE, damaged, repaired, run

pytestmark = pytest.mark.django_db


def answer(client):
    response = client.get("/healthz")
    return response.status_code, response.json()


@pytest.fixture
def path():
    return database_file.database_path(connection.settings_dict["NAME"])


def test_a_sound_database_is_ok(client):
    assert answer(client) == (
        200,
        {"status": "ok", "writes": True, "version": version("factcheck")},
    )


def test_missing_triggers_are_an_error(client):
    triggers.remove()

    status, body = answer(client)

    assert (status, body["status"], body["writes"]) == (503, "triggers missing", False)
    assert LOG_UPDATE in body["triggers"]


@pytest.mark.sqlite
def test_a_trigger_of_the_same_name_that_does_nothing_is_an_error_on_sqlite(client):
    run(
        f"DROP TRIGGER {LOG_UPDATE}",
        f"CREATE TRIGGER {LOG_UPDATE} BEFORE UPDATE ON factcheck_verification BEGIN SELECT 1; END",
    )

    assert answer(client) == (
        503,
        {"status": "triggers altered", "writes": False, "triggers": [LOG_UPDATE]},
    )


@pytest.mark.postgresql
def test_a_function_that_does_nothing_is_an_error_on_postgresql(client):
    run(
        f"CREATE OR REPLACE FUNCTION {LOG_UPDATE}() RETURNS trigger LANGUAGE plpgsql"
        " AS $$ BEGIN RETURN NEW; END $$"
    )

    assert answer(client) == (
        503,
        {"status": "triggers altered", "writes": False, "triggers": [LOG_UPDATE]},
    )


@pytest.mark.postgresql
@pytest.mark.parametrize("which", ["ALL", "USER", LOG_UPDATE])
def test_disabled_triggers_are_an_error(client, which):
    run(f"ALTER TABLE factcheck_verification DISABLE TRIGGER {which}")

    status, body = answer(client)

    assert (status, body["status"]) == (503, "triggers silent")
    assert LOG_UPDATE in body["triggers"]


@pytest.mark.postgresql
def test_a_session_that_fires_no_triggers_is_an_error(client):
    run("SET LOCAL session_replication_role = replica")

    assert answer(client)[1]["status"] == "triggers silent"


@pytest.mark.sqlite
def test_the_mark_of_a_load_that_was_left_behind_is_an_error(client):
    run("INSERT INTO factcheck_loading VALUES (1)")

    assert answer(client)[:1] == (503,)
    assert answer(client)[1]["status"] == "triggers silent"


def test_somebody_elses_trigger_stops_no_page(client):
    body = (
        "FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger()"
        if connection.vendor == "postgresql"
        else "BEGIN SELECT 1; END"
    )
    run(f"CREATE TRIGGER copy_elsewhere BEFORE UPDATE ON factcheck_topic {body}")

    assert answer(client)[0] == 200


@pytest.mark.sqlite
def test_a_deleted_file_is_an_error(client, path):
    aside = path.rename(path.with_name("aside"))
    try:
        assert answer(client) == (503, {"status": "file missing", "writes": False})
    finally:
        aside.rename(path)
    assert answer(client)[0] == 200


@pytest.mark.sqlite
def test_another_file_in_its_place_is_an_error(client, path):
    aside = path.rename(path.with_name("aside"))
    try:
        shutil.copy(aside, path)
        assert answer(client) == (503, {"status": "file replaced", "writes": False})
    finally:
        aside.rename(path)
    assert answer(client)[0] == 200


@pytest.mark.sqlite
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("table", ["factcheck_claim", "factcheck_change"])
def test_a_damaged_table_is_an_error_though_an_open_connection_still_has_its_pages(
    client, path, table
):
    factories.create_claim()
    root = damaged(path, table)
    try:
        assert answer(client) == (503, {"status": "unreadable", "writes": False})
    finally:
        repaired(path, root)
    assert answer(client)[0] == 200


@pytest.mark.sqlite
@pytest.mark.django_db(transaction=True)
def test_a_broken_copy_in_the_same_file_is_an_error(client, path):
    factories.create_claim()
    run("PRAGMA wal_checkpoint(TRUNCATE)")
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 64])
    try:
        assert answer(client) == (503, {"status": "unreadable", "writes": False})
    finally:
        path.write_bytes(whole)
    assert answer(client)[0] == 200


@pytest.mark.sqlite
@pytest.mark.django_db(transaction=True)
def test_a_missing_file_is_not_created_by_asking(client, path):
    connection.close()
    aside = path.rename(path.with_name("aside"))
    try:
        assert answer(client) == (503, {"status": "file missing", "writes": False})
        assert not path.exists()
    finally:
        aside.rename(path)


@pytest.mark.sqlite
def test_a_full_disk_leaves_readers_alone_and_says_that_nothing_can_be_saved(client, monkeypatch):
    usage = shutil.disk_usage("/")
    monkeypatch.setattr(health.shutil, "disk_usage", lambda path: usage._replace(free=2**20))

    status, body = answer(client)

    assert (status, body["status"], body["writes"]) == (200, "no room", False)


def test_a_full_folder_for_temporary_files_is_no_room(client, monkeypatch, settings, tmp_path):
    settings.FILE_UPLOAD_TEMP_DIR = str(tmp_path)
    usage = shutil.disk_usage("/")
    monkeypatch.setattr(
        health.shutil,
        "disk_usage",
        lambda path: usage._replace(free=0 if str(path) == str(tmp_path) else 2**40),
    )

    assert answer(client)[1]["status"] == "no room"


@pytest.mark.sqlite
def test_a_connection_that_may_only_read_is_no_error(client):
    run("PRAGMA query_only = 1")
    try:
        status, body = answer(client)
    finally:
        run("PRAGMA query_only = 0")

    assert (status, body["status"], body["writes"]) == (200, "read only", False)


@pytest.mark.sqlite
@pytest.mark.django_db(transaction=True)
def test_a_file_on_which_nobody_may_write_is_no_error(client, path, monkeypatch):
    factories.create_claim()
    path.chmod(0o444)
    monkeypatch.setattr(health.os, "access", lambda *args: False)  # root may write anyway
    try:
        assert answer(client)[1]["status"] == "read only"
    finally:
        path.chmod(0o644)


@pytest.mark.sqlite
@pytest.mark.django_db(transaction=True)
def test_a_writer_at_work_is_neither_waited_for_nor_taken_for_an_error(client):
    other = connections.create_connection("default")
    try:
        with other.cursor() as cursor:
            cursor.execute("BEGIN IMMEDIATE")
            assert answer(client)[1] == {
                "status": "ok",
                "writes": True,
                "version": version("factcheck"),
            }
            cursor.execute("ROLLBACK")
    finally:
        other.close()


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_a_server_that_takes_no_writes_is_no_error(client):
    run("SET default_transaction_read_only = on")
    try:
        status, body = answer(client)
    finally:
        run("SET default_transaction_read_only = off")

    assert (status, body["status"], body["writes"]) == (200, "read only", False)


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_a_locked_table_is_not_waited_for(client, monkeypatch):
    monkeypatch.setattr(health, "_POSTGRESQL_TIMEOUT_MS", 40)
    other = connections.create_connection("default")
    try:
        with other.cursor() as cursor:
            cursor.execute("BEGIN")
            cursor.execute("LOCK TABLE factcheck_claim IN ACCESS EXCLUSIVE MODE")
            assert answer(client) == (503, {"status": "no answer", "writes": False})
            cursor.execute("ROLLBACK")
    finally:
        other.close()
    assert answer(client)[0] == 200


def test_a_database_that_cannot_be_reached_is_an_error(client, monkeypatch):
    def refuse():
        raise ConnectionError

    monkeypatch.setattr(connection, "ensure_connection", refuse)

    assert answer(client) == (503, {"status": "no database", "writes": False})


def test_nothing_is_written():
    with transaction.atomic():
        version_before = seen()
        check_health()
        assert seen() == version_before


def seen():
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SELECT pg_current_xact_id_if_assigned()::text")
        else:
            cursor.execute("SELECT total_changes()")
        return cursor.fetchone()[0]
