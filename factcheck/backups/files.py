"""Backup files: written completely or not at all, and the space that they need."""

import os
import shutil
import tempfile
import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

from django.apps import apps
from django.db.migrations.loader import MigrationLoader

# Every backup of this program has these tables.
TABLES = {"django_migrations", "factcheck_claim", "factcheck_verification"}
# Seconds after which an unfinished file is abandoned: its writer was killed.
_ABANDONED = 3600
_MARK = ".part-"


class BackupError(Exception):
    """A backup or a restore has failed. The message says why, in one line."""


class Restored(NamedTuple):
    """The result of a restore."""

    # The state before; None if there was none, or no copy was requested.
    safety_copy: Path | None
    # Migrations that the backup lacked.
    migrated: list[str]


@contextmanager
def finished(path: Path, *, overwrite: bool) -> Iterator[Path]:
    """Yield an empty file that is renamed to `path` at the end, once it is on the disk."""
    _require_free(path, overwrite=overwrite)
    with temporary_file(path) as part:
        yield part
        sync(part)
        _require_free(path, overwrite=overwrite)
        part.replace(path)
        _sync_folder(path.parent)


@contextmanager
def temporary_file(path: Path) -> Iterator[Path]:
    """Yield an empty file in the folder of `path` that only its owner can read; remove it later."""
    if not path.parent.is_dir():
        raise BackupError(f"The folder {path.parent} does not exist.")
    _remove_abandoned(path)
    try:
        handle, name = tempfile.mkstemp(prefix=f".{path.name}{_MARK}", dir=path.parent)
    except OSError as error:
        raise BackupError(f"{path.parent} cannot be written to: {error.strerror}.") from error
    os.close(handle)
    part = Path(name)
    try:
        yield part
    finally:
        for suffix in ("", "-journal", "-wal", "-shm"):
            part.with_name(part.name + suffix).unlink(missing_ok=True)


def require_room(folder: Path, needed: int) -> None:
    """Raise a BackupError if a folder's disk has fewer free bytes than needed."""
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise BackupError(
            f"The disk of {folder} is too full: {_megabytes(needed)} are needed,"
            f" {_megabytes(free)} are free."
        )


def missing_from(applied: Collection[tuple[str, str]]) -> list[str]:
    """Return the migrations that a backup lacks; a BackupError if it is of a newer version."""
    migrations = MigrationLoader(None).disk_migrations
    known_keys = set(migrations).union(*(migration.replaces for migration in migrations.values()))
    installed = {config.label for config in apps.get_app_configs()}
    newer = sorted(key for key in set(applied) - known_keys if key[0] in installed)
    if newer:
        raise BackupError(
            f"The backup is of a newer version: it has the migration {'.'.join(newer[-1])}, which"
            " this one does not have. Install that version, then restore."
        )
    squashed = {
        key
        for key, migration in migrations.items()
        if migration.replaces and set(migration.replaces) <= set(applied)
    }
    return sorted(".".join(key) for key in set(migrations) - squashed - set(applied))


def safety_name(folder: Path, name: str, suffix: str) -> Path:
    """Return an unused path for a copy of the state before a restore."""
    moment = time.strftime("%Y%m%d-%H%M%S")
    path = folder / f"{name}.before-restore-{moment}{suffix}"
    number = 1
    while path.exists():
        number += 1
        path = folder / f"{name}.before-restore-{moment}-{number}{suffix}"
    return path


def sync(path: Path) -> None:
    """Wait until a file is on the disk."""
    with path.open("rb+") as file:
        os.fsync(file.fileno())


def _sync_folder(folder: Path) -> None:
    # Some file systems do not support it.
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _require_free(path: Path, *, overwrite: bool) -> None:
    if path.is_dir():
        raise BackupError(f"{path} is a folder.")
    if path.exists() and not overwrite:
        raise BackupError(f"{path} exists already. Choose another name, or add --overwrite.")


def _remove_abandoned(path: Path) -> None:
    for part in path.parent.glob(f".{path.name}{_MARK}*"):
        with suppress(OSError):
            if time.time() - part.stat().st_mtime > _ABANDONED:
                part.unlink()


def _megabytes(size: int) -> str:
    return f"{-(-size // 1_000_000):,} MB"
