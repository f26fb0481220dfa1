"""Snippets: a claim's text as HTML with the words of the query marked."""

from html import escape

from factcheck.search.query import Query
from factcheck.text.search_keys import WORD, folded

# A statement of ordinary length is shown whole.
MAX_LETTERS = 420
_BEFORE = 120
# A longer text is searched up to here.
_MAX_READ = 20_000


def marked(text: str, query: Query, *, most: int = MAX_LETTERS) -> str:
    """Return `text` as HTML with the wanted words in `<mark>`; of a long text, a part with them."""
    text, rest = text[:_MAX_READ], text[_MAX_READ:]
    if not query.wanted and len(text) <= most:
        return escape(text)
    matches = [word.span() for word in WORD.finditer(text) if query.marks(folded(word[0]))]
    start, end = _window(text, matches[0][0] if matches else 0, most)
    pieces, position = ["…" if start else ""], start
    for left, right in matches:
        if start <= left and right <= end:
            pieces += [escape(text[position:left]), "<mark>", escape(text[left:right]), "</mark>"]
            position = right
    return "".join([*pieces, escape(text[position:end]), "…" if rest or end < len(text) else ""])


def has_mark(text: str, query: Query) -> bool:
    """Return whether `marked` would mark a word of the text."""
    return any(query.marks(folded(word[0])) for word in WORD.finditer(text[:_MAX_READ]))


def _window(text: str, first: int, most: int) -> tuple[int, int]:
    """Return start and end of the part to show, cut between words."""
    if len(text) <= most:
        return 0, len(text)
    start = max(0, first - _BEFORE)
    start = text.find(" ", start) + 1 if start else 0
    end = start + most
    return start, text.rfind(" ", start, end) if end < len(text) else len(text)
