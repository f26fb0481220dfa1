"""Parses the plain text of an article: paragraphs, front matter, citation groups, statements."""

from bisect import bisect_left
from collections.abc import Sequence
from functools import partial

from factcheck.imports.articles.parser.citation_groups import find_groups
from factcheck.imports.articles.parser.citation_runs import IsOutlet
from factcheck.imports.articles.parser.front_matter import publication_date, split_front_matter
from factcheck.imports.articles.parser.paragraphs import Paragraph, split_paragraphs
from factcheck.imports.articles.parser.parentheses import find_parentheses
from factcheck.imports.articles.parser.statements import split_statements
from factcheck.imports.articles.records import CitationGroup, Link, ParsedArticle
from factcheck.imports.language_words import language_of


def read_article(
    text: str,
    *,
    published: str | None = None,
    title: str | None = None,
    author: str | None = None,
    language: str = "",
    url: str = "",
    links: Sequence[Link] = (),
    is_outlet: IsOutlet = lambda name: False,
) -> ParsedArticle:
    """Parse an article's plain text; values that are None are taken from its front matter.

    `links` are the page's, in order; `is_outlet` tells whether a printed name is an outlet's.
    Raises ArticleError if `published` is not a date, a month or a year.
    """
    find = partial(find_groups, text, is_outlet=is_outlet, links=links)
    parsed = find(published)
    parentheses = [(start, end) for start, end, is_closed in find_parentheses(text) if is_closed]
    blocks = list(split_paragraphs(text, parentheses))
    front, body = split_front_matter(text, blocks, parsed.groups, title or "")
    if published is None and front.published:
        parsed = find(front.published)
    body_end = body[-1].end if body else 0
    groups = tuple(group for group in parsed.groups if group.start < body_end)
    closed = _outermost([*parentheses, *((group.start, group.end) for group in parsed.groups)])
    return ParsedArticle(
        text=text,
        title=front.title if title is None else title,
        author=front.author if author is None else author,
        published=front.published if published is None else published,
        language=language or language_of(text),
        body=tuple((paragraph.start, paragraph.end) for paragraph in body),
        groups=groups,
        group_paragraphs=_paragraph_numbers(groups, body),
        ignored=tuple(span for span in parsed.ignored if span.start < body_end),
        statements=tuple(split_statements(text, body, groups, closed)),
        url=url,
        published_in_text=publication_date(text, blocks),
    )


def _paragraph_numbers(
    groups: Sequence[CitationGroup], body: Sequence[Paragraph]
) -> tuple[int, ...]:
    """Return the number of each group's paragraph, from 1; 0 before the body."""
    starts = [paragraph.start for paragraph in body]
    return tuple(bisect_left(starts, group.start + 1) for group in groups)


def _outermost(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return the spans that no other span contains, in order."""
    outer: list[tuple[int, int]] = []
    for start, end in sorted(spans, key=lambda span: (span[0], -span[1])):
        if not outer or start >= outer[-1][1]:
            outer.append((start, end))
    return outer
