"""Damages a database and its log past the application, and verifies the log, for tests."""

from io import StringIO

from django.core.management import call_command
from django.db import connection

from factcheck import triggers

LOG_UPDATE = "factcheck_keep_log_verification_update"


def run(*statements):
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def damaged(path, table):
    """Write over the first page of a table in the file; return where, and what was there."""
    run("PRAGMA wal_checkpoint(TRUNCATE)")
    with connection.cursor() as cursor:
        size = cursor.execute("PRAGMA page_size").fetchone()[0]
        page = cursor.execute(
            "SELECT rootpage FROM sqlite_master WHERE name = %s", [table]
        ).fetchone()[0]
    with path.open("r+b") as file:
        file.seek((page - 1) * size)
        old = file.read(size)
        file.seek((page - 1) * size)
        file.write(b"\xff" * size)
    return (page - 1) * size, old


def repaired(path, root):
    with path.open("r+b") as file:
        file.seek(root[0])
        file.write(root[1])


def verified(path, **options):
    """Return what the command says, and with which status it ends."""
    out = StringIO()
    try:
        call_command("log_checkpoint", verify=str(path), stdout=out, **options)
    except SystemExit as error:
        return out.getvalue(), error.code
    return out.getvalue(), 0


def behind_its_back(*statements):
    triggers.remove()
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
    triggers.install()
