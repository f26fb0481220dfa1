"""Finds the ClaimReviews in JSON of any shape, and resolves their references.

They may stand alone, in a list, in `@graph`, in a DataFeed, in the answer of Google's Fact Check
Tools API, or anywhere in an object. No Django.
"""

from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import Any

# A record that is nested more deeply is harmful or empty.
MAX_DEPTH = 40
# The parts of a record that may refer to objects elsewhere in a graph.
_LEAF: dict[str, Any] = {}
_ITEM = dict.fromkeys(("author", "creator", "appearance", "firstAppearance"), _LEAF)
_PARTS = {**dict.fromkeys(("author", "publisher", "reviewRating"), _LEAF), "itemReviewed": _ITEM}
# Members of one list whose references are resolved.
_MAX_REFERENCES = 50


def find_claim_reviews(value: Any) -> Iterator[Any]:
    """Yield the ClaimReviews in a value, with the objects that they refer to by `@id`."""

    @cache
    def objects() -> dict[str, Any]:
        return dict(_objects_by_id(value))

    for raw in _claim_reviews(value):
        yield _with_references(raw, objects, _PARTS)


def _claim_reviews(value: Any, depth: int = 0, deleted: Any = None) -> Iterator[Any]:
    """Yield the ClaimReviews in a value: itself, a feed item's, or those anywhere in it.

    `deleted` is the date on which a feed withdrew the item that holds the value.
    """
    if depth > MAX_DEPTH:
        return
    if isinstance(value, list):
        for member in value:
            yield from _claim_reviews(member, depth + 1, deleted)
    elif isinstance(value, dict):
        deleted = value.get("dateDeleted") or deleted
        if _is_claim_review(value):
            raw = value if "claimReviewed" in value else _without_prefixes(value)
            yield {**raw, "dateDeleted": deleted} if deleted else raw
        elif isinstance(value.get("claimReview"), list) and "text" in value:
            yield from _from_google(value)
        else:
            for member in value.values():
                if isinstance(member, dict | list):
                    yield from _claim_reviews(member, depth + 1, deleted)


def _is_claim_review(value: Mapping[str, Any]) -> bool:
    types = value.get("@type", value.get("type"))
    if not types:
        return "claimReviewed" in value
    return any(
        isinstance(name, str) and _without_prefix(name) == "ClaimReview"
        for name in (types if isinstance(types, list) else [types])
    )


def _without_prefix(name: str) -> str:
    """Return a name without its prefix, such as `schema:` or `https://schema.org/`."""
    return name[max(map(name.rfind, "/#:")) + 1 :]


def _without_prefixes(value: Any, depth: int = 0) -> Any:
    if isinstance(value, list) and depth < MAX_DEPTH:
        return [_without_prefixes(member, depth + 1) for member in value]
    if isinstance(value, dict) and depth < MAX_DEPTH:
        return {
            _without_prefix(name): _without_prefixes(member, depth + 1)
            for name, member in value.items()
        }
    return value


def _from_google(claim: Mapping[str, Any]) -> Iterator[Any]:
    """Yield the reviews of a claim of the Fact Check Tools API as ClaimReviews."""
    for review in claim["claimReview"]:
        if isinstance(review, dict):
            yield {
                "@type": "ClaimReview",
                "url": review.get("url"),
                "claimReviewed": claim["text"],
                "author": review.get("publisher"),
                "datePublished": review.get("reviewDate"),
                "inLanguage": review.get("languageCode"),
                "reviewRating": {"alternateName": review.get("textualRating")},
                "itemReviewed": {
                    "author": {"name": claim.get("claimant")},
                    "datePublished": claim.get("claimDate"),
                },
            }


def _objects_by_id(value: Any, depth: int = 0) -> Iterator[tuple[str, Any]]:
    """Yield the objects in a value that have an `@id`, each with it."""
    if isinstance(value, dict | list) and depth < MAX_DEPTH:
        for member in value.values() if isinstance(value, dict) else value:
            yield from _objects_by_id(member, depth + 1)
    if isinstance(value, dict) and len(value) > 1 and isinstance(value.get("@id"), str):
        yield value["@id"], value


def _with_references(
    value: Any, objects: Callable[[], dict[str, Any]], parts: Mapping[str, Any]
) -> Any:
    """Return a value with the objects in place of the references (`@id` alone) in its parts."""
    if isinstance(value, list):
        members = (_with_references(part, objects, parts) for part in value[:_MAX_REFERENCES])
        return [*members, *value[_MAX_REFERENCES:]]
    if not isinstance(value, dict):
        return value
    if len(value) == 1 and isinstance(value.get("@id"), str):
        value = objects().get(value["@id"], value)
    replaced = {
        name: _with_references(value[name], objects, inner_parts)
        for name, inner_parts in parts.items()
        if isinstance(value.get(name), dict | list)
    }
    return {**value, **replaced} if replaced else value
