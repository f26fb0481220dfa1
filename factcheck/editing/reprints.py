"""Marking many citations as reprints at once."""

from collections.abc import Iterable

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from factcheck import public_record
from factcheck.db.claim_lock import lock_claims
from factcheck.editing.bulk_updates import claim_ids_of, ids_of, rows_with, update
from factcheck.editing.public_claims import require_public_change
from factcheck.editing.roles import require_permission
from factcheck.models import Citation, Claim, Outlet, Role
from factcheck.models.stages import PUBLIC_STAGES


@transaction.atomic
def mark_reprints(*, citations: Iterable[Citation], source: Outlet | None, by: User) -> int:
    """Mark citations as reprints of `source`, or as reports of their own if it is None.

    Citations of the source itself stay as they are. Return how many were marked.
    """
    require_permission(by, "change_citation")
    lock_claims()
    if source and source.merged_into_id:
        raise ValidationError(_("%(outlet)s was merged into another.") % {"outlet": source})
    rows = Citation.objects.filter(pk__in=[citation.pk for citation in citations])
    if rows.filter(claim__stage__in=PUBLIC_STAGES).exists():
        require_public_change(by)
    role = Role.REPRINT if source else Role.REPORTING
    marked = ids_of(
        rows.exclude(outlet=source).exclude(reprint_of=source, role=role)
        if source
        else rows.filter(Q(role=Role.REPRINT) | Q(reprint_of__isnull=False))
    )
    reason = f"marked as a reprint of {source.slug}" if source else "marked as its own report"
    update(Citation, marked, reason=reason, by=by, reprint_of=source, role=role)
    claims = claim_ids_of(marked)
    rows_with(Claim, claims).touch()
    public_record.record_changes(claims, reason=reason, by=by)
    return len(marked)
