"""Reads other publishers' fact-checks from CSV and TSV, with columns as the file has them.

No Django, no database, no network; memory holds one row.
"""

import codecs
import csv
import io
import re
from collections import deque
from collections.abc import Generator, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from itertools import chain
from typing import BinaryIO

from factcheck.imports.fact_checks.records import (
    Appearance,
    FileError,
    Found,
    Lost,
    Review,
    language_code,
    needed,
    needed_link,
    plain_text,
    read_one,
    several,
)

# Letters of the first line, and of a cell: a longer one is a quotation mark that never ends.
_MOST_HEAD, _MOST_CELL = 1 << 20, 1 << 20
_MOST_COLUMNS = 10_000
_DELIMITERS = "\t;,|"
_NOTHING = {"", "none", "null", "nan", "nat", "n/a", "-", r"\n"}
# Excel's own word for what parts the columns.
_SAYS = re.compile(r"sep=(.)\s*\Z", re.I)


@dataclass(frozen=True)
class Columns:
    """How a table is read: which field stands in which column (by its name or number from 1)."""

    chosen: Mapping[str, str] = field(default_factory=dict)
    has_head: bool = True
    # Of the file; empty where it says so itself, or is UTF-8.
    encoding: str = ""


# A table's fields, and the names under which its columns are known without being told.
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


def read_table(stream: BinaryIO, columns: Columns) -> Iterator[Found]:
    """Yield the reviews of a CSV or TSV file, parted by comma, tab, semicolon or bar."""
    csv.field_size_limit(_MOST_CELL)
    is_utf_16 = head_of(stream, 2) in {codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE}
    encoding = columns.encoding or ("utf-16" if is_utf_16 else "utf-8-sig")
    text = io.TextIOWrapper(stream, encoding=encoding, newline="")
    try:
        yield from _table(text, columns)
    except UnicodeError as error:
        raise FileError(
            f"not in {encoding.removesuffix('-sig').upper()}: convert the file, or choose its"
            " encoding (--encoding windows-1251)"
        ) from error
    finally:
        if not stream.closed:
            text.detach()


def head_of(stream: BinaryIO, size: int) -> bytes:
    """Return the first bytes of a stream that nothing was read of, and leave them to be read."""
    if hasattr(stream, "peek"):
        return bytes(stream.peek(size)[:size])
    head = stream.read(size)
    stream.seek(0)
    return head


def _table(text: io.TextIOWrapper, columns: Columns) -> Iterator[Found]:
    first, before, mark = "", -1, ""
    while not first.strip() and (first := text.readline(_MOST_HEAD)):
        before += 1
    if said := _SAYS.match(first):
        first, before, mark = text.readline(_MOST_HEAD), before + 1, said[1]
    if not first.strip():
        return
    mark = mark or _delimiter(first, columns)
    lines = chain([first], text)
    rows = _tab_rows(lines) if mark == "\t" else _csv_rows(lines, mark)
    try:
        head = next(rows)[1] if columns.has_head else []
        places = _places(head, columns)
        for line, row in rows:
            if any(cell.strip() for cell in row):
                place = f"line {before + line}"
                yield read_one(place, _named(head, row), partial(_from_row, row, places))
    finally:
        rows.close()


def _csv_rows(lines: Iterable[str], delimiter: str) -> Generator[tuple[int, list[str]]]:
    rows = csv.reader(lines, delimiter=delimiter)
    try:
        for row in rows:
            yield rows.line_num, row
    except csv.Error as error:
        raise FileError(f"line {rows.line_num}: {error}") from error


def _tab_rows(lines: Iterable[str]) -> Generator[tuple[int, list[str]]]:
    """Yield a row for each line. Between tabs a quotation mark may be one and no more.

    Texts begin with it and do not end so; only where a line has its cells by the marks alone do
    they mean that a cell holds a tab, or goes on in the next line.
    """
    width = 0
    left = _Lines(lines)
    for line in left:
        number = left.number
        plain = line.rstrip("\r\n").split("\t")
        width = width or len(plain)
        is_open = len(plain) <= width and plain[-1].startswith('"')
        more = _rest(line, left.ahead()) if is_open else []
        quoted = _quoted([line, *more]) if more or len(plain) > width else []
        if len(quoted) == width:
            yield number, quoted
            for _taken in more:
                next(left)
        else:
            yield number, list(map(_unquoted, plain))


class _Lines:
    """Lines that can be looked at before they are taken; `number` is that of the last taken."""

    def __init__(self, lines: Iterable[str]) -> None:
        self.left, self.held = iter(lines), deque[str]()
        self.error: UnicodeError | None = None
        self.number = 0

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> str:
        if self.error and not self.held:
            raise self.error
        line = self.held.popleft() if self.held else next(self.left)
        self.number += 1
        return line

    def ahead(self) -> Iterator[str]:
        """Yield the lines that come, and leave them. What cannot be read is told when it comes."""
        yield from tuple(self.held)
        try:
            for line in self.left if self.error is None else ():
                self.held.append(line)
                yield line
        except UnicodeError as error:
            self.error = error


def _rest(line: str, following: Iterable[str]) -> list[str]:
    """Return the following lines to the end of the last cell of `line`, which a mark has opened.

    None where a tab comes before a mark that may be the end: that is a row of its own.
    """
    rest: list[str] = []
    marks, letters = line.count('"'), len(line)
    for one in following if marks % 2 else ():
        cell, tab, _others = one.partition("\t")
        rest.append(one)
        marks, letters = marks + cell.count('"'), letters + len(one)
        if marks % 2 == 0:
            return rest
        if tab or letters > _MOST_CELL:
            break
    return []


def _quoted(lines: list[str]) -> list[str]:
    """Return the cells of a row by the marks alone; none where they are no marks of cells."""
    try:
        return next(csv.reader(lines, delimiter="\t", strict=len(lines) > 1))
    except csv.Error:
        return []


def _delimiter(first: str, columns: Columns) -> str:
    """Return what parts a first line into names that are known, or else what it has most of."""
    wanted = {_key(name) for name in columns.chosen.values()}.union(*FIELDS.values())

    def known(mark: str) -> tuple[int, bool, int]:
        names = (_key(name.strip(' "')) for name in first.split(mark))
        # A tab stands in no text.
        return sum(name in wanted for name in names), mark == "\t" in first, first.count(mark)

    return max(_DELIMITERS, key=known)


def _unquoted(cell: str) -> str:
    """Return a cell as it was before a program put it between quotation marks."""
    inner = cell[1:-1]
    is_quoted = len(cell) > 1 and cell[0] == cell[-1] == '"' and '"' not in inner.replace('""', "")
    return inner.replace('""', '"') if is_quoted else cell


def _named(head: list[str], row: list[str]) -> dict[str, str]:
    """Return a row by its columns' names: with all of its cells, and a cell for each column."""
    names = [*head, *map(str, range(len(head) + 1, len(row) + 1))]
    found: dict[str, str] = {}
    for place, name in enumerate(names):
        # Of two columns with one name the first has it.
        key = name if name not in found else f"{name} ({place + 1})"
        found[key] = row[place] if place < len(row) else ""
    return found


def _key(name: str) -> str:
    return name.strip().casefold().replace(" ", "_")


def _places(head: list[str], columns: Columns) -> dict[str, int]:
    """Return at which place of a row each field stands; FileError names what cannot be."""
    names = [_key(name) for name in head]
    found = {
        name: next((place for place, one in enumerate(names) if one in known), -1)
        for name, known in FIELDS.items()
    }
    for name, column in columns.chosen.items():
        if name not in FIELDS:
            raise FileError(f"--map: there is no field “{name}”; there are {', '.join(FIELDS)}")
        wanted = _key(column)
        most = len(head) if columns.has_head else _MOST_COLUMNS
        if wanted in names:
            found[name] = names.index(wanted)
        elif column.isdecimal() and len(column) < 6 and 0 < int(column) <= most:
            found[name] = int(column) - 1
        else:
            raise FileError(f"--map: there is no column “{column}”; there are {', '.join(head)}")
    for name in ("claim", "url"):
        if found[name] < 0:
            raise FileError(f"no column holds the {name}: say which by --map {name}=COLUMN")
    return found


def _from_row(row: list[str], places: Mapping[str, int], raw: object) -> Review:
    def cell(name: str) -> str:
        place = places[name]
        value = row[place].strip() if 0 <= place < len(row) else ""
        return "" if value.casefold() in _NOTHING else value

    lost = Lost()
    links = filter(None, map(lost.link, several(cell("appearance"))))
    return Review(
        url=needed_link(cell("url")),
        text=needed("claim", plain_text(cell("claim"))),
        publisher=plain_text(cell("publisher"))[:200],
        label=plain_text(cell("label"))[:200],
        reason=plain_text(cell("reason")),
        reviewed_on=lost.day(cell("reviewed"), is_past=True),
        language=language_code(cell("language")),
        claimant=plain_text(cell("claimant"))[:200],
        claimed_on=lost.day(cell("date")),
        appearances=tuple(map(Appearance, dict.fromkeys(links))),
        lost=tuple(lost.texts),
    )
