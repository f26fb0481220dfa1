"""The two roles of the admin, as groups with permissions, and the check of a permission."""

from django.apps import apps
from django.contrib.auth.management import create_permissions
from django.contrib.auth.models import Group, Permission, User
from django.core.exceptions import PermissionDenied
from django.db import DEFAULT_DB_ALIAS
from django.utils.translation import gettext as _

CONTRIBUTORS = "Contributors"
REVIEWERS = "Reviewers"

_DESCRIBED = ["outlet", "outletalias", "owner", "claimant", "topic", "article"]
_VIEWED = [
    "claim",
    "citation",
    "proposal",
    "verification",
    "evidence",
    "merge",
    "importbatch",
    "suggestedchange",
    "ratinglabel",
    *_DESCRIBED,
]

# Contributors draft claims, propose findings, submit, and describe outlets and claimants.
_CONTRIBUTE = {
    *(f"view_{model}" for model in _VIEWED),
    *(f"{verb}_{model}" for verb in ("add", "change") for model in _DESCRIBED),
    *(f"{verb}_{model}" for verb in ("add", "change") for model in ("claim", "proposal")),
    *(f"{verb}_citation" for verb in ("add", "change", "delete")),
    "submit_claim",
}
# Reviewers also approve findings, publish, retract, and delete unpublished claims.
_REVIEW = _CONTRIBUTE | {
    *(f"{verb}_ratinglabel" for verb in ("add", "change", "delete")),
    "publish_claim",
    "retract_claim",
    "approve_proposal",
    "delete_claim",
    *(f"delete_{model}" for model in _DESCRIBED),
}


def install(using: str = DEFAULT_DB_ALIAS) -> None:
    """Set the permissions of both groups, creating the groups if needed."""
    # The receiver of django.contrib.auth, which creates permissions, runs after this one.
    create_permissions(apps.get_app_config("factcheck"), using=using, verbosity=0)
    for name, codenames in ((CONTRIBUTORS, _CONTRIBUTE), (REVIEWERS, _REVIEW)):
        group, _is_new = Group.objects.using(using).get_or_create(name=name)
        group.permissions.set(
            Permission.objects.using(using).filter(
                content_type__app_label="factcheck", codename__in=codenames
            )
        )


def require_permission(by: User, *codenames: str) -> None:
    """Raise PermissionDenied unless the editor's role has all of these permissions."""
    for codename in codenames:
        if not by.has_perm(f"factcheck.{codename}"):
            raise PermissionDenied(
                _("Your role does not allow this (%(name)s).") % {"name": codename}
            )
