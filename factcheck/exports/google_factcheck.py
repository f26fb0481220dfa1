"""Answers to `claims:search` in the format of Google's Fact Check Tools API.

Parameters and fields are those of its discovery document, revision 20240929, so that a client made
for that API works with this one. Claims without a finding are left out, as they are there.
"""

import base64
import hashlib
import json
from collections.abc import Callable, Collection, Mapping
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import EmptyResultSet, ValidationError
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from factcheck import facets, search
from factcheck.absolute_urls import home_url, page_url
from factcheck.db import bulk_sql
from factcheck.exports.claimreview import for_claimreview
from factcheck.filters.claims import CLAIM_SORTS, narrow
from factcheck.models import Claim, ClaimQuerySet, Outlet, Status, Verification, VerificationKind
from factcheck.models.status_rule import deciding_findings
from factcheck.queries import pagination
from factcheck.text.web_addresses import site_keys, web_address

_DEFAULT_SIZE, _MAX_SIZE, _MAX_OFFSET = 10, 100, 10_000
# Up to this many claims are listed by ids. If more match, some come early in the list.
_MAX_IDS = 100_000
_MAX_DAYS = 366 * 1_900  # Python has no earlier dates
_MAX_DIGITS = 10  # of an int32

# The publishers whose reviews are requested: outlets by their ids, or None for this newsroom.
_Publishers = Collection[int | None]


def claims_search(params: Mapping[str, str]) -> dict[str, Any]:
    """Return a page of claims with their reviews; ValidationError says what is wrong."""
    size = min(_integer(params, "pageSize") or _DEFAULT_SIZE, _MAX_SIZE)
    publishers = _requested_publishers(params)
    rows, contains = _requested_claims(params, publishers)
    order = CLAIM_SORTS["newest"]
    after, offset = "", _integer(params, "offset")
    if page_token := params.get("pageToken"):
        after, offset = _read_token(page_token, params), 0
    if offset > _MAX_OFFSET:
        raise ValidationError(_("offset: at most %d; go on with pageToken.") % _MAX_OFFSET)
    if (typed := _text(params, "query")) and not search.parse(typed):
        return {}  # it has no words to search for
    if offset:
        before = pagination.page(rows.only(*order.fields), order, size=offset, contains=contains)
        if not before.after:
            return {}
        after = before.after
    page = pagination.page(for_claimreview(rows), order, size=size, after=after, contains=contains)
    answer: dict[str, Any] = {}
    if page.rows:
        answer["claims"] = [_claim(claim, publishers) for claim in page.rows]
    if page.after:
        token = base64.urlsafe_b64encode(f"{_signature(params)}{page.after}".encode())
        answer["nextPageToken"] = token.decode().rstrip("=")
    return answer


def _requested_claims(
    params: Mapping[str, str], publishers: _Publishers | None
) -> tuple[ClaimQuerySet, Callable[[int], bool] | None]:
    """Return the requested claims, as `filters.claims.narrow` does."""
    query = _text(params, "query")
    if not query and publishers is None:
        raise ValidationError(_("query: required unless reviewPublisherSiteFilter is given."))
    rows = Claim.objects.published()
    if publishers is not None:
        rows = _having(rows, _deciding_findings(publishers))
    if days := _integer(params, "maxAgeDays"):
        rows = _not_older(rows, timezone.localdate() - timedelta(days=min(days, _MAX_DAYS)))
    return narrow(rows, facets.select(_selection(query, _text(params, "languageCode"))))


def _selection(query: str, language: str) -> facets.Selection:
    """Select the claims with a finding that match a query, in a language."""
    values: dict[str, list[Any]] = {"found": [True]}
    if language:
        base = language.split("-")[0].lower()
        codes = facets.select(facets.Selection()).values_of("language")
        values["language"] = [code for code in codes if code.split("-")[0] == base]
    return facets.Selection(values, query)


def _having(rows: ClaimQuerySet, findings: QuerySet[Verification]) -> ClaimQuerySet:
    """Narrow to the claims of some findings.

    If they are few, by their ids: otherwise the database checks claim by claim, newest first, until
    it has a page of them.
    """
    ids = _ids(findings.values("claim").distinct())
    if len(ids) <= _MAX_IDS:
        return rows.filter(pk__in=bulk_sql.in_values(ids))
    return rows.filter(Exists(findings.filter(claim=OuterRef("pk"))))


def _deciding_findings(publishers: _Publishers) -> QuerySet[Verification]:
    """Return the findings of a publisher that decide a claim's status: see `counting`."""
    findings = Verification.objects.filter(kind=VerificationKind.FINDING).order_by()
    newsroom = findings.filter(publisher=None)
    if None in publishers:
        return newsroom
    return findings.filter(
        ~Exists(newsroom.filter(claim=OuterRef("claim"))), publisher__in=publishers
    )


def _not_older(rows: ClaimQuerySet, day: date) -> ClaimQuerySet:
    """Narrow to claims that were made, or have a finding, on a day or later."""
    records = Verification.objects.filter(reviewed_on__gte=day).order_by()
    findings = records.filter(kind=VerificationKind.FINDING, claim=OuterRef("pk"))
    matches = rows.filter(Q(claimed_on__gte=day) | Exists(findings))
    ids = _ids(rows.filter(newest_day__gte=day).order_by().values("pk"))
    if len(ids) <= _MAX_IDS:
        # Of all records: their dates are in an index, their kinds are not.
        ids += _ids(records.values("claim").distinct())
    return matches.filter(pk__in=bulk_sql.in_values(set(ids))) if len(ids) <= _MAX_IDS else matches


def _ids(rows: QuerySet[Any]) -> list[int]:
    try:
        return bulk_sql.fetch_ids(*rows[: _MAX_IDS + 1].query.sql_with_params())
    except EmptyResultSet:  # no publisher matches
        return []


def _requested_publishers(params: Mapping[str, str]) -> _Publishers | None:
    """Return the publishers of the requested site; None if any publisher will do.

    Raise a ValidationError if it is not a site.
    """
    site_filter = _text(params, "reviewPublisherSiteFilter")
    if not site_filter:
        return None
    host = _host(site_filter if "//" in site_filter else f"//{site_filter}")
    if not host.isprintable() or not host:
        raise ValidationError(_("reviewPublisherSiteFilter: a site is expected."))
    if host == _host(home_url()):
        return (None,)
    # A text without a domain may name an outlet, but is not a site.
    publisher = Outlet.objects.resolve(site_filter) if site_keys(site_filter) else None
    if publisher is None:
        return ()
    # Outlets that were merged into it have kept their findings.
    return (publisher.pk, *publisher.merged.values_list("pk", flat=True))


def _claim(claim: Claim, publishers: _Publishers | None) -> dict[str, Any]:
    answer: dict[str, Any] = {"text": claim.text}
    if claim.claimant:
        answer["claimant"] = claim.claimant.name
    if claim.claimed_on:
        answer["claimDate"] = _timestamp(claim.claimed_on)
    answer["claimReview"] = [
        _review(claim, finding)
        for finding in deciding_findings(claim.log)
        if publishers is None or finding.publisher_id in publishers
    ]
    return answer


def _review(claim: Claim, finding: Verification) -> dict[str, Any]:
    publisher = finding.canonical_publisher
    link = web_address(finding.url)
    url = link if publisher and link else page_url(claim)
    name = publisher.name if publisher else settings.FACTCHECK_PUBLISHER
    # A publisher's review without an address links to our page, but has the publisher's site.
    is_elsewhere = publisher and publisher.domain and not link
    return {
        "publisher": {
            "name": name,
            "site": _host(f"//{publisher.domain}" if is_elsewhere else url),
        },
        "url": url,
        "title": claim.text,
        "reviewDate": _timestamp(finding.reviewed_on),
        "textualRating": finding.label or str(Status(finding.status).label),
        "languageCode": claim.language,
    }


def _timestamp(day: date) -> str:
    return f"{day.isoformat()}T00:00:00Z"


def _host(url: str) -> str:
    """Return the host of an address, as Google names a site; empty if it has none."""
    try:
        return (urlsplit(url).hostname or "").removeprefix("www.")
    except ValueError:  # not an IPv6 address in brackets, or a character that is not allowed
        return ""


def _text(params: Mapping[str, str], name: str) -> str:
    return params.get(name, "").strip()


def _integer(params: Mapping[str, str], name: str) -> int:
    """Return a parameter as an int32 that is not negative; 0 if it is missing."""
    digits = (_text(params, name) or "0").lstrip("0") or "0"
    is_integer = digits.isascii() and digits.isdecimal() and len(digits) <= _MAX_DIGITS
    if not (is_integer and int(digits) < 2**31):
        raise ValidationError(_("%s: a whole number from 0 on is expected.") % name)
    return int(digits)


def _signature(params: Mapping[str, str]) -> str:
    """Return a digest of all parameters but the page's: a token is valid with the same ones."""
    names = ("query", "languageCode", "reviewPublisherSiteFilter", "maxAgeDays")
    values = json.dumps([params.get(name, "") for name in names])
    return hashlib.sha256(values.encode("utf-8", "replace")).hexdigest()[:16]


def _read_token(token: str, params: Mapping[str, str]) -> str:
    try:
        text = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)).decode("ascii")
    except ValueError:
        text = ""
    if text[:16] != _signature(params):
        raise ValidationError(_("pageToken: not one of a search with these parameters."))
    return text[16:]
