"""The rules for changing a public claim: a reviewer, a reason for readers, a public record.

The admin's forms and the functions of this package ask for it here.
"""

from collections.abc import Iterable

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Model
from django.utils.translation import gettext as _

from factcheck import public_record
from factcheck.editing.roles import require_permission
from factcheck.models import Citation, Claim

_PERMISSION = "publish_claim"
# The fields that give a claim, and a citation, its meaning: the public record holds them.
_CONTENT: dict[type[Model], set[str]] = {
    Claim: {
        *("text", "language", "is_quotation", "native_text", "native_language"),
        *("claimant", "claimed_on"),
    },
    Citation: {
        *("outlet", "date_text", "date_end", "stance", "role", "reprint_of", "url", "quote")
    },
}


def may_change_public(by: User) -> bool:
    """Return whether an editor may change what readers already see."""
    return by.has_perm(f"factcheck.{_PERMISSION}")


def may_change_claim(claim: Claim, by: User) -> bool:
    """Return whether an editor may change a claim and its citations; a public one needs more."""
    return not claim.is_public or may_change_public(by)


def require_public_change(by: User) -> None:
    """Raise PermissionDenied unless the editor may change what readers already see."""
    require_permission(by, _PERMISSION)


def changes_content(claim: Claim, model: type[Model], fields: Iterable[str]) -> bool:
    """Return whether a change of `fields` changes what readers are told by a public claim.

    The fields are the claim's own, or those of one of its citations: `model` says which.
    """
    return claim.is_public and not _CONTENT[model].isdisjoint(fields)


def require_reason(reason: str) -> str:
    """Return a reason without surrounding space; ValidationError if none is given."""
    if not reason.strip():
        raise ValidationError({"reason": _("Give a reason; readers will see it.")})
    return reason.strip()


@transaction.atomic
def record_change(*, claims: Iterable[int], reason: str, by: User) -> int:
    """Append to the public record what an edit has changed of public claims.

    `claims` are ids. Claims that are not public, or whose content is the same as before, are left
    out. Return how many were recorded. The edit itself has checked the editor's role.
    """
    return public_record.record_changes(claims, reason=require_reason(reason), by=by)
