"""Reads the properties of one ClaimReview in the many forms that publishers use.

A value may be a text, an object or a list; `author` may stand anywhere; dates may be invalid,
fields missing, ratings of any scale (only their words are used). No Django.
"""

from collections.abc import Iterator, Mapping
from itertools import chain
from typing import Any

from factcheck.imports.errors import Code, RecordError
from factcheck.imports.fact_checks.records import (
    Appearance,
    Review,
    UnreadableValues,
    language_code,
    plain_text,
    require,
    require_url,
    web_link,
)

_ADDRESSES = ("url", "@id", "@value")
_MAX_APPEARANCES = 50


def parse_claim_review(raw: Mapping[str, Any]) -> Review:
    """Return the review that a ClaimReview describes. RecordError if it lacks a required value."""
    properties = raw.get("properties")
    nested = properties if isinstance(properties, dict) else {}

    def get(name: str) -> Any:
        value = raw.get(name)
        return nested.get(name) if value is None else value

    if raw.get("dateDeleted"):
        raise RecordError(Code.FACT_CHECK_WITHDRAWN, field="dateDeleted")
    unreadable, item = UnreadableValues(), _first_object(get("itemReviewed"))
    publisher = _publisher(get("author"), get("publisher"))
    claimant = _first_object(item.get("author")) or _first_object(item.get("creator"))
    rating = _first_object(get("reviewRating"))
    published = unreadable.date(_string(get("datePublished")), is_past=True)
    return Review(
        url=require_url(_string(get("url")) or _string(get("@id"))),
        text=require("claimReviewed", plain_text(_string(get("claimReviewed")))),
        publisher=plain_text(_string(publisher.get("name")))[:200],
        label=plain_text(_label(rating) or _string(get("reviewRating")))[:200],
        reason=plain_text(_string(get("reviewBody")) or _string(rating.get("ratingExplanation"))),
        reviewed_on=published or unreadable.date(_string(get("dateModified")), is_past=True),
        language=language_code(_language(get("inLanguage"))),
        claimant=plain_text(_string(claimant.get("name")))[:200],
        is_organisation="Organization" in _types(claimant),
        claimant_role=plain_text(_string(claimant.get("jobTitle")))[:200],
        same_as=web_link(_string(claimant.get("sameAs"))),
        claimed_on=unreadable.date(_string(item.get("datePublished"))),
        appearances=tuple(_appearances(item, unreadable)),
        unreadable=tuple(unreadable.texts),
    )


def _publisher(author: Any, publisher: Any) -> Mapping[str, Any]:
    """Return the publisher of a review: an organisation rather than a person who wrote for it."""
    candidates = [*_objects(author), *_objects(publisher)]
    for candidate in candidates:
        if "Organization" in _types(candidate):
            return candidate
    is_person = any("Person" in _types(writer) for writer in _objects(author))
    return (_first_object(publisher) if is_person else {}) or next(iter(candidates), {})


def _types(part: Mapping[str, Any]) -> str:
    """Return the types of an object, separated by spaces."""
    types = part.get("@type")
    return " ".join(
        [name for name in (types if isinstance(types, list) else [types]) if isinstance(name, str)]
    )


def _label(rating: Mapping[str, Any]) -> str:
    value = _string(rating.get("ratingValue"))
    in_words = value if any(map(str.isalpha, value)) and value.casefold() != "nan" else ""
    return _string(rating.get("alternateName")) or _string(rating.get("name")) or in_words


def _language(value: Any) -> str:
    code = value.get("alternateName") if isinstance(value, dict) else None
    return _string(code or value).replace("_", "-")


def _appearances(item: Mapping[str, Any], unreadable: UnreadableValues) -> Iterator[Appearance]:
    urls: set[str] = set()
    values = [item.get("firstAppearance"), item.get("appearance")]
    if not any(values) and "Claim" not in _types(item):
        # The item is itself the article or post that appeared, or only its address.
        values = [item.get("url") or item.get("sameAs") or _name_as_url(item)]
    for value in chain.from_iterable(v if isinstance(v, list) else [v] for v in values):
        part = value if isinstance(value, dict) else {"url": value}
        url = unreadable.link(next(filter(None, map(_string, map(part.get, _ADDRESSES))), ""))
        if url and url not in urls and len(urls) < _MAX_APPEARANCES:
            urls.add(url)
            title = plain_text(_string(part.get("headline")) or _string(part.get("name")))
            yield Appearance(url, title[:500], unreadable.date(_string(part.get("datePublished"))))


def _name_as_url(item: Mapping[str, Any]) -> str:
    name = _string(item.get("name"))
    return name if name.startswith(("http://", "https://")) else ""


def _objects(value: Any) -> list[Mapping[str, Any]]:
    """Return the objects of a value or a list; a text becomes an object with that name."""
    values = value if isinstance(value, list) else [value]
    return [
        part if isinstance(part, dict) else {"name": part}
        for part in values
        if part and isinstance(part, dict | str)
    ]


def _first_object(value: Any) -> Mapping[str, Any]:
    return next(iter(_objects(value)), {})


def _string(value: Any) -> str:
    """Return a text, the first of a list, or the text of an object."""
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, list):
        value = next(filter(None, value), None)
    if isinstance(value, dict):
        text = next(filter(None, map(value.get, ("@value", "name", "@id", "url"))), None)
        # A text by language: {"en": …, "ru": …}
        is_by_language = not text and all(len(name) in {2, 3} for name in value)
        value = next(iter(value.values()), None) if is_by_language else text
    if isinstance(value, str):
        return value.strip()
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else ""
