"""Backup of the whole database in one file, and restore.

A backup is one state of the data; others can write while it is made. A restore replaces the whole
database in one transaction, also while it is served, and gives it a new epoch: no ETag and no cache
of a process is valid any more (`factcheck.data_version`).
"""

from pathlib import Path

from django.db import connection

from factcheck.backups import postgresql, sqlite
from factcheck.backups.files import BackupError, Restored

_ENGINES = {"sqlite": sqlite, "postgresql": postgresql}


def write(path: Path, *, overwrite: bool = False) -> int:
    """Write a backup of the database into a file and check it; return its size in bytes."""
    return _ENGINES[connection.vendor].write(path.absolute(), overwrite=overwrite)


def restore(path: Path, *, safety_copy: bool = True) -> Restored:
    """Replace the database by the content of a backup, after making a safety copy."""
    return _ENGINES[connection.vendor].restore(path.absolute(), safety_copy=safety_copy)
