"""Creates slugs for addresses, and random references for keys."""

import re
import secrets

from factcheck.text.normalize import transliterate

_NOT_SLUG = re.compile(r"[^a-z0-9]+")
# No vowels: a random reference never spells a word.
_REF_ALPHABET = "bcdfghjkmnpqrstvwxz23456789"


def slugify(text: str, *, max_length: int = 80) -> str:
    """Return a lower-case ASCII slug, cut at a word's end; empty if nothing is left."""
    slug = _NOT_SLUG.sub("-", transliterate(text).lower()).strip("-")
    if len(slug) > max_length:
        slug = slug[: max_length + 1].rsplit("-", 1)[0][:max_length]
    return slug


def new_ref() -> str:
    """Return a random reference of ten characters (47 bits)."""
    return "".join(secrets.choice(_REF_ALPHABET) for _ in range(10))
