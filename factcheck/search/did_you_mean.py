"""Suggests a similar name from the database for words that no claim has."""

from dataclasses import dataclass, field

from rapidfuzz import fuzz, process

from factcheck import data_version
from factcheck.caches import clears_cache
from factcheck.models import Claim, Claimant, OutletAlias, Topic
from factcheck.search.matching import search_q
from factcheck.search.query import Query, Term, parse
from factcheck.text.search_keys import WORD, fold_for_search, sound_key, word_keys

# Percent: of six letters one may be wrong.
_MIN_SIMILARITY = 75


@dataclass(frozen=True)
class _Names:
    """The words of all names in one version of the data, by sound and by whether they are Latin."""

    version: str = ""
    words: dict[tuple[str, bool], str] = field(default_factory=dict)


# Replaced as a whole instead of locked: threads may read the names at the same time.
_names = _Names()


def suggest(typed: str) -> str:
    """Replace words that no claim contains by similar names; empty if no claim has those."""
    is_changed = False
    pieces, position = [], 0
    for word in WORD.finditer(typed):
        name = (
            ""
            if typed[: word.start()].endswith(("-", "–"))
            else _similar_name(fold_for_search(word[0]))
        )
        pieces += [typed[position : word.start()], name or word[0]]
        position = word.end()
        is_changed = is_changed or bool(name)
    suggestion = "".join([*pieces, typed[position:]])
    if is_changed and Claim.objects.published().filter(search_q(parse(suggestion))).exists():
        return suggestion
    return ""


def _similar_name(word: str) -> str:
    """Return the name most similar to a folded word; empty if a claim contains the word."""
    term = Query((Term(word_keys(word).all),))
    if len(word) < 3 or Claim.objects.published().filter(search_q(term)).exists():
        return ""
    words = _name_words()
    sounds = {name_sound for name_sound, _is_latin in words}
    match = process.extractOne(
        sound_key(word), sounds, scorer=fuzz.ratio, score_cutoff=_MIN_SIMILARITY
    )
    if not match:
        return ""
    latin, other = (words.get((match[0], is_latin), "") for is_latin in (True, False))
    return (latin or other) if word.isascii() else (other or latin)


def _name_words() -> dict[tuple[str, bool], str]:
    global _names
    version = data_version.version()
    names = _names
    if names.version != version:
        names = _names = _Names(version, _read_words())
    return names.words


def _read_words() -> dict[tuple[str, bool], str]:
    querysets = (
        OutletAlias.objects.public().values_list("name"),
        Claimant.objects.public().values_list("name", "native_name"),
        Topic.objects.public().values_list("name"),
    )
    texts = (text for names in querysets for row in names.order_by() for text in row)
    words = (word[0] for text in texts for word in WORD.finditer(text) if len(word[0]) > 2)
    return {(sound_key(fold_for_search(word)), word.isascii()): word for word in words}


@clears_cache
def clear_cache() -> None:
    """Drop the names that this process has read."""
    global _names
    _names = _Names()
