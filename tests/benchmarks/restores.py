"""Backups and restores under fire: killed at any moment, and while the site is served.

    python -m tests.benchmarks.restores --kills 30
    DATABASE_URL=postgres://user@host/name python -m tests.benchmarks.restores --kills 30

It works on a database of its own: on SQLite a file in a temporary folder, with the second line one
that it creates beside the database named, and drops. A backup that was killed must have left the
database as it was and no half file; a restore that was killed, the state before or that of the
backup, whole. After 300 saves through the API, a stop of the server and a restore, every row must
be that of the backup; without the stop too, while others save: then each save that was answered
must be in the database or in the safety copy. Exit status 1 if anything else was seen.
"""

import argparse
import hashlib
import http.client
import json
import os
import random
import re
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import Counter
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from threading import Event, Thread

from tests.benchmarks.serving import ROOT, serving

TOKEN = "0123456789abcdef0123456789abcdef01234567"
_MAKE_EDITOR = f"""
import django
django.setup()
from django.contrib.auth.models import Group, User
from rest_framework.authtoken.models import Token
by = User.objects.create_user("saves", is_staff=True)
by.groups.set(Group.objects.filter(name="Contributors"))
Token.objects.create(user=by, key="{TOKEN}")
"""
# What a restore makes anew.
_OWN = "factcheck_epoch"


class SQLite:
    """A database in a folder."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "live.sqlite3"
        self.url = f"sqlite:///{self.path}"

    def state(self) -> dict[str, str]:
        return self.state_of(self.path)

    def state_of(self, path: Path) -> dict[str, str]:
        """Return a digest of each table, and of the schema."""
        with closing(sqlite3.connect(f"{path.as_uri()}?mode=rw", uri=True)) as file:
            assert file.execute("PRAGMA integrity_check").fetchone() == ("ok",), path
            schema = file.execute("SELECT type, name, tbl_name, sql FROM sqlite_master").fetchall()
            found = {"schema": digest(schema)}
            for kind, name, *_rest in schema:
                if kind == "table" and name != _OWN and not name.startswith("sqlite_stat"):
                    rows = file.execute(f'SELECT * FROM "{name}"').fetchall()
                    found[name] = digest(row for row in rows if row[0] != _OWN)
        return found

    def restored_elsewhere(self, backup: Path) -> dict[str, str]:
        return self.state_of(backup)

    def texts(self, source: Path | None) -> set[str]:
        with closing(sqlite3.connect(source or self.path)) as file:
            return {text for (text,) in file.execute("SELECT text FROM factcheck_claim")}

    def close(self) -> None:
        pass


class PostgreSQL:
    """A database that is made beside the one named, and another one to look into backups."""

    def __init__(self, url: str) -> None:
        self.server, _slash, self.first = url.rpartition("/")
        self.name, self.other = (f"factcheck_restores_{os.getpid()}{kind}" for kind in ("", "_b"))
        self.url = f"{self.server}/{self.name}"
        self._say(f"CREATE DATABASE {self.name}")
        self._say(f"CREATE DATABASE {self.other}")

    def state(self) -> dict[str, str]:
        return self._state_of(self.name)

    def _state_of(self, name: str) -> dict[str, str]:
        with self._open(name) as connection:
            ask = connection.execute
            schema = [
                ask(f"SELECT {what}").fetchall()
                for what in (
                    "table_name, column_name, data_type, column_default, is_nullable"
                    " FROM information_schema.columns WHERE table_schema = 'public'",
                    "indexdef FROM pg_indexes WHERE schemaname = 'public'",
                    "conrelid::regclass::text, pg_get_constraintdef(oid) FROM pg_constraint"
                    " WHERE connamespace = 'public'::regnamespace",
                    "pg_get_triggerdef(oid), tgenabled FROM pg_trigger WHERE NOT tgisinternal",
                    "proname, prosrc FROM pg_proc WHERE pronamespace = 'public'::regnamespace",
                    "sequencename, last_value FROM pg_sequences"
                    f" WHERE sequencename NOT LIKE '{_OWN}%'",
                )
            ]
            found = {"schema": digest(row for rows in schema for row in rows)}
            tables = ask("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
            for (table,) in tables:
                columns = "t" if table != "factcheck_change" else "(id, first_id, last_id, weight)"
                if table != _OWN:
                    found[table] = digest(ask(f'SELECT {columns}::text FROM "{table}" t'))
        return found

    def restored_elsewhere(self, backup: Path) -> dict[str, str]:
        manage(f"{self.server}/{self.other}", "restore", str(backup), "--no-safety-copy")
        return self._state_of(self.other)

    def texts(self, source: Path | None) -> set[str]:
        name = self.name
        if source:
            manage(f"{self.server}/{self.other}", "restore", str(source), "--no-safety-copy")
            name = self.other
        with self._open(name) as connection:
            rows = connection.execute("SELECT text FROM factcheck_claim").fetchall()
        return {text for (text,) in rows}

    def _open(self, name: str):
        import psycopg

        return psycopg.connect(f"{self.server}/{name}", autocommit=True)

    def _say(self, statement: str) -> None:
        with self._open(self.first) as connection:
            connection.execute(statement)

    def close(self) -> None:
        for name in (self.name, self.other):
            self._say(f"DROP DATABASE {name} WITH (FORCE)")


def digest(rows) -> str:
    return hashlib.sha256("\n".join(sorted(map(repr, rows))).encode()).hexdigest()


def manage(url: str, *arguments: str, check: bool = True) -> subprocess.CompletedProcess:
    done = subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT, env=os.environ | {"DATABASE_URL": url}, capture_output=True, text=True,
        check=False, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    assert not check or done.returncode == 0, (arguments, done.stdout, done.stderr)
    return done


def kill_one(url: str, arguments: list[str], begin: float, end: float, chance) -> bool:
    """Run a command and kill it, with its children, at a moment between; return whether it was."""
    process = subprocess.Popen(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT, env=os.environ | {"DATABASE_URL": url}, stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
    )  # fmt: skip
    # One child of two, or the whole group: a child that is left alone must do no harm.
    send = os.killpg if chance.random() < 0.5 else os.kill
    try:
        process.wait(chance.uniform(begin, end))
    except subprocess.TimeoutExpired:
        send(process.pid, signal.SIGKILL)
    process.wait()
    with suppress(ProcessLookupError):
        while not _group_has_ended(process.pid):
            time.sleep(0.05)
    return process.returncode == -signal.SIGKILL


def _group_has_ended(group: int) -> bool:
    os.killpg(group, 0)
    return False


class Trial:
    """What all trials share, and what went wrong."""

    def __init__(self, database, folder: Path, options) -> None:
        self.database, self.folder, self.options = database, folder, options
        self.chance = random.Random(options.seed)
        self.faults: list[str] = []
        self.old, self.new = folder / "old.backup", folder / "new.backup"

    def prepare(self) -> None:
        url = self.database.url
        manage(url, "migrate")
        world = self.folder / "world.jsonl"
        generator = [sys.executable, "-m", "tests.benchmarks.generator"]
        count = ["--claims", str(self.options.claims), "--out", str(world)]
        subprocess.run([*generator, *count], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
        manage(url, "import_fixtures", str(world))
        environment = {"DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "factcheck.settings"}
        subprocess.run(
            [sys.executable, "-c", _MAKE_EDITOR], cwd=ROOT, env=os.environ | environment, check=True
        )

    def note(self, text: str) -> None:
        self.faults.append(text)
        print("FAULT", text, flush=True)

    def kill_backups(self) -> None:
        url, target = self.database.url, self.folder / "killed.backup"
        before = self.database.state()
        arguments = ["backup", str(target), "--overwrite"]
        begin = self._timed("backup", "/nowhere/at/all", check=False)
        end = self._timed(*arguments)
        seen: Counter[str] = Counter()
        while seen["killed"] < self.options.kills:
            seen["tries"] += 1
            target.unlink(missing_ok=True)
            seen["killed"] += kill_one(url, arguments, begin, end, self.chance)
            seen["whole file"] += target.exists()
            if target.exists() and self.database.restored_elsewhere(target) != before:
                self.note("a killed backup left a file that is not the database")
            if self.database.state() != before:
                self.note("a killed backup changed the database")
        self._print("backup", seen)

    def kill_restores(self) -> None:
        url = self.database.url
        manage(url, "backup", str(self.old))
        first = self.database.state()
        with self.server() as port:
            save(port, 20, "later")
        manage(url, "backup", str(self.new))
        later = self.database.state()
        arguments = ["restore", str(self.old)]
        begin = self._timed("restore", "/nowhere/at/all", check=False)
        end = self._timed(*arguments)
        if self.database.state() != first:
            self.note("a restore did not give the backup")
        seen: Counter[str] = Counter()
        is_old = True
        while seen["killed"] < self.options.kills:
            seen["tries"] += 1
            target = self.new if is_old else self.old
            command = ["restore", str(target)]
            seen["killed"] += kill_one(url, command, begin, end, self.chance)
            found = self.database.state()
            if found not in (first, later):
                changed = [name for name, one in found.items() if one != first.get(name)]
                self.note(f"a killed restore left neither state: {changed}")
                return
            seen["restored"] += (found == first) != is_old
            is_old = found == first
        self._print("restore", seen)

    def stop_and_restore(self, *, stop: bool) -> None:
        """Save after a backup, restore it with the server stopped or not, and compare."""
        url = self.database.url
        backup = self.folder / f"{'stopped' if stop else 'served'}.backup"
        for number in range(self.options.rounds):
            manage(url, "backup", str(backup), "--overwrite")
            before = self.database.state()
            with self.server() as port:
                save(port, self.options.saves, f"{backup.name} {number}")
                if self.database.state() == before:
                    self.note("nothing was saved")
                if not stop:
                    manage(url, "restore", str(backup))
                    fetch(port, "/claims/")
            if stop:
                manage(url, "restore", str(backup))
            if self.database.state() != before:
                self.note(f"after {self.options.saves} saves the restore is not the backup")
        how = "a stop and a restore" if stop else "a restore while it serves"
        print(f"{self.options.rounds} times {self.options.saves} saves, then {how}", flush=True)

    def restore_beside_saves(self) -> None:
        """Restore while clients save: what was acknowledged must be after it, or in the copy."""
        backup = self.folder / "beside.backup"
        manage(self.database.url, "backup", str(backup))
        kept: list[str] = []
        statuses: Counter[int] = Counter()
        end = Event()
        with self.server() as port:
            clients = [
                Thread(target=save_on, args=[port, f"client {n}", end, kept, statuses])
                for n in range(4)
            ]
            for client in clients:
                client.start()
            time.sleep(3)
            said = manage(self.database.url, "restore", str(backup), check=False)
            time.sleep(2)
            end.set()
            for client in clients:
                client.join()
        if said.returncode:
            self.note(f"the restore was refused: {said.stderr.strip()}")
            return
        copy = re.search(r"is in (\S+)\.\n", said.stdout)[1]
        there, before = self.database.texts(None), self.database.texts(Path(copy))
        lost = [text for text in kept if text not in there | before]
        if lost:
            self.note(f"{len(lost)} saves were answered and are nowhere")
        if manage(self.database.url, "check_data", check=False).returncode:
            self.note("check_data found faults after a restore beside saves")
        parts = f"{len([t for t in kept if t in before])} in the copy, "
        parts += f"{len([t for t in kept if t in there])} in the database"
        print(f"restore beside saves: {len(kept)} answered, {parts}; answers {dict(statuses)}")

    @contextmanager
    def server(self):
        environment = {
            "DATABASE_URL": self.database.url, "FACTCHECK_DEBUG": "0", "FACTCHECK_HTTPS": "0",
            "FACTCHECK_API_RATE": "", "FACTCHECK_ALLOWED_HOSTS": "127.0.0.1",
            "FACTCHECK_STATIC_ROOT": str(self.folder / "static"),
            "SECRET_KEY": "a key of no site at all, for a trial on this machine",
        }  # fmt: skip
        if not (self.folder / "static").exists():
            subprocess.run(
                [sys.executable, "manage.py", "collectstatic", "--noinput", "-v0"],
                cwd=ROOT, env=os.environ | environment, check=True,
            )  # fmt: skip
        workers = "1" if isinstance(self.database, SQLite) else "2"
        command = [
            *(str(Path(sys.executable).parent / "granian"), "--interface", "wsgi"),
            *("--workers", workers, "--blocking-threads", "4", "--host", "127.0.0.1"),
            *("--port", "PORT", "factcheck.wsgi:application"),
        ]
        with serving(command, "/claims/", **environment) as (port, _pid):
            yield port

    def _timed(self, *arguments: str, check: bool = True) -> float:
        begun = time.monotonic()
        manage(self.database.url, *arguments, check=check)
        return time.monotonic() - begun

    def _print(self, name: str, seen: Counter[str]) -> None:
        said = ", ".join(f"{what} {count}" for what, count in seen.items())
        print(f"{name}: {said}", flush=True)


def fetch(port: int, path: str, text: str = "") -> int:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
    headers = {"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/json"}
    with closing(connection):
        if text:
            connection.request("POST", path, json.dumps({"text": text}), headers)
        else:
            connection.request("GET", path)
        response = connection.getresponse()
        response.read()
        return response.status


def save(port: int, count: int, name: str) -> None:
    for number in range(count):
        status = fetch(port, "/api/v1/claims/", f"The bridge was closed, {name}, {number}.")
        assert status == 201, status


def save_on(port: int, name: str, end: Event, kept: list[str], statuses: Counter[int]) -> None:
    number = 0
    while not end.is_set():
        number += 1
        text = f"The tunnel was opened, {name}, {number}."
        status = fetch(port, "/api/v1/claims/", text)
        statuses[status] += 1
        if status == 201:
            kept.append(text)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kills", type=int, default=30, help="of each of the two commands (30)")
    parser.add_argument("--rounds", type=int, default=3, help="restores after saves (3)")
    parser.add_argument("--saves", type=int, default=300, help="in each round (300)")
    parser.add_argument("--claims", type=int, default=2000, help="in the database (2000)")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    url = os.environ.get("DATABASE_URL", "")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        database = PostgreSQL(url) if url.startswith("postgres") else SQLite(folder)
        trial = Trial(database, folder, options)
        try:
            trial.prepare()
            trial.restore_beside_saves()
            trial.stop_and_restore(stop=True)
            trial.stop_and_restore(stop=False)
            trial.kill_backups()
            trial.kill_restores()
        finally:
            database.close()
    print(f"{len(trial.faults)} faults")
    sys.exit(bool(trial.faults))


if __name__ == "__main__":
    main()
