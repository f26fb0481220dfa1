"""Extracts the article of a web page: its plain text, links and metadata."""

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from factcheck.imports.articles.records import Link
from factcheck.imports.errors import ArticleError, Code

_PAGE = re.compile(r"<!doctype html|<html\b|<(?:p|div|article|body|section|h1)\b[^<>]*>", re.I)
_DOCUMENT = re.compile(r"<(?:html|body)\b", re.I)
# Elements of trafilatura's tree that are paragraphs of their own.
_BLOCKS = frozenset({"p", "head", "item", "quote", "cell", "list", "table", "row", "div"})
MAX_PAGE = 5_000_000
# An article's page has a few thousand; the extraction visits each several times.
_TAG = re.compile(r"<[a-z]", re.I)
MAX_TAGS = 20_000


class Page(NamedTuple):
    """The article of a web page and its metadata."""

    text: str
    links: tuple[Link, ...]
    title: str
    author: str
    # A date as `2021-09-10`, or empty.
    published: str
    url: str


def is_page(text: str) -> bool:
    """Return whether `text` is HTML."""
    return bool(_PAGE.search(text[:5_000])) and text.lstrip().startswith("<")


def read_page(markup: str) -> Page:
    """Return the article of a page. ArticleError without the extra `html`, or without an article.

    Nothing is fetched: links are not followed.
    """
    extracted = _extract(markup)
    text, links = _PlainText().read(extracted.body) if extracted else ("", ())
    if not text:
        raise ArticleError(Code.ARTICLE_MISSING)
    return Page(
        text,
        links,
        extracted.title or "",
        extracted.author or "",
        extracted.date or "",
        _web_address(extracted.url),
    )


def _extract(markup: str) -> Any:
    """Return the document that trafilatura extracts; None if it finds no article."""
    try:
        from trafilatura import bare_extraction
    except ImportError as error:
        raise ArticleError(Code.HTML_NOT_SUPPORTED) from error
    if len(markup) > MAX_PAGE:
        raise ArticleError(Code.HTML_TOO_LONG, limit=MAX_PAGE)
    if sum(1 for _tag in _TAG.finditer(markup)) > MAX_TAGS:
        raise ArticleError(Code.HTML_TOO_COMPLEX, limit=MAX_TAGS)
    if not _DOCUMENT.search(markup):
        markup = f"<html><body><article>{markup}</article></body></html>"
    try:
        return bare_extraction(
            markup,
            include_links=True,
            include_comments=False,
            favor_recall=True,
            with_metadata=True,
            date_extraction_params={"extensive_search": False},
        )
    except (RecursionError, ValueError, AttributeError, TypeError) as error:
        raise ArticleError(Code.ARTICLE_UNREADABLE) from error


class _PlainText:
    """Collects the text of an article's elements, with the positions of its links."""

    def __init__(self) -> None:
        self.pieces: list[str] = []
        self.length = 0
        self.links: list[Link] = []
        # Start offsets of links that are still open.
        self.link_starts: list[int] = []

    def read(self, body: Any) -> tuple[str, tuple[Link, ...]]:
        """Return the text and links of an element; both are empty if there is no element."""
        for is_begin, element in _walk(body) if body is not None else ():
            if is_begin:
                self._begin(element)
            else:
                self._end(element)
        return "".join(self.pieces).rstrip(), tuple(self.links)

    def _begin(self, element: Any) -> None:
        if element.tag in _BLOCKS:
            self._new_paragraph()
        if element.tag == "ref":
            self.link_starts.append(self.length)
        if element.tag == "lb":
            self._write(" ")
        self._write(element.text or "")

    def _end(self, element: Any) -> None:
        if element.tag == "ref":
            start = self.link_starts.pop()
            if (url := _web_address(element.get("target"))) and self.length > start:
                self.links.append(Link(start, self.length, url))
        if element.tag in _BLOCKS:
            self._new_paragraph()
        self._write(element.tail or "")

    def _write(self, text: str) -> None:
        text = re.sub(r"\s+", " ", text)
        if not self.pieces or self.pieces[-1].endswith(("\n", " ")):
            text = text.lstrip()
        if text:
            self.pieces.append(text)
            self.length += len(text)

    def _new_paragraph(self) -> None:
        if self.length and not self.pieces[-1].endswith("\n\n"):
            self.pieces.append("\n\n")
            self.length += 2


def _walk(body: Any) -> Iterator[tuple[bool, Any]]:
    """Yield the begin (True) and end of each element in document order, without recursion."""
    stack = [(True, body)]
    while stack:
        is_begin, element = stack.pop()
        yield is_begin, element
        if is_begin:
            stack.append((False, element))
            stack.extend((True, child) for child in reversed(element))


def _web_address(url: str | None) -> str:
    return url if url and re.match(r"https?://", url, re.I) and len(url) <= 1_000 else ""
