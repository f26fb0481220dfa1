"""Atom feeds, with absolute links from FACTCHECK_SITE_URL."""

import re

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.feedgenerator import Atom1Feed
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from factcheck.models import Verification, VerificationKind
from factcheck.models.verifications import Change

_MOST = 50


def corrections(request: HttpRequest) -> HttpResponse:
    """Return the newest entries of the log that were written while their claims stood in public."""
    entries = Verification.objects.after_publication().for_page().select_related("claim")[:_MOST]
    changes = Verification.objects.changes_of(entries)
    feed = Atom1Feed(
        title=_("%(publisher)s: corrections") % {"publisher": settings.FACTCHECK_PUBLISHER},
        link=_absolute(reverse("correction-list")),
        description=_("Every change of a published claim's status."),
        language=get_language(),
        feed_url=_absolute(request.path),
        feed_guid=_absolute(reverse("correction-list")),
        author_name=settings.FACTCHECK_PUBLISHER,
    )
    for entry in entries:
        change = changes[entry.pk]
        feed.add_item(
            title=_plain(f"{_what(change)}: {entry.claim.text}"),
            link=_absolute(entry.claim.get_absolute_url()),
            description=_plain(entry.reason),
            unique_id=f"{_absolute(reverse('correction-list'))}#no-{entry.number}",
            pubdate=entry.created_at,
            updateddate=entry.created_at,
        )
    return HttpResponse(feed.writeString("utf-8"), content_type=feed.content_type)


def _what(change: Change) -> str:
    if change.entry.kind != VerificationKind.FINDING:
        return change.entry.get_kind_display()
    if change.before == change.after:
        return _("Confirmed: %(status)s") % {"status": change.after_label}
    return f"{change.before_label} → {change.after_label}"


def _plain(text: str) -> str:
    """Return text without the characters that XML does not have."""
    return re.sub(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]", "", text)


def _absolute(path: str) -> str:
    return f"{settings.FACTCHECK_SITE_URL}{path}"
