"""Atom feeds, with absolute links from FACTCHECK_SITE_URL.

Titles are plain text; the generator says of summaries that they are HTML.
"""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.feedgenerator import Atom1Feed
from django.utils.html import escape, format_html
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from factcheck import public_record
from factcheck.absolute_urls import absolute, page_of
from factcheck.filters import ClaimFilter
from factcheck.formatting import markdown
from factcheck.models import Claim, Correction, Verification, VerificationKind
from factcheck.models.verdicts import StatusChange
from factcheck.text.normalize import remove_controls

_MOST = 50


def corrections(request: HttpRequest) -> HttpResponse:
    """Return the newest records by which readers were told otherwise than before."""
    numbers = Correction.objects.values_list("number", flat=True)[:_MOST]
    page = absolute(reverse("correction-list"))
    said = _("What readers had been told otherwise: verdicts, wordings, counts, retractions.")
    feed = _feed(request, _("%(publisher)s: corrections"), said, page)
    for one in public_record.recorded(numbers):
        told = "".join(_in_words(found) for found in one.differences)
        _add_entry(feed, page, one.entry, _what(one.change), f"{told}{markdown(one.entry.reason)}")
    return HttpResponse(feed.writeString("utf-8"), content_type=feed.content_type)


def fact_checks(request: HttpRequest) -> HttpResponse:
    """Return the newest findings about published claims."""
    page = absolute(reverse("fact-check-list"))
    said = _("Fact-checks of published claims, the newest first.")
    feed = _feed(request, _("%(publisher)s: fact-checks"), said, page)
    for entry in Verification.objects.latest_findings().defer("content")[:_MOST]:
        _add_entry(feed, page, entry, entry.get_status_display(), markdown(entry.reason))
    return HttpResponse(feed.writeString("utf-8"), content_type=feed.content_type)


def _add_entry(feed: Atom1Feed, page: str, entry: Verification, what: str, html: str) -> None:
    feed.add_item(
        title=remove_controls(f"{what}: {entry.claim.text}"),
        link=page_of(entry.claim),
        description=remove_controls(html),
        unique_id=f"{page}#no-{entry.number}",
        pubdate=entry.created_at,
        updateddate=entry.created_at,
    )


def _in_words(found: public_record.Difference) -> str:
    parts = (found.label, found.before or "–", found.after or "–")
    return format_html("<p>{}: {} → {}</p>", *parts)


def claims(request: HttpRequest) -> HttpResponse:
    """Return the newest claims of a list as Atom; 400 names what is wrong with its query string."""
    chosen = ClaimFilter(request.GET)
    if chosen.problems:
        return HttpResponse(
            chosen.problem_text(), status=400, content_type="text/plain; charset=utf-8"
        )
    page = f"{absolute(reverse('claim-list'))}{chosen.query()}".rstrip("?")
    feed = _feed(request, _("%(publisher)s: claims"), _("Claims, and what was found."), page)
    ids = chosen.ids(limit=_MOST)
    found = Claim.objects.in_bulk(ids)
    for claim in (found[pk] for pk in ids if pk in found):
        feed.add_item(
            title=remove_controls(f"{claim.get_status_display()}: {claim.text}"),
            link=page_of(claim),
            description=escape(remove_controls(claim.native_text or claim.text)),
            unique_id=page_of(claim),
            pubdate=claim.published_at or claim.updated_at,
            updateddate=claim.updated_at,
        )
    return HttpResponse(feed.writeString("utf-8"), content_type=feed.content_type)


def _feed(request: HttpRequest, title: str, description: str, page: str) -> Atom1Feed:
    return Atom1Feed(
        title=title % {"publisher": settings.FACTCHECK_PUBLISHER},
        link=page,
        description=description,
        language=get_language(),
        feed_url=absolute(request.get_full_path()),
        feed_guid=page,
        author_name=settings.FACTCHECK_PUBLISHER,
    )


def _what(change: StatusChange) -> str:
    if change.entry.kind != VerificationKind.FINDING:
        return str(change.entry.get_kind_display())
    if change.before == change.after:
        return _("Confirmed: %(status)s") % {"status": change.after_label}
    return f"{change.before_label} → {change.after_label}"
