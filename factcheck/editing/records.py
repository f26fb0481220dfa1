"""What the public record keeps of what happens to claims besides their own fact-checks."""

from collections.abc import Iterable

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from factcheck.models import Claim


def record_changes(*, claim_ids: Iterable[int], reason: str, by: User | None) -> None:
    """Leave one public record on each of these claims: something that they rest on has changed.

    Called after the change, in its transaction, with the public claims whose counts it moved.
    """


def remove_unpublished_records(claims: Iterable[Claim]) -> None:
    """Let the verifications of claims go that are deleted before anything of them was public.

    The log keeps the number and the digest of each.
    """
    raise ValidationError(
        _("A draft that has fact-checks cannot be deleted: the log keeps every one of them.")
    )
