"""Claimants and topics of claims."""

from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from factcheck.models.base import (
    MergeableModel,
    MergeableQuerySet,
    NaturalKeyQuerySet,
    SluggedModel,
)
from factcheck.models.claims import Claim
from factcheck.models.constraints import filled, one_of, web_address
from factcheck.models.expressions import ByteOrder
from factcheck.models.fields import LinkField, country_code
from factcheck.models.outlets import Outlet


class ClaimantKind(models.TextChoices):
    PERSON = "person", _("Person")
    ORGANISATION = "organisation", _("Organisation")


class ClaimantQuerySet(MergeableQuerySet):
    def public(self) -> "ClaimantQuerySet":
        """Return the unmerged claimants with a public claim or an outlet of their own."""
        claims = Claim.objects.public().filter(claimant=OuterRef("pk"))
        outlets = Outlet.objects.public().filter(speaks_for=OuterRef("pk"))
        return self.listed().filter(Exists(claims) | Exists(outlets))

    def for_list(self) -> "ClaimantQuerySet":
        return self.annotate(sort_name=ByteOrder("name"))


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

    objects = ClaimantQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        ordering = ["name"]
        verbose_name = _("claimant")
        verbose_name_plural = _("claimants")
        constraints = [
            filled("slug", "claimant_slug_filled"),
            web_address("same_as", "claimant_same_as_is_web_address"),
            one_of("kind", ClaimantKind, "claimant_kind_known"),
            models.CheckConstraint(
                condition=Q(merged_into=None) | ~Q(merged_into=F("id")),
                name="claimant_not_merged_into_itself",
            ),
        ]

    def __str__(self) -> str:
        return self.name or self.slug


class TopicQuerySet(NaturalKeyQuerySet):
    def public(self) -> "TopicQuerySet":
        """Return the topics of public claims."""
        return self.filter(Exists(Claim.objects.public().filter(topics=OuterRef("pk"))))

    def for_list(self) -> "TopicQuerySet":
        return self.annotate(sort_name=ByteOrder("name"))


class Topic(SluggedModel):
    """A subject of claims."""

    name = models.CharField(_("name"), max_length=120, default="")

    objects = TopicQuerySet.as_manager()
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
