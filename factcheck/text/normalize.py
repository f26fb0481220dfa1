"""Normal forms of text: folded for comparison, transliterated, and free of control characters."""

import re
import unicodedata
from functools import lru_cache

from anyascii import anyascii

# Longer searches are cut.
MAX_SEARCH_LENGTH, MAX_SEARCH_WORDS = 200, 12
# Folded names and words are cached because they repeat often; statements do not.
_MAX_CACHED_LENGTH = 80
# More letters than most texts use.
_LATIN_CACHE_SIZE = 50_000
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def fold(text: str) -> str:
    """Return `text` in the normal form in which words are compared.

    Compatibility forms, case and ё/е are folded, invisible characters are removed, control
    characters and runs of white space become one space. Letters with their own sound (й, қ, ң)
    stay distinct.
    """
    return _fold_cached(text) if len(text) <= _MAX_CACHED_LENGTH else _fold(text)


def _fold(text: str) -> str:
    text = unicodedata.normalize("NFKC", text)
    if not text.isprintable():
        text = "".join(map(_visible, text))
    text = text.casefold().replace("ё", "е")
    # Casefolding can decompose (İ); composing again makes fold(fold(x)) == fold(x).
    return " ".join(unicodedata.normalize("NFKC", text).split())


_fold_cached = lru_cache(100_000)(_fold)


def _visible(char: str) -> str:
    category = unicodedata.category(char)
    if category == "Cf":  # soft hyphens and the like, inside words
        return ""
    return " " if category in {"Cc", "Cs", "Zl", "Zp", "Zs"} else char


def remove_controls(text: str) -> str:
    """Return text without the control characters that XML and databases do not accept."""
    return _CONTROL.sub("", text)


def query_words(typed: str) -> list[str]:
    """Return the folded words of a search without repeats, within the limits of a search."""
    return list(dict.fromkeys(fold(typed[:MAX_SEARCH_LENGTH]).split()))[:MAX_SEARCH_WORDS]


class _LatinLetters(dict[int, str]):
    """A table for `str.translate` that transliterates and caches letters on demand."""

    def __missing__(self, code: int) -> str:
        if len(self) > _LATIN_CACHE_SIZE:
            self.clear()
        latin = self[code] = anyascii(chr(code))
        return latin


_LATIN_LETTERS = _LatinLetters()


def transliterate(text: str) -> str:
    """Transliterate `text` into ASCII letters, by sound."""
    return text if text.isascii() else text.translate(_LATIN_LETTERS)
