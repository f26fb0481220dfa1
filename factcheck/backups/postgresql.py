"""Backup and restore of a PostgreSQL database, by PostgreSQL's own programs.

`pg_restore` only writes the script; `psql` runs it between our BEGIN and COMMIT. So the new epoch
is part of the same transaction, and a restore that is killed before COMMIT has changed nothing.
"""

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
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
from factcheck.backups.postgresql_programs import (
    connection_arguments,
    error_message,
    last_line,
    plain_environment,
    require_program,
    run,
)
from factcheck.editing import roles
from factcheck.text.slugs import new_ref
from factcheck.triggers import postgresql as triggers

_BLOCK = 1 << 20
# A backup, whose rows are compressed, is smaller than the database by at least this factor.
_COMPRESSION = 4
_LOCKED = "factcheck: locked"
# How often a restore tries to lock the tables, and how long it waits each time.
_TRIES, _WAIT = 20, "2s"


def write(path: Path, *, overwrite: bool) -> int:
    require_program("pg_dump")
    require_program("pg_restore")
    with finished(path, overwrite=overwrite) as part:
        _dump(part)
    return path.stat().st_size


def restore(path: Path, *, safety_copy: bool) -> Restored:
    for program in ("pg_dump", "pg_restore", "psql"):
        require_program(program)
    missing = missing_from(_check(path))
    if missing:
        _require_no_sessions()
    tables = _tables()
    copy_path = safety_name(path.parent, path.stem, ".dump") if safety_copy and tables else None
    connection.close()
    # An older backup lacks tables that the triggers of this version need.
    _run_script(path, tables, copy_path, [] if missing else triggers.create())
    try:
        if missing:
            call_command("migrate", verbosity=0, interactive=False)
        else:
            roles.install()
    except DatabaseError as error:
        raise BackupError(
            f"The backup was restored, but this failed: {last_line(str(error))} Run"
            " “manage.py migrate”."
        ) from error
    return Restored(copy_path, missing)


def _require_no_sessions() -> None:
    """Raise a BackupError while the database is served: a migration suspends the triggers."""
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
    """Write one state of the database into an empty file, and read all of it to check it."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_database_size(current_database())")
            require_room(part.parent, cursor.fetchone()[0] // _COMPRESSION)
    except DatabaseError as error:
        raise BackupError(f"The database cannot be reached: {last_line(str(error))}") from error
    run(["pg_dump", "--format=custom", f"--file={part}", "--lock-wait-timeout=60s"], connected=True)
    _check(part)


def _check(path: Path) -> set[tuple[str, str]]:
    """Return the migrations of a backup; a BackupError if it is damaged or of another program."""
    if not path.is_file():
        raise BackupError(f"{path} is not a file that can be read.")
    listed = run(["pg_restore", "--list", str(path)]).decode(errors="replace")
    if not set(re.findall(r" TABLE DATA \S+ (\S+) ", listed)) >= TABLES:
        raise BackupError(f"{path} is a PostgreSQL backup, but not one of Factcheck.")
    # The table of contents comes first in the file. Reading all of it shows that it is whole.
    run(["pg_restore", f"--file={os.devnull}", str(path)])
    rows = run(["pg_restore", "--data-only", "--table=django_migrations", "--file=-", str(path)])
    return set(re.findall(r"^\d+\t(\w+)\t(\w+)\t", rows.decode(), re.M))


def _run_script(
    path: Path, tables: Sequence[str], copy_path: Path | None, more: Sequence[str]
) -> None:
    """Run the script of a restore in one transaction, with `more` statements at its end."""
    arguments, environment = connection_arguments()
    command = [require_program("psql"), *"-X -q -A -t -v ON_ERROR_STOP=1 -f -".split(), *arguments]
    with (
        tempfile.TemporaryFile() as errors,
        subprocess.Popen(
            command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors
        ) as psql,
    ):
        script, answers = cast("IO[bytes]", psql.stdin), cast("IO[bytes]", psql.stdout)
        try:
            _lock_and_copy(script, answers, tables, copy_path)
            _write_script(script, path, tables, more)
            script.close()
        except BrokenPipeError:
            # It has ended, and reported why.
            with suppress(BrokenPipeError):
                script.close()
        except BaseException:
            # Without the last line of the script nothing of it takes effect.
            psql.kill()
            _remove(copy_path)
            raise
        if psql.wait():
            _remove(copy_path)
            errors.seek(0)
            raise BackupError(f"Nothing was restored: {error_message(errors.read())}")


def _lock_and_copy(
    script: IO[bytes], answers: IO[bytes], tables: Sequence[str], copy_path: Path | None
) -> None:
    """Begin, lock out writers, and copy the current state. Readers are still served."""
    _send(script, f"{_NO_TIMEOUTS} BEGIN;")
    _send(script, _lock(tables, "EXCLUSIVE") if tables else "")
    _send(script, f"\\echo {_LOCKED}\n\\o {os.devnull}")
    if answers.readline().decode().strip() != _LOCKED:
        raise BrokenPipeError
    if copy_path:
        with finished(copy_path, overwrite=False) as part:
            _dump(part)


def _write_script(
    script: IO[bytes], path: Path, tables: Sequence[str], more: Sequence[str]
) -> None:
    schema = _schema()
    if tables:
        _send(script, _lock(tables, "ACCESS EXCLUSIVE"))
        _send(script, f"DROP TABLE {', '.join(tables)};")
    _send(script, _DROP_FUNCTIONS)
    _write_objects(script, path)
    _send(script, f"SET search_path = {schema};")
    for statement in (*more, _NEW_EPOCH.format(name=new_ref())):
        _send(script, f"{statement};")
    _send(script, "COMMIT;")


def _write_objects(script: IO[bytes], path: Path) -> None:
    """Send the statements that create the backup's tables, rows, indexes and triggers."""
    command = [
        require_program("pg_restore"),
        *"--clean --if-exists --no-owner --no-privileges".split(),
    ]
    with (
        tempfile.TemporaryFile() as errors,
        subprocess.Popen(
            [*command, "--file=-", str(path)],
            env=plain_environment(),
            stdout=subprocess.PIPE,
            stderr=errors,
        ) as reader,
    ):
        shutil.copyfileobj(cast("IO[bytes]", reader.stdout), script, _BLOCK)
        if reader.wait():
            errors.seek(0)
            raise BackupError(f"Nothing was restored: {error_message(errors.read())}")


def _send(script: IO[bytes], text: str) -> None:
    script.write(f"{text}\n".encode())
    script.flush()


def _remove(copy_path: Path | None) -> None:
    if copy_path:
        copy_path.unlink(missing_ok=True)


# The backup may lack trigger functions that this version has.
_DROP_FUNCTIONS = """
DO $$ DECLARE trigger_function regprocedure; BEGIN
FOR trigger_function IN SELECT oid FROM pg_proc
WHERE pronamespace = current_schema()::regnamespace AND proname LIKE 'factcheck\\_%'
LOOP EXECUTE 'DROP FUNCTION ' || trigger_function; END LOOP; END $$;
"""
# As `change_log.initialise` does: transaction numbers in the backup are those of another time
# or server.
_NEW_EPOCH = """
DO $$ BEGIN
IF to_regclass('factcheck_epoch') IS NOT NULL THEN
DELETE FROM factcheck_epoch;
INSERT INTO factcheck_epoch (name) VALUES ('{name}');
UPDATE factcheck_change SET writer = '3';
END IF; END $$
"""
# The timeouts in the settings are for pages: a restore is idle while the safety copy is made.
_NO_TIMEOUTS = """
DO $$ BEGIN PERFORM set_config(name, '0', false) FROM pg_settings WHERE name IN
('statement_timeout', 'lock_timeout', 'transaction_timeout', 'idle_session_timeout',
'idle_in_transaction_session_timeout'); END $$;
"""


def _lock(tables: Sequence[str], mode: str) -> str:
    """Return the statement that locks all tables, or fails after a while.

    A session that blocks it is cancelled: it may wait for a lock that this one holds.
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
    """Return the existing tables of this program, with their schema."""
    introspection = connection.introspection
    try:
        schema = _schema()
        with connection.cursor() as cursor:
            existing = introspection.table_names(cursor)
    except DatabaseError as error:
        raise BackupError(f"The database cannot be reached: {last_line(str(error))}") from error
    ours = {*introspection.django_table_names(), "django_migrations"}
    quote = connection.ops.quote_name
    return [
        f"{schema}.{quote(name)}"
        for name in sorted(existing)
        if name in ours or name.startswith("factcheck_")
    ]


def _schema() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT quote_ident(current_schema())")
        return cursor.fetchone()[0]
