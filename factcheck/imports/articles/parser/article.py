"""From a text to a read article: paragraphs, by-line, statements and the groups they rest on."""

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from factcheck.imports import printed_dates
from factcheck.imports.articles.parser.citation_groups import find_groups
from factcheck.imports.articles.parser.citation_items import Known
from factcheck.imports.articles.parser.parentheses import BREAK, pairs
from factcheck.imports.articles.parser.sentences import sentences
from factcheck.imports.articles.records import Group, Link, ReadArticle, Statement
from factcheck.text import name_key

_BREAKS = re.compile(BREAK)
_BLANK = re.compile(rf"{BREAK}[^\S\r\n\u2028\u2029]*{BREAK}|\u2029")
# Titles may ask; but they end no sentence.
_SAYS = re.compile(r"[.!…:;][”’»\"“)\]]*\Z|\w{3}[.!?…][”’»\"]*\s")
_FINAL = re.compile(r"[.!?…:;][”’»\"“)\]]*\Z")

# A whole paragraph that is a page's furniture, in three languages.
_LEFTOVER = re.compile(
    r"(?:share(?: (?:this|on|via|to)\b.*)?|tweet|e-?mail(?: this.*)?|print(?: this.*)?|facebook"
    r"|twitter|x|linkedin|whatsapp|telegram|pinterest|reddit|instagram|youtube|rss|copy link"
    r"|save|like|blogthis!?|home|menu|search|top|back to top|next|previous"
    r"|(?:newer|older) posts?|read more.*"
    r"|(?:related|recommended|popular|recent|most read|latest)(?: \w+){0,2}|see also|subscribe.*"
    r"|sign up.*|log ?in|register|follow us.*|advertisement|sponsored|click (?:here|to)\b.*"
    r"|(?:key takeaways|executive summary|notes|introduction|summary|background|conclusion):?"
    r"|(?:posted|published|written|filed|tagged)(?: (?:by|in|on|under|at))\b.*"
    r"|(?:labels|tags|topics|categories|keywords|source|photo|image|credit)\s*:.*"
    r"|(?:©|\(c\)|copyright\b).*|all rights reserved.*"
    r"|поделиться.*|подписаться.*|подписывайтесь.*|читайте также.*|читать далее.*|реклама"
    r"|теги\s*:.*|распечатать|наверх|главная|бөлісу.*|жазылу.*|жарнама|тағы оқыңыз.*|басып шығару)",
    re.I,
)
# These speak in sentences.
_NOTICE = re.compile(
    r"(?:©|\(c\)|copyright\b|all rights reserved|photo(?: by|:)|фото:|\W*click here|\W*to read part"
    r"|read the full|subscribe to|your email address|the (?:views|opinions) expressed"
    r"|мнение автора|автордың пікірі|подпишитесь|reprinted with).*",
    re.I,
)
# What follows it is readers' talk.
_COMMENTS = re.compile(
    r"(?:no|\d+|leave a|post a|add a|view|show)? ?(?:comments?|repl(?:y|ies)|responses?)"
    r"(?: ?\(\d+\))?\s*:?|(?:нет комментариев|\d* ?комментари(?:и|ев|й|я)(?: ?\(\d+\))?"
    r"|оставить комментарий|добавить комментарий|\d* ?пікір(?:лер)?|пікір қалдыру)\s*:?",
    re.I,
)
_BY = re.compile(r"(?:by|автор|авторы|авторы?:)[:\s]+(\S.{0,100})", re.I)
_PERSON = re.compile(
    r"(?:[^\W\d_a-zа-яё][\w.’'-]*)"
    r"(?: (?:[^\W\d_a-zа-яё][\w.’'-]*|de|van|von|al|bin)){1,3}"
)
_PUBLISHED = re.compile(r"(?:published|posted|опубликован[ао]?|жариялан(?:ған|ды))\b", re.I)
# A line that tells when the article came out, perhaps with the hour or the issue.
_DATED = re.compile(
    r"(?:published|posted|date|опубликовано|дата)\b|\w+ \d{1,2}, \d{4}\b|\d{1,2} \w+ \d{4}\b"
    r"|.*\b(?:volume|issue)\b",
    re.I,
)
_BULLET = re.compile(r"[•*–—-]\s|\d{1,2}[.)]\s")
_MAX_HEADING = 200


class Paragraph(NamedTuple):
    start: int
    end: int


def read_article(
    text: str,
    *,
    published: str | None = None,
    title: str | None = None,
    author: str | None = None,
    language: str = "",
    url: str = "",
    links: Sequence[Link] = (),
    known: Known = lambda name: False,
) -> ReadArticle:
    """Read an article's plain text; what is None is taken from what the text says of itself.

    `links` are those of the page that the text was taken from; `known` says whether a printed
    name is an outlet's.

    ValueError if `published` is no day, month or year.
    """
    given = published or ""
    printed_dates.last_day(given)
    brackets = [(start, end) for start, end, is_closed in pairs(text) if is_closed]
    found = find_groups(text, given or None, known=known, links=links)
    blocks = list(_paragraphs(text, brackets))
    front, body = _front_matter(text, blocks, found.groups, title or "")
    if published is None and front.published:
        given = front.published
        found = find_groups(text, given, known=known, links=links)
    closed = _outermost([*brackets, *((group.start, group.end) for group in found.groups)])
    last = body[-1].end if body else 0
    groups = tuple(group for group in found.groups if group.start < last)
    statements = tuple(
        statement
        for number, paragraph in enumerate(body, 1)
        for statement in _statements(text, paragraph, number, groups, closed)
    )
    starts = [paragraph.start for paragraph in body]
    return ReadArticle(
        text=text,
        title=front.title if title is None else title,
        author=front.author if author is None else author,
        published=given,
        language=language or language_of(text),
        body=tuple((paragraph.start, paragraph.end) for paragraph in body),
        groups=groups,
        group_paragraphs=tuple(bisect_left(starts, group.start + 1) for group in groups),
        ignored=tuple(span for span in found.ignored if span.start < last),
        statements=statements,
        url=url,
        own_published=_own_day(text, blocks),
    )


def language_of(text: str) -> str:
    """Return `kk`, `ru` or `en`: which of the three the letters of `text` speak for."""
    letters = text[:50_000].casefold()
    cyrillic = sum("а" <= char <= "я" for char in letters)
    latin = sum("a" <= char <= "z" for char in letters)
    if cyrillic <= latin:
        return "en"
    kazakh = sum(char in "әғқңөұүһі" for char in letters)
    return "kk" if 30 * kazakh > cyrillic else "ru"


class _Front(NamedTuple):
    title: str = ""
    author: str = ""
    published: str = ""


def _front_matter(
    text: str, blocks: list[Paragraph], groups: Sequence[Group], title: str
) -> tuple[_Front, list[Paragraph]]:
    """Part title, by-line, date, headings and furniture from the paragraphs of the body.

    A line that repeats the `title` that was given says nothing new.
    """
    starts = [group.start for group in groups]
    front = _Front()
    body: list[Paragraph] = []
    for block in blocks:
        raw = " ".join(text[block.start : block.end].split())
        place = bisect_left(starts, block.start)
        if place < len(starts) and starts[place] < block.end:
            if body and _is_bare(text, block, groups[place:]):
                body[-1] = Paragraph(body[-1].start, block.end)
            else:
                body.append(block)
        elif _COMMENTS.fullmatch(raw):
            if body:
                break
        elif _is_furniture(raw) or (not body and title and name_key(raw) == name_key(title)):
            continue
        elif not body and (known := _said_before(raw, front, is_last=block is blocks[-1])):
            front = known
        elif not _is_heading(raw):
            body.append(block)
    return front, body


def _said_before(raw: str, front: _Front, *, is_last: bool) -> _Front | None:
    """Return what a line before the body says of the article, or None if it says nothing."""
    by = None if _FINAL.search(raw) else _BY.fullmatch(raw)
    is_name = _PERSON.fullmatch(raw) and (len(raw.split()) == 2 or "." in raw or front.title)
    if by or is_name:
        # A title of two words looks like a name until a name follows.
        title = front.title or front.author
        return front._replace(author=by[1].strip() if by else raw, title=title)
    if day := printed_dates.read(raw):
        printed = printed_dates.resolve(day, None)[0] if day.year and day.can_be else None
        return front._replace(published=front.published or printed or "")
    if len(raw) < 80 and _DATED.match(raw) and (named := printed_dates.day_in(raw)):
        return front._replace(published=front.published or named)
    if len(raw) >= _MAX_HEADING or is_last or _SAYS.search(raw):
        return None
    return front._replace(title=front.title or raw)


def _own_day(text: str, blocks: Sequence[Paragraph]) -> str:
    """Return the day that a line such as `Published on 6 September 2022` names, or nothing."""
    lines = (text[block.start : block.end] for block in blocks if block.end - block.start < 80)
    days = (printed_dates.day_in(line) for line in lines if _PUBLISHED.match(line))
    return next(filter(None, days), "")


def _is_bare(text: str, block: Paragraph, groups: Sequence[Group]) -> bool:
    """Return whether a paragraph is nothing but groups: those of the paragraph before it."""
    position, rest = block.start, ""
    for group in groups:
        if group.start >= block.end:
            break
        rest += text[position : group.start]
        position = group.end
    return not any(map(str.isalnum, rest + text[position : block.end]))


def _is_furniture(raw: str) -> bool:
    is_sentence = raw.endswith((".", "!", "?", "”", "»")) and len(raw.split()) > 6
    if len(raw) >= _MAX_HEADING:
        return False
    return bool(_NOTICE.fullmatch(raw) or (not is_sentence and _LEFTOVER.fullmatch(raw)))


def _is_heading(raw: str) -> bool:
    return not _FINAL.search(raw) and len(raw.split()) <= 12 and not _BULLET.match(raw)


def _statements(
    text: str,
    paragraph: Paragraph,
    number: int,
    groups: Sequence[Group],
    closed: list[tuple[int, int]],
) -> Iterator[Statement]:
    """Yield a paragraph's sentences, each with its own groups or the one that ends its span."""
    first = bisect_left(groups, paragraph.start, key=lambda group: group.start)
    last = bisect_left(groups, paragraph.end, key=lambda group: group.start)
    here = range(first, last)
    low = bisect_left(closed, (paragraph.start, 0))
    high = bisect_left(closed, (paragraph.end, 0))
    spans = sentences(
        text,
        paragraph.start,
        paragraph.end,
        closed=closed[low:high],
        groups=[groups[index].start for index in here],
    )
    ahead: tuple[int, ...] = ()
    found: list[Statement] = []
    waiting = list(here)
    for start, end in reversed(spans):
        own: list[int] = []
        while waiting and groups[waiting[-1]].start >= start:
            own.append(waiting.pop())
        own.reverse()
        stop = _without_last_groups(text, start, end, [groups[index] for index in own])
        # A sentence that names its own source says nothing about the ones before it.
        closing = [index for index in own if not _is_inline(groups[index])]
        if closing:
            ahead = (closing[0],)
        if stop > start and any(map(str.isalnum, text[start:stop])):
            plain = _plain(text, start, stop, [groups[index] for index in own], was_cut=end > stop)
            found.append(
                Statement(text[start:stop], start, stop, number, tuple(own) or ahead, plain)
            )
        elif own:
            # Groups that stand alone close the sentences before them, all together.
            ahead = tuple(own)
    yield from reversed(found)


def _is_inline(group: Group) -> bool:
    return any(report.start < group.start for report in group.citations)


def _without_last_groups(text: str, start: int, end: int, own: list[Group]) -> int:
    """Return where a sentence ends without the groups, and the full stop after them, at its end."""
    stop = end
    for group in reversed(own):
        if _is_inline(group) or text[group.end : stop].strip(" .!?…;,\r\n\t\u00a0"):
            break
        stop = group.start
        stop = start + len(text[start:stop].rstrip())
    return stop


def _plain(text: str, start: int, stop: int, own: list[Group], *, was_cut: bool) -> str:
    pieces, position = [], start
    for group in own:
        if group.end <= stop and not _is_inline(group):
            pieces.append(text[position : group.start].rstrip())
            position = group.end
    plain = " ".join("".join([*pieces, text[position:stop]]).split())
    return plain if not was_cut or _FINAL.search(plain) else f"{plain.rstrip(',;:')}."


def _paragraphs(text: str, brackets: list[tuple[int, int]]) -> Iterator[Paragraph]:
    """Yield paragraphs: parted by blank lines, else by line breaks unless lines are wrapped."""
    start = 0
    for blank in [*_BLANK.finditer(text), None]:
        end = blank.start() if blank else len(text)
        yield from _lines(text, start, end, brackets)
        start = blank.end() if blank else end


def _lines(text: str, start: int, end: int, brackets: list[tuple[int, int]]) -> Iterator[Paragraph]:
    breaks = list(_BREAKS.finditer(text, start, end))
    edges = [start, *(found.end() for found in breaks)]
    lines = [text[a:b].strip() for a, b in zip(edges, [*edges[1:], end], strict=True)]
    is_wrapped = _is_wrapped(lines)
    begin = start
    for place, found in enumerate(breaks):
        goes_on = is_wrapped or _goes_on(lines[place], lines[place + 1])
        if not goes_on and not _is_within(found.start(), brackets):
            yield from _stripped(text, begin, found.start())
            begin = found.end()
    yield from _stripped(text, begin, end)


def _is_wrapped(lines: list[str]) -> bool:
    """Return whether lines were broken at a width: alike in length, most in mid-sentence."""
    full = [line for line in lines[:-1] if line]
    if len(full) < 2 or not all(45 <= len(line) <= 130 for line in full):
        return False
    cut = sum(not _FINAL.search(line) for line in full)
    return max(map(len, full)) <= 1.6 * min(map(len, full)) and 2 * cut > len(full)


def _goes_on(line: str, following: str) -> bool:
    """Return whether a line goes on in the next one: it stops short, that begins in lower case."""
    if not line or not following or _FINAL.search(line):
        return False
    return following[0].islower() or following[0] in "(（"


def _is_within(position: int, brackets: list[tuple[int, int]]) -> bool:
    """Return whether a short parenthesis is open at `position`."""
    place = bisect_left(brackets, (position, 0))
    return any(
        start < position < end and end - start < 1_000
        for start, end in brackets[max(0, place - 4) : place]
    )


def _stripped(text: str, start: int, end: int) -> Iterator[Paragraph]:
    raw = text[start:end]
    if stripped := raw.strip():
        begin = start + raw.index(stripped[0])
        yield Paragraph(begin, begin + len(stripped))


def _outermost(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    kept: list[tuple[int, int]] = []
    for start, end in sorted(spans, key=lambda span: (span[0], -span[1])):
        if not kept or start >= kept[-1][1]:
            kept.append((start, end))
    return kept
