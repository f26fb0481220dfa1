"""Statistics for the query planner, and SQLite's pragmas for a bulk load."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections

# Smaller tables are read fast whatever plan is chosen.
ANALYZE_THRESHOLD = 1_000
# Index entries that SQLite looks at: more than the ids that one query asks for.
_ANALYSIS_LIMIT = 5_000
# Checkpoints every so many pages, of 4 KB, of the write-ahead log; minus the KB of the page cache.
_BULK_WRITE_PRAGMAS = {"wal_autocheckpoint": 16_000, "cache_size": -16_384}


def analyze(table: str, *, using: str = DEFAULT_DB_ALIAS) -> None:
    """Collect the planner's statistics of a table, from some of its rows."""
    connection = connections[using]
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute(f"PRAGMA analysis_limit={_ANALYSIS_LIMIT}")
        cursor.execute(f"ANALYZE {table}")


def analyze_if_missing(tables: Iterable[str], *, using: str = DEFAULT_DB_ALIAS) -> None:
    """Collect SQLite's statistics of those of some tables that are large and have none.

    They may have grown row by row, or a migration may have copied them. PostgreSQL analyzes its
    tables by itself.
    """
    connection = connections[using]
    if connection.vendor != "sqlite":
        return
    with connection.cursor() as cursor:
        # SQLite creates the table of statistics when it first has some.
        cursor.execute("SELECT 1 FROM sqlite_master WHERE name = 'sqlite_stat1'")
        analyzed = set()
        if cursor.fetchone():
            analyzed = {name for (name,) in cursor.execute("SELECT tbl FROM sqlite_stat1")}
        for table in tables:
            if table not in analyzed:
                last = cursor.execute(f"SELECT max(rowid) FROM {table}").fetchone()[0]
                if (last or 0) > ANALYZE_THRESHOLD:
                    analyze(table, using=using)


class TableGrowth:
    """Analyzes each table whenever a load has doubled it.

    PostgreSQL's planner takes a new table for empty, and would read the whole log once for each
    claim; SQLite's takes all values for rare, and would read all published claims to find a few.
    """

    def __init__(self) -> None:
        self._analyzed_rows: Counter[str] = Counter()
        self._rows_since: Counter[str] = Counter()

    def add(self, table: str, rows: int) -> None:
        """Count new rows of a table, and analyze it if it has doubled."""
        self._rows_since[table] += rows
        if self._rows_since[table] > max(self._analyzed_rows[table], ANALYZE_THRESHOLD):
            analyze(table)
            self._analyzed_rows[table] += self._rows_since.pop(table)

    def analyze_missing(self) -> None:
        """Analyze the other large tables that have no statistics."""
        analyze_if_missing(self._rows_since)


@contextmanager
def bulk_write_pragmas(*, using: str = DEFAULT_DB_ALIAS) -> Iterator[None]:
    """Make SQLite checkpoint its log less often and cache more pages during a bulk load.

    Each chunk changes pages all over the indexes. The price: other writers wait longer for a
    checkpoint.
    """
    connection = connections[using]
    if connection.vendor != "sqlite":
        yield
        return
    with connection.cursor() as cursor:
        previous = {
            name: cursor.execute(f"PRAGMA {name}").fetchone()[0] for name in _BULK_WRITE_PRAGMAS
        }
        _set_pragmas(cursor, _BULK_WRITE_PRAGMAS)
        try:
            yield
        finally:
            _set_pragmas(cursor, previous)


def _set_pragmas(cursor: Any, pragmas: Mapping[str, int]) -> None:
    for name, value in pragmas.items():
        cursor.execute(f"PRAGMA {name}={value}")
