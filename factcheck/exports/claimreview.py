"""schema.org ClaimReview: a claim with a finding, for search engines and other programs.

Fields follow schema.org and Google's rules for ClaimReview. A status that is not on the scale has a
name and no number. Each claim has one review: the newsroom's, or what publishers have found.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

import orjson
from django.conf import settings
from django.db.models import Prefetch
from django.urls import reverse

from factcheck.absolute_urls import absolute_url, home_url, page_url
from factcheck.db import snapshots
from factcheck.facets import HAS_FACT_CHECK
from factcheck.models import (
    Citation,
    Claim,
    Claimant,
    ClaimQuerySet,
    Stance,
    Status,
    Verification,
    VerificationKind,
)
from factcheck.models.claimants import ClaimantKind
from factcheck.models.status_rule import deciding_findings
from factcheck.text.web_addresses import web_address

_BEST, _WORST = 5, 1


def for_claimreview(claims: ClaimQuerySet) -> ClaimQuerySet:
    """Return claims with what a ClaimReview shows: supporting reports and findings."""
    reports = Citation.objects.filter(stance=Stance.SUPPORTS).exclude(url="")
    findings = Verification.objects.for_page().filter(kind=VerificationKind.FINDING)
    return claims.select_related("claimant").prefetch_related(
        Prefetch("citations", reports.select_related("outlet"), "cited"),
        Prefetch("verifications", findings, "log"),
    )


def review(claim: Claim) -> dict[str, Any] | None:
    """Return the ClaimReview of a claim; None without a finding.

    The claim comes from `queries.claim_detail` or `for_claimreview`. A publisher's own words count
    as a finding even if no status of ours is known for them.
    """
    return _review(claim, deciding_findings(claim.log))


def _review(claim: Claim, findings: Sequence[Verification]) -> dict[str, Any] | None:
    is_rated = claim.status != Status.UNVERIFIED or (len(findings) == 1 and findings[0].label)
    if not findings or not is_rated:
        return None
    finding = max(findings, key=lambda finding: (finding.reviewed_on, finding.number))
    url = page_url(claim)
    fields = {
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
    return {name: value for name, value in fields.items() if value is not None}


def last_change(claim: Claim, findings: Sequence[Verification]) -> datetime:
    """Return when a claim or one of its findings was last written.

    Findings that are imported in bulk do not update the claim.
    """
    return max([claim.updated_at, *(finding.created_at for finding in findings)])


def rating(claim: Claim, findings: Sequence[Verification]) -> dict[str, Any]:
    """Return a schema.org Rating; the publisher's own words if there is no other finding."""
    status = Status(claim.status)
    label = findings[0].label if len(findings) == 1 else ""
    named = {"@type": "Rating", "alternateName": label or str(status.label)}
    if status.rating is None:
        return named
    return {**named, "ratingValue": status.rating, "bestRating": _BEST, "worstRating": _WORST}


def author(finding: Verification) -> dict[str, Any]:
    publisher = finding.canonical_publisher
    if publisher is None:
        name = settings.FACTCHECK_PUBLISHER
        return {"@type": "Organization", "name": name, "url": home_url()}
    return _organization(publisher.name, publisher.homepage or page_url(publisher))


def _organization(name: str, url: str) -> dict[str, Any]:
    return {"@type": "Organization", "name": name, "url": url}


def _claim(claim: Claim, url: str) -> dict[str, Any]:
    fields: dict[str, Any] = {"@type": "Claim", "@id": f"{url}#claim"}
    if claim.claimant:
        fields["author"] = _claimant(claim.claimant)
    if claim.claimed_on:
        fields["datePublished"] = claim.claimed_on.isoformat()
    appearances = [
        _appearance(citation)
        for citation in claim.cited
        if citation.stance == Stance.SUPPORTS and citation.url
    ]
    if appearances:
        fields["appearance"] = appearances
        dated = [work for work in appearances if "datePublished" in work]
        if dated:
            fields["firstAppearance"] = min(dated, key=lambda work: work["datePublished"])
    return fields


def _claimant(claimant: Claimant) -> dict[str, Any]:
    is_person = claimant.kind == ClaimantKind.PERSON
    fields: dict[str, Any] = {
        "@type": "Person" if is_person else "Organization",
        "name": claimant.name,
    }
    if claimant.role and is_person:
        fields["jobTitle"] = claimant.role
    if claimant.same_as:
        fields["sameAs"] = claimant.same_as
    return fields


def _appearance(citation: Citation) -> dict[str, Any]:
    fields: dict[str, Any] = {"@type": "CreativeWork", "url": citation.url}
    if citation.title:
        fields["headline"] = citation.title
    if citation.published_on:
        fields["datePublished"] = citation.published_on.isoformat()
    fields["publisher"] = _organization(citation.outlet.name, page_url(citation.outlet))
    if citation.archived_url:
        fields["archivedAt"] = citation.archived_url
    return fields


def license_url() -> str | None:
    license_ = settings.FACTCHECK_DATA_LICENSE
    return license_ if license_.startswith(("http://", "https://")) else None


def for_script(data: Any) -> str:
    """Return JSON that cannot end the script element around it; empty for None."""
    if data is None:
        return ""
    text = orjson.dumps(data).decode()
    for mark in "<>&\u2028\u2029":
        text = text.replace(mark, f"\\u{ord(mark):04x}")
    return text


def feed(*, chunk: int = 200) -> Iterator[bytes]:
    """Yield a schema.org DataFeed of all reviews; a retracted claim's item has `dateDeleted`."""
    head = {
        "@context": "https://schema.org",
        "@type": "DataFeed",
        "name": settings.FACTCHECK_PUBLISHER,
        "url": absolute_url(reverse("claimreview-feed")),
        "license": license_url(),
    }
    whole = orjson.dumps({name: value for name, value in head.items() if value is not None})
    yield whole[:-1] + b',"dataFeedElement":['
    separator, modified = b"\n", None
    claims = Claim.objects.public_in_pk_order().filter(HAS_FACT_CHECK)
    for claim in snapshots.iterate_snapshot(for_claimreview(claims), chunk):
        findings = deciding_findings(claim.log)
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
        yield separator + orjson.dumps(element)
        separator = b",\n"
    # Only known after all claims are read.
    tail = b',"dateModified":' + orjson.dumps(modified.isoformat()) if modified else b""
    yield b"\n]" + tail + b"}\n"
