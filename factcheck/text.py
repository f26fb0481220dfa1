"""Pure functions on text: folding, name keys, slugs, web addresses, dates as printed."""

import re
import secrets
import unicodedata
from datetime import date
from functools import lru_cache
from urllib.parse import urlsplit

from anyascii import anyascii

# No vowels: a random reference never spells a word.
_REF_ALPHABET = "bcdfghjkmnpqrstvwxz23456789"
_WORD = re.compile(r"[^\W_]+")
# What a domain name may have; each of its endings is looked up.
_MAX_HOST = 253
_DATE_TEXT = re.compile(
    # ASCII digits alone: `\d` would let in those of every script, which no column stores.
    r"(?P<year>[0-9]{4})(?:-(?P<month>[0-9]{2})(?:-(?P<day>[0-9]{2}))?)?"
    r"|--(?P<m>[0-9]{2})-(?P<d>[0-9]{2})"
)


@lru_cache(100_000)
def fold(text: str) -> str:
    """Return `text` in the one form in which words are compared.

    Compatibility forms, case and ё/е are folded, invisible characters go, control characters and
    runs of white space become one space. Letters with their own sound (й, қ, ң) stay apart.
    """
    text = "".join(map(_visible, unicodedata.normalize("NFKC", text)))
    text = text.casefold().replace("ё", "е")
    # Casefolding can decompose (İ); composing again makes fold(fold(x)) == fold(x).
    return " ".join(unicodedata.normalize("NFKC", text).split())


def _visible(char: str) -> str:
    category = unicodedata.category(char)
    if category == "Cf":  # soft hyphens and the like, inside words
        return ""
    return " " if category in {"Cc", "Cs", "Zl", "Zp", "Zs"} else char


def typed_words(typed: str) -> list[str]:
    """Return the folded words of a search, each once: at most twelve of the first 200 letters."""
    return list(dict.fromkeys(fold(typed[:200]).split()))[:12]


def name_key(name: str) -> str:
    """Return the key under which an outlet's printed name is found: its folded words.

    >>> name_key("«Tengrinews.KZ»")
    'tengrinews kz'
    """
    return " ".join(_WORD.findall(fold(name)))


def site_keys(address: str) -> list[str]:
    """Return the domains and accounts that `address` may belong to, the closest first.

    >>> site_keys("https://www.tengrinews.kz/x/")
    ['www.tengrinews.kz/x', 'www.tengrinews.kz', 'tengrinews.kz/x', 'tengrinews.kz']
    """
    address = address.strip()
    if " " in address or "." not in address:
        return []
    try:
        parts = urlsplit(address if "//" in address else f"//{address}")
        host = (parts.hostname or "").casefold().strip(".")
    except ValueError:  # a bracket that opens no IPv6 address
        return []
    if len(host) > _MAX_HOST:
        return []
    account = parts.path.strip("/").split("/")[0].casefold()
    labels = host.split(".")
    keys = []
    for start in range(max(len(labels) - 1, 0)):
        domain = ".".join(labels[start:])
        keys += [f"{domain}/{account}", domain] if account else [domain]
    return keys


def alias_keys(printed: str) -> list[str]:
    """Return the keys of the aliases that a printed name may be, the closest first."""
    return [name_key(printed), *map(name_key, site_keys(printed))]


def latin_key(key: str) -> str:
    """Return a name key in Latin letters, in which `коммерсант` is `kommersant`."""
    return name_key(anyascii(key))


def slugify(text: str, *, max_length: int = 80) -> str:
    """Return a lower-case ASCII slug, cut at a word's end; empty if nothing is left."""
    slug = re.sub(r"[^a-z0-9]+", "-", anyascii(text).lower()).strip("-")
    if len(slug) > max_length:
        slug = slug[: max_length + 1].rsplit("-", 1)[0][:max_length]
    return slug


def new_ref() -> str:
    """Return a random reference of ten characters (47 bits)."""
    return "".join(secrets.choice(_REF_ALPHABET) for _ in range(10))


def is_date_text(text: str) -> bool:
    """Return whether `text` is `2021-08-20`, `--08-20`, `2021-08`, `2021` or empty."""
    if not text:
        return True
    match = _DATE_TEXT.fullmatch(text)
    if not match:
        return False
    part = {name: int(value) for name, value in match.groupdict().items() if value}
    try:
        # 2000 is a leap year: 29 February of an unknown year may be right.
        date(
            part.get("year", 2000),
            part.get("month", part.get("m", 1)),
            part.get("day", part.get("d", 1)),
        )
    except ValueError:
        return False
    return True


def known_day(date_text: str) -> date | None:
    """Return the day that `date_text` names, or None where it names less than a day."""
    return (
        date.fromisoformat(date_text) if len(date_text) == 10 and is_date_text(date_text) else None
    )
