"""Backup and restore: the whole state or nothing, in another epoch, on both engines."""

import os
import shutil
import signal
import sqlite3
import subprocess
import sys

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, OperationalError, connection, transaction

from factcheck import audit, backups, data_version, public_record
from factcheck.backups import files, postgresql, postgresql_programs, sqlite
from factcheck.models import Claim, Epoch, Verification
from tests import factories
from tests.paths import ROOT

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def live(tmp_path):
    """Let SQLite's database be a copy of the test database; return its path, or a name's."""
    if connection.vendor != "sqlite":
        yield None
        connection.close()
        return
    usual, copy = connection.settings_dict["NAME"], tmp_path / "live.sqlite3"
    connection.ensure_connection()
    with sqlite3.connect(copy) as target:
        connection.connection.backup(target)
    target.close()
    connection.close()
    connection.settings_dict["NAME"] = str(copy)
    yield copy
    connection.close()
    connection.settings_dict["NAME"] = usual


@pytest.fixture
def file(tmp_path):
    return tmp_path / "night.backup"


def state():
    """Every row of every table, but what a restore makes anew."""
    found = {}
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            if table != Epoch._meta.db_table and not table.startswith("sqlite_"):
                columns = "id, first_id, last_id" if table == "factcheck_change" else "*"
                cursor.execute(f'SELECT {columns} FROM "{table}"')
                found[table] = sorted(map(repr, cursor.fetchall()))
    return found


def back_up(file, **options):
    call_command("backup", str(file), verbosity=0, **options)


def restore(file, **options):
    call_command("restore", str(file), no_input=True, **options)


def refusal(command, *args, **options):
    with pytest.raises(CommandError) as told:
        call_command(command, *map(str, args), **options)
    assert "\n" not in str(told.value)
    return str(told.value)


def say(statement):
    with connection.cursor() as cursor:
        cursor.execute(statement)


def copies(folder):
    return sorted(folder.glob("*.before-restore-*"))


def test_a_restore_gives_exactly_the_backup(file):
    claim = factories.create_claim(text="It was so.")
    factories.create_citation(claim)
    factories.create_verification(claim)
    public_record.begin_missing()
    before = state()
    back_up(file)
    claim.text = "It was otherwise."
    claim.save()
    factories.create_verification(claim, status="false")
    factories.create_claim(text="It came later.")
    assert state() != before

    restore(file)

    assert state() == before
    assert list(audit.faults()) == list(audit.differences()) == []
    with pytest.raises(DatabaseError), transaction.atomic():
        Verification.objects.all().delete()
    assert factories.create_claim().pk


def test_a_restore_keeps_a_copy_of_the_state_before(file, tmp_path, capsys):
    back_up(file)
    factories.create_claim(text="It came later.")

    restore(file)

    (copy,) = copies(tmp_path)
    assert str(copy) in capsys.readouterr().out
    assert Claim.objects.count() == 0
    restore(copy, no_safety_copy=True)
    assert Claim.objects.get().text == "It came later."
    assert copies(tmp_path) == [copy]


def test_an_etag_of_the_other_history_never_comes_true_again(file, client):
    claim = factories.create_claim(text="It was so.")
    back_up(file)
    claim.text = "It was otherwise."
    claim.save()
    tag = client.get("/claims/")["ETag"]
    version = data_version.version()

    restore(file)
    claim = Claim.objects.get()
    claim.text = "It was a third way."
    claim.save()

    page = client.get("/claims/", headers={"If-None-Match": tag})
    assert page.status_code == 200
    assert "It was a third way." in page.content.decode()
    assert data_version.version().split(".")[0] != version.split(".")[0]


def test_a_serving_process_shows_what_was_restored(file, client):
    factories.create_claim(text="It was so.")
    back_up(file)
    factories.create_claim(text="It came later.", language="kk")
    assert "It came later." in client.get("/claims/").content.decode()

    restore(file)

    page = client.get("/claims/").content.decode()
    assert "It was so." in page
    assert "It came later." not in page
    assert client.get("/claims/?language=kk").context["page"].rows == []


def test_a_backup_is_not_written_over_unless_that_is_said(file):
    back_up(file)
    first = file.read_bytes()
    factories.create_claim()

    assert "exists already" in refusal("backup", file)
    assert file.read_bytes() == first

    back_up(file, overwrite=True)
    restore(file)
    assert Claim.objects.count() == 1


def test_a_backup_can_be_read_by_its_owner_alone(file):
    back_up(file)

    assert file.stat().st_mode & 0o777 == 0o600
    assert {path.name for path in file.parent.iterdir()} <= {file.name, "live.sqlite3"} | {
        f"live.sqlite3-{end}" for end in ("wal", "shm")
    }


def test_no_half_file_is_left_when_a_backup_fails(file, monkeypatch):
    def fail(*args):
        file.parent.joinpath("seen").write_text(str(list(file.parent.glob(".night.backup.part-*"))))
        raise backups.BackupError("The disk is full.")

    engine = sqlite if connection.vendor == "sqlite" else postgresql
    monkeypatch.setattr(engine, "check" if engine is sqlite else "_check", fail)

    assert refusal("backup", file) == "No backup was made. The disk is full."
    assert ".part-" in (file.parent / "seen").read_text()
    assert not file.exists()
    assert not list(file.parent.glob("*.part-*"))


def test_a_folder_that_is_missing_and_a_full_disk_are_told(file, monkeypatch):
    assert "does not exist" in refusal("backup", file / "below")

    usage = shutil.disk_usage(file.parent)._replace(free=1000)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage)
    assert "is too full" in refusal("backup", file)
    assert not file.exists()


def test_what_was_left_by_a_killed_backup_goes_with_a_later_one(file):
    old, young = (file.with_name(f".{file.name}.part-{name}") for name in ("old", "young"))
    old.write_text("half")
    young.write_text("half")
    os.utime(old, (0, 0))

    back_up(file)

    assert not old.exists()
    assert young.exists()


def test_what_is_no_backup_of_ours_is_refused(file, tmp_path):
    factories.create_claim()
    assert "night.backup" in refusal("restore", file)
    file.write_text("Not a backup.")
    assert refusal("restore", file)
    if connection.vendor == "sqlite":
        other = tmp_path / "other.sqlite3"
        with sqlite3.connect(other) as made:
            made.execute("CREATE TABLE songs (name)")
        made.close()
        assert "not one of Factcheck" in refusal("restore", other)

    assert Claim.objects.count() == 1
    assert copies(tmp_path) == []


def test_a_damaged_backup_is_refused_and_nothing_is_changed(file, tmp_path):
    for _ in range(20):
        factories.create_claim()
    back_up(file)
    factories.create_claim()
    half = file.stat().st_size // 2
    with file.open("r+b") as damaged:
        damaged.truncate(half)

    assert refusal("restore", file)

    assert Claim.objects.count() == 21
    assert copies(tmp_path) == []


def test_a_backup_of_a_newer_version_is_refused(file):
    with connection.cursor() as cursor:
        insert = "INSERT INTO django_migrations (app, name, applied) VALUES (%s, %s, '2031-01-01')"
        cursor.execute(insert, ["factcheck", "9999_later"])
        back_up(file)
        cursor.execute("DELETE FROM django_migrations WHERE name = '9999_later'")
    factories.create_claim()

    assert "newer version: it has the migration factcheck.9999_later" in refusal("restore", file)

    assert Claim.objects.count() == 1


def test_a_backup_of_an_older_version_is_migrated(file, capsys):
    call_command("migrate", "auth", "0011", verbosity=0)
    factories.create_claim(text="It was so.")
    back_up(file)
    call_command("migrate", "auth", verbosity=0)
    version = data_version.version()

    restore(file)

    assert "auth.0012_alter_user_first_name_max_length were applied" in capsys.readouterr().out
    assert "No migrations" not in capsys.readouterr().out
    assert Claim.objects.get().text == "It was so."
    assert data_version.version().split(".")[0] != version.split(".")[0]
    assert list(audit.faults()) == []


def test_an_operator_at_a_terminal_is_asked_first(file, monkeypatch):
    back_up(file)
    factories.create_claim()
    monkeypatch.setattr(sys, "stdin", type("Terminal", (), {"isatty": lambda self: True})())
    monkeypatch.setattr("builtins.input", lambda question: "n")

    assert refusal("restore", file) == "Nothing was restored."

    assert Claim.objects.count() == 1


def test_nobody_saves_between_the_safety_copy_and_the_restore(file, monkeypatch):
    back_up(file)
    refused = []
    engine, name = (sqlite, "_copy_before") if connection.vendor == "sqlite" else (
        postgresql, "_dump",
    )  # fmt: skip
    usual = getattr(engine, name)

    def copy(*args):
        usual(*args)
        assert Claim.objects.count() == 0  # readers go on
        with connection.cursor() as cursor:
            cursor.execute(
                "PRAGMA busy_timeout=0" if engine is sqlite else "SET lock_timeout = '100ms'"
            )
        for turns in connection.execute_wrappers:
            if hasattr(turns, "seconds"):
                monkeypatch.setattr(turns, "seconds", 0)
        try:
            factories.create_claim()
        except OperationalError as error:
            refused.append(str(error))

    monkeypatch.setattr(engine, name, copy)
    restore(file)
    assert len(refused) == 1


KILLED = """
import django, os, signal, sys
django.setup()
from factcheck import backups
from factcheck.backups import postgresql, sqlite
from pathlib import Path

def killed(function, last):
    count = 0
    def run(*args):
        nonlocal count
        count += 1
        if count == last:
            os.kill(os.getpid(), signal.SIGKILL)
        return function(*args)
    return run

moment, what, file = sys.argv[1:]
if moment == "copied":
    sqlite.check = killed(sqlite.check, 1)
    postgresql._check = killed(postgresql._check, 1 if what == "write" else 2)
elif moment == "writing":
    usual = sqlite._step
    sqlite._step = lambda *args: killed(usual(*args), 5)
    say = postgresql._send
    def told(script, text):
        if text == "COMMIT;":
            os.kill(os.getpid(), signal.SIGKILL)
        say(script, text)
    postgresql._send = told
getattr(backups, what)(Path(file))
"""


def run_until_killed(moment, what, file):
    name = connection.settings_dict["NAME"]
    url = f"sqlite:///{name}"
    if connection.vendor == "postgresql":
        url = os.environ["DATABASE_URL"].rsplit("/", 1)[0] + f"/{name}"
    done = subprocess.run(
        [sys.executable, "-c", KILLED, moment, what, str(file)],
        cwd=ROOT,
        env=os.environ | {"DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "factcheck.settings"},
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == -signal.SIGKILL, done.stderr


def test_a_backup_that_is_killed_leaves_no_file_of_that_name(file):
    factories.create_claim()
    before = state()

    run_until_killed("copied", "write", file)

    assert not file.exists()
    assert state() == before


@pytest.mark.parametrize("moment", ["copied", "writing"])
def test_a_restore_that_is_killed_leaves_the_state_before(file, moment):
    back_up(file)
    factories.create_claim(text="It came later.")
    public_record.begin_missing()
    before = state()

    run_until_killed(moment, "restore", file)

    connection.close()
    assert state() == before
    assert list(audit.faults()) == []
    restore(file)
    assert Claim.objects.count() == 0


@pytest.mark.sqlite
def test_the_database_itself_is_no_backup_of_it(live):
    assert "is the database itself" in refusal("backup", live, overwrite=True)
    assert "is the database itself" in refusal("restore", live)


@pytest.mark.sqlite
@pytest.mark.parametrize("damage", ["missing", "empty", "garbage", "broken"])
def test_a_database_that_is_lost_or_damaged_is_restored(file, live, tmp_path, damage):
    factories.create_claim(text="It was so.")
    back_up(file)
    connection.close()
    whole = live.read_bytes()
    broken = {
        "empty": b"",
        "garbage": b"garbage" * 10_000,
        "broken": whole[:8192] + b"\xff" * (len(whole) - 8192),
    }
    live.unlink()
    if damage in broken:
        live.write_bytes(broken[damage])

    restore(file)

    assert Claim.objects.get().text == "It was so."
    assert list(audit.faults()) == []
    if damage in {"garbage", "broken"}:
        assert len(copies(tmp_path)) == 1


@pytest.mark.sqlite
def test_a_restore_waits_for_who_writes_and_then_gives_up(file, live, monkeypatch, tmp_path):
    back_up(file)
    factories.create_claim()
    monkeypatch.setattr(sqlite, "_PATIENCE", 0.2)
    with sqlite3.connect(live, isolation_level=None) as other:
        other.execute("BEGIN IMMEDIATE")

        assert "another process has been writing" in refusal("restore", file)

        other.execute("ROLLBACK")
    other.close()
    assert Claim.objects.count() == 1
    assert copies(tmp_path) == []


@pytest.mark.sqlite
def test_a_database_with_other_pages_is_restored_from_ours(file, live):
    factories.create_claim(text="It was so.")
    back_up(file)
    connection.close()
    with sqlite3.connect(live, isolation_level=None) as other:
        other.execute("PRAGMA journal_mode=DELETE")
        other.execute("PRAGMA page_size=8192")
        other.execute("VACUUM")
        other.execute("PRAGMA journal_mode=WAL")
    other.close()

    restore(file)

    assert Claim.objects.get().text == "It was so."


@pytest.mark.postgresql
def test_programs_that_are_missing_or_old_are_told(file, monkeypatch):
    told = postgresql_programs.error_message(
        b"pg_dump: error: aborting because of server version mismatch\n"
        b"pg_dump: detail: server version: 17.2; pg_dump version: 15.20\n"
    )
    assert "are of version 15.20, the server is 17.2. Install postgresql-client-17" in told

    monkeypatch.setenv("PATH", "/nowhere")
    assert "pg_dump is not installed" in refusal("backup", file)


@pytest.mark.postgresql
def test_a_password_is_in_no_argument(monkeypatch):
    monkeypatch.setitem(connection.settings_dict, "PASSWORD", "very secret")

    arguments, environment = postgresql_programs.connection_arguments()

    assert "very secret" not in " ".join(arguments)
    assert environment["PGPASSWORD"] == "very secret"


@pytest.mark.postgresql
def test_time_outs_of_the_settings_do_not_end_a_restore(file, monkeypatch):
    back_up(file)
    factories.create_claim()
    options = connection.settings_dict["OPTIONS"]
    short = "-c idle_in_transaction_session_timeout=100ms"
    monkeypatch.setitem(options, "options", f"{options['options']} {short}")

    restore(file)

    assert Claim.objects.count() == 0


@pytest.mark.postgresql
def test_triggers_of_this_version_come_with_the_restore(file):
    claim = factories.create_claim()
    public_record.begin_missing()
    say(
        "CREATE OR REPLACE FUNCTION factcheck_keep_derived() RETURNS trigger LANGUAGE plpgsql"
        " AS $$ BEGIN RETURN NEW; END $$"
    )
    back_up(file)

    restore(file)

    factories.create_verification(claim, status="false")
    assert Claim.objects.get().status == "false"
    assert list(audit.faults()) == list(audit.differences()) == []


@pytest.mark.postgresql
def test_an_older_backup_is_not_migrated_while_others_are_connected(file, monkeypatch):
    import psycopg

    back_up(file)
    factories.create_claim()
    monkeypatch.setattr(postgresql, "missing_from", lambda applied: ["factcheck.0001_initial"])
    with psycopg.connect(**connection.get_connection_params()):
        assert "Stop the server first" in refusal("restore", file)

    assert Claim.objects.count() == 1


@pytest.mark.postgresql
def test_a_forgotten_session_makes_a_restore_give_up(file, monkeypatch, tmp_path):
    import psycopg

    back_up(file)
    factories.create_claim()
    monkeypatch.setattr(postgresql, "_TRIES", 2)
    monkeypatch.setattr(postgresql, "_WAIT", "100ms")
    with psycopg.connect(**connection.get_connection_params()) as other:
        other.execute("SELECT count(*) FROM factcheck_claim")

        assert "another session uses the tables" in refusal("restore", file)

    assert Claim.objects.count() == 1
    assert copies(tmp_path) == []


@pytest.mark.postgresql
def test_what_is_built_on_our_tables_is_not_dropped_with_them(file):
    back_up(file)
    factories.create_claim()
    say("CREATE VIEW own_view AS SELECT id FROM factcheck_claim")
    try:
        assert "view own_view depends on" in refusal("restore", file)
    finally:
        say("DROP VIEW own_view")

    assert Claim.objects.count() == 1


@pytest.mark.postgresql
def test_a_table_that_came_after_the_backup_does_not_hinder(file):
    back_up(file)
    say("CREATE TABLE factcheck_newer (claim_id bigint REFERENCES factcheck_claim (id))")

    try:
        restore(file)

        assert "factcheck_newer" not in connection.introspection.table_names()
    finally:
        say("DROP TABLE IF EXISTS factcheck_newer")


def test_more_room_is_asked_for_than_there_is(tmp_path):
    with pytest.raises(files.BackupError, match="MB are needed"):
        files.require_room(tmp_path, 1 << 60)
