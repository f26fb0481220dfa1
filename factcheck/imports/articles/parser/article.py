"""The article parser: from plain text to paragraphs, front matter, citation groups, statements."""

from bisect import bisect_left
from collections.abc import Sequence
from functools import partial

from factcheck.imports.articles.parser.citation_groups import find_groups
from factcheck.imports.articles.parser.citation_runs import IsOutlet
from factcheck.imports.articles.parser.front_matter import publication_date, split_front_matter
from factcheck.imports.articles.parser.paragraphs import Paragraph, paragraphs
from factcheck.imports.articles.parser.parentheses import pairs
from factcheck.imports.articles.parser.statements import statements
from factcheck.imports.articles.records import Group, Link, ReadArticle
from factcheck.imports.languages import language_of


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
) -> ReadArticle:
    """Read an article's plain text; what is None is taken from the text's own front matter.

    `links` are those of the page that the text was taken from; `is_outlet` says whether a printed
    name is an outlet's. ValueError if `published` is no day, month or year.
    """
    find = partial(find_groups, text, is_outlet=is_outlet, links=links)
    found = find(published)
    parentheses = [(start, end) for start, end, is_closed in pairs(text) if is_closed]
    blocks = list(paragraphs(text, parentheses))
    front, body = split_front_matter(text, blocks, found.groups, title or "")
    if published is None and front.published:
        found = find(front.published)
    last = body[-1].end if body else 0
    groups = tuple(group for group in found.groups if group.start < last)
    closed = _outermost([*parentheses, *((group.start, group.end) for group in found.groups)])
    return ReadArticle(
        text=text,
        title=front.title if title is None else title,
        author=front.author if author is None else author,
        published=front.published if published is None else published,
        language=language or language_of(text),
        body=tuple((paragraph.start, paragraph.end) for paragraph in body),
        groups=groups,
        group_paragraphs=_paragraph_numbers(groups, body),
        ignored=tuple(span for span in found.ignored if span.start < last),
        statements=tuple(statements(text, body, groups, closed)),
        url=url,
        own_published=publication_date(text, blocks),
    )


def _paragraph_numbers(groups: Sequence[Group], body: Sequence[Paragraph]) -> tuple[int, ...]:
    """Return the number of each group's paragraph, from 1; 0 before the body."""
    starts = [paragraph.start for paragraph in body]
    return tuple(bisect_left(starts, group.start + 1) for group in groups)


def _outermost(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return the spans that lie in no other one, in order."""
    outer: list[tuple[int, int]] = []
    for start, end in sorted(spans, key=lambda span: (span[0], -span[1])):
        if not outer or start >= outer[-1][1]:
            outer.append((start, end))
    return outer
