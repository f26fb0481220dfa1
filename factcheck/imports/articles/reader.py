"""Reads an article from plain text or HTML."""

from factcheck.imports.articles.html import is_page, read_page
from factcheck.imports.articles.parser.article import read_article
from factcheck.imports.articles.parser.citation_runs import IsOutlet
from factcheck.imports.articles.records import Link, ParsedArticle
from factcheck.imports.errors import ArticleError, Code, Location, Unit


def decode(content: bytes, *, limit: int) -> str:
    """Return the text of a file of at most `limit` bytes. ArticleError if it is not text."""
    if len(content) > limit:
        raise ArticleError(Code.ARTICLE_TOO_LARGE, limit=limit)
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        location = Location(Unit.BYTE, error.start + 1)
        raise ArticleError(Code.NOT_UTF8, location=location) from error
    if "\0" in text:
        raise ArticleError(Code.ARTICLE_BINARY)
    if not text.strip():
        raise ArticleError(Code.ARTICLE_EMPTY)
    return text


def read_source(
    text: str,
    *,
    is_outlet: IsOutlet,
    title: str | None = None,
    author: str | None = None,
    published: str | None = None,
    language: str = "",
    url: str | None = None,
) -> ParsedArticle:
    """Return the article of plain text or HTML; values that are None are taken from it.

    ArticleError if a page holds no article, or if `published` is not a day, month or year.
    """
    links: tuple[Link, ...] = ()
    if is_page(text):
        page = read_page(text)
        text, links = page.text, page.links
        title = page.title or None if title is None else title
        author = page.author or None if author is None else author
        published = page.published or None if published is None else published
        url = page.url if url is None else url
    return read_article(
        text,
        title=title,
        author=author,
        published=published,
        language=language,
        url=url or "",
        links=links,
        is_outlet=is_outlet,
    )
