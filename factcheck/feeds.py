"""Atom feeds, with absolute links from FACTCHECK_SITE_URL.

Titles are plain text; the generator says of summaries that they are HTML.
"""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.feedgenerator import Atom1Feed
from django.utils.html import escape
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from factcheck.exports.links import absolute, page_of
from factcheck.filters import ClaimFilter
from factcheck.models import Claim, Verification, VerificationKind
from factcheck.models.verifications import Change
from factcheck.templatetags.factcheck import markdown
from factcheck.text import without_controls

_MOST = 50


def corrections(request: HttpRequest) -> HttpResponse:
    """Return the newest entries of the log that were written while their claims stood in public."""
    entries = Verification.objects.after_publication().for_page().select_related("claim")[:_MOST]
    changes = Verification.objects.changes_of(entries)
    page = absolute(reverse("correction-list"))
    said = _("Every change of a published claim's status.")
    feed = _feed(request, _("%(publisher)s: corrections"), said, page)
    for entry in entries:
        change = changes[entry.pk]
        feed.add_item(
            title=without_controls(f"{_what(change)}: {entry.claim.text}"),
            link=page_of(entry.claim),
            description=markdown(without_controls(entry.reason)),
            unique_id=f"{page}#no-{entry.number}",
            pubdate=entry.created_at,
            updateddate=entry.created_at,
        )
    return HttpResponse(feed.writeString("utf-8"), content_type=feed.content_type)


def claims(request: HttpRequest) -> HttpResponse:
    """Return the newest claims of a list as Atom; 400 names what is wrong with its query string."""
    chosen = ClaimFilter(request.GET)
    if chosen.problems:
        return HttpResponse(chosen.said(), status=400, content_type="text/plain; charset=utf-8")
    page = f"{absolute(reverse('claim-list'))}{chosen.query()}".rstrip("?")
    feed = _feed(request, _("%(publisher)s: claims"), _("Claims, and what was found."), page)
    ids = chosen.ids(most=_MOST)
    found = Claim.objects.in_bulk(ids)
    for claim in (found[pk] for pk in ids if pk in found):
        feed.add_item(
            title=without_controls(f"{claim.get_status_display()}: {claim.text}"),
            link=page_of(claim),
            description=escape(without_controls(claim.native_text or claim.text)),
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


def _what(change: Change) -> str:
    if change.entry.kind != VerificationKind.FINDING:
        return change.entry.get_kind_display()
    if change.before == change.after:
        return _("Confirmed: %(status)s") % {"status": change.after_label}
    return f"{change.before_label} → {change.after_label}"
