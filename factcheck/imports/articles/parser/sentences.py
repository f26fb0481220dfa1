"""Splits English, Russian and Kazakh prose into sentences.

Abbreviations, initials, numbers, quotations and parentheses do not end a sentence.
"""

import re
from bisect import bisect_right
from collections.abc import Iterable, Sequence

from factcheck.imports.language_words import all_words

# A run of marks is matched once, at its start, so that the search is linear.
_END = re.compile(r"(?<![.!?…])[.!?…]++[”’»\"“)\]]*+(?:\[\d{1,3}\])*+(?=\s|\Z)")
_DASH = re.compile(r"[-–—]\s*")
_BEFORE = re.compile(r"[\w.’'-]*\Z")
# K., К.-Ж.
_INITIALS = re.compile(r"(?:[^\W\d_]\.-)*[^\W\d_]")
_DOTTED = re.compile(r"(?:[^\W\d_]\.)+[^\W\d_]")
# т. д., т. п., н. э., т. б.
_SPACED = re.compile(r"\b[тн]\.\s?[дпчэб]\Z")
_SPACE = re.compile(r"\s*")
_NEXT_WORD = re.compile(r"[^\W\d_]+")
_QUOTE = re.compile('[“”«»„"]')
_OPENS = "“„«"
_CLOSES = {"”": "“„", "“": "„", "»": "«"}

_BEFORE_NAMES = all_words(lambda language: language.before_names)
_BEFORE_NUMBERS = all_words(lambda language: language.before_numbers)
_ABBREVIATIONS = all_words(lambda language: language.abbreviations)
_STARTERS = all_words(lambda language: language.sentence_starters)


def split_sentences(
    text: str, start: int, end: int, *, closed: Sequence[tuple[int, int]], groups: Iterable[int]
) -> list[tuple[int, int]]:
    """Return the sentences of the paragraph `text[start:end]` as spans without surrounding space.

    No sentence ends inside one of the `closed` parentheses (spans in order). A parenthesis that
    begins at one of `groups` belongs to the sentence before it, even after a full stop.
    """
    protected = _Spans([*closed, *_quotations(text, start, end)])
    end_of = dict(closed)
    group_starts = set(groups)
    spans: list[tuple[int, int]] = []
    begin = _skip(text, start, end)
    for mark in _END.finditer(text, start, end):
        stop = mark.end()
        if stop <= begin or stop in protected or not _is_end(text, begin, mark, end):
            continue
        after = _skip(text, stop, end)
        while after in group_starts:
            stop = end_of.get(after, end)
            stop += text[stop : stop + 1] == "."
            after = _skip(text, stop, end)
        spans.append((begin, stop))
        begin = after
    if begin < end and text[begin:end].strip():
        spans.append((begin, begin + len(text[begin:end].rstrip())))
    return spans


class _Spans:
    """A set of spans, which contains the positions inside any of them."""

    def __init__(self, spans: Iterable[tuple[int, int]]) -> None:
        self.starts: list[int] = []
        self.ends: list[int] = []
        for start, end in sorted(spans):
            if self.ends and start < self.ends[-1]:
                self.ends[-1] = max(self.ends[-1], end)
            else:
                self.starts.append(start)
                self.ends.append(end)

    def __contains__(self, position: int) -> bool:
        index = bisect_right(self.starts, position - 1) - 1
        return index >= 0 and position < self.ends[index]


def _is_end(text: str, begin: int, mark: re.Match[str], end: int) -> bool:
    after = _skip(text, mark.end(), end)
    if after >= end:
        return True
    following = text[after]
    if dash := _DASH.match(text, after, end):  # «Да!» — сказал он.
        following = text[dash.end() : dash.end() + 1]
    if following.islower():
        return False
    if mark[0] != ".":
        return True
    word = _BEFORE.search(text, max(begin, mark.start() - 24), mark.start())
    printed = word[0].lstrip("'’-") if word else ""
    before = printed.casefold()
    if not before:
        return True
    is_open = bool(_SPACED.search(text, max(begin, mark.start() - 5), mark.start()))
    if (not is_open and before.rsplit("-", 1)[-1] in _BEFORE_NAMES) or (
        before.isdecimal() and mark.start() - len(before) == begin
    ):
        return False
    if before in _BEFORE_NUMBERS:
        return not following.isdigit()
    next_word = _NEXT_WORD.match(text, after, end)
    starts = next_word is not None and next_word[0].casefold() in _STARTERS
    if _INITIALS.fullmatch(printed) and printed.isupper():  # an initial, if not vitamin C
        return starts and len(next_word[0]) > 1  # type: ignore[index]
    if is_open or before in _ABBREVIATIONS or _DOTTED.fullmatch(before):
        return starts or not following.isalnum()
    return True


def _quotations(text: str, start: int, end: int) -> Iterable[tuple[int, int]]:
    """Yield the spans of closed quotations."""
    marks = list(_QUOTE.finditer(text, start, end))
    straight = [mark.start() for mark in marks if mark[0] == '"']
    if len(straight) % 2 == 0:
        yield from (
            (left, right + 1) for left, right in zip(straight[::2], straight[1::2], strict=True)
        )
    opened: list[tuple[str, int]] = []
    for mark in marks:
        sign = mark[0]
        if sign in _CLOSES and opened and opened[-1][0] in _CLOSES[sign]:
            yield opened.pop()[1], mark.end()
        elif sign in _OPENS:
            opened.append((sign, mark.start()))


def _skip(text: str, position: int, end: int) -> int:
    return _SPACE.match(text, position, end).end()  # type: ignore[union-attr]
