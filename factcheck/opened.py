"""Which file each connection to SQLite has open: its path may stand for another one by now."""

import os
from typing import Any
from weakref import WeakKeyDictionary

# Device and number of the file, by the connection of Django. Connections of all threads.
_files: "WeakKeyDictionary[Any, tuple[int, int]]" = WeakKeyDictionary()


def note(connection: Any, **kwargs: Any) -> None:
    """Remember the file of a connection that was just opened."""
    path = path_of(connection)
    if path:
        found = _identity(path)
        if found:
            _files[connection] = found


def problem(connection: Any) -> str:
    """Return \"file missing\" or \"file replaced\" if that is so, else nothing."""
    path = path_of(connection)
    if not path:
        return ""
    here = _identity(path)
    if here is None:
        return "file missing"
    was = _files.get(connection) if connection.connection else None
    return "file replaced" if was and was != here else ""


def path_of(connection: Any) -> str:
    """Return the path of a SQLite file; nothing for other engines, memory and URIs."""
    name = str(connection.settings_dict["NAME"])
    is_path = connection.vendor == "sqlite" and not name.startswith((":memory:", "file:"))
    return name if is_path else ""


def _identity(path: str) -> tuple[int, int] | None:
    try:
        found = os.stat(path)  # noqa: PTH116 - half as dear as Path.stat
    except OSError:
        return None
    return found.st_dev, found.st_ino
