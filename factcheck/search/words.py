"""What a reader typed, as the words to look for. Total: no input raises."""

from factcheck.text import fold

MOST_WORDS = 12
# Trimmed from a word's ends; inside a word they stay (tengrinews.kz, $50).
_EDGES = "\"'«»„“”‘’()[]{}<>,;:!?.…—–-*"


def words(typed: str) -> list[str]:
    """Return the folded words of `typed`, each once, at most twelve."""
    found = (word.strip(_EDGES) for word in fold(typed).split())
    return list(dict.fromkeys(word for word in found if word))[:MOST_WORDS]
