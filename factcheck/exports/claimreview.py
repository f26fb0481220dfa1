"""schema.org ClaimReview: what a machine is told of a claim that has a finding.

Fields after schema.org and Google's rules for ClaimReview. A status off the scale has a name and
no number. One claim has one review here: the newsroom's, or what publishers have found.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

import orjson
from django.conf import settings
from django.urls import reverse

from factcheck import sql
from factcheck.absolute_urls import absolute, page_of, site
from factcheck.facets import FOUND
from factcheck.models import Citation, Claim, Stance, Status, Verification
from factcheck.models.claimants import ClaimantKind
from factcheck.models.verifications import counting
from factcheck.text import web_address

_BEST, _WORST = 5, 1


def review(claim: Claim) -> dict[str, Any] | None:
    """Return the ClaimReview of a claim (a dossier, or of `for_review`); None without a finding.

    A publisher's own words are one, too, where no status of ours is known for them.
    """
    return _review(claim, counting(claim.log))


def _review(claim: Claim, findings: Sequence[Verification]) -> dict[str, Any] | None:
    is_rated = claim.status != Status.UNVERIFIED or (len(findings) == 1 and findings[0].label)
    if not findings or not is_rated:
        return None
    finding = max(findings, key=lambda one: (one.reviewed_on, one.number))
    url = page_of(claim)
    found = {
        "@context": "https://schema.org",
        "@type": "ClaimReview",
        "@id": f"{url}#review",
        "url": url,
        "inLanguage": claim.language,
        "claimReviewed": claim.text,
        "reviewRating": rating(claim, findings),
        "author": author(finding),
        "datePublished": finding.reviewed_on.isoformat(),
        "dateModified": last_change(claim, findings).isoformat(),
        "reviewBody": finding.reason or None,
        "itemReviewed": _claim(claim, url),
        "isBasedOn": [url for record in finding.evidence.all() if (url := web_address(record.url))]
        or None,
        "license": license_url(),
    }
    return {name: value for name, value in found.items() if value is not None}


def last_change(claim: Claim, findings: Sequence[Verification]) -> datetime:
    """Return when a claim or one of its findings was written last.

    Findings that are written in bulk do not move the claim.
    """
    return max([claim.updated_at, *(finding.created_at for finding in findings)])


def rating(claim: Claim, findings: Sequence[Verification]) -> dict[str, Any]:
    """Return a schema.org Rating; the publisher's own words where they alone decide."""
    status = Status(claim.status)
    label = findings[0].label if len(findings) == 1 else ""
    words = {"@type": "Rating", "alternateName": label or str(status.label)}
    if status.rating is None:
        return words
    return {**words, "ratingValue": status.rating, "bestRating": _BEST, "worstRating": _WORST}


def author(finding: Verification) -> dict[str, Any]:
    publisher = finding.publisher_now
    if publisher is None:
        name = settings.FACTCHECK_PUBLISHER
        return {"@type": "Organization", "name": name, "url": site()}
    return _organization(publisher.name, publisher.homepage or page_of(publisher))


def _organization(name: str, url: str) -> dict[str, Any]:
    return {"@type": "Organization", "name": name, "url": url}


def _claim(claim: Claim, url: str) -> dict[str, Any]:
    found: dict[str, Any] = {"@type": "Claim", "@id": f"{url}#claim"}
    if claim.claimant:
        claimant = claim.claimant
        is_person = claimant.kind == ClaimantKind.PERSON
        found["author"] = {
            "@type": "Person" if is_person else "Organization",
            "name": claimant.name,
        }
        if claimant.role and is_person:
            found["author"]["jobTitle"] = claimant.role
        if claimant.same_as:
            found["author"]["sameAs"] = claimant.same_as
    if claim.claimed_on:
        found["datePublished"] = claim.claimed_on.isoformat()
    appearances = [
        _appearance(citation)
        for citation in claim.cited
        if citation.stance == Stance.SUPPORTS and citation.url
    ]
    if appearances:
        found["appearance"] = appearances
        dated = [one for one in appearances if "datePublished" in one]
        if dated:
            found["firstAppearance"] = min(dated, key=lambda one: one["datePublished"])
    return found


def _appearance(citation: Citation) -> dict[str, Any]:
    found: dict[str, Any] = {"@type": "CreativeWork", "url": citation.url}
    if citation.title:
        found["headline"] = citation.title
    if citation.published_on:
        found["datePublished"] = citation.published_on.isoformat()
    found["publisher"] = _organization(citation.outlet.name, page_of(citation.outlet))
    if citation.archived_url:
        found["archivedAt"] = citation.archived_url
    return found


def license_url() -> str | None:
    license_ = settings.FACTCHECK_DATA_LICENSE
    return license_ if license_.startswith(("http://", "https://")) else None


def for_script(data: Any) -> str:
    """Return JSON that cannot end the script element which it stands in; nothing for None."""
    if data is None:
        return ""
    text = orjson.dumps(data).decode()
    for mark in "<>&\u2028\u2029":
        text = text.replace(mark, f"\\u{ord(mark):04x}")
    return text


def feed(*, chunk: int = 200) -> Iterator[bytes]:
    """Yield a schema.org DataFeed of all reviews; a retracted claim's item says when it went."""
    head = {
        "@context": "https://schema.org",
        "@type": "DataFeed",
        "name": settings.FACTCHECK_PUBLISHER,
        "url": absolute(reverse("claimreview-feed")),
        "license": license_url(),
    }
    whole = orjson.dumps({name: value for name, value in head.items() if value is not None})
    yield whole[:-1] + b',"dataFeedElement":['
    begun, modified = False, None
    claims = Claim.objects.one_by_one().filter(FOUND)
    for claim in sql.streamed(claims.for_review(), chunk):
        findings = counting(claim.log)
        changed = last_change(claim, findings)
        modified = max(modified or changed, changed)
        item = _review(claim, findings)
        if item is None:
            continue
        item.pop("@context")
        element = {
            "@type": "DataFeedItem",
            "dateCreated": item["datePublished"],
            "dateModified": item["dateModified"],
            "url": item["url"],
            "item": [item],
        }
        if claim.retracted_at:
            element |= {"dateDeleted": claim.retracted_at.isoformat(), "item": None}
        yield (b",\n" if begun else b"\n") + orjson.dumps(element)
        begun = True
    # Known when all are read.
    tail = b',"dateModified":' + orjson.dumps(modified.isoformat()) if modified else b""
    yield b"\n]" + tail + b"}\n"
