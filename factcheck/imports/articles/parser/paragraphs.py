"""Splits a plain text into paragraphs, at blank lines or at line breaks."""

import re
from bisect import bisect_left
from collections.abc import Iterator
from typing import NamedTuple

from factcheck.imports.articles.parser.parentheses import BREAK

_BREAKS = re.compile(BREAK)
_BLANK = re.compile(rf"{BREAK}[^\S\r\n\u2028\u2029]*{BREAK}|\u2029")
# The end of a sentence, with the quotation marks and parentheses after it.
FINAL = re.compile(r"[.!?…:;][”’»\"“)\]]*\Z")
# A longer parenthesis is taken for two that are never closed.
_MAX_PARENTHESIS = 1_000


class Paragraph(NamedTuple):
    start: int
    end: int


def split_paragraphs(text: str, parentheses: list[tuple[int, int]]) -> Iterator[Paragraph]:
    """Yield the paragraphs of a text. Line breaks inside the `parentheses` end no paragraph."""
    start = 0
    for blank in [*_BLANK.finditer(text), None]:
        end = blank.start() if blank else len(text)
        yield from _lines(text, start, end, parentheses)
        start = blank.end() if blank else end


def _lines(
    text: str, start: int, end: int, parentheses: list[tuple[int, int]]
) -> Iterator[Paragraph]:
    """Yield the paragraphs between two blank lines: single lines, unless the text is wrapped."""
    breaks = list(_BREAKS.finditer(text, start, end))
    edges = [start, *(match.end() for match in breaks)]
    lines = [text[a:b].strip() for a, b in zip(edges, [*edges[1:], end], strict=True)]
    is_wrapped = _is_wrapped(lines)
    begin = start
    for index, match in enumerate(breaks):
        continues = is_wrapped or _continues(lines[index], lines[index + 1])
        if not continues and not _is_within(match.start(), parentheses):
            yield from _stripped(text, begin, match.start())
            begin = match.end()
    yield from _stripped(text, begin, end)


def _is_wrapped(lines: list[str]) -> bool:
    """Return whether lines were wrapped at a width: similar in length, most cut in mid-sentence."""
    full = [line for line in lines[:-1] if line]
    if len(full) < 2 or not all(45 <= len(line) <= 130 for line in full):
        return False
    cut = sum(not FINAL.search(line) for line in full)
    return max(map(len, full)) <= 1.6 * min(map(len, full)) and 2 * cut > len(full)


def _continues(line: str, following: str) -> bool:
    """Return whether the next line continues a sentence: it begins in lower case or with `(`."""
    if not line or not following or FINAL.search(line):
        return False
    return following[0].islower() or following[0] in "(（"


def _is_within(position: int, parentheses: list[tuple[int, int]]) -> bool:
    """Return whether a short parenthesis is open at `position`."""
    index = bisect_left(parentheses, (position, 0))
    return any(
        start < position < end and end - start < _MAX_PARENTHESIS
        for start, end in parentheses[max(0, index - 4) : index]
    )


def _stripped(text: str, start: int, end: int) -> Iterator[Paragraph]:
    raw = text[start:end]
    if stripped := raw.strip():
        begin = start + raw.index(stripped[0])
        yield Paragraph(begin, begin + len(stripped))
