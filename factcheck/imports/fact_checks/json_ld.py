"""Extracts the JSON-LD of web pages: `script` blocks, wherever they stand, without their wrapping.

No Django, no network; memory holds one page.
"""

import codecs
import re
from collections.abc import Iterator
from typing import BinaryIO

from factcheck.imports.errors import Code, FileError

# A larger page is harmful or no article; the declaration of a charset stands near the beginning.
_MAX_PAGE, _HEAD = 20 << 20, 4096
_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_CHARSET = re.compile(rb"<meta[^>]*\bcharset\s*=\s*[\"']?\s*([\w.:-]+)", re.I)
# Encodings of web pages. Python knows others, which are slow or do not encode text.
_PAGE_CHARSETS = re.compile(
    r"(?:utf|windows|cp|iso|koi|mac|big5|gb|euc|shift|us-|ascii|latin)", re.I
)
_COMMENT_OR_SCRIPT = re.compile(rb"<!--|<script\b([^<>]*)>", re.I)
_SCRIPT_END = re.compile(rb"</script", re.I)
_JSON_LD = re.compile(rb"\btype\s*=\s*[\"']?application/ld\+json\b", re.I)
# Comment and CDATA marks that hide a block from old browsers or from XML, before and after it.
_PREFIX = re.compile(rb"(?:\s*(?:/[/*]\s*)?(?:<!--|<!\[CDATA\[)(?:\s*\*/)?)+")
_SUFFIX = re.compile(rb"(?:\s*(?:;|(?:/[/*]\s*)?(?:\]\]>|-->)(?:\s*\*/)?))+\s*\Z")
_MAX_SUFFIX = 100


def scripts(stream: BinaryIO) -> Iterator[tuple[int, bytes]]:
    """Yield the line and the text of each JSON-LD block of a page, in UTF-8.

    FileError for a page that is too large, or not in the encoding that it names.
    """
    page = _in_utf_8(stream.read(_MAX_PAGE + 1))
    position, line, counted = 0, 1, 0
    while begin := _COMMENT_OR_SCRIPT.search(page, position):
        if begin[1] is None:
            position = page.find(b"-->", begin.end())
        else:
            end = _SCRIPT_END.search(page, begin.end())
            position = end.start() if end else -1
        if position < 0:
            # A comment or script that never ends holds no complete block.
            return
        line, counted = line + page.count(b"\n", counted, begin.start()), begin.start()
        is_json_ld = begin[1] is not None and _JSON_LD.search(begin[1])
        if is_json_ld and (block := _unwrapped(page[begin.end() : position].strip())):
            yield line, block


def _unwrapped(block: bytes) -> bytes:
    prefix = _PREFIX.match(block)
    block = block[prefix.end() if prefix else 0 :].strip()
    return block[:-_MAX_SUFFIX] + _SUFFIX.sub(b"", block[-_MAX_SUFFIX:])


def _in_utf_8(page: bytes) -> bytes:
    """Return a page in UTF-8, decoded by its byte order mark or by the charset that it declares."""
    if len(page) > _MAX_PAGE:
        raise FileError(Code.PAGE_TOO_LARGE, limit=_MAX_PAGE >> 20)
    declared = _CHARSET.search(page[:_HEAD])
    marked = next((name for mark, name in _BYTE_ORDER_MARKS if page.startswith(mark)), "")
    name = marked or (declared[1].decode("ascii", "replace") if declared else "utf-8")
    if not _PAGE_CHARSETS.match(name):
        name = "utf-8"
    try:
        return page.decode(name).encode("utf-8", "surrogatepass")
    except (UnicodeError, LookupError):
        pass
    try:
        page.decode("utf-8")
    except UnicodeDecodeError as error:
        raise FileError(Code.PAGE_ENCODING_WRONG, encoding=name) from error
    return page
