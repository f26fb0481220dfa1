"""Splits the lines of tab-separated text into rows.

A cell may begin with a quotation mark that is never closed. So quotation marks enclose a tab or a
line break only if this gives the row its right number of cells, and the tabs alone do not.
"""

import csv
from collections import deque
from collections.abc import Generator, Iterable, Iterator


def tab_rows(lines: Iterable[str], *, max_cell: int) -> Generator[tuple[int, list[str]]]:
    """Yield the number of the first line and the cells of each row."""
    width = 0
    reader = _LookAhead(lines)
    for line in reader:
        number = reader.number
        plain = line.rstrip("\r\n").split("\t")
        width = width or len(plain)
        is_open = len(plain) <= width and plain[-1].startswith('"')
        continuation = _continuation_lines(line, reader.ahead(), max_cell) if is_open else []
        quoted = _quoted([line, *continuation]) if continuation or len(plain) > width else []
        if len(quoted) == width:
            yield number, quoted
            for _line in continuation:
                next(reader)
        else:
            yield number, list(map(_unquoted, plain))


class _LookAhead:
    """An iterator of lines that can look ahead; `number` counts the lines returned."""

    def __init__(self, lines: Iterable[str]) -> None:
        self.lines, self.buffer = iter(lines), deque[str]()
        self.error: UnicodeError | None = None
        self.number = 0

    def __iter__(self) -> "_LookAhead":
        return self

    def __next__(self) -> str:
        if self.error and not self.buffer:
            raise self.error
        line = self.buffer.popleft() if self.buffer else next(self.lines)
        self.number += 1
        return line

    def ahead(self) -> Iterator[str]:
        """Yield the next lines without consuming them. `next` raises decoding errors."""
        yield from tuple(self.buffer)
        try:
            for line in self.lines if self.error is None else ():
                self.buffer.append(line)
                yield line
        except UnicodeError as error:
            self.error = error


def _continuation_lines(line: str, following: Iterable[str], max_cell: int) -> list[str]:
    """Return the lines that continue the last cell of `line`, if the cell is quoted.

    There are none if a tab comes before the closing mark: then each line is a row of its own.
    """
    continuation: list[str] = []
    marks, length = line.count('"'), len(line)
    for next_line in following if marks % 2 else ():
        cell, tab, _cells = next_line.partition("\t")
        continuation.append(next_line)
        marks, length = marks + cell.count('"'), length + len(next_line)
        if marks % 2 == 0:
            return continuation
        if tab or length > max_cell:
            break
    return []


def _quoted(lines: list[str]) -> list[str]:
    """Return the cells of a row with quotation marks respected; empty if they are not balanced."""
    try:
        return next(csv.reader(lines, delimiter="\t", strict=len(lines) > 1))
    except csv.Error:
        return []


def _unquoted(cell: str) -> str:
    """Return a cell without enclosing quotation marks."""
    inner = cell[1:-1]
    is_quoted = len(cell) > 1 and cell[0] == cell[-1] == '"' and '"' not in inner.replace('""', "")
    return inner.replace('""', '"') if is_quoted else cell
