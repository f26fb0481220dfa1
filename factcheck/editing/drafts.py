"""Deleting claims that readers have never seen."""

from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from factcheck.models import Claim, Stage
from factcheck.models.turns import take_turn

UNSEEN = (Stage.DRAFT, Stage.REVIEW)


def may_delete(claim: Claim, by: User) -> bool:
    """Return whether the actor may delete this claim.

    A reviewer may delete any claim that was never public, a contributor only her own drafts.
    """
    if claim.stage not in UNSEEN or claim.published_at is not None:
        return False
    if by.has_perm("factcheck.delete_claim"):
        return True
    is_own_draft = claim.stage == Stage.DRAFT and claim.created_by_id == by.pk
    return is_own_draft and by.has_perm("factcheck.add_claim")


def check_deletable(claim: Claim, by: User) -> None:
    """Raise PermissionDenied or ValidationError if the actor may not delete this claim."""
    if claim.stage not in UNSEEN or claim.published_at is not None:
        raise ValidationError(
            _("It is or was public. Only claims that readers have never seen can be deleted.")
        )
    if not may_delete(claim, by):
        raise PermissionDenied(_("You can only delete drafts that you have written yourself."))
    if claim.verifications.exists():
        raise ValidationError(
            _("It has a finding in the log, and the log is permanent. It cannot be deleted.")
        )


@transaction.atomic
def delete_draft(*, claim: Claim, by: User) -> None:
    """Delete a claim that was never public, with its citations and proposals."""
    take_turn()
    claim = Claim.objects.select_for_update().get(pk=claim.pk)
    check_deletable(claim, by)
    claim._change_reason, claim._history_user = "deleted", by  # type: ignore[attr-defined]
    claim.delete()
