"""Fair waiting for SQLite's write lock: retries BEGIN without SQLite's growing back-off.

SQLite's busy handler waits up to 100 ms between two tries, so a writer that has waited long loses
to one that has just come. Here every connection tries again to begin its transaction every few
milliseconds. Beside a bulk import the slowest twentieth of editors' saves took about 1 second so,
and 1.3 to 2.4 seconds by SQLite's own waiting, with which some saves failed after 30 seconds:
`docs/performance-decisions.md`.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import DEFAULT_DB_ALIAS, OperationalError, connections

# For so long SQLite itself tries again, after 1, 2 and 5 milliseconds; then we pause and repeat.
RETRY_TIMEOUT_MS = 8
RETRY_PAUSE_S = 0.001


class BusyRetry:
    """An execute wrapper of one connection that retries BEGIN while others hold the write lock."""

    def __init__(self, timeout: float) -> None:
        self.timeout = timeout

    def __call__(self, execute: Any, sql: str, *args: Any) -> Any:
        if not sql.startswith("BEGIN"):
            return execute(sql, *args)
        driver = args[-1]["connection"].connection
        deadline = time.monotonic() + self.timeout
        busy_timeout = driver.execute("PRAGMA busy_timeout").fetchone()[0]
        driver.execute(f"PRAGMA busy_timeout={RETRY_TIMEOUT_MS if self.timeout else 0}")
        try:
            while True:
                try:
                    return execute(sql, *args)
                except OperationalError as error:
                    if not _is_locked(error) or time.monotonic() >= deadline:
                        raise
                time.sleep(RETRY_PAUSE_S)
        finally:
            driver.execute(f"PRAGMA busy_timeout={busy_timeout}")


def install(connection: Any, **kwargs: Any) -> None:
    """Add the retry to a connection that was opened."""
    if connection.vendor == "sqlite" and _retry_of(connection) is None:
        timeout = connection.settings_dict["OPTIONS"].get("timeout", 5)
        # In front: `connection.execute_wrapper()`, which may be open now, removes the last one.
        connection.execute_wrappers.insert(0, BusyRetry(timeout))


@contextmanager
def skip_if_locked(*, using: str = DEFAULT_DB_ALIAS) -> Iterator[None]:
    """Run the block only if the write lock is free; otherwise skip it without an error."""
    retry = _retry_of(connections[using])
    if retry is None:
        yield
        return
    timeout, retry.timeout = retry.timeout, 0
    try:
        yield
    except OperationalError as error:
        if not _is_locked(error):
            raise
    finally:
        retry.timeout = timeout


def _is_locked(error: OperationalError) -> bool:
    return "locked" in str(error)


def _retry_of(connection: Any) -> BusyRetry | None:
    wrappers = connection.execute_wrappers
    return next((wrapper for wrapper in wrappers if isinstance(wrapper, BusyRetry)), None)
