"""From what a user hands over, plain text or a web page, to a read article."""

from factcheck.ingest.articles import read_article
from factcheck.ingest.items import Known
from factcheck.ingest.markup import is_page, read_page
from factcheck.ingest.records import ReadArticle, SourceError


def decoded(content: bytes, *, most: int) -> str:
    """Return the text of a file of at most `most` bytes. SourceError if it is none."""
    if len(content) > most:
        raise SourceError(f"longer than {most:,} bytes; split it.")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise SourceError(
            f"not UTF-8 text (byte {error.start}); save the article as plain text or HTML."
        ) from error
    if "\0" in text:
        raise SourceError("binary, not text; save the article as plain text or HTML.")
    if not text.strip():
        raise SourceError("empty.")
    return text


def read_source(
    text: str,
    *,
    known: Known,
    title: str = "",
    author: str = "",
    published: str | None = None,
    language: str = "",
    url: str = "",
) -> ReadArticle:
    """Read plain text or HTML; what is given wins over what the page or text says of itself.

    SourceError if a page holds no article; ValueError if `published` is no day, month or year.
    """
    if not is_page(text):
        return read_article(
            text,
            title=title,
            author=author,
            published=published,
            language=language,
            url=url,
            known=known,
        )
    page = read_page(text)
    return read_article(
        page.text,
        title=title or page.title,
        author=author or page.author,
        published=published or page.published,
        language=language,
        url=url or page.url,
        links=page.links,
        known=known,
    )
