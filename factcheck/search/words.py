"""What a reader typed, as the words to look for. Total: no input raises."""

from factcheck.text import typed_words

# Trimmed from a word's ends; inside a word they stay (tengrinews.kz, $50).
_EDGES = "\"'«»„“”‘’()[]{}<>,;:!?.…—–-*"


def words(typed: str) -> list[str]:
    """Return the folded words of `typed` without the marks around them, each once."""
    found = (word.strip(_EDGES) for word in typed_words(typed))
    return list(dict.fromkeys(word for word in found if word))
