"""Keys of other publishers' fact-checks: of an address, a claim, a finding and an outlet.

No Django, no database.
"""

import hashlib
import re
from functools import lru_cache

from factcheck.text.name_keys import name_key
from factcheck.text.normalize import fold
from factcheck.text.search_keys import MARKS
from factcheck.text.slugs import slugify
from factcheck.text.web_addresses import site

_MAX_REF, _MAX_DOMAIN, _MAX_SLUG_WORDS = 500, 200, 80
_MARK = re.compile(f"[{MARKS}]")
_SLUG_DIGITS, _REF_DIGITS = 10, 24


def url_ref(url: str) -> str:
    """Return the reference of an address's first claim: the address, or its digest if too long."""
    return url if len(url) <= _MAX_REF else f"sha256:{digest(url)}"


def claim_ref(url: str, text: str) -> str:
    """Return the reference of a further claim of an address: it names the words, too."""
    return f"sha256:{digest(url, words_key(text))}"


def content_key(text: str, label: str, reason: str) -> str:
    """Return a key of all that a finding says, apart from its date."""
    return digest(text, label, reason)


def claim_slug(text: str, import_ref: str) -> str:
    """Return the slug of a new claim: its words, and some digits of its reference."""
    words = slugify(text)[:_MAX_SLUG_WORDS]
    return f"{words}-{digest(import_ref)[:_SLUG_DIGITS]}".lstrip("-")


def row_ref(*parts: str) -> str:
    """Return the reference of a new citation or finding."""
    return f"import-{digest(*parts)[:_REF_DIGITS]}"


@lru_cache(10_000)
def domain_of(url: str) -> str:
    """Return the site or the account that an address belongs to, as an outlet's domain."""
    return str(site(url)).lower()[:_MAX_DOMAIN]


def words_key(text: str) -> str:
    """Return the words of a claim or a name, whatever their case and punctuation."""
    folded = fold(text)
    # A name's key has no combining marks, without which a word may be another one.
    return folded if _MARK.search(folded) else name_key(text) or text


def digest(*parts: str) -> str:
    return hashlib.sha256("\n".join(parts).encode("utf-8", "replace")).hexdigest()
