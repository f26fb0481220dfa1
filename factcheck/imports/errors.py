"""Errors of the readers of imports: a code with its parameters, and the place in the file.

The readers do not import Django. `imports.error_messages` has a translated sentence for each code.
"""

from enum import StrEnum, auto
from typing import NamedTuple


class Code(StrEnum):
    """Codes for errors in an imported file, its records, or the options that describe it."""

    # Any text or JSON.
    NOT_UTF8 = auto()
    LINE_NOT_JSON = auto()
    JSON_INVALID = auto()
    JSON_COMMA_MISSING = auto()
    JSON_NAME_EXPECTED = auto()
    JSON_LIST_EXPECTED = auto()
    JSON_LIST_UNFINISHED = auto()
    JSON_TEXT_AFTER_END = auto()
    JSON_TOO_DEEP = auto()
    JSON_NUMBER_TOO_LONG = auto()
    # Fact-checks.
    FACT_CHECKS_MISSING = auto()
    FIELD_MISSING = auto()
    FIELD_TOO_LONG = auto()
    ADDRESS_MISSING = auto()
    ADDRESS_NOT_PUBLIC = auto()
    FACT_CHECK_WITHDRAWN = auto()
    RECORD_TOO_COMPLEX = auto()
    BLOCK_NOT_JSON = auto()
    PAGE_TOO_LARGE = auto()
    PAGE_ENCODING_WRONG = auto()
    # Tables of fact-checks, and how their columns are named.
    TABLE_ENCODING_WRONG = auto()
    TABLE_CELL_TOO_LONG = auto()
    MAPPING_INVALID = auto()
    MAPPED_FIELD_UNKNOWN = auto()
    COLUMN_UNKNOWN = auto()
    COLUMN_NUMBER_EXPECTED = auto()
    COLUMN_MISSING = auto()
    # Articles.
    ARTICLE_TOO_LARGE = auto()
    ARTICLE_BINARY = auto()
    ARTICLE_EMPTY = auto()
    ARTICLE_MISSING = auto()
    ARTICLE_UNREADABLE = auto()
    HTML_NOT_SUPPORTED = auto()
    HTML_TOO_LONG = auto()
    HTML_TOO_COMPLEX = auto()
    DATE_INVALID = auto()
    # Rows that a model or the database rejects; its message is a parameter.
    VALUE_INVALID = auto()
    DATABASE_REJECTED = auto()
    # Fixtures.
    FIXTURE_FORMAT_UNKNOWN = auto()
    FIXTURE_MODEL_MISSING = auto()
    FIXTURE_FIELDS_INVALID = auto()
    MODEL_UNKNOWN = auto()
    LIST_EXPECTED = auto()
    REFERENCE_MISSING = auto()
    FORWARD_REFERENCE_MISSING = auto()
    GZIP_INVALID = auto()
    HALF_SURROGATE_PAIR = auto()


class Unit(StrEnum):
    """Units in which a place in a file is counted."""

    LINE = auto()
    RECORD = auto()
    BYTE = auto()


class Location(NamedTuple):
    """A place in a file, counted from 1."""

    unit: Unit
    number: int


def at_line(number: int) -> Location:
    """Return the place of a line."""
    return Location(Unit.LINE, number)


class ReadError(ValueError):
    """An error of a reader: its code and parameters, and the file, place and field if known."""

    def __init__(
        self,
        code: Code,
        *,
        path: str = "",
        location: Location | None = None,
        field: str = "",
        **params: str | int,
    ) -> None:
        super().__init__(code)
        self.code, self.params = code, params
        self.path, self.location, self.field = path, location, field

    def __str__(self) -> str:
        """Return the code and its details, for developers; users get a translated sentence."""
        details = {"path": self.path, "location": self.location, "field": self.field, **self.params}
        return " ".join(
            [self.code, *(f"{name}={value}" for name, value in details.items() if value)]
        )


class RecordError(ReadError):
    """A record cannot be read; the rest of its file can."""


class FileError(ReadError):
    """A file cannot be read any further."""


class MappingError(FileError):
    """A mapping of fields to columns is invalid, or does not fit the table."""


class ArticleError(ReadError):
    """A text or page cannot be read as an article."""
