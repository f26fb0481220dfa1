"""Reads JSON of any size value by value: memory holds one value and one block of the text.

No Django, no database.
"""

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

from factcheck.imports.errors import Code, FileError, at_line

_BLOCK = 1 << 20
_SPACE = re.compile(r"[ \t\r\n]*")
_decode = json.JSONDecoder().raw_decode


class JSONStream:
    """Reads values one by one from a text that `read` returns in blocks.

    A value of more than `max_length` characters is not read to its end. `line` is the line of the
    next value; `raw` is the text of the last one.
    """

    def __init__(self, read: Callable[[int], str], *, max_length: int) -> None:
        self.read, self.max_length = read, max_length
        self.line, self.raw = 1, ""
        self._text, self._position, self._is_end = "", 0, False

    def peek(self) -> str:
        """Return the next character after white space; empty at the end."""
        while True:
            self._move_to(_SPACE.match(self._text, self._position).end())  # type: ignore[union-attr]
            if self._position < len(self._text):
                return self._text[self._position]
            if self._is_end:
                return ""
            self._read_block()

    def skip(self, character: str) -> bool:
        """Skip a character if it comes next; return whether it did."""
        if self.peek() != character:
            return False
        self._position += 1
        return True

    def next_value(self) -> Any:
        """Read and return the next value."""
        self.peek()
        while True:
            try:
                value, end = _decode(self._text, self._position)
            except json.JSONDecodeError as error:
                if self._is_end or len(self._text) - self._position > self.max_length:
                    line = self.line + self._text.count("\n", self._position, error.pos)
                    raise FileError(Code.JSON_INVALID, location=at_line(line)) from error
            except RecursionError as error:
                raise self._error(Code.JSON_TOO_DEEP) from error
            except ValueError as error:  # a number of thousands of digits
                raise self._error(Code.JSON_NUMBER_TOO_LONG) from error
            else:
                # A number that ends with the block may go on in the next one.
                if end < len(self._text) or self._is_end:
                    self.raw = self._text[self._position : end]
                    self._move_to(end)
                    return value
            self._read_block()

    def members(self) -> Iterator[tuple[int, Any]]:
        """Yield the members of the next array, each with its line."""
        self.skip("[")
        if self.skip("]"):
            return
        while self.peek():
            yield self.line, self.next_value()
            if self.skip("]"):
                return
            if not self.skip(",") and self.peek():
                raise self._error(Code.JSON_COMMA_MISSING)
        raise self._error(Code.JSON_LIST_UNFINISHED)

    def _error(self, code: Code) -> FileError:
        return FileError(code, location=at_line(self.line))

    def _move_to(self, position: int) -> None:
        self.line += self._text.count("\n", self._position, position)
        self._position = position

    def _read_block(self) -> None:
        block = self.read(_BLOCK)
        self._text, self._position, self._is_end = (
            self._text[self._position :] + block,
            0,
            not block,
        )
