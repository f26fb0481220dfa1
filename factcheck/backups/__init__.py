"""Backups of the whole database in one file, and the way back.

A backup is one state of the data, taken while others write. A restore replaces the whole database
in one transaction, also while it serves, and gives it a new epoch, so that no ETag and nothing that
a process remembers is ever taken for true in the other history (`factcheck.change_log`).
"""

from pathlib import Path

from django.db import connection

from factcheck.backups import postgresql, sqlite
from factcheck.backups.files import BackupError, Restored

__all__ = ["BackupError", "Restored", "restore", "write"]

_ENGINES = {"sqlite": sqlite, "postgresql": postgresql}


def write(path: Path, *, overwrite: bool = False) -> int:
    """Write a backup of the database into a file and check it; return its size in bytes."""
    return _ENGINES[connection.vendor].write(path.absolute(), overwrite=overwrite)


def restore(path: Path, *, safety_copy: bool = True) -> Restored:
    """Replace the database by what a backup holds, after a copy of it as it is."""
    return _ENGINES[connection.vendor].restore(path.absolute(), safety_copy=safety_copy)
