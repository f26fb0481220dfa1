"""Snippets: a claim's text as HTML with the words of the query marked."""

from html import escape

from factcheck.search.query import Query
from factcheck.text.search_keys import WORD, fold_for_search

# A statement of ordinary length is shown in full.
MAX_LETTERS = 420
_BEFORE = 120
# Only so much of a longer text is searched.
_MAX_READ = 20_000


def marked(text: str, query: Query, *, limit: int = MAX_LETTERS) -> str:
    """Return `text` as HTML with the query's words in `<mark>`; a long text is shortened."""
    is_cut, text = len(text) > _MAX_READ, text[:_MAX_READ]
    if not query.required and len(text) <= limit:
        return escape(text)
    matches = [
        word.span() for word in WORD.finditer(text) if query.matches_word(fold_for_search(word[0]))
    ]
    start, end = _window(text, matches[0][0] if matches else 0, limit)
    pieces, position = ["…" if start else ""], start
    for first, last in matches:
        if start <= first and last <= end:
            pieces += [escape(text[position:first]), "<mark>", escape(text[first:last]), "</mark>"]
            position = last
    return "".join([*pieces, escape(text[position:end]), "…" if is_cut or end < len(text) else ""])


def has_mark(text: str, query: Query) -> bool:
    """Return whether `marked` would mark a word of the text."""
    return any(
        query.matches_word(fold_for_search(word[0])) for word in WORD.finditer(text[:_MAX_READ])
    )


def _window(text: str, first: int, limit: int) -> tuple[int, int]:
    """Return the start and end of the part to show, cut between words."""
    if len(text) <= limit:
        return 0, len(text)
    start = max(0, first - _BEFORE)
    start = text.find(" ", start) + 1 if start else 0
    end = start + limit
    return start, text.rfind(" ", start, end) if end < len(text) else len(text)
