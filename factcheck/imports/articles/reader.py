"""From what a user hands over, plain text or a web page, to a read article."""

from factcheck.imports.articles.html import is_page, read_page
from factcheck.imports.articles.parser.article import read_article
from factcheck.imports.articles.parser.citation_runs import IsOutlet
from factcheck.imports.articles.records import Link, ReadArticle, SourceError


def decoded(content: bytes, *, most: int) -> str:
    """Return the text of a file of at most `most` bytes. SourceError if it is none."""
    if len(content) > most:
        raise SourceError(f"longer than {most:,} bytes; split it.")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise SourceError(
            f"not UTF-8 text (byte {error.start}); save the article as plain text or HTML,"
            " with the encoding UTF-8."
        ) from error
    if "\0" in text:
        raise SourceError("binary, not text; save the article as plain text or HTML.")
    if not text.strip():
        raise SourceError("empty.")
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
) -> ReadArticle:
    """Read plain text or HTML; what is None is taken from what the page or text says of itself.

    SourceError if a page holds no article; ValueError if `published` is no day, month or year.
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
