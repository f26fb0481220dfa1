"""Answers of the form that Google's Fact Check Tools API gives to `claims:search`.

Parameters and fields as in its discovery document, revision 20240929, so that a client made for
it works when pointed here. Claims without a finding are left out, as they are there.
"""

import base64
import hashlib
import json
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from factcheck import paging, search
from factcheck.exports.links import page_of, site
from factcheck.filters.claims import CLAIM_SORTS
from factcheck.models import Claim, ClaimQuerySet, Status, Verification, VerificationKind
from factcheck.models.verifications import counting

_DEFAULT, _MOST, _MOST_SKIPPED = 10, 100, 10_000
_MOST_DAYS = 366 * 1_900  # before which there are no days


def claims_search(params: Mapping[str, str]) -> dict[str, Any]:
    """Return a page of claims with their reviews; ValidationError says what is wrong."""
    size = min(_whole(params, "pageSize") or _DEFAULT, _MOST)
    found = _asked(params)
    after, offset = "", _whole(params, "offset")
    if token := params.get("pageToken"):
        after, offset = _read(token, params), 0
    if offset > _MOST_SKIPPED:
        raise ValidationError(_("offset: at most %d; go on with pageToken.") % _MOST_SKIPPED)
    order = CLAIM_SORTS["newest"]
    if offset:
        before = list(found.order_by(*order.order()).only(*order.fields)[offset - 1 : offset])
        if not before:
            return {}
        after = paging.cursor_of(before[0], order)
    page = paging.page(found.for_page(), order, size=size, after=after)
    answer: dict[str, Any] = {}
    if page.rows:
        answer["claims"] = [_claim(claim) for claim in page.rows]
    if page.after:
        answer["nextPageToken"] = _token(page.after, params)
    return answer


def _asked(params: Mapping[str, str]) -> ClaimQuerySet:
    typed, of = params.get("query", "").strip(), params.get("reviewPublisherSiteFilter", "").strip()
    if not typed and not of:
        raise ValidationError(_("query: required unless reviewPublisherSiteFilter is given."))
    found = Claim.objects.published().exclude(status=Status.UNVERIFIED)
    if typed:
        found = found.filter(search.matching(search.parse(typed)))
    if code := params.get("languageCode", "").strip():
        base = code.split("-")[0].lower()
        found = found.filter(Q(language=base) | Q(language__startswith=f"{base}-"))
    findings = Verification.objects.filter(claim=OuterRef("pk"), kind=VerificationKind.FINDING)
    if of:
        found = found.filter(Exists(findings.filter(_publisher(of))))
    if days := _whole(params, "maxAgeDays"):
        since = timezone.localdate() - timedelta(days=min(days, _MOST_DAYS))
        found = found.filter(
            Q(claimed_on__gte=since) | Exists(findings.filter(reviewed_on__gte=since))
        )
    return found


def _publisher(of: str) -> Q:
    """Return the condition that a finding is of a site: this one, or a publisher's."""
    host = _host(of if "//" in of else f"//{of}")
    if host == _host(site()):
        return Q(publisher=None)
    return Q(publisher__domain=host) | Q(publisher__merged_into__domain=host)


def _claim(claim: Claim) -> dict[str, Any]:
    found: dict[str, Any] = {"text": claim.text}
    if claim.claimant:
        found["claimant"] = claim.claimant.name
    if claim.claimed_on:
        found["claimDate"] = _moment(claim.claimed_on)
    found["claimReview"] = [
        _review(claim, finding) for finding in counting(claim.verifications.all())
    ]
    return found


def _review(claim: Claim, finding: Verification) -> dict[str, Any]:
    publisher = finding.publisher_now
    url = finding.url if publisher and finding.url else page_of(claim)
    name = publisher.name if publisher else settings.FACTCHECK_PUBLISHER
    return {
        "publisher": {"name": name, "site": _host(url)},
        "url": url,
        "title": claim.text,
        "reviewDate": _moment(finding.reviewed_on),
        "textualRating": finding.label or str(Status(finding.status).label),
        "languageCode": claim.language,
    }


def _moment(day: date) -> str:
    return f"{day.isoformat()}T00:00:00Z"


def _host(url: str) -> str:
    return (urlsplit(url).hostname or "").removeprefix("www.")


def _whole(params: Mapping[str, str], name: str) -> int:
    """Return a parameter as an int32 from 0 on; 0 where it is not given."""
    given = params.get(name, "").strip() or "0"
    if not (given.isascii() and given.isdecimal() and int(given) < 2**31):
        raise ValidationError(_("%s: a whole number from 0 on is expected.") % name)
    return int(given)


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
