"""Saving and deleting single rows, with the editor and the reason in their history."""

from django.contrib.auth.models import User
from django.db.models import Model


def save_as(row: Model, *, by: User, reason: str | None) -> None:
    """Save a row; its new history entry names the editor and the reason."""
    _attribute(row, by=by, reason=reason)
    row.save()


def delete_as(row: Model, *, by: User, reason: str | None) -> None:
    """Delete a row; its last history entry names the editor and the reason."""
    _attribute(row, by=by, reason=reason)
    row.delete()


def _attribute(row: Model, *, by: User, reason: str | None) -> None:
    row._change_reason, row._history_user = reason, by  # type: ignore[attr-defined]
