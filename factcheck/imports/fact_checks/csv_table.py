"""Reads other publishers' fact-checks from CSV and TSV files, whatever their columns are called.

No Django, no database, no network; memory holds one row.
"""

import codecs
import csv
import io
import re
from collections.abc import Generator, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from itertools import chain
from typing import BinaryIO

from factcheck.imports.errors import Code, FileError, MappingError, at_line
from factcheck.imports.fact_checks.records import (
    Appearance,
    ParsedRecord,
    Review,
    UnreadableValues,
    language_code,
    parse_record,
    plain_text,
    require,
    require_url,
    split_urls,
)
from factcheck.imports.fact_checks.tab_rows import tab_rows

# Characters of the first line, and of a cell: in a longer cell a quotation mark is not closed.
_MAX_HEAD, _MAX_CELL = 1 << 20, 1 << 20
_MAX_COLUMNS = 10_000
_DELIMITERS = "\t;,|"
_NO_VALUE = {"", "none", "null", "nan", "nat", "n/a", "-", r"\n"}
# Excel may name the delimiter in a line of its own.
_DELIMITER_LINE = re.compile(r"sep=(.)\s*\Z", re.I)


@dataclass(frozen=True)
class Columns:
    """Options for reading a table: the column of each field, whether there is a head, encoding."""

    # By the name of the field: the name of a column, or its number from 1.
    chosen: Mapping[str, str] = field(default_factory=dict)
    has_head: bool = True
    # Empty if the file is UTF-8 or has a byte order mark.
    encoding: str = ""


# The fields of a table, and the column names by which they are recognised.
FIELDS = {
    "claim": {"claim", "text", "statement", "claimreviewed", "claim_reviewed"},
    "url": {"url", "link", "review_url", "source_url"},
    "label": {"label", "rating", "verdict", "textualrating", "textual_rating", "alternatename"},
    "publisher": {"publisher", "review_publisher", "organization"},
    "reviewed": {"reviewed", "review_date", "reviewdate", "date_reviewed", "reviewed_on"},
    "date": {"date", "claim_date", "claimdate", "claimed_on"},
    "claimant": {"claimant", "speaker", "claim_author", "said_by"},
    "language": {"language", "languagecode", "lang"},
    "appearance": {"appearance", "appearance_url", "first_appearance"},
    "reason": {"reason", "summary", "review_body", "description"},
}


def read_table(stream: BinaryIO, columns: Columns) -> Iterator[ParsedRecord]:
    """Yield the reviews of a CSV or TSV file, separated by comma, tab, semicolon or bar."""
    csv.field_size_limit(_MAX_CELL)
    is_utf_16 = head_of(stream, 2) in {codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE}
    encoding = columns.encoding or ("utf-16" if is_utf_16 else "utf-8-sig")
    text = io.TextIOWrapper(stream, encoding=encoding, newline="")
    try:
        yield from _records(text, columns)
    except UnicodeError as error:
        name = encoding.removesuffix("-sig").upper()
        raise FileError(Code.TABLE_ENCODING_WRONG, encoding=name) from error
    finally:
        if not stream.closed:
            text.detach()


def parse_mapping(text: str) -> dict[str, str]:
    """Return the column of each field from a text like `claim=statement,url=link`."""
    columns = {}
    for part in filter(None, text.split(",")):
        name, sign, column = part.partition("=")
        if not sign or not column.strip():
            raise MappingError(Code.MAPPING_INVALID, text=part)
        columns[name.strip()] = column.strip()
    return columns


def head_of(stream: BinaryIO, size: int) -> bytes:
    """Return the first bytes of an unread stream without consuming them."""
    if hasattr(stream, "peek"):
        return bytes(stream.peek(size)[:size])
    head = stream.read(size)
    stream.seek(0)
    return head


def _records(text: io.TextIOWrapper, columns: Columns) -> Iterator[ParsedRecord]:
    first, lines_before, delimiter = "", -1, ""
    while not first.strip() and (first := text.readline(_MAX_HEAD)):
        lines_before += 1
    if match := _DELIMITER_LINE.match(first):
        first, lines_before, delimiter = text.readline(_MAX_HEAD), lines_before + 1, match[1]
    if not first.strip():
        return
    delimiter = delimiter or _guess_delimiter(first, columns)
    lines = chain([first], text)
    is_tab = delimiter == "\t"
    rows = tab_rows(lines, max_cell=_MAX_CELL) if is_tab else _csv_rows(lines, delimiter)
    try:
        head = next(rows)[1] if columns.has_head else []
        positions = _column_positions(head, columns)
        for number, row in rows:
            if any(cell.strip() for cell in row):
                location = at_line(lines_before + number)
                parse = partial(_parse_row, row, positions)
                yield parse_record(location, _cells_by_name(head, row), parse)
    finally:
        rows.close()


def _csv_rows(lines: Iterable[str], delimiter: str) -> Generator[tuple[int, list[str]]]:
    rows = csv.reader(lines, delimiter=delimiter)
    try:
        for row in rows:
            yield rows.line_num, row
    except csv.Error as error:
        location = at_line(rows.line_num)
        raise FileError(Code.TABLE_CELL_TOO_LONG, location=location, limit=_MAX_CELL) from error


def _guess_delimiter(first: str, columns: Columns) -> str:
    """Return the delimiter that gives most known column names, or else the most frequent one."""
    known_names = {_key(name) for name in columns.chosen.values()}.union(*FIELDS.values())

    def rank(delimiter: str) -> tuple[int, bool, int]:
        names = (_key(name.strip(' "')) for name in first.split(delimiter))
        # A tab hardly ever occurs within a text.
        is_tab = delimiter == "\t" in first
        return sum(name in known_names for name in names), is_tab, first.count(delimiter)

    return max(_DELIMITERS, key=rank)


def _cells_by_name(head: list[str], row: list[str]) -> dict[str, str]:
    """Return all cells of a row by the names of their columns; missing cells are empty.

    Cells beyond the head, and the second of two columns with one name, are named by number.
    """
    names = [*head, *map(str, range(len(head) + 1, len(row) + 1))]
    cells: dict[str, str] = {}
    for position, name in enumerate(names):
        key = name if name not in cells else f"{name} ({position + 1})"
        cells[key] = row[position] if position < len(row) else ""
    return cells


def _key(name: str) -> str:
    return name.strip().casefold().replace(" ", "_")


def _column_positions(head: list[str], columns: Columns) -> dict[str, int]:
    """Return the position of each field's column in a row, -1 if there is none.

    MappingError if a chosen column does not exist, or if a required column is missing.
    """
    names = [_key(name) for name in head]
    positions = {
        field_name: next((i for i, name in enumerate(names) if name in aliases), -1)
        for field_name, aliases in FIELDS.items()
    }
    for field_name, column in columns.chosen.items():
        if field_name not in FIELDS:
            raise MappingError(Code.MAPPED_FIELD_UNKNOWN, name=field_name, names=", ".join(FIELDS))
        positions[field_name] = _position(column, head, names, columns)
    for required in ("claim", "url"):
        if positions[required] < 0:
            raise MappingError(Code.COLUMN_MISSING, name=required)
    return positions


def _position(column: str, head: list[str], names: list[str], columns: Columns) -> int:
    """Return the position of a column that is given by its name, or by its number from 1."""
    if _key(column) in names:
        return names.index(_key(column))
    count = len(head) if columns.has_head else _MAX_COLUMNS
    if column.isdecimal() and len(column) < 6 and 0 < int(column) <= count:
        return int(column) - 1
    if columns.has_head:
        raise MappingError(Code.COLUMN_UNKNOWN, name=column, names=", ".join(head))
    raise MappingError(Code.COLUMN_NUMBER_EXPECTED, name=column)


def _parse_row(row: list[str], positions: Mapping[str, int], _raw: object) -> Review:
    def cell(name: str) -> str:
        position = positions[name]
        value = row[position].strip() if 0 <= position < len(row) else ""
        return "" if value.casefold() in _NO_VALUE else value

    unreadable = UnreadableValues()
    links = filter(None, map(unreadable.link, split_urls(cell("appearance"))))
    return Review(
        url=require_url(cell("url")),
        text=require("claim", plain_text(cell("claim"))),
        publisher=plain_text(cell("publisher"))[:200],
        label=plain_text(cell("label"))[:200],
        reason=plain_text(cell("reason")),
        reviewed_on=unreadable.date(cell("reviewed"), is_past=True),
        language=language_code(cell("language")),
        claimant=plain_text(cell("claimant"))[:200],
        claimed_on=unreadable.date(cell("date")),
        appearances=tuple(map(Appearance, dict.fromkeys(links))),
        unreadable=tuple(unreadable.texts),
    )
