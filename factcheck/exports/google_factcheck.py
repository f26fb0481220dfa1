"""Answers of the form that Google's Fact Check Tools API gives to `claims:search`.

Parameters and fields as in its discovery document, revision 20240929, so that a client made for
it works when pointed here. Claims without a finding are left out, as they are there.
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

from factcheck import facets, search, sql
from factcheck.absolute_urls import page_of, site
from factcheck.filters.claims import CLAIM_SORTS, narrowed
from factcheck.models import Claim, ClaimQuerySet, Outlet, Status, Verification, VerificationKind
from factcheck.models.verifications import counting
from factcheck.queries import pagination
from factcheck.text import site_keys, web_address

_DEFAULT, _MOST, _MOST_SKIPPED = 10, 100, 10_000
# So many claims are listed by their ids; where more have a finding of some kind, some are near.
_MANY = 100_000
_MOST_DAYS = 366 * 1_900  # before which there are no days
_MOST_DIGITS = 10  # of an int32

# Whose reviews are asked for: outlets by their ids, None among them for this newsroom.
_Whose = Collection[int | None]


def claims_search(params: Mapping[str, str]) -> dict[str, Any]:
    """Return a page of claims with their reviews; ValidationError says what is wrong."""
    size = min(_whole(params, "pageSize") or _DEFAULT, _MOST)
    whose = _whose(params)
    rows, holds = _asked(params, whose)
    order = CLAIM_SORTS["newest"]
    after, offset = "", _whole(params, "offset")
    if token := params.get("pageToken"):
        after, offset = _read(token, params), 0
    if offset > _MOST_SKIPPED:
        raise ValidationError(_("offset: at most %d; go on with pageToken.") % _MOST_SKIPPED)
    if (typed := _given(params, "query")) and not search.parse(typed):
        return {}  # there is no word in it to look for
    if offset:
        before = pagination.page(rows.only(*order.fields), order, size=offset, holds=holds)
        if not before.after:
            return {}
        after = before.after
    page = pagination.page(rows.for_review(), order, size=size, after=after, holds=holds)
    answer: dict[str, Any] = {}
    if page.rows:
        answer["claims"] = [_claim(claim, whose) for claim in page.rows]
    if page.after:
        answer["nextPageToken"] = _token(page.after, params)
    return answer


def _asked(
    params: Mapping[str, str], whose: _Whose | None
) -> tuple[ClaimQuerySet, Callable[[int], bool] | None]:
    """Return the claims that were asked for, as `filters.claims.narrowed` does."""
    typed = _given(params, "query")
    if not typed and whose is None:
        raise ValidationError(_("query: required unless reviewPublisherSiteFilter is given."))
    rows = Claim.objects.published()
    if whose is not None:
        rows = _with(rows, _counting(whose))
    if days := _whole(params, "maxAgeDays"):
        rows = _since(rows, timezone.localdate() - timedelta(days=min(days, _MOST_DAYS)))
    found = facets.find(_selection(typed, _given(params, "languageCode")))
    return narrowed(rows, found)


def _selection(typed: str, language: str) -> facets.Selection:
    """Return the selection of all claims with a finding that hold some words, in a language."""
    claims: dict[str, Q] = {"found": facets.FOUND}
    values: dict[str, list[Any]] = {"found": [True]}
    if language:
        base = language.split("-")[0].lower()
        known = facets.find(facets.Selection()).values("language")
        values["language"] = [code for code in known if code.split("-")[0] == base]
        claims["language"] = Q(language__in=values["language"])
    return facets.Selection(claims=claims, values=values, typed=typed)


def _with(rows: ClaimQuerySet, findings: QuerySet[Verification]) -> ClaimQuerySet:
    """Narrow to the claims of some findings.

    Of a few, by their ids: the newest claims need not be asked one by one until enough are found.
    """
    ids = _ids(findings.values("claim").distinct())
    if len(ids) <= _MANY:
        return rows.filter(pk__in=sql.within(ids))
    return rows.filter(Exists(findings.filter(claim=OuterRef("pk"))))


def _counting(whose: _Whose) -> QuerySet[Verification]:
    """Return findings of one publisher, of every claim of which one counts: see `counting`."""
    findings = Verification.objects.filter(kind=VerificationKind.FINDING).order_by()
    own = findings.filter(publisher=None)
    if None in whose:
        return own
    return findings.filter(~Exists(own.filter(claim=OuterRef("claim"))), publisher__in=whose)


def _since(rows: ClaimQuerySet, day: date) -> ClaimQuerySet:
    """Narrow to claims of a day or later ones, by the newer of the claim's and a finding's."""
    findings = Verification.objects.filter(reviewed_on__gte=day).order_by()
    asked = findings.filter(kind=VerificationKind.FINDING, claim=OuterRef("pk"))
    fits = rows.filter(Q(claimed_on__gte=day) | Exists(asked))
    ids = _ids(rows.filter(newest_day__gte=day).order_by().values("pk"))
    if len(ids) <= _MANY:
        # Of all entries: they stand in one index, their kinds do not.
        ids += _ids(findings.values("claim").distinct())
    return fits.filter(pk__in=sql.within(set(ids))) if len(ids) <= _MANY else fits


def _ids(found: QuerySet[Any]) -> list[int]:
    try:
        return sql.numbers(*found[: _MANY + 1].query.sql_with_params())
    except EmptyResultSet:  # there is no such publisher
        return []


def _whose(params: Mapping[str, str]) -> _Whose | None:
    """Return whose reviews are asked for by the site: nobody's, a publisher's; None: anybody's.

    ValidationError where it is no site.
    """
    of = _given(params, "reviewPublisherSiteFilter")
    if not of:
        return None
    host = _host(of if "//" in of else f"//{of}")
    if not host.isprintable() or not host:
        raise ValidationError(_("reviewPublisherSiteFilter: a site is expected."))
    if host == _host(site()):
        return (None,)
    # What has no domain may be the name of an outlet, but is no site of one.
    publisher = Outlet.objects.resolve(of) if site_keys(of) else None
    if publisher is None:
        return ()
    # What was merged into it has kept its findings.
    return (publisher.pk, *publisher.merged.values_list("pk", flat=True))


def _claim(claim: Claim, whose: _Whose | None) -> dict[str, Any]:
    found: dict[str, Any] = {"text": claim.text}
    if claim.claimant:
        found["claimant"] = claim.claimant.name
    if claim.claimed_on:
        found["claimDate"] = _moment(claim.claimed_on)
    found["claimReview"] = [
        _review(claim, finding)
        for finding in counting(claim.log)
        if whose is None or finding.publisher_id in whose
    ]
    return found


def _review(claim: Claim, finding: Verification) -> dict[str, Any]:
    publisher = finding.publisher_now
    link = web_address(finding.url)
    url = link if publisher and link else page_of(claim)
    name = publisher.name if publisher else settings.FACTCHECK_PUBLISHER
    # A publisher's review without an address is read on our page, but is of the publisher's site.
    is_elsewhere = publisher and publisher.domain and not link
    return {
        "publisher": {
            "name": name,
            "site": _host(f"//{publisher.domain}" if is_elsewhere else url),
        },
        "url": url,
        "title": claim.text,
        "reviewDate": _moment(finding.reviewed_on),
        "textualRating": finding.label or str(Status(finding.status).label),
        "languageCode": claim.language,
    }


def _moment(day: date) -> str:
    return f"{day.isoformat()}T00:00:00Z"


def _host(url: str) -> str:
    """Return the host of an address, as Google names a site; empty where there is none."""
    try:
        return (urlsplit(url).hostname or "").removeprefix("www.")
    except ValueError:  # a bracket that opens no IPv6 address, or a letter that is a mark
        return ""


def _given(params: Mapping[str, str], name: str) -> str:
    return params.get(name, "").strip()


def _whole(params: Mapping[str, str], name: str) -> int:
    """Return a parameter as an int32 from 0 on; 0 where it is not given."""
    given = _given(params, name) or "0"
    digits = given.lstrip("0") or "0"
    is_whole = digits.isascii() and digits.isdecimal() and len(digits) <= _MOST_DIGITS
    if not (is_whole and int(digits) < 2**31):
        raise ValidationError(_("%s: a whole number from 0 on is expected.") % name)
    return int(digits)


def _signature(params: Mapping[str, str]) -> str:
    """Return what all parameters but the page's say: a token goes on with the same ones."""
    names = ("query", "languageCode", "reviewPublisherSiteFilter", "maxAgeDays")
    asked = json.dumps([params.get(name, "") for name in names])
    return hashlib.sha256(asked.encode("utf-8", "replace")).hexdigest()[:16]


def _token(after: str, params: Mapping[str, str]) -> str:
    return base64.urlsafe_b64encode(f"{_signature(params)}{after}".encode()).decode().rstrip("=")


def _read(token: str, params: Mapping[str, str]) -> str:
    try:
        text = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)).decode("ascii")
    except ValueError:
        text = ""
    if text[:16] != _signature(params):
        raise ValidationError(_("pageToken: not one of a search with these parameters."))
    return text[16:]
