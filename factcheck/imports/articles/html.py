"""From a web page to its article's plain text, with what the page says of it and its links."""

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from factcheck.imports.articles.records import Link, SourceError

_PAGE = re.compile(r"<!doctype html|<html\b|<(?:p|div|article|body|section|h1)\b[^<>]*>", re.I)
_WHOLE = re.compile(r"<(?:html|body)\b", re.I)
# Elements of trafilatura's tree that stand on lines of their own.
_BLOCKS = frozenset({"p", "head", "item", "quote", "cell", "list", "table", "row", "div"})
MAX_PAGE = 5_000_000
# An article's page has some thousand; what reads a page looks at each several times.
_TAG = re.compile(r"<[a-z]", re.I)
MAX_TAGS = 20_000


class Page(NamedTuple):
    text: str
    links: tuple[Link, ...]
    title: str
    author: str
    # A day as `2021-09-10`, or empty.
    published: str
    url: str


def is_page(text: str) -> bool:
    """Return whether `text` is HTML."""
    return bool(_PAGE.search(text[:5_000])) and text.lstrip().startswith("<")


def read_page(markup: str) -> Page:
    """Return the article of a page. SourceError without the extra `html`, or without an article.

    Nothing is fetched: links are kept as they stand.
    """
    try:
        from trafilatura import bare_extraction
    except ImportError as error:
        raise SourceError(
            "This is HTML, and reading it takes the extra `html`:"
            " python -m pip install 'factcheck[html]', or paste the article's plain text."
        ) from error
    if len(markup) > MAX_PAGE:
        raise SourceError(f"The page is longer than {MAX_PAGE:,} characters; paste its text.")
    if sum(1 for _tag in _TAG.finditer(markup)) > MAX_TAGS:
        raise SourceError(f"The page has more than {MAX_TAGS:,} elements; paste its text.")
    if not _WHOLE.search(markup):
        markup = f"<html><body><article>{markup}</article></body></html>"
    try:
        found: Any = bare_extraction(
            markup,
            include_links=True,
            include_comments=False,
            favor_recall=True,
            with_metadata=True,
            date_extraction_params={"extensive_search": False},
        )
    except (RecursionError, ValueError, AttributeError, TypeError) as error:
        raise SourceError("The page cannot be read; paste the article's plain text.") from error
    if found is None or found.body is None:
        raise SourceError("No article was found in the page; paste its plain text.")
    text, links = _flat(found.body)
    if not text:
        raise SourceError("No article was found in the page; paste its plain text.")
    return Page(
        text, links, found.title or "", found.author or "", found.date or "", _http(found.url or "")
    )


def _flat(body: Any) -> tuple[str, tuple[Link, ...]]:
    pieces: list[str] = []
    links: list[Link] = []
    length = 0

    def write(piece: str) -> None:
        nonlocal length
        piece = re.sub(r"\s+", " ", piece)
        if not pieces or pieces[-1].endswith(("\n", " ")):
            piece = piece.lstrip()
        if piece:
            pieces.append(piece)
            length += len(piece)

    def new_paragraph() -> None:
        nonlocal length
        if length and not pieces[-1].endswith("\n\n"):
            pieces.append("\n\n")
            length += 2

    # (begin, element) and (end, element) in document order, without recursion.
    open_links: list[int] = []
    for is_begin, element in _walk(body):
        is_block = element.tag in _BLOCKS
        if is_begin:
            if is_block:
                new_paragraph()
            if element.tag == "ref":
                open_links.append(length)
            if element.tag == "lb":
                write(" ")
            write(element.text or "")
        else:
            if element.tag == "ref":
                start = open_links.pop()
                if (url := _http(element.get("target") or "")) and length > start:
                    links.append(Link(start, length, url))
            if is_block:
                new_paragraph()
            write(element.tail or "")
    return "".join(pieces).rstrip(), tuple(links)


def _walk(element: Any) -> Iterator[tuple[bool, Any]]:
    waiting = [(True, element)]
    while waiting:
        is_begin, current = waiting.pop()
        yield is_begin, current
        if is_begin:
            waiting.append((False, current))
            waiting.extend((True, child) for child in reversed(current))


def _http(url: str) -> str:
    return url if re.match(r"https?://", url, re.I) and len(url) <= 1_000 else ""
