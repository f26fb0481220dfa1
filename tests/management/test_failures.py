"""A full disk, a damaged file and the like end a command in one line that says what to do."""

import errno
import os
import re
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import DataError, Error, IntegrityError, OperationalError, connection

from factcheck.failures import failure_of
from factcheck.models import Claim
from tests import factories
from tests.benchmarks.generator import World
from tests.fact_checks import feed, review
from tests.paths import ROOT

COMMANDS = {
    "import_fixtures": ["outlets"],
    "import_claims": ["fixtures/sample_claimreview.json"],
}


def manage(*arguments, database, **environment):
    """Run a command in a process of its own; return its status and what it said of its error."""
    done = subprocess.run(
        [sys.executable, str(ROOT / "manage.py"), *arguments],
        env=os.environ | {"DATABASE_URL": database, "PYTHONWARNINGS": "", **environment},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stderr.strip()


@pytest.fixture
def limited(transactional_db):
    """Return what leaves the database so many pages more, as a full disk does."""
    pages = "PRAGMA max_page_count"

    def limit(more):
        with connection.cursor() as cursor:
            cursor.execute("VACUUM")  # pages that were freed would be used first
            count = cursor.execute("PRAGMA page_count").fetchone()[0]
            cursor.execute(f"{pages}={count + more}")

    yield limit
    connection.cursor().execute(f"{pages}=1073741823")


@pytest.mark.sqlite
def test_a_full_disk_ends_an_import_of_fixtures_with_what_is_saved(limited, tmp_path):
    factories.create_claim(slug="before")  # beside others an import is made of small chunks
    path = tmp_path / "world.jsonl"
    World(300).write(path)
    limited(100)

    with pytest.raises(CommandError) as caught:
        call_command("import_fixtures", str(path))

    assert caught.value.returncode == 1
    assert re.fullmatch(
        r"The disk is full\. \d+ chunks? with \d+ objects (is|are) saved\. Free some space, then"
        r" run the same command again\. It continues where it stopped\.",
        str(caught.value),
    )
    saved = Claim.objects.count()
    assert 1 < saved < 301
    limited(10_000)
    call_command("import_fixtures", str(path))
    assert Claim.objects.count() == 301


@pytest.mark.sqlite
def test_a_full_disk_ends_an_import_of_fact_checks_and_refuses_no_record(
    limited, tmp_path, monkeypatch
):
    monkeypatch.setattr("factcheck.management.commands.import_claims._RECORDS_PER_CHUNK", 250)
    path = feed(tmp_path / "r.jsonl", *map(review, range(2_000)))
    limited(500)

    with pytest.raises(CommandError) as caught:
        call_command("import_claims", str(path), refused=str(tmp_path / "refused"))

    assert re.fullmatch(
        r"The disk is full\. \d+ chunks? with \d+ records (is|are) saved\. Free some space, then"
        r" run the same command again\. What is saved already is not imported twice\.",
        str(caught.value),
    )
    assert not (tmp_path / "refused.jsonl").exists()
    assert 0 < Claim.objects.count() < 2_000


@pytest.mark.sqlite
def test_a_full_disk_ends_an_import_of_an_article_with_nothing_saved(limited):
    limited(0)

    with pytest.raises(CommandError) as caught:
        call_command("ingest_article", "fixtures/sample_article.txt", published="2021-09")

    assert str(caught.value) == (
        "The disk is full. Nothing was saved. Free some space, then run the same command again."
    )


@pytest.fixture(scope="module")
def migrated(tmp_path_factory):
    path = tmp_path_factory.mktemp("migrated") / "db.sqlite3"
    assert manage("migrate", "-v0", database=f"sqlite:///{path}")[0] == 0
    with sqlite3.connect(path) as own:
        own.execute("PRAGMA journal_mode=DELETE")
    own.close()
    return path


def damaged(migrated, folder):
    path = shutil.copy(migrated, folder / "db.sqlite3")
    with sqlite3.connect(path) as own:
        page = own.execute(
            "SELECT rootpage FROM sqlite_master WHERE name = 'factcheck_claim'"
        ).fetchone()[0]
        size = own.execute("PRAGMA page_size").fetchone()[0]
    own.close()
    with Path(path).open("r+b") as file:
        file.seek((page - 1) * size)
        file.write(b"\xff" * size)
    return path


@pytest.mark.sqlite
@pytest.mark.parametrize("command", ["check_data", "import_claims", "rebuild_index"])
def test_a_damaged_database_ends_a_command_in_one_line(command, migrated, tmp_path):
    path = damaged(migrated, tmp_path)

    status, said = manage(command, *COMMANDS.get(command, ()), database=f"sqlite:///{path}")

    assert status == 1
    assert "The database file is damaged." in said
    assert "restore the last backup." in said
    assert len(said.splitlines()) == 1


@pytest.mark.sqlite
@pytest.mark.parametrize("command", ["import_fixtures", "migrate"])
def test_a_database_that_cannot_be_opened_ends_a_command_in_one_line(command, tmp_path):
    status, said = manage(command, *COMMANDS.get(command, ()), database=f"sqlite:///{tmp_path}")

    assert status == 1
    assert "The database file cannot be opened. " in said
    assert "Check its path in DATABASE_URL, and that this account may" in said
    assert len(said.splitlines()) == 1


@pytest.mark.sqlite
def test_the_usual_traceback_may_be_asked_for(tmp_path):
    for command in ("check_data", "migrate"):
        status, said = manage(command, "--traceback", database=f"sqlite:///{tmp_path}")

        assert status == 1
        assert said.startswith("Traceback")
        assert "sqlite3.OperationalError: unable to open database file" in said


@pytest.mark.parametrize("command", ["check_data", "migrate"])
def test_a_server_that_does_not_answer_ends_a_command_in_one_line(command):
    pytest.importorskip("psycopg")

    status, said = manage(command, database="postgres://nobody@127.0.0.1:1/none")

    assert status == 1
    assert "The database cannot be reached (connection failed:" in said
    assert said.endswith("then run the same command again.")
    assert len(said.splitlines()) == 1


@pytest.mark.sqlite
def test_a_database_without_tables_ends_a_command_in_one_line(tmp_path):
    status, said = manage("rebuild_index", database=f"sqlite:///{tmp_path}/new.sqlite3")

    assert status == 1
    assert "new.sqlite3 is missing. “manage.py restore” puts a backup back," in said
    assert len(said.splitlines()) == 1
    sqlite3.connect(tmp_path / "new.sqlite3").execute("CREATE TABLE own (id)").connection.close()

    status, said = manage("rebuild_index", database=f"sqlite:///{tmp_path}/new.sqlite3")

    assert status == 1
    assert "The database is not set up for this version (no such table: factcheck_" in said
    assert said.endswith("Run “python manage.py migrate”, then the same command again.")


@pytest.mark.sqlite
def test_each_failure_of_sqlite_is_known_by_its_number(tmp_path, migrated):
    busy = sqlite3.connect(migrated)
    busy.execute("BEGIN IMMEDIATE")
    found = {}
    for name, address, statement in (
        ("busy", f"file:{migrated}", "DELETE FROM factcheck_change"),
        ("read-only", f"file:{migrated}?mode=ro", "DELETE FROM factcheck_change"),
        ("closed", f"file:{tmp_path}", "SELECT 1 FROM sqlite_master"),
        ("no database", f"file:{Path(__file__)}", "SELECT 1 FROM sqlite_master"),
        ("wrong", f"file:{migrated}", "SELECT nonsense("),
        ("refused", f"file:{migrated}?mode=ro", "SELECT zeroblob(3000000000)"),
    ):
        own = None
        try:
            own = sqlite3.connect(address, uri=True, timeout=0)
            own.execute(statement)
        except sqlite3.Error as error:
            django = OperationalError(str(error))
            django.__cause__ = error
            found[name] = str(failure_of(django).problem) if failure_of(django) else None
        finally:
            if own:
                own.close()
    busy.close()

    assert found == {
        "busy": "The database is busy: another program is writing to it.",
        "read-only": "The database is read-only.",
        "closed": "The database file cannot be opened.",
        "no database": "The database file is damaged.",
        "wrong": None,
        "refused": None,
    }


@pytest.mark.parametrize(
    ("state", "said"),
    [
        ("53100", "The disk is full."),
        ("25006", "The database is read-only."),
        ("57P01", "The database cannot be reached (it said so)."),
        ("53300", "The database cannot be reached (it said so)."),
        ("55P03", "The database is busy: another program is writing to it."),
        ("54000", None),
        ("23505", None),
        ("40P01", None),
    ],
)
def test_each_failure_of_postgresql_is_known_by_its_code(state, said):
    own = type("Own", (Exception,), {"sqlstate": state})()
    error = OperationalError("it said so\nDETAIL: more")
    error.__cause__ = own

    assert (str(failure_of(error).problem) if failure_of(error) else None) == said


@pytest.mark.parametrize("kind", [DataError, IntegrityError, Error, ValueError])
def test_what_the_data_is_to_blame_for_is_no_failure(kind):
    assert failure_of(kind("x")) is None
    assert failure_of(OSError(errno.ENOENT, "x", "y")) is None


@pytest.mark.django_db
def test_a_file_that_is_not_there_is_told_in_one_way(tmp_path):
    path = str(tmp_path / "nofile.csv")
    for command in ("ingest_article", "import_claims", "import_fixtures"):
        with pytest.raises(CommandError) as caught:
            call_command(command, path)
        assert str(caught.value) == f"{path}: this file cannot be read (No such file or directory)."
        assert caught.value.returncode == 2
    with pytest.raises(CommandError) as caught:
        call_command("log_checkpoint", verify=path)
    assert str(caught.value) == f"{path}: this file cannot be read (No such file or directory)."


@pytest.mark.django_db
def test_a_full_disk_is_told_of_a_file_that_is_written(monkeypatch, tmp_path):
    def full(path, body):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    path = tmp_path / "out"
    for module, arguments, options in (
        ("factcheck.management.commands.export_claims", ["export_claims"], {"format": "csv"}),
        ("factcheck.management.commands.log_checkpoint", ["log_checkpoint"], {}),
        ("factcheck.exports.dump", ["dump", str(path)], {}),
    ):
        monkeypatch.setattr(f"{module}.write_atomically", full)
        given = options if arguments[0] == "dump" else {**options, "output": str(path)}
        with pytest.raises(CommandError) as caught:
            call_command(*arguments, **given)
        assert str(caught.value) == (
            f"{path}: this file cannot be written (No space left on device)."
            " Free some space, then run the same command again."
        )
