"""Deleting claims that no reader ever saw."""

from collections.abc import Iterable

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import CASCADE, ManyToOneRel
from django.utils.translation import gettext as _

from factcheck import public_record, sql
from factcheck.editing.common import need
from factcheck.history import remember
from factcheck.models import Citation, Claim, Stage
from factcheck.models.turns import take_turn


@transaction.atomic
def delete_draft(*, claim: Claim, by: User) -> None:
    """Delete a claim that no reader ever saw, with its citations and proposals.

    A reviewer deletes any, a contributor her own draft.
    """
    is_own = claim.created_by_id == by.pk and claim.stage == Stage.DRAFT
    need(by, "add_claim" if is_own else "delete_claim")
    _delete_all([claim.pk], by)


@transaction.atomic
def delete_drafts(*, claim_ids: Iterable[int], by: User) -> int:
    """Delete claims that no reader ever saw; return how many were still there."""
    need(by, "delete_claim")
    return _delete_all(claim_ids, by)


def _delete_all(claim_ids: Iterable[int], by: User) -> int:
    """Delete drafts. What the log holds of them goes; number and digest of each record stay."""
    take_turn()
    ids = sql.within(claim_ids)
    claims = list(Claim.objects.select_for_update().filter(pk__in=ids).order_by("pk"))
    for claim in claims:
        if claim.stage not in {Stage.DRAFT, Stage.REVIEW}:
            raise ValidationError(
                _("“%(claim)s” was public: it can be retracted, but not deleted.")
                % {"claim": claim}
            )
    public_record.remove_unpublished_records(claims)
    _delete([claim.pk for claim in claims], by)
    return len(claims)


def _delete(claim_ids: list[int], by: User) -> None:
    """Delete claims with the rows that go with them, in a few statements for all of them.

    Django would collect the rows of each, and write their history one by one.
    """
    cited = Citation.objects.filter(claim__in=sql.within(claim_ids)).values_list("pk", flat=True)
    reason = "draft deleted"
    remember(Citation, cited.order_by("pk"), reason=reason, sign="-", by=by)
    remember(Claim, claim_ids, reason=reason, sign="-", by=by)
    links = [found for found in Claim._meta.get_fields() if isinstance(found, ManyToOneRel)]
    for link in links:
        if link.on_delete is CASCADE:
            sql.delete(link.related_model._meta.db_table, link.field.column, claim_ids)
    for many in Claim._meta.many_to_many:
        sql.delete(many.m2m_db_table(), many.m2m_column_name(), claim_ids)
    sql.delete(Claim._meta.db_table, "id", claim_ids)
