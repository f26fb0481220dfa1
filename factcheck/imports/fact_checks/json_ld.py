"""The JSON-LD of web pages: blocks of script, wherever they stand and however they are wrapped.

No Django, no network; memory holds one page.
"""

import codecs
import re
from collections.abc import Iterator
from typing import BinaryIO

from factcheck.imports.fact_checks.records import FileError

# A page beyond which it means harm or nothing.
_MOST_PAGE, _HEAD = 20 << 20, 4096
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_CHARSET = re.compile(rb"<meta[^>]*\bcharset\s*=\s*[\"']?\s*([\w.:-]+)", re.I)
# Encodings of pages; others that there are take long, or are none.
_LETTERS = re.compile(r"(?:utf|windows|cp|iso|koi|mac|big5|gb|euc|shift|us-|ascii|latin)", re.I)
# Where a comment or a script begins, and where a script ends.
_BEGIN, _END = re.compile(rb"<!--|<script\b([^<>]*)>", re.I), re.compile(rb"</script", re.I)
_JSON_LD = re.compile(rb"\btype\s*=\s*[\"']?application/ld\+json\b", re.I)
# What hides a block from old browsers, or from XML: before it and, in a few letters, behind it.
_BEFORE = re.compile(rb"(?:\s*(?:/[/*]\s*)?(?:<!--|<!\[CDATA\[)(?:\s*\*/)?)+")
_BEHIND = re.compile(rb"(?:\s*(?:;|(?:/[/*]\s*)?(?:\]\]>|-->)(?:\s*\*/)?))+\s*\Z")
_FEW = 100


def scripts(stream: BinaryIO) -> Iterator[tuple[int, bytes]]:
    """Yield the blocks of JSON-LD of a page, as UTF-8, each with its line.

    FileError for a page that is too large, or in letters that are not what it says.
    """
    page = _decoded(stream.read(_MOST_PAGE + 1))
    at, line, counted = 0, 1, 0
    while begin := _BEGIN.search(page, at):
        if begin[1] is None:
            at = page.find(b"-->", begin.end())
        else:
            end = _END.search(page, begin.end())
            at = end.start() if end else -1
        if at < 0:
            # It never ends. What is a comment to its end says nothing; neither does half a block.
            return
        line, counted = line + page.count(b"\n", counted, begin.start()), begin.start()
        if begin[1] is not None and _JSON_LD.search(begin[1]):
            block = page[begin.end() : at].strip()
            wrap = _BEFORE.match(block)
            block = block[wrap.end() if wrap else 0 :].strip()
            if block := block[:-_FEW] + _BEHIND.sub(b"", block[-_FEW:]):
                yield line, block


def _decoded(page: bytes) -> bytes:
    """Return a page in UTF-8, by its mark or by what it says of itself."""
    if len(page) > _MOST_PAGE:
        raise FileError(f"a page of more than {_MOST_PAGE >> 20} MB is not read")
    said = _CHARSET.search(page[:_HEAD])
    marked = next((name for mark, name in _MARKS if page.startswith(mark)), "")
    name = marked or (said[1].decode("ascii", "replace") if said else "utf-8")
    if not _LETTERS.match(name):
        name = "utf-8"
    try:
        return page.decode(name).encode("utf-8", "surrogatepass")
    except (UnicodeError, LookupError):
        pass
    try:
        page.decode("utf-8")
    except UnicodeDecodeError as error:
        raise FileError(f"the page is not in the letters that it says ({name}): {error}") from error
    return page
