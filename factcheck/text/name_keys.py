"""Keys of printed names: equal for spellings that mean the same outlet, claimant or topic."""

import re

from factcheck.text.normalize import fold, transliterate
from factcheck.text.web_addresses import site_keys

_WORD = re.compile(r"[^\W_]+")


def name_key(name: str) -> str:
    """Return the key of a printed name: its folded words.

    >>> name_key("«Tengrinews.KZ»")
    'tengrinews kz'
    """
    return " ".join(_WORD.findall(fold(name)))


def alias_keys(printed: str) -> list[str]:
    """Return the keys of the aliases that a printed name may match, the closest first."""
    key = name_key(printed)
    with_or_without_the = key.removeprefix("the ") if key.startswith("the ") else f"the {key}"
    return [key, *map(name_key, site_keys(printed)), with_or_without_the]


def latin_key(key: str) -> str:
    """Return a name key in Latin letters, in which `коммерсант` is `kommersant`."""
    return name_key(transliterate(key))
