"""The text of an article's preview: paragraphs, cut at the edges of statements and groups."""

from collections import defaultdict, deque
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from factcheck.admin.article_preview_rows import GroupBox, Paragraph, Piece, StatementRow
from factcheck.imports.articles.records import ReadArticle, Span


class _Mark(NamedTuple):
    """A span of the text that the preview highlights: a statement, a group or an aside."""

    start: int
    end: int
    kind: str  # the attribute of a `Piece` that it sets
    number: int


def paragraphs_of(
    article: ReadArticle, groups: Sequence[GroupBox], statements: Sequence[StatementRow]
) -> tuple[list[Paragraph], str]:
    """Return the paragraphs of the body, and the text after it."""
    boxes, rows = defaultdict(list), defaultdict(list)
    for box, number in zip(groups, article.group_paragraphs, strict=True):
        boxes[number].append(box)
    for row in statements:
        rows[row.statement.paragraph].append(row)
    ignored = deque(article.ignored)
    paragraphs, position = [], 0
    for number, (start, end) in enumerate(article.body, 1):
        asides: list[Span] = []
        while ignored and ignored[0].start < end:
            asides.append(ignored.popleft())
        marks = [
            *(_Mark(*_span(row.statement), "statement", row.number) for row in rows[number]),
            *(_Mark(*_span(box.group), "group", box.number) for box in boxes[number]),
            *(
                _Mark(span.start, span.end, "is_ignored", 1)
                for span in asides
                if span.start >= start
            ),
        ]
        pieces = list(_pieces(article.text, start, end, marks))
        before = article.text[position:start].strip()
        paragraphs.append(Paragraph(number, pieces, rows[number], boxes[number], before))
        position = end
    return paragraphs, article.text[position:].strip()


def _span(record: object) -> tuple[int, int]:
    return record.start, record.end  # type: ignore[attr-defined]


def _pieces(text: str, start: int, end: int, marks: list[_Mark]) -> Iterator[Piece]:
    """Cut a paragraph at the edges of its marks, and say which marks each piece lies in."""
    edges = sorted({start, end, *(edge for mark in marks for edge in mark[:2] if edge < end)})
    upcoming = deque(sorted(marks))
    active: list[_Mark] = []
    for left, right in pairwise(edges):
        while upcoming and upcoming[0].start <= left:
            active.append(upcoming.popleft())
        active = [mark for mark in active if left < mark.end]
        piece = Piece(text[left:right])
        for mark in active:
            if mark.kind == "statement":
                piece.statement = mark.number
                piece.begins = piece.begins or mark.start == left
            elif mark.kind == "group":
                piece.group = mark.number
                piece.opens_group = piece.opens_group or mark.start == left
            else:
                piece.is_ignored = True
        yield piece
