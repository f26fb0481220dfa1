"""The permission check with which every editing function begins."""

from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext as _


def require_permission(by: User, *codenames: str) -> None:
    """Raise PermissionDenied unless the editor's role has all of these permissions."""
    for codename in codenames:
        if not by.has_perm(f"factcheck.{codename}"):
            raise PermissionDenied(
                _("Your role does not allow this (%(name)s).") % {"name": codename}
            )
