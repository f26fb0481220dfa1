"""Parses what a reader typed into the terms of a query. No input raises.

Terms are words (all of them are wanted), `"a phrase"`, a prefix (`tokay*`) and exclusions (`-word`,
`-"a phrase"`). No other mark means anything.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from factcheck.text.normalize import MAX_SEARCH_LENGTH, MAX_SEARCH_WORDS
from factcheck.text.search_keys import Keys, keys, prefix_keys, tokens

_SHORTEST_PREFIX = 2
_PIECE = re.compile(
    r"(?P<minus>[-−–](?=[\w\"“„«]))?"
    r"(?:\"(?P<straight>[^\"]*)\"?|[“„](?P<curly>[^”“]*)[”“]?|«(?P<angled>[^»]*)»?|(?P<word>[^\s\"“„«]+))"
)

# The columns of a document. Each holds keys, with a space before and after each key.
CLAIM_WORDS, CLAIM_STEMS, OTHER_WORDS, OTHER_STEMS = COLUMNS = (
    "claim_words",
    "claim_stems",
    "other_words",
    "other_stems",
)


@dataclass(frozen=True)
class Term:
    """One term: a word by any of its keys, a prefix, or a phrase."""

    keys: tuple[str, ...]
    is_prefix: bool = False
    is_phrase: bool = False
    is_excluded: bool = False

    @property
    def phrase_text(self) -> str:
        return f" {' '.join(self.keys)} "

    def fits(self, document: Mapping[str, str]) -> bool:
        """Return whether a document's columns hold the term, as the SQL of each engine does."""
        if self.is_phrase:
            return any(self.phrase_text in document[name] for name in (CLAIM_WORDS, OTHER_WORDS))
        text = "".join(document[name] for name in COLUMNS)
        return any((f" {key}" if self.is_prefix else f" {key} ") in text for key in self.keys)

    def matches(self, word: Keys) -> bool:
        """Return whether a word is the term, or belongs to its phrase."""
        if self.is_phrase:
            return word.full in self.keys
        if self.is_prefix:
            return word.full.startswith(self.keys)
        return not set(self.keys).isdisjoint(word.all)


@dataclass(frozen=True)
class Query:
    """The terms of a search, in the order typed."""

    terms: tuple[Term, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.terms)

    @property
    def wanted(self) -> tuple[Term, ...]:
        return tuple(term for term in self.terms if not term.is_excluded)

    @property
    def unwanted(self) -> tuple[Term, ...]:
        return tuple(term for term in self.terms if term.is_excluded)

    def parts(self) -> "tuple[Query, ...]":
        """Return queries of wanted terms: this one, or one for each term if all are excluded."""
        if self.wanted:
            return (self,)
        return tuple(Query((replace(term, is_excluded=False),)) for term in self.unwanted)

    def fits(self, document: Mapping[str, str]) -> bool:
        return all(term.fits(document) != term.is_excluded for term in self.terms)

    def marks(self, word: str) -> bool:
        """Return whether a folded word of a text matches a wanted term."""
        word_keys = keys(word)
        return any(term.matches(word_keys) for term in self.wanted)


def parse(typed: str) -> Query:
    """Parse what was typed, within the limits of a search; each term stands once."""
    return Query(tuple(dict.fromkeys(_terms(typed[:MAX_SEARCH_LENGTH])))[:MAX_SEARCH_WORDS])


def _terms(typed: str) -> Iterator[Term]:
    for piece in _PIECE.finditer(typed):
        is_excluded = piece["minus"] is not None
        if (word := piece["word"]) is None:
            quoted = piece["straight"] or piece["curly"] or piece["angled"] or ""
            yield from _phrase(tokens(quoted), is_excluded=is_excluded)
            continue
        words = tokens(word)
        if is_excluded and len(words) > 1:
            # `-tengrinews.kz` leaves out that site, not all that end in `.kz`.
            yield from _phrase(words, is_excluded=True)
            continue
        for number, token in enumerate(words, 1):
            is_start = word.endswith("*") and number == len(words)
            if is_start and len(token) >= _SHORTEST_PREFIX:
                yield Term(prefix_keys(token), is_prefix=True, is_excluded=is_excluded)
            else:
                yield Term(keys(token).all, is_excluded=is_excluded)


def _phrase(words: list[str], *, is_excluded: bool) -> Iterator[Term]:
    if words:
        full = tuple(keys(word).full for word in words)
        yield Term(full, is_phrase=True, is_excluded=is_excluded)
