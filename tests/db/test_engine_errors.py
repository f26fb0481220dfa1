"""Commands and pages learn from one table what an error of the database means."""

import errno
import sqlite3

import pytest
from django.db import DataError, InterfaceError, OperationalError

from factcheck import failures
from factcheck.db.database_file import FileMovedError
from factcheck.db.engine_errors import TEMPORARY, Kind, kind_of
from factcheck.http import outages


def raised(kind, text="it said so", **codes):
    """Return an error of Django's that an error of an engine with some codes has caused."""
    cause = sqlite3.OperationalError(text)
    vars(cause).update(codes)
    error = kind(text)
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    ("codes", "kind"),
    [
        ({"sqlite_errorcode": 5}, Kind.BUSY),
        ({"sqlite_errorcode": 517}, Kind.BUSY),
        ({"sqlite_errorcode": 266}, Kind.DISK_ERROR),
        ({"sqlite_errorcode": 1}, None),
        ({"sqlstate": "40001"}, Kind.CONFLICT),
        ({"sqlstate": "40003"}, Kind.COMMIT_UNKNOWN),
        ({"sqlstate": "40002"}, None),
        ({"sqlstate": "53100"}, Kind.DISK_FULL),
        ({"sqlstate": "53200"}, Kind.OUT_OF_RESOURCES),
        ({"sqlstate": "57014"}, Kind.BUSY),
        ({"sqlstate": "57000"}, Kind.INTERRUPTED),
        ({"sqlstate": "57P02"}, Kind.UNREACHABLE),
        ({"sqlstate": "28P01"}, Kind.LOGIN_REFUSED),
        ({"sqlstate": "23505"}, None),
    ],
)
def test_an_error_is_known_by_its_code_or_the_class_of_its_code(codes, kind):
    assert kind_of(raised(OperationalError, **codes)) == kind


def test_an_error_without_a_code_is_known_by_what_raised_it():
    lost = OperationalError("the connection of a dry run was lost")
    lost.__cause__ = ConnectionError()

    assert kind_of(lost) == Kind.UNREACHABLE
    assert kind_of(InterfaceError("connection already closed")) == Kind.UNREACHABLE
    assert kind_of(InterfaceError("the cursor is closed")) is None
    assert kind_of(OperationalError("database is locked")) == Kind.BUSY
    assert kind_of(FileMovedError("gone")) == Kind.FILE_MOVED
    assert kind_of(OSError(errno.ENOSPC, "full")) == Kind.DISK_FULL
    assert kind_of(DataError("too long")) is None
    assert kind_of(raised(OperationalError, "no such table: x", sqlite_errorcode=1)) == (
        Kind.NOT_MIGRATED
    )


def test_each_kind_is_answered_by_a_page_or_reported_by_a_command():
    assert TEMPORARY | failures._FAILURES.keys() == set(Kind)


@pytest.mark.parametrize("code", [3, 8, 11, 26])
def test_a_database_that_stays_broken_is_no_outage_of_a_minute(code):
    error = raised(OperationalError, sqlite_errorcode=code)

    assert failures.failure_of(error)
    assert not outages.is_outage(error)
