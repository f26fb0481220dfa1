"""Where a claim says what was looked for: its text with the words marked, safe to print."""

from html import escape

from factcheck.search.query import Query
from factcheck.wordkeys import WORD, folded

# A statement of ordinary length is shown whole.
MOST_LETTERS = 420
_BEFORE = 120
# Of a statement that is a book no more is looked through.
_MOST_READ = 20_000


def marked(text: str, query: Query, *, most: int = MOST_LETTERS) -> str:
    """Return `text` as HTML with what `query` wants in `<mark>`; of a long one, a part with it."""
    text, rest = text[:_MOST_READ], text[_MOST_READ:]
    if not query.wanted and len(text) <= most:
        return escape(text)
    found = [word.span() for word in WORD.finditer(text) if query.marks(folded(word[0]))]
    start, end = _window(text, found[0][0] if found else 0, most)
    pieces, position = ["…" if start else ""], start
    for left, right in found:
        if start <= left and right <= end:
            pieces += [escape(text[position:left]), "<mark>", escape(text[left:right]), "</mark>"]
            position = right
    return "".join([*pieces, escape(text[position:end]), "…" if rest or end < len(text) else ""])


def has_mark(text: str, query: Query) -> bool:
    return any(query.marks(folded(word[0])) for word in WORD.finditer(text[:_MOST_READ]))


def _window(text: str, first: int, most: int) -> tuple[int, int]:
    """Return the stretch to show, cut between words."""
    if len(text) <= most:
        return 0, len(text)
    start = max(0, first - _BEFORE)
    start = text.find(" ", start) + 1 if start else 0
    end = start + most
    return start, text.rfind(" ", start, end) if end < len(text) else len(text)
