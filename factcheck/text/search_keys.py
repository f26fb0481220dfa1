"""Search keys of words: the same for all spellings of a word, in any script, case and inflexion.

A word has the keys of its full form and of its stems. Each is transliterated and reduced to its
sounds, so that *Tokayev, Tokaev, Токаев, Токаева, Тоқаев* share the key `tokaev`. Stems are taken
before transliteration, because endings belong to a language. Keys consist of ASCII letters and
digits, so that the tokenizers of all databases agree. They never contain a `q`.

The stemmers are Snowball's (M. F. Porter, snowballstem.org). Snowball has no Kazakh: for that there
are simple rules here, which remove one case ending and one plural ending.
"""

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

import snowballstemmer

from factcheck.text.normalize import fold, transliterate

# Separates the texts of a document, so that no phrase matches across two: no key contains a `q`.
BARRIER = "q"
_MAX_KEY_LENGTH = 60
# Most texts use fewer words than these.
_WORD_CACHE_SIZE, _SOUND_CACHE_SIZE = 50_000, 5_000
# The basic multilingual plane, in which living languages are written.
_PLANE = range(0x300, 0x10000)

# Combining marks that words are written with or without: accents, Hebrew points, Arabic vowels.
_OPTIONAL_MARKS = re.compile(
    "[\u0300-\u036f\u0483-\u0487\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a"
    "\u064b-\u065f\u0670\u06d6-\u06dc\u06df-\u06e4\u06e7\u06e8\u06ea-\u06ed\u1ab0-\u1aff\u1dc0-\u1dff"
    "\u20d0-\u20ff]+"
)
# All combining marks, including Indic vowels, without which a word is a different one.
MARKS = "".join(map(chr, filter(lambda code: unicodedata.category(chr(code))[0] == "M", _PLANE)))
_PART = rf"[^\W_]+(?:[{MARKS}][^\W_]*)*"
# An apostrophe inside a word belongs to it: most spellings of the same sound have none.
WORD = re.compile(rf"{_PART}(?:['’ʼʻ‘`]{_PART})*")
_NOT_KEY = re.compile(r"[^a-z0-9]")
_CYRILLIC = re.compile(r"[\u0400-\u052f]")

_RUSSIAN = snowballstemmer.stemmer("russian").stemWord
_ENGLISH = snowballstemmer.stemmer("english").stemWord

_KAZAKH_CASE = re.compile(r"(?:[ндт][ыі]ң|[ндт][ае]н|[ндт][ыі]|[дт][ае]|[ғқ]а|[гк]е|[мбп]ен)\Z")
_KAZAKH_PLURAL = re.compile(r"[лдт][ае]р\Z")
# Case endings of names, some of which Snowball takes for verbs or does not remove.
_RUSSIAN_CASE = re.compile(
    r"(?:[ая]ми|[ео]го|[ео]му|[аеиоуыюя]й|[аеиоыя]м|[иыая]х|[аеёийоуыэюяь])\Z"
)

# Endings of names that change with the case: Astana, Karzai, Zelensky, Navalny.
_DECLINED = re.compile(r"(?:a|[ae]i|(?:sk|[^aeiou]n)i)\Z")
_SHORT_VOWELS = re.compile(r"(?<=.)[ieu]")

# Spellings of one sound, in the order in which they are replaced. Each has letters that a word must
# contain, which is faster to check than the pattern.
_SOUNDS = tuple(
    (letters, re.compile(pattern), sound)
    for letters, pattern, sound in (
        ("ch", r"sh?ch", "sh"),
        ("tch", r"tch", "ch"),
        ("dj", r"dj", "j"),
        ("zh", r"d?zh", "j"),
        ("kh", r"kh", "h"),
        ("gh", r"gh", "g"),
        ("ph", r"ph", "f"),
        ("ck", r"ck", "k"),
        ("q", r"q", "k"),
        ("t", r"t[sz]", "c"),
        ("c", r"c(?![heiy])", "k"),
        ("w", r"w", "v"),
        ("x", r"x", "ks"),
        ("y", r"y[eo]", "e"),
        ("y", r"y", "i"),
        ("ee", r"ee", "i"),
        ("o", r"o[ou]", "u"),
        ("", r"([a-z])\1+", r"\1"),
        ("h", r"(?<=[aeo])h\Z", ""),
    )
)
# Names of peoples and cities that have another root in another language.
_ROOT_ALIASES = tuple(
    (re.compile(pattern), root)
    for pattern, root in (
        (r"\Akazak", "kazah"),
        (r"\Aozbek", "uzbek"),
        (r"\Aaugan", "afgan"),
        (r"\Aturik|\Aturki(?=s)", "turke"),
        (r"\Aturke?men", "turkmen"),
        (r"\Amaskeu|\Amoskov", "moskva"),
        (r"\Aresei(?=[^a-z]|\Z)|\Arusia", "rosia"),
        (r"\Akiiv|\Akiev", "kiv"),
    )
)
# Such roots by script, for the prefixes of words that begin with them.
_LATIN_ROOTS = ("kazak", "ozbek", "turkis", "turkmen", "moskov", "rusia", "kiiv", "kiev")
_CYRILLIC_ROOTS = (*_LATIN_ROOTS[:-3], "augan", "turik", "maskeu", "resei", "kiev")
# One pattern for all of them, because few words begin with one.
_ANY_ROOT_ALIAS = re.compile("|".join(pattern.pattern for pattern, _root in _ROOT_ALIASES))


class WordKeys(NamedTuple):
    """The key of a word's full form, and those of its stems that differ from it."""

    full: str
    stems: tuple[str, ...]

    @property
    def all(self) -> tuple[str, ...]:
        return (self.full, *self.stems)


def tokenize(text: str) -> list[str]:
    """Return the folded words of a text in order."""
    return WORD.findall(fold_for_search(text))


def fold_for_search(text: str) -> str:
    """Return a folded text without optional combining marks."""
    return _OPTIONAL_MARKS.sub("", fold(text))


def word_keys(word: str) -> WordKeys:
    """Return the keys of a folded word."""
    # Numbers would fill the cache: there are many, and few are repeated.
    if word.isdecimal() and word.isascii():
        return WordKeys(word[:_MAX_KEY_LENGTH], ())
    return _word_keys(word)


@lru_cache(_WORD_CACHE_SIZE)
def _word_keys(word: str) -> WordKeys:
    full = sound_key(word)
    keys = [full, *map(sound_key, _stems(word))]
    keys += [key[:-1] for key in keys if len(key) > 4 and _DECLINED.search(key)]
    keys += [bare for key in keys if len(key) > 6 and len(bare := _without_vowels(key)) > 4]
    return WordKeys(full, tuple(key for key in dict.fromkeys(keys) if key != full and len(key) > 2))


@lru_cache(_SOUND_CACHE_SIZE)
def sound_key(word: str) -> str:
    """Return the key of a folded word's sound, which its different spellings share."""
    latin = _NOT_KEY.sub("", transliterate(word).lower())
    for letters, pattern, replacement in _SOUNDS:
        if letters in latin:
            latin = pattern.sub(replacement, latin)
    if _ANY_ROOT_ALIAS.match(latin):
        for pattern, replacement in _ROOT_ALIASES:
            latin = pattern.sub(replacement, latin)
    # A word without a transliteration gets a key from its code units.
    return latin[:_MAX_KEY_LENGTH] or "u" + word.encode("utf-8", "replace").hex()[:_MAX_KEY_LENGTH]


def prefix_keys(start: str) -> tuple[str, ...]:
    """Return the key prefixes of the words that begin with the folded `start`.

    The next letter can change the key of the start's last sound: `tokay` begins *Tokayev*, whose
    key is `tokaev`. It can also change the root: `russ` begins *Russia*, whose key is `rosia`.
    """
    key, is_cyrillic = sound_key(start), bool(_CYRILLIC.search(start))
    letters = _CYRILLIC_LETTERS if is_cyrillic else _LATIN_LETTERS
    continued = {sound_key(start + letter) for letter in letters}
    if is_cyrillic:  # a third vowel can only shorten the key, and no word has one there
        continued = {longer for longer in continued if not key.startswith(longer)}
    if len(key) > is_cyrillic + 1:
        roots = _CYRILLIC_ROOTS if is_cyrillic else _LATIN_ROOTS
        continued |= {sound_key(root) for root in roots if root.startswith(key)}
    return (key, *sorted(longer for longer in continued if not longer.startswith(key)))


_LATIN_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_CYRILLIC_LETTERS = "абвгдежзийклмнопрстуфхцчшщъыьэюяәғқңөұүһі"


def _without_vowels(key: str) -> str:
    """Return a long key without the letters in which Kazakh and Russian names differ.

    For a short vowel of Kazakh, Russian has another one or none (Тілеуберді, Тлеуберди). Kazakh has
    no ч.
    """
    return _SHORT_VOWELS.sub("", key).replace("ch", "sh")


def _stems(word: str) -> Iterator[str]:
    """Yield a word without its endings, and with the letters of other spellings."""
    if not _CYRILLIC.search(word):
        yield _ENGLISH(_NOT_KEY.sub("", word) if word.isascii() else word)
        if "x" in word:  # Uzbek
            yield word.replace("x", "h")
        return
    noun = _KAZAKH_CASE.sub("", word)
    for form in dict.fromkeys((word, noun, _KAZAKH_PLURAL.sub("", noun))):
        if len(form) > 2:
            for stem in (form, _RUSSIAN(form), _RUSSIAN_CASE.sub("", form)):
                yield stem
                if "г" in stem:  # Russian writes h as г: Герат, Кандагар
                    yield stem.replace("г", "х")
                if "ң" in stem:  # Жаңаөзен is Жанаозен, but Теңіз is Тенгиз
                    yield stem.replace("ң", "н")
