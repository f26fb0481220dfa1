"""Deleting claims that readers have never seen."""

from collections.abc import Iterable

from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import CASCADE, ManyToOneRel, Q
from django.utils.translation import gettext as _

from factcheck import public_record
from factcheck.bulk_history import record_versions
from factcheck.db import bulk_sql
from factcheck.db.claim_lock import lock_claims
from factcheck.models import Citation, Claim, Stage
from factcheck.models.stages import UNPUBLISHED_STAGES

# The same as `_was_never_public`, as a condition of a query set.
NEVER_PUBLIC = Q(published_at=None, stage__in=UNPUBLISHED_STAGES)


def may_delete(claim: Claim, by: User) -> bool:
    """Return whether an editor may delete this claim.

    A reviewer may delete any claim that was never public, a contributor only her own drafts.
    """
    if not _was_never_public(claim):
        return False
    if by.has_perm("factcheck.delete_claim"):
        return True
    is_own_draft = claim.stage == Stage.DRAFT and claim.created_by_id == by.pk
    return is_own_draft and by.has_perm("factcheck.add_claim")


def check_deletable(claim: Claim, by: User) -> None:
    """Raise PermissionDenied or ValidationError if an editor may not delete this claim."""
    if not _was_never_public(claim):
        raise ValidationError(
            _("It is or was public. Only claims that readers have never seen can be deleted.")
        )
    if not may_delete(claim, by):
        raise PermissionDenied(_("You can only delete drafts that you have written yourself."))


def delete_draft(*, claim: Claim, by: User) -> None:
    """Delete a claim that readers have never seen, with its citations and proposals."""
    delete_drafts(claim_ids=[claim.pk], by=by)


@transaction.atomic
def delete_drafts(*, claim_ids: Iterable[int], by: User) -> int:
    """Delete claims that readers have never seen; return how many of them still existed.

    Their records lose their content; the number and the digest of each record stay in the log.
    """
    lock_claims()
    ids = bulk_sql.in_values(claim_ids)
    claims = list(Claim.objects.select_for_update().filter(pk__in=ids).order_by("pk"))
    for claim in claims:
        check_deletable(claim, by)
    public_record.remove_unpublished_records(claims)
    _delete([claim.pk for claim in claims], by)
    return len(claims)


def _was_never_public(claim: Claim) -> bool:
    return claim.stage in UNPUBLISHED_STAGES and claim.published_at is None


def _delete(claim_ids: list[int], by: User) -> None:
    """Delete claims and their dependent rows in a few statements, whatever their number.

    Django would collect the rows of each claim and write their history one by one.
    """
    cited = Citation.objects.filter(claim__in=bulk_sql.in_values(claim_ids)).values_list(
        "pk", flat=True
    )
    reason = "draft deleted"
    record_versions(Citation, cited.order_by("pk"), reason=reason, history_type="-", by=by)
    record_versions(Claim, claim_ids, reason=reason, history_type="-", by=by)
    links = [field for field in Claim._meta.get_fields() if isinstance(field, ManyToOneRel)]
    for link in links:
        if link.on_delete is CASCADE:
            bulk_sql.delete(link.related_model._meta.db_table, link.field.column, claim_ids)
    for field in Claim._meta.many_to_many:
        bulk_sql.delete(field.m2m_db_table(), field.m2m_column_name(), claim_ids)
    bulk_sql.delete(Claim._meta.db_table, "id", claim_ids)
