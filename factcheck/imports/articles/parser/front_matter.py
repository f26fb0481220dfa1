"""Separates an article's front matter (title, by-line, date) and page furniture from its body."""

import re
from bisect import bisect_left
from collections.abc import Sequence
from typing import NamedTuple

from factcheck.imports import printed_dates
from factcheck.imports.articles.parser.paragraphs import FINAL, Paragraph
from factcheck.imports.articles.records import CitationGroup
from factcheck.imports.language_words import any_of
from factcheck.text.name_keys import name_key

_MAX_HEADING, _MAX_DATE_LINE = 200, 80
# A line that makes a statement is no title. A title may end in a question mark.
_STATES = re.compile(r"[.!…:;][”’»\"“)\]]*\Z|\w{3}[.!?…][”’»\"]*\s")
_FURNITURE = re.compile(any_of(lambda language: language.page_furniture), re.I)
_NOTICE = re.compile(any_of(lambda language: language.notices), re.I)
_COMMENTS = re.compile(any_of(lambda language: language.comments_heading), re.I)
_BYLINE = re.compile(rf"(?:{any_of(lambda language: language.byline)})[:\s]+(\S.{{0,100}})", re.I)
_PERSON = re.compile(
    r"(?:[^\W\d_a-zа-яё][\w.’'-]*)"
    r"(?: (?:[^\W\d_a-zа-яё][\w.’'-]*|de|van|von|al|bin)){1,3}"
)
_PUBLISHED = re.compile(rf"(?:{any_of(lambda language: language.published)})\b", re.I)
# A line with the date of publication, perhaps with the time or the issue.
_DATE_LINE = re.compile(
    rf"(?:{any_of(lambda language: language.date_line)})\b|\w+ \d{{1,2}}, \d{{4}}\b"
    r"|\d{1,2} \w+ \d{4}\b|.*\b(?:volume|issue)\b",
    re.I,
)
_BULLET = re.compile(r"[•*–—-]\s|\d{1,2}[.)]\s")


class FrontMatter(NamedTuple):
    title: str = ""
    author: str = ""
    published: str = ""


def split_front_matter(
    text: str, blocks: list[Paragraph], groups: Sequence[CitationGroup], title: str
) -> tuple[FrontMatter, list[Paragraph]]:
    """Separate the front matter, headings and page furniture from the paragraphs of the body.

    A line that repeats the given `title` is left out.
    """
    starts = [group.start for group in groups]
    front = FrontMatter()
    body: list[Paragraph] = []
    for block in blocks:
        raw = " ".join(text[block.start : block.end].split())
        first = bisect_left(starts, block.start)
        if first < len(starts) and starts[first] < block.end:
            if body and _is_only_groups(text, block, groups[first:]):
                body[-1] = Paragraph(body[-1].start, block.end)
            else:
                body.append(block)
        elif _COMMENTS.fullmatch(raw):
            if body:
                break
        elif _is_furniture(raw) or (not body and title and name_key(raw) == name_key(title)):
            continue
        elif not body and (extended := _with_line(front, raw, is_last=block is blocks[-1])):
            front = extended
        elif not _is_heading(raw):
            body.append(block)
    return front, body


def _with_line(front: FrontMatter, raw: str, *, is_last: bool) -> FrontMatter | None:
    """Return the front matter with a line added; None if the line belongs to the body."""
    by = None if FINAL.search(raw) else _BYLINE.fullmatch(raw)
    is_name = _PERSON.fullmatch(raw) and (len(raw.split()) == 2 or "." in raw or front.title)
    if by or is_name:
        # A title of two words looks like a name until a name follows.
        title = front.title or front.author
        return front._replace(author=by[1].strip() if by else raw, title=title)
    if printed := printed_dates.parse(raw):
        is_date = printed.year and printed.is_possible
        day = printed_dates.resolve(printed, None)[0] if is_date else None
        return front._replace(published=front.published or day or "")
    if (
        len(raw) < _MAX_DATE_LINE
        and _DATE_LINE.match(raw)
        and (day := printed_dates.first_date_in(raw))
    ):
        return front._replace(published=front.published or day)
    if len(raw) >= _MAX_HEADING or is_last or _STATES.search(raw):
        return None
    return front._replace(title=front.title or raw)


def publication_date(text: str, blocks: Sequence[Paragraph]) -> str:
    """Return the date in a line such as `Published on 6 September 2022`; empty without one."""
    lines = (
        text[block.start : block.end]
        for block in blocks
        if block.end - block.start < _MAX_DATE_LINE
    )
    days = (printed_dates.first_date_in(line) for line in lines if _PUBLISHED.match(line))
    return next(filter(None, days), "")


def _is_only_groups(text: str, block: Paragraph, groups: Sequence[CitationGroup]) -> bool:
    """Return whether a paragraph consists of groups, which belong to the paragraph before it."""
    position, words = block.start, ""
    for group in groups:
        if group.start >= block.end:
            break
        words += text[position : group.start]
        position = group.end
    return not any(map(str.isalnum, words + text[position : block.end]))


def _is_furniture(raw: str) -> bool:
    is_sentence = raw.endswith((".", "!", "?", "”", "»")) and len(raw.split()) > 6
    if len(raw) >= _MAX_HEADING:
        return False
    return bool(_NOTICE.fullmatch(raw) or (not is_sentence and _FURNITURE.fullmatch(raw)))


def _is_heading(raw: str) -> bool:
    return not FINAL.search(raw) and len(raw.split()) <= 12 and not _BULLET.match(raw)
