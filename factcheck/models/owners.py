"""Owners of outlets."""

from django.db import models
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from simple_history.models import HistoricalRecords

from factcheck.models.base import NaturalKeyQuerySet, SluggedModel
from factcheck.models.constraints import filled, one_of
from factcheck.models.expressions import ByteOrder
from factcheck.models.fields import country_code
from factcheck.models.outlets import Outlet


class OwnerKind(models.TextChoices):
    GOVERNMENT = "government", _("Government")
    COMPANY = "company", _("Company")
    NONPROFIT = "nonprofit", _("Non-profit")
    INDIVIDUAL = "individual", _("Individual")
    OTHER = "other", pgettext_lazy("owner", "Other")


class OwnerQuerySet(NaturalKeyQuerySet):
    def public(self) -> "OwnerQuerySet":
        """Return the owners of public outlets."""
        return self.filter(Exists(Outlet.objects.public().filter(owner=OuterRef("pk"))))

    def for_list(self) -> "OwnerQuerySet":
        return self.annotate(sort_name=ByteOrder("name"))


class Owner(SluggedModel):
    """The state, company or person that ultimately controls outlets."""

    name = models.CharField(_("name"), max_length=200, default="")
    kind = models.CharField(
        _("kind"), max_length=20, choices=OwnerKind.choices, default=OwnerKind.OTHER
    )
    country = models.CharField(
        _("country"), max_length=2, blank=True, default="", validators=[country_code]
    )

    objects = OwnerQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        ordering = ["name"]
        verbose_name = _("owner")
        verbose_name_plural = _("owners")
        constraints = [
            filled("slug", "owner_slug_filled"),
            one_of("kind", OwnerKind, "owner_kind_known"),
        ]

    def __str__(self) -> str:
        return self.name or self.slug
