"""What is said of other publishers' reviews before the database is asked, by whoever reads them."""

import hashlib
import re
from functools import lru_cache
from typing import NamedTuple

from factcheck import search
from factcheck.imports.fact_checks.records import Review
from factcheck.text.name_keys import name_key
from factcheck.text.normalize import fold
from factcheck.text.slugs import slugify
from factcheck.text.web_addresses import site
from factcheck.wordkeys import MARKS

_MOST_REF, _MOST_DOMAIN = 500, 200
_MARK = re.compile(f"[{MARKS}]")
# Of a digest, at the end of a slug.
_DIGITS = 10


class Ready(NamedTuple):
    """A review, and what can be said of it before the database is asked."""

    review: Review
    # What it is known by, or the second and third claim of its address; how the claim is called.
    ref: str
    own_ref: str
    slug: str
    # The words of the claim, whatever their case.
    said: str
    # Whose its address is, and those of its appearances, as an outlet's domain says it.
    place: str
    places: tuple[str, ...]
    words: search.Words

    def as_another(self) -> "Ready":
        """Return what is about another claim than the first of its address."""
        slug = f"{self.slug[:-_DIGITS]}{digest(self.own_ref)[:_DIGITS]}"
        return self._replace(ref=self.own_ref, slug=slug)


def ready(review: Review) -> Ready:
    """Return a review with all that takes long and needs no database."""
    ref = review.url if len(review.url) <= _MOST_REF else f"sha256:{digest(review.url)}"
    stated, words = said(review.text), slugify(review.text)[:80]
    own_ref = f"sha256:{digest(review.url, stated)}"
    return Ready(
        review,
        ref,
        own_ref,
        f"{words}-{digest(ref)[:_DIGITS]}".lstrip("-"),
        stated,
        place_of(review.url),
        tuple([place_of(appearance.url) for appearance in review.appearances]),
        search.words_of(review.text),
    )


@lru_cache(10_000)
def place_of(url: str) -> str:
    """Return whose an address is, as an outlet's domain says it."""
    return str(site(url)).lower()[:_MOST_DOMAIN]


def said(text: str) -> str:
    """Return the words of a claim or a name, whatever their case and punctuation."""
    folded = fold(text)
    # Marks without which a word is another are in no name's key.
    return folded if _MARK.search(folded) else name_key(text) or text


def digest(*parts: str) -> str:
    return hashlib.sha256("\n".join(parts).encode("utf-8", "replace")).hexdigest()
