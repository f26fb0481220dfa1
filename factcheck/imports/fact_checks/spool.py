"""Stores a file's records on disk until all of it is read, and returns them by address.

The records are in a temporary SQLite database, which is deleted with the process and stays in
memory while it is small. The fields that planning needs are read for a batch of addresses at a
time; whole records are fetched by their numbers.
"""

import errno
import json
import os
import pickle
import sqlite3
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from itertools import groupby
from operator import itemgetter
from typing import Any, NamedTuple

from factcheck.imports.errors import Location
from factcheck.imports.fact_checks.keys import claim_ref, content_key, url_ref
from factcheck.imports.fact_checks.plan import Record
from factcheck.imports.fact_checks.records import ParsedRecord, Review

_SCHEMA = """
PRAGMA journal_mode = OFF;
PRAGMA synchronous = OFF;
PRAGMA cache_size = -16384;
BEGIN;
CREATE TABLE address (id INTEGER PRIMARY KEY, url TEXT NOT NULL UNIQUE);
CREATE TABLE record (
    number INTEGER PRIMARY KEY, address INTEGER NOT NULL, claim_ref TEXT NOT NULL,
    content TEXT NOT NULL, reviewed_on TEXT NOT NULL, review BLOB NOT NULL, source BLOB NOT NULL
);
"""
# An address's number is that of its first appearance.
_ADD_ADDRESS = "INSERT OR IGNORE INTO address (url) VALUES (?)"
_ADD_RECORD = "INSERT INTO record SELECT ?, id, ?, ?, ?, ?, ? FROM address WHERE url = ?"
_BY_ADDRESS = (
    "SELECT url, number, claim_ref, content, reviewed_on"
    " FROM record JOIN address ON address.id = record.address ORDER BY address, number"
)
_REVIEWS = "SELECT number, review FROM record WHERE number IN (SELECT value FROM json_each(?))"
_SOURCE = "SELECT source FROM record WHERE number = ?"
# The low byte of SQLite's result codes, and the operating system's code for the same error.
_SYSTEM_ERRORS = {10: errno.EIO, 13: errno.ENOSPC}


class AddressRecords(NamedTuple):
    """The records of one address, in the order of the file."""

    url: str
    records: Sequence[Record]

    @property
    def url_ref(self) -> str:
        return url_ref(self.url)


class RecordSpool:
    """Temporary storage for the records of one file."""

    def __init__(self) -> None:
        self.count = 0
        self._database = sqlite3.connect("", isolation_level=None)
        self._database.executescript(_SCHEMA)

    def close(self) -> None:
        self._database.close()

    def add(self, parsed: ParsedRecord, review: Review) -> None:
        """Store a record."""
        self.count += 1
        row = (
            self.count,
            claim_ref(review.url, review.text),
            content_key(review.text, review.label, review.reason),
            review.reviewed_on,
            pickle.dumps(review),
            pickle.dumps((parsed.location, parsed.raw)),
            review.url,
        )
        with _system_errors():
            self._database.execute(_ADD_ADDRESS, (review.url,))
            self._database.execute(_ADD_RECORD, row)

    def batches(self, size: int) -> Iterator[list[AddressRecords]]:
        """Yield the addresses in the order of their first appearance, in batches.

        A batch has at most `size` records, or a single address.
        """
        batch: list[AddressRecords] = []
        count = 0
        for address in self._addresses():
            if batch and count + len(address.records) > size:
                yield batch
                batch, count = [], 0
            batch.append(address)
            count += len(address.records)
        if batch:
            yield batch

    def reviews(self, numbers: Collection[int]) -> dict[int, Review]:
        """Return the reviews of some records, by their numbers."""
        with _system_errors():
            rows = self._database.execute(_REVIEWS, (json.dumps(sorted(numbers)),))
            return {number: pickle.loads(data) for number, data in rows}  # noqa: S301 - our own

    def source(self, number: int) -> tuple[Location, Any]:
        """Return a record's place in the file, and the record as it was read."""
        with _system_errors():
            (data,) = self._database.execute(_SOURCE, (number,)).fetchone()
        location, raw = pickle.loads(data)  # noqa: S301 - our own
        return location, raw

    def _addresses(self) -> Iterator[AddressRecords]:
        with _system_errors():
            self._database.execute("CREATE INDEX by_address ON record (address)")
            rows = self._database.execute(_BY_ADDRESS)
            for url, records in groupby(rows, key=itemgetter(0)):
                yield AddressRecords(url, [Record(*fields) for _url, *fields in records])


@contextmanager
def _system_errors() -> Iterator[None]:
    """Raise SQLite's errors for a full or broken disk as an OSError."""
    try:
        yield
    except sqlite3.Error as error:
        code = _SYSTEM_ERRORS.get((error.sqlite_errorcode or 0) & 0xFF)
        if code is None:
            raise
        raise OSError(code, os.strerror(code)) from error
