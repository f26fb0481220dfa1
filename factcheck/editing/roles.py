"""The two roles of the admin, as groups with permissions. Repeatable."""

from django.apps import apps
from django.contrib.auth.management import create_permissions
from django.contrib.auth.models import Group, Permission
from django.db import DEFAULT_DB_ALIAS

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

# Draft, propose, submit; describe outlets, claimants and articles.
_CONTRIBUTE = {
    *(f"view_{model}" for model in _VIEWED),
    *(f"{verb}_{model}" for verb in ("add", "change") for model in _DESCRIBED),
    *(f"{verb}_{model}" for verb in ("add", "change") for model in ("claim", "proposal")),
    *(f"{verb}_citation" for verb in ("add", "change", "delete")),
    "submit_claim",
}
# And decide: approve a finding, publish, retract; delete what never was published.
_REVIEW = _CONTRIBUTE | {
    *(f"{verb}_ratinglabel" for verb in ("add", "change", "delete")),
    "publish_claim",
    "retract_claim",
    "approve_proposal",
    "delete_claim",
    *(f"delete_{model}" for model in _DESCRIBED),
}


def install(using: str = DEFAULT_DB_ALIAS) -> None:
    """Give both groups exactly their permissions; members stay."""
    # The application stands before django.contrib.auth, whose own receiver comes too late.
    create_permissions(apps.get_app_config("factcheck"), using=using, verbosity=0)
    for name, codenames in ((CONTRIBUTORS, _CONTRIBUTE), (REVIEWERS, _REVIEW)):
        group, _created = Group.objects.using(using).get_or_create(name=name)
        group.permissions.set(
            Permission.objects.using(using).filter(
                content_type__app_label="factcheck", codename__in=codenames
            )
        )
