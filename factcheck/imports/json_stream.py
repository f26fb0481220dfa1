"""JSON of any size, read value by value: memory holds one value and one block of the text.

No Django, no database.
"""

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

_BLOCK = 1 << 20
_SPACE = re.compile(r"[ \t\r\n]*")
_decode = json.JSONDecoder().raw_decode
TOO_DEEP = "nested too deeply"


class StreamError(ValueError):
    """What cannot be read on: the line, and why."""

    def __init__(self, line: int, reason: str) -> None:
        self.line, self.reason = line, reason
        super().__init__(f"line {line}: {reason}")


class JSONStream:
    """A text that `read` yields by the block, and the place in it.

    A value of more than `most` letters is not read to its end.
    `line` is that of what comes next; `raw` is the text of the last value.
    """

    def __init__(self, read: Callable[[int], str], *, most: int) -> None:
        self.read, self.most = read, most
        self.line, self.raw = 1, ""
        self._text, self._at, self._is_end = "", 0, False

    def peek(self) -> str:
        """Return the letter that comes next, past white space; empty at the end."""
        while True:
            self._go_to(_SPACE.match(self._text, self._at).end())  # type: ignore[union-attr]
            if self._at < len(self._text):
                return self._text[self._at]
            if self._is_end:
                return ""
            self._read_on()

    def take(self, letter: str) -> bool:
        """Go past a letter if it comes next; return whether it did."""
        if self.peek() != letter:
            return False
        self._at += 1
        return True

    def value(self) -> Any:
        """Return the value that comes next."""
        self.peek()
        while True:
            try:
                value, end = _decode(self._text, self._at)
            except json.JSONDecodeError as error:
                if self._is_end or len(self._text) - self._at > self.most:
                    line = self.line + self._text.count("\n", self._at, error.pos)
                    raise StreamError(line, error.msg) from error
            except RecursionError as error:
                raise StreamError(self.line, TOO_DEEP) from error
            except ValueError as error:  # a number of thousands of digits
                raise StreamError(self.line, str(error)) from error
            else:
                # A number that ends with the block may go on in the next one.
                if end < len(self._text) or self._is_end:
                    self.raw = self._text[self._at : end]
                    self._go_to(end)
                    return value
            self._read_on()

    def members(self) -> Iterator[tuple[int, Any]]:
        """Yield the members of the array that comes next, each with its line."""
        self.take("[")
        if self.take("]"):
            return
        while self.peek():
            yield self.line, self.value()
            if self.take("]"):
                return
            if not self.take(",") and self.peek():
                raise StreamError(self.line, "a comma is missing before this")
        raise StreamError(self.line, "the file ends within its list")

    def _go_to(self, place: int) -> None:
        self.line += self._text.count("\n", self._at, place)
        self._at = place

    def _read_on(self) -> None:
        block = self.read(_BLOCK)
        self._text, self._at, self._is_end = self._text[self._at :] + block, 0, not block
