"""Finds the parentheses of a text, and the end of those that are never closed."""

import re
from collections.abc import Iterator

# Atomic: never half of a line break.
BREAK = r"(?>\r\n?|[\n\u2028\u2029])"
_MARK = re.compile(rf"[(（]|[)）]|(?P<blank>{BREAK}[^\S\r\n\u2028\u2029]*{BREAK}|\u2029)")
# The next parenthesis, the line's end unless a list goes on, or the sentence's.
_UNCLOSED_END = re.compile(r"[()（）]|(?<![,;])(?<![,;]\r)[\r\n\u2028\u2029]|\.(?=\s+[^\W\d_])|\Z")


def find_parentheses(text: str) -> Iterator[tuple[int, int, bool]]:
    """Yield the start and end of each parenthesis in reading order, and whether it is closed.

    A pair never reaches over a blank line. Linear in the text, however deep it nests.
    """
    starts: list[int] = []
    ends: list[int] = []  # 0 until it is closed
    open_indexes: list[int] = []
    for mark in _MARK.finditer(text):
        if mark["blank"]:
            open_indexes.clear()
        elif mark[0] in "(（":
            open_indexes.append(len(starts))
            starts.append(mark.start())
            ends.append(0)
        elif open_indexes:
            ends[open_indexes.pop()] = mark.end()
    for start, end in zip(starts, ends, strict=True):
        if end:
            yield start, end, True
        elif text[start + 1 : start + 2] not in {"(", "（"}:
            yield start, unclosed_end(text, start), False


def unclosed_end(text: str, start: int) -> int:
    """Return the end of the parenthesis that opens at `start` if nothing closes it."""
    match = _UNCLOSED_END.search(text, start + 1)
    return match.start() if match else len(text)
