"""Word keys: what a word is found by, in whatever script and case it is written.

A word stands under its full form and under its stems, each transliterated and folded so that the
spellings of one name meet: *Tokayev, Tokaev, Токаев, Токаева, Тоқаев* share `tokaev`. Stems are
taken before transliteration, for endings belong to a language. Keys are ASCII letters and digits
alone, so that no engine's tokenizer sees them differently, and never hold a `q`.

The stemmers are Snowball's (M. F. Porter, snowballstem.org); Kazakh, which it lacks, has light
rules of our own: one case ending, then one plural.
"""

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

import snowballstemmer

from factcheck.text.normalize import fold, in_latin

# A word that no key can be, for no key holds a `q`: phrases do not reach across it.
BARRIER = "q"
_MOST_LETTERS = 60
# Words that are remembered: most of what is written is in fewer. Stems come again sooner.
_MOST_WORDS, _MOST_STEMS = 50_000, 5_000
# The characters in which living languages are written.
_PLANE = range(0x300, 0x10000)

# Marks over and under letters, where words are written with and without them: accents that no
# letter of its own has, points of Hebrew, vowels of Arabic.
_LEFT_OUT = re.compile(
    "[\u0300-\u036f\u0483-\u0487\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a"
    "\u064b-\u065f\u0670\u06d6-\u06dc\u06df-\u06e4\u06e7\u06e8\u06ea-\u06ed\u1ab0-\u1aff\u1dc0-\u1dff"
    "\u20d0-\u20ff]+"
)
# All marks, among them the vowels of India, without which a word is another.
MARKS = "".join(map(chr, filter(lambda code: unicodedata.category(chr(code))[0] == "M", _PLANE)))
_PART = rf"[^\W_]+(?:[{MARKS}][^\W_]*)*"
# An apostrophe inside a word stands for a sound that most spellings leave out.
WORD = re.compile(rf"{_PART}(?:['’ʼʻ‘`]{_PART})*")
_NOT_KEY = re.compile(r"[^a-z0-9]")
_CYRILLIC = re.compile(r"[\u0400-\u052f]")

_RUSSIAN = snowballstemmer.stemmer("russian").stemWord
_ENGLISH = snowballstemmer.stemmer("english").stemWord

_KAZAKH_CASE = re.compile(r"(?:[ндт][ыі]ң|[ндт][ае]н|[ндт][ыі]|[дт][ае]|[ғқ]а|[гк]е|[мбп]ен)\Z")
_KAZAKH_PLURAL = re.compile(r"[лдт][ае]р\Z")
# Snowball takes the ends of some names for those of verbs and leaves others alone.
_RUSSIAN_CASE = re.compile(
    r"(?:[ая]ми|[ео]го|[ео]му|[аеиоуыюя]й|[аеиоыя]м|[иыая]х|[аеёийоуыэюяь])\Z"
)

# What the other cases of a name lack: Astana, Karzai, Zelensky, Navalny.
_DECLINED = re.compile(r"(?:a|[ae]i|(?:sk|[^aeiou]n)i)\Z")
_SHORT_VOWELS = re.compile(r"(?<=.)[ieu]")

# Spellings of one sound, in the order in which they are folded; each with letters that a word must
# hold to be worth looking at.
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
# What a neighbour calls a people or its city by another root.
_OWN_ROOTS = tuple(
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
# Words with such a root, by whose beginnings it is meant, in the letters that have it so.
_LATIN_ROOTS = ("kazak", "ozbek", "turkis", "turkmen", "moskov", "rusia", "kiiv", "kiev")
_OTHER_ROOTS = (*_LATIN_ROOTS[:-3], "augan", "turik", "maskeu", "resei", "kiev")
# Few words begin so: one look spares the others all of them.
_NEIGHBOURS = re.compile("|".join(pattern.pattern for pattern, _root in _OWN_ROOTS))


class Keys(NamedTuple):
    """The full form's key, and those of its stems that differ from it."""

    full: str
    stems: tuple[str, ...]

    @property
    def all(self) -> tuple[str, ...]:
        return (self.full, *self.stems)


def tokens(text: str) -> list[str]:
    """Return the folded words of `text`, in their order."""
    return WORD.findall(folded(text))


def folded(text: str) -> str:
    """Return `text` in the one form in which it is looked for."""
    return _LEFT_OUT.sub("", fold(text))


def keys(word: str) -> Keys:
    """Return the keys of a folded word."""
    # Of numbers there is no end, and few come again.
    if word.isdecimal() and word.isascii():
        return Keys(word[:_MOST_LETTERS], ())
    return _keys(word)


@lru_cache(_MOST_WORDS)
def _keys(word: str) -> Keys:
    full = sound(word)
    found = [full, *map(sound, _stems(word))]
    found += [key[:-1] for key in found if len(key) > 4 and _DECLINED.search(key)]
    found += [bone for key in found if len(key) > 6 and len(bone := _skeleton(key)) > 4]
    return Keys(full, tuple(key for key in dict.fromkeys(found) if key != full and len(key) > 2))


@lru_cache(_MOST_STEMS)
def sound(word: str) -> str:
    """Return how a folded word sounds, in the one spelling that all of its spellings share."""
    latin = _NOT_KEY.sub("", in_latin(word).lower())
    for letters, pattern, replacement in _SOUNDS:
        if letters in latin:
            latin = pattern.sub(replacement, latin)
    if _NEIGHBOURS.match(latin):
        for pattern, replacement in _OWN_ROOTS:
            latin = pattern.sub(replacement, latin)
    # Letters of no sound at all still make a word of their own.
    return latin[:_MOST_LETTERS] or "u" + word.encode("utf-8", "replace").hex()[:_MOST_LETTERS]


def prefix_keys(start: str) -> tuple[str, ...]:
    """Return the key prefixes of the words that begin with the folded `start`.

    What follows may change how its end sounds: `tokay` begins *Tokayev*, which is `tokaev`; and
    its whole root: `russ` begins *Russia*, which is `rosia`.
    """
    here, is_other = sound(start), bool(_CYRILLIC.search(start))
    ahead = {sound(start + letter) for letter in (_OTHER_LETTERS if is_other else _LETTERS)}
    if is_other:  # no word goes on with a third vowel, which would leave less than there is
        ahead = {key for key in ahead if not here.startswith(key)}
    if len(here) > is_other + 1:
        roots = _OTHER_ROOTS if is_other else _LATIN_ROOTS
        ahead |= {sound(root) for root in roots if root.startswith(here)}
    return (here, *sorted(key for key in ahead if not key.startswith(here)))


_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_OTHER_LETTERS = "абвгдежзийклмнопрстуфхцчшщъыьэюяәғқңөұүһі"


def _skeleton(key: str) -> str:
    """Return a long key without what Kazakh and Russian write differently in one name.

    Where Kazakh has short vowels Russian has others or none (Тілеуберді, Тлеуберди); it has no ч.
    """
    return _SHORT_VOWELS.sub("", key).replace("ch", "sh")


def _stems(word: str) -> Iterator[str]:
    """Yield what is left of a word without its endings, and other letters for its sounds."""
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
                if "г" in stem:  # how Russian writes an h: Герат, Кандагар
                    yield stem.replace("г", "х")
                if "ң" in stem:  # Жаңаөзен is Жанаозен, but Теңіз is Тенгиз
                    yield stem.replace("ң", "н")
