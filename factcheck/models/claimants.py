"""Who makes claims, and what they are about."""

from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from factcheck.models.base import (
    LinkField,
    MergeableModel,
    MergeableQuerySet,
    NaturalKeyQuerySet,
    SluggedModel,
    country_code,
    filled,
    one_of,
)


class ClaimantKind(models.TextChoices):
    PERSON = "person", _("Person")
    ORGANISATION = "organisation", _("Organisation")


class Claimant(MergeableModel):
    """The person or organisation that made a claim; never the same thing as its source."""

    name = models.CharField(_("name"), max_length=200, default="")
    native_name = models.CharField(_("native name"), max_length=200, blank=True, default="")
    kind = models.CharField(
        _("kind"), max_length=20, choices=ClaimantKind.choices, default=ClaimantKind.PERSON
    )
    role = models.CharField(
        _("role"),
        max_length=200,
        blank=True,
        default="",
        help_text=_("Such as: President of Kazakhstan since 2019."),
    )
    country = models.CharField(
        _("country"), max_length=2, blank=True, default="", validators=[country_code]
    )
    same_as = LinkField(
        _("same as"),
        max_length=500,
        blank=True,
        default="",
        help_text=_("A page that says who is meant, such as Wikidata's."),
    )

    objects = MergeableQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        ordering = ["name"]
        verbose_name = _("claimant")
        verbose_name_plural = _("claimants")
        constraints = [
            filled("slug", "claimant_slug_filled"),
            one_of("kind", ClaimantKind, "claimant_kind_known"),
            models.CheckConstraint(
                condition=Q(merged_into=None) | ~Q(merged_into=F("id")),
                name="claimant_not_merged_into_itself",
            ),
        ]

    def __str__(self) -> str:
        return self.name or self.slug


class Topic(SluggedModel):
    """A subject under which claims are found."""

    name = models.CharField(_("name"), max_length=120, default="")

    objects = NaturalKeyQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        ordering = ["name"]
        verbose_name = _("topic")
        verbose_name_plural = _("topics")
        constraints = [filled("slug", "topic_slug_filled")]

    def __str__(self) -> str:
        return self.name or self.slug

    def get_absolute_url(self) -> str:
        return reverse("topic-detail", args=[self.slug])
