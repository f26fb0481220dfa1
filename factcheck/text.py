"""Pure functions on text: folding, name keys, slugs, web addresses, dates as printed."""

import re
import secrets
import unicodedata
from datetime import date
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import urlsplit

from anyascii import anyascii

_WEB_ADDRESS = re.compile(r"https?://", re.IGNORECASE)
# No vowels: a random reference never spells a word.
_REF_ALPHABET = "bcdfghjkmnpqrstvwxz23456789"
# Names and words come again, whole statements do not.
_MOST_REMEMBERED = 80
# More letters than any texts have, but fewer than there are.
_MOST_LETTERS = 50_000
_WORD = re.compile(r"[^\W_]+")
_NOT_SLUG = re.compile(r"[^a-z0-9]+")
# Of what a reader types for a search no more is read.
MOST_TYPED, MOST_WORDS = 200, 12
# What a domain name may have; each of its endings is looked up.
_MAX_HOST = 253
# What a site's pages for phones are called by.
_OTHER_DOOR = re.compile(r"(?:www2?|m|mobile|amp)\.(?=[^.]+\.)")
# Networks, by the name that their accounts are known by. There a host is nobody's own.
_NETWORKS = {
    name: name
    for name in (
        *("twitter.com", "facebook.com", "instagram.com", "t.me", "vk.com", "ok.ru", "medium.com"),
        *("youtube.com", "tiktok.com", "linkedin.com", "threads.net", "livejournal.com"),
    )
} | {"x.com": "twitter.com", "fb.com": "facebook.com", "telegram.me": "t.me", "vk.ru": "vk.com"}
# The first part of a path, where the account's name is the second; and where there is none, so
# that only the whole address tells whose page it is.
_KINDS = frozenset("channel c user groups pages people in company school public joinchat".split())
_NO_ACCOUNT = frozenset(
    "watch shorts playlist embed live permalink.php story.php profile.php photo.php video share"
    " reel reels p i hashtag search events story".split()
)
# The host of an address that has nothing but it and a path.
_PLAIN_HOST = re.compile(r"https?://([a-z0-9.-]+)(?:/|\Z)")
_DATE_TEXT = re.compile(
    # ASCII digits alone: `\d` would let in those of every script, which no column stores.
    r"(?P<year>[0-9]{4})(?:-(?P<month>[0-9]{2})(?:-(?P<day>[0-9]{2}))?)?"
    r"|--(?P<m>[0-9]{2})-(?P<d>[0-9]{2})"
)


def fold(text: str) -> str:
    """Return `text` in the one form in which words are compared.

    Compatibility forms, case and ё/е are folded, invisible characters go, control characters and
    runs of white space become one space. Letters with their own sound (й, қ, ң) stay apart.
    """
    return _fold_word(text) if len(text) <= _MOST_REMEMBERED else _fold(text)


def _fold(text: str) -> str:
    text = unicodedata.normalize("NFKC", text)
    if not text.isprintable():
        text = "".join(map(_visible, text))
    text = text.casefold().replace("ё", "е")
    # Casefolding can decompose (İ); composing again makes fold(fold(x)) == fold(x).
    return " ".join(unicodedata.normalize("NFKC", text).split())


_fold_word = lru_cache(100_000)(_fold)


def _visible(char: str) -> str:
    category = unicodedata.category(char)
    if category == "Cf":  # soft hyphens and the like, inside words
        return ""
    return " " if category in {"Cc", "Cs", "Zl", "Zp", "Zs"} else char


_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def without_controls(text: str) -> str:
    """Return text without the characters that XML and databases do not take."""
    return _CONTROL.sub("", text)


def typed_words(typed: str) -> list[str]:
    """Return the folded words of a search, each once: at most twelve of the first 200 letters."""
    return list(dict.fromkeys(fold(typed[:MOST_TYPED]).split()))[:MOST_WORDS]


def name_key(name: str) -> str:
    """Return the key under which an outlet's printed name is found: its folded words.

    >>> name_key("«Tengrinews.KZ»")
    'tengrinews kz'
    """
    return " ".join(_WORD.findall(fold(name)))


class Site(NamedTuple):
    """Whose a web address is: the host, and on a network the account's place there."""

    host: str = ""
    account: str = ""
    is_network: bool = False
    # The host as printed, where it has moved since.
    other_host: str = ""

    def __str__(self) -> str:
        return f"{self.host}/{self.account}" if self.account else self.host


def site(address: str) -> Site:
    """Return whose site or account a web address, with or without its scheme, belongs to.

    >>> str(site("https://m.tengrinews.kz:443/x?y")), str(site("X.com/TokayevKZ/status/1"))
    ('tengrinews.kz', 'twitter.com/TokayevKZ')
    """
    address = address.strip()
    if " " in address or "." not in address:
        return Site()
    plain = _PLAIN_HOST.match(address)
    if plain and (host := _own_host(plain[1])) not in _NETWORKS:
        return Site(host)
    try:
        parts = urlsplit(address if "//" in address else f"//{address}")
        host = _own_host(parts.hostname or "")
    except ValueError:  # a bracket that opens no IPv6 address
        return Site()
    network = _NETWORKS.get(host)
    if network is None:
        return Site(host)
    steps = [step for step in parts.path.split("/") if step]
    if network == "t.me" and len(steps) > 1 and steps[0] == "s":
        del steps[0]
    first = steps[0].casefold() if steps else ""
    account = "/".join(steps[: 2 if first in _KINDS else 1])
    if first in _NO_ACCOUNT:
        account = "/".join(steps) + (f"?{parts.query}" if parts.query else "")
    return Site(network, account, is_network=True, other_host=host)


def _own_host(host: str) -> str:
    """Return a host without the door that one came in by; empty where it is no domain's name."""
    host = host.casefold().strip(".")
    if len(host) > _MAX_HOST:
        return ""
    return _OTHER_DOOR.sub("", host, count=1) if _OTHER_DOOR.match(host) else host


def site_keys(address: str) -> list[str]:
    """Return the domains and accounts that `address` may belong to, the closest first.

    >>> site_keys("https://www.tengrinews.kz/x/")
    ['tengrinews.kz/x', 'tengrinews.kz']
    """
    found = site(address)
    if found.is_network:
        both = (found, found._replace(host=found.other_host))
        return list(dict.fromkeys(str(site).casefold() for site in both))
    path = address.partition("//")[2] or address
    account = re.split(r"[?#]", path)[0].strip("/").partition("/")[2].split("/")[0].casefold()
    labels = found.host.split(".")
    keys = []
    for start in range(max(len(labels) - 1, 0)):
        domain = ".".join(labels[start:])
        keys += [f"{domain}/{account}", domain] if account else [domain]
    return keys


def alias_keys(printed: str) -> list[str]:
    """Return the keys of the aliases that a printed name may be, the closest first."""
    key = name_key(printed)
    other = key.removeprefix("the ") if key.startswith("the ") else f"the {key}"
    return [key, *map(name_key, site_keys(printed)), other]


def latin_key(key: str) -> str:
    """Return a name key in Latin letters, in which `коммерсант` is `kommersant`."""
    return name_key(in_latin(key))


class _Latin(dict[int, str]):
    """What each letter is in Latin ones, for `str.translate`: letters come again and again."""

    def __missing__(self, code: int) -> str:
        if len(self) > _MOST_LETTERS:
            self.clear()
        found = self[code] = anyascii(chr(code))
        return found


_LATIN = _Latin()


def in_latin(text: str) -> str:
    """Return `text` in ASCII letters, by sound."""
    return text if text.isascii() else text.translate(_LATIN)


def slugify(text: str, *, max_length: int = 80) -> str:
    """Return a lower-case ASCII slug, cut at a word's end; empty if nothing is left."""
    slug = _NOT_SLUG.sub("-", in_latin(text).lower()).strip("-")
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


def web_address(link: str | None) -> str:
    """Return a link if it leads to a page of the web, else nothing: a browser would run others."""
    return link if link and _WEB_ADDRESS.match(link) else ""
