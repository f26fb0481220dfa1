"""Atom feeds, with absolute links from FACTCHECK_SITE_URL.

Titles are plain text; the feed generator declares summaries as HTML.
"""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.feedgenerator import Atom1Feed
from django.utils.html import escape, format_html
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from factcheck import public_record
from factcheck.absolute_urls import absolute_url, page_url
from factcheck.filters import ClaimFilter
from factcheck.formatting import markdown
from factcheck.models import Claim, Correction, Verification, VerificationKind
from factcheck.models.status_rule import StatusChange
from factcheck.text.normalize import remove_controls

_MAX_ENTRIES = 50


def corrections(request: HttpRequest) -> HttpResponse:
    """Return the newest corrections: log entries that changed what readers were told."""
    numbers = Correction.objects.values_list("number", flat=True)[:_MAX_ENTRIES]
    page = absolute_url(reverse("correction-list"))
    description = _(
        "What readers had been told otherwise: verdicts, wordings, counts, retractions."
    )
    feed = _feed(request, _("%(publisher)s: corrections"), description, page)
    for correction in public_record.recorded(numbers):
        differences = "".join(_difference_html(difference) for difference in correction.differences)
        _add_entry(
            feed,
            page,
            correction.entry,
            _change_title(correction.change),
            f"{differences}{markdown(correction.entry.reason)}",
        )
    return HttpResponse(feed.writeString("utf-8"), content_type=feed.content_type)


def fact_checks(request: HttpRequest) -> HttpResponse:
    """Return the newest findings about published claims."""
    page = absolute_url(reverse("fact-check-list"))
    description = _("Fact-checks of published claims, the newest first.")
    feed = _feed(request, _("%(publisher)s: fact-checks"), description, page)
    for entry in Verification.objects.latest_findings().defer("content")[:_MAX_ENTRIES]:
        _add_entry(feed, page, entry, entry.get_status_display(), markdown(entry.reason))
    return HttpResponse(feed.writeString("utf-8"), content_type=feed.content_type)


def _add_entry(feed: Atom1Feed, page: str, entry: Verification, title: str, html: str) -> None:
    feed.add_item(
        title=remove_controls(f"{title}: {entry.claim.text}"),
        link=page_url(entry.claim),
        description=remove_controls(html),
        unique_id=f"{page}#no-{entry.number}",
        pubdate=entry.created_at,
        updateddate=entry.created_at,
    )


def _difference_html(difference: public_record.Difference) -> str:
    parts = (difference.label, difference.before or "–", difference.after or "–")
    return format_html("<p>{}: {} → {}</p>", *parts)


def claims(request: HttpRequest) -> HttpResponse:
    """Return the newest claims of a list as Atom; answer 400 if the query string is invalid."""
    filterset = ClaimFilter(request.GET)
    if filterset.problems:
        return HttpResponse(
            filterset.problem_text(), status=400, content_type="text/plain; charset=utf-8"
        )
    page = f"{absolute_url(reverse('claim-list'))}{filterset.query()}".rstrip("?")
    feed = _feed(request, _("%(publisher)s: claims"), _("Claims, and what was found."), page)
    ids = filterset.ids(limit=_MAX_ENTRIES)
    claims_by_id = Claim.objects.in_bulk(ids)
    for claim in (claims_by_id[pk] for pk in ids if pk in claims_by_id):
        feed.add_item(
            title=remove_controls(f"{claim.get_status_display()}: {claim.text}"),
            link=page_url(claim),
            description=escape(remove_controls(claim.native_text or claim.text)),
            unique_id=page_url(claim),
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
        feed_url=absolute_url(request.get_full_path()),
        feed_guid=page,
        author_name=settings.FACTCHECK_PUBLISHER,
    )


def _change_title(change: StatusChange) -> str:
    if change.entry.kind != VerificationKind.FINDING:
        return str(change.entry.get_kind_display())
    if change.before == change.after:
        return _("Confirmed: %(status)s") % {"status": change.after_label}
    return f"{change.before_label} → {change.after_label}"
