"""Fetches the saved claims and findings of the addresses in a batch of fact-checks."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils import timezone

from factcheck.db import bulk_sql
from factcheck.imports.fact_checks.keys import claim_ref, content_key
from factcheck.imports.fact_checks.plan import Finding, KnownFindings, guessed_dates
from factcheck.imports.fact_checks.spool import AddressRecords
from factcheck.models import Claim, Verification
from factcheck.models.verifications import VerificationKind


@dataclass(slots=True)
class KnownClaim:
    """A saved claim, and its findings from the address that identifies it."""

    pk: int
    findings: list[Finding] = field(default_factory=list)
    # The reference of the last finding, from which the next reference is derived.
    last_ref: str = ""


def fetch_known_claims(addresses: Sequence[AddressRecords]) -> dict[str, KnownClaim]:
    """Return the saved claims of addresses and of their records' words, by import reference."""
    urls = {address.url_ref: address.url for address in addresses}
    for address in addresses:
        urls.update((record.claim_ref, address.url) for record in address.records)
    # Lets PostgreSQL use the partial index of references, which excludes empty ones.
    imported = Claim.objects.exclude(import_ref="").order_by()
    saved = imported.filter(import_ref__in=bulk_sql.in_values(urls))
    claims = {ref: KnownClaim(pk) for ref, pk in saved.values_list("import_ref", "pk")}
    if claims:
        _add_findings(claims, urls)
    return claims


def findings_by_ref(claims: Mapping[str, KnownClaim]) -> KnownFindings:
    """Return the findings of saved claims by import reference, as planning needs them."""
    return {ref: claim.findings for ref, claim in claims.items()}


def _add_findings(claims: Mapping[str, KnownClaim], urls: Mapping[str, str]) -> None:
    by_pk = {claim.pk: (claim, urls[ref]) for ref, claim in claims.items()}
    rows = (
        Verification.objects.filter(
            claim__in=bulk_sql.in_values(by_pk), kind=VerificationKind.FINDING
        )
        .exclude(url="")
        .order_by("number")
        .values_list(
            "claim", "ref", "url", "statement", "label", "reason", "reviewed_on", "created_at"
        )
    )
    rows_by_claim: dict[int, list[Any]] = defaultdict(list)
    for pk, *finding in rows:
        if finding[1] == by_pk[pk][1]:
            rows_by_claim[pk].append(finding)
    for pk, findings in rows_by_claim.items():
        claim, url = by_pk[pk]
        claim.findings = list(_findings(url, findings))
        claim.last_ref = findings[-1][0]


def _findings(url: str, rows: Sequence[Any]) -> Iterable[Finding]:
    dates = [
        (reviewed_on.isoformat(), timezone.localdate(created_at).isoformat())
        for *_texts, reviewed_on, created_at in rows
    ]
    for row, (date, _imported_on), is_guessed in zip(
        rows, dates, guessed_dates(dates), strict=True
    ):
        _ref, _url, statement, label, reason, *_dates = row
        content = content_key(statement, label, reason)
        yield Finding(claim_ref(url, statement), content, date, is_guessed)
