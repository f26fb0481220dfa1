"""Backup and restore of a PostgreSQL database, by PostgreSQL's own programs.

`pg_restore` only writes the script; `psql` runs it between a BEGIN and a COMMIT of ours. So the new
epoch is in the same transaction, and whoever is killed before the COMMIT has changed nothing.
"""

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO, cast

from django.core.management import call_command
from django.db import DatabaseError, connection

from factcheck.backups.files import (
    TABLES,
    BackupError,
    Restored,
    finished,
    missing_from,
    require_room,
    safety_name,
)
from factcheck.editing import roles
from factcheck.text import new_ref
from factcheck.triggers import postgresql as triggers

_BYTES = 1 << 20
# The compressed rows of a database are smaller than it, indexes included, by at least this factor.
_SMALLER = 4
_LOCKED = "factcheck: locked"
# How often a restore tries to lock the tables, and how long each time.
_TRIES, _WAIT = 20, "2s"


def write(path: Path, *, overwrite: bool) -> int:
    _require("pg_dump")
    _require("pg_restore")
    with finished(path, overwrite=overwrite) as part:
        _dump(part)
    return path.stat().st_size


def restore(path: Path, *, safety_copy: bool) -> Restored:
    for program in ("pg_dump", "pg_restore", "psql"):
        _require(program)
    missing = missing_from(_check(path))
    if missing:
        _require_nobody()
    tables = _tables()
    kept = safety_name(path.parent, path.stem, ".dump") if safety_copy and tables else None
    connection.close()
    # An older backup has no tables yet for all of this version's triggers.
    _run_script(path, tables, kept, [] if missing else triggers.create())
    try:
        if missing:
            call_command("migrate", verbosity=0, interactive=False)
        else:
            roles.install()
    except DatabaseError as error:
        raise BackupError(
            f"The backup was restored, but this failed: {_last_line(str(error))} Run"
            " “manage.py migrate”."
        ) from error
    return Restored(kept, missing)


def _require_nobody() -> None:
    """Refuse while the database is served: a migration takes the triggers away for a while."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
            " AND usename = current_user AND pid <> pg_backend_pid()"
        )
        if cursor.fetchone()[0]:
            raise BackupError(
                "The backup is of an older version and will be migrated. Stop the server first,"
                " then restore again."
            )


def _dump(part: Path) -> None:
    """Write one state of the database into an empty file and read it once through."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_database_size(current_database())")
            require_room(part.parent, cursor.fetchone()[0] // _SMALLER)
    except DatabaseError as error:
        raise BackupError(f"The database cannot be reached: {_last_line(str(error))}") from error
    _run(["pg_dump", "--format=custom", f"--file={part}", "--lock-wait-timeout=60s"], of=_server())
    _check(part)


def _check(path: Path) -> set[tuple[str, str]]:
    """Refuse a file that is damaged or is no backup of ours; return its migrations."""
    if not path.is_file():
        raise BackupError(f"{path} is not a file that can be read.")
    listed = _run(["pg_restore", "--list", str(path)]).decode(errors="replace")
    if not set(re.findall(r" TABLE DATA \S+ (\S+) ", listed)) >= TABLES:
        raise BackupError(f"{path} is a PostgreSQL backup, but not one of Factcheck.")
    # The table of contents comes first in the file. Reading all of it shows that it is whole.
    _run(["pg_restore", f"--file={os.devnull}", str(path)])
    rows = _run(["pg_restore", "--data-only", "--table=django_migrations", "--file=-", str(path)])
    return set(re.findall(r"^\d+\t(\w+)\t(\w+)\t", rows.decode(), re.M))


def _run_script(path: Path, tables: Sequence[str], kept: Path | None, more: Sequence[str]) -> None:
    """Run the script of a restore in one transaction, with `more` statements at its end."""
    arguments, environment = _server()
    command = [_require("psql"), *"-X -q -A -t -v ON_ERROR_STOP=1 -f -".split(), *arguments]
    with (
        tempfile.TemporaryFile() as said,
        subprocess.Popen(
            command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=said
        ) as psql,
    ):
        script, answers = cast("IO[bytes]", psql.stdin), cast("IO[bytes]", psql.stdout)
        try:
            _lock_and_copy(script, answers, tables, kept)
            _write_script(script, path, tables, more)
            script.close()
        except BrokenPipeError:
            # It has ended, and said why.
            with suppress(BrokenPipeError):
                script.close()
        except BaseException:
            # Without the script's last line nothing of it is done.
            psql.kill()
            _remove(kept)
            raise
        if psql.wait():
            _remove(kept)
            said.seek(0)
            raise BackupError(f"Nothing was restored: {_told(said.read())}")


def _lock_and_copy(
    script: IO[bytes], answers: IO[bytes], tables: Sequence[str], kept: Path | None
) -> None:
    """Begin, keep everybody from writing, and copy the state before. Readers go on meanwhile."""
    _say(script, f"{_NO_TIMEOUTS} BEGIN;")
    _say(script, _lock(tables, "EXCLUSIVE") if tables else "")
    _say(script, f"\\echo {_LOCKED}\n\\o {os.devnull}")
    if answers.readline().decode().strip() != _LOCKED:
        raise BrokenPipeError
    if kept:
        with finished(kept, overwrite=False) as part:
            _dump(part)


def _write_script(
    script: IO[bytes], path: Path, tables: Sequence[str], more: Sequence[str]
) -> None:
    schema = _schema()
    if tables:
        _say(script, _lock(tables, "ACCESS EXCLUSIVE"))
        _say(script, f"DROP TABLE {', '.join(tables)};")
    _say(script, _DROP_FUNCTIONS)
    _write_objects(script, path)
    _say(script, f"SET search_path = {schema};")
    for statement in (*more, _NEW_EPOCH.format(name=new_ref())):
        _say(script, f"{statement};")
    _say(script, "COMMIT;")


def _write_objects(script: IO[bytes], path: Path) -> None:
    """Write what makes the tables of a backup, their rows, indexes and triggers."""
    command = [_require("pg_restore"), *"--clean --if-exists --no-owner --no-privileges".split()]
    with (
        tempfile.TemporaryFile() as said,
        subprocess.Popen(
            [*command, "--file=-", str(path)], env=_plain(), stdout=subprocess.PIPE, stderr=said
        ) as reader,
    ):
        shutil.copyfileobj(cast("IO[bytes]", reader.stdout), script, _BYTES)
        if reader.wait():
            said.seek(0)
            raise BackupError(f"Nothing was restored: {_told(said.read())}")


def _say(script: IO[bytes], text: str) -> None:
    script.write(f"{text}\n".encode())
    script.flush()


def _remove(kept: Path | None) -> None:
    if kept:
        kept.unlink(missing_ok=True)


# The triggers' functions of this version may not be in the backup.
_DROP_FUNCTIONS = """
DO $$ DECLARE one regprocedure; BEGIN
FOR one IN SELECT oid FROM pg_proc
WHERE pronamespace = current_schema()::regnamespace AND proname LIKE 'factcheck\\_%'
LOOP EXECUTE 'DROP FUNCTION ' || one; END LOOP; END $$;
"""
# What `changes.begin` does: the numbers of transactions are those of another time or server.
_NEW_EPOCH = """
DO $$ BEGIN
IF to_regclass('factcheck_epoch') IS NOT NULL THEN
DELETE FROM factcheck_epoch;
INSERT INTO factcheck_epoch (name) VALUES ('{name}');
UPDATE factcheck_change SET writer = '3';
END IF; END $$
"""
# Those of the settings are for pages: a restore is idle while the copy of the state before is made.
_NO_TIMEOUTS = """
DO $$ BEGIN PERFORM set_config(name, '0', false) FROM pg_settings WHERE name IN
('statement_timeout', 'lock_timeout', 'transaction_timeout', 'idle_session_timeout',
'idle_in_transaction_session_timeout'); END $$;
"""


def _lock(tables: Sequence[str], mode: str) -> str:
    """Return the statement that locks all tables or, after a while, none.

    A session that waits for this one is cancelled: it may hold what this one waits for.
    """
    return f"""
DO $$ BEGIN
FOR attempt IN 1..{_TRIES} LOOP
BEGIN
SET LOCAL lock_timeout = '{_WAIT}';
LOCK TABLE {", ".join(tables)} IN {mode} MODE;
RETURN;
EXCEPTION WHEN lock_not_available OR deadlock_detected THEN
PERFORM pg_cancel_backend(pid) FROM pg_stat_activity
WHERE usename = current_user AND pg_backend_pid() = ANY (pg_blocking_pids(pid));
END;
END LOOP;
RAISE EXCEPTION 'another session uses the tables. Stop it or the server, then restore again.';
END $$;
"""


def _tables() -> list[str]:
    """Return the tables of ours that are there, with their schema."""
    introspection = connection.introspection
    try:
        schema = _schema()
        with connection.cursor() as cursor:
            there = introspection.table_names(cursor)
    except DatabaseError as error:
        raise BackupError(f"The database cannot be reached: {_last_line(str(error))}") from error
    ours = {*introspection.django_table_names(), "django_migrations"}
    quote = connection.ops.quote_name
    return [
        f"{schema}.{quote(name)}"
        for name in sorted(there)
        if name in ours or name.startswith("factcheck_")
    ]


def _schema() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT quote_ident(current_schema())")
        return cursor.fetchone()[0]


def _server() -> tuple[list[str], dict[str, str]]:
    """Return the arguments and the environment, with the password, of PostgreSQL's programs."""
    command, environment = connection.client.settings_to_cmd_args_env(connection.settings_dict, [])
    found = _plain() | (environment or {})
    if own := connection.settings_dict["OPTIONS"].get("options"):
        found["PGOPTIONS"] = own
    return ["--no-password", *command[1:]], found


def _plain() -> dict[str, str]:
    # In English: errors are recognized by their words.
    return os.environ | {"LC_ALL": "C"}


def _run(command: Sequence[str], *, of: tuple[list[str], Mapping[str, str]] | None = None) -> bytes:
    """Run a program and return what it prints, or raise what it says."""
    arguments, environment = of or ([], _plain())
    program = _require(command[0])
    done = subprocess.run(
        [program, *command[1:], *arguments], env=environment, capture_output=True, check=False
    )
    if done.returncode:
        raise BackupError(_told(done.stderr))
    return done.stdout


def _require(program: str) -> str:
    found = shutil.which(program)
    if not found:
        raise BackupError(
            f"{program} is not installed. It comes with PostgreSQL's client programs, of the"
            " server's version or newer: the package postgresql-client on Debian and Ubuntu."
        )
    return found


def _told(said: bytes) -> str:
    """Return in one line what a program of PostgreSQL says went wrong."""
    text = said.decode(errors="replace")
    if versions := re.search(r"server version: ([\d.]+).*?version: ([\d.]+)", text):
        server, program = versions.groups()
        return (
            f"PostgreSQL's programs here are of version {program}, the server is {server}. Install"
            f" postgresql-client-{server.partition('.')[0]}."
        )
    if "unsupported version" in text:
        return (
            "The backup was made by newer programs of PostgreSQL. Install that version of"
            " postgresql-client."
        )
    found = re.search(r"(?:error|ERROR|FATAL): +(.+)(?:\nDETAIL: +(.+))?", text)
    return ": ".join(filter(None, found.groups())) if found else _last_line(text)


def _last_line(text: str) -> str:
    return (text.strip().splitlines() or ["no reason was given"])[-1]
