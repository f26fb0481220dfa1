"""How writers of SQLite wait for each other.

Its own way is to look again after 1, 2, 5 … 100 ms: who has waited longest looks most rarely, and
whoever comes goes first. Here all that begin a transaction look again every few milliseconds.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import DEFAULT_DB_ALIAS, OperationalError, connections

# Milliseconds, in which SQLite itself looks after 1, 2 and 5; and seconds between.
_LOOKS, _PAUSE = 8, 0.001


class Turns:
    """An execute wrapper of one connection: what begins a transaction waits its turn."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds

    def __call__(self, execute: Any, sql: str, *rest: Any) -> Any:
        if not sql.startswith("BEGIN"):
            return execute(sql, *rest)
        context = rest[-1]
        own, until = context["connection"].connection, time.monotonic() + self.seconds
        usual = own.execute("PRAGMA busy_timeout").fetchone()[0]
        own.execute(f"PRAGMA busy_timeout={_LOOKS if self.seconds else 0}")
        try:
            while True:
                try:
                    return execute(sql, *rest)
                except OperationalError as error:
                    if "locked" not in str(error) or time.monotonic() >= until:
                        raise
                time.sleep(_PAUSE)
        finally:
            own.execute(f"PRAGMA busy_timeout={usual}")


def install(connection: Any, **kwargs: Any) -> None:
    """Let the writers of a connection that was opened wait so."""
    if connection.vendor == "sqlite" and _turns(connection) is None:
        seconds = connection.settings_dict["OPTIONS"].get("timeout", 5)
        # First, for who opens it with one of their own takes the last one away.
        connection.execute_wrappers.insert(0, Turns(seconds))


@contextmanager
def unless_others_write(*, using: str = DEFAULT_DB_ALIAS) -> Iterator[None]:
    """Do what can be left to others only if nobody writes now: SQLite would have to wait."""
    turns = _turns(connections[using])
    if turns is None:
        yield
        return
    seconds, turns.seconds = turns.seconds, 0
    try:
        yield
    except OperationalError as error:
        if "locked" not in str(error):
            raise
    finally:
        turns.seconds = seconds


def _turns(connection: Any) -> Turns | None:
    return next((one for one in connection.execute_wrappers if isinstance(one, Turns)), None)
