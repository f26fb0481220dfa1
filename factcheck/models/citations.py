"""Citations: the reports that a claim is based on."""

from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import Count, Exists, F, OuterRef, Q
from django.db.models.functions import Length
from django.db.models.lookups import In
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from simple_history.models import HistoricalRecords

from factcheck.models.base import NaturalKeyQuerySet, ReferencedModel
from factcheck.models.claims import Claim
from factcheck.models.constraints import one_of, web_address
from factcheck.models.fields import DateTextField, LinkField, text_length
from factcheck.text.dates import full_date


class Stance(models.TextChoices):
    """The position of a report towards the claim."""

    SUPPORTS = "supports", pgettext_lazy("stance", "Supports")
    DISPUTES = "disputes", pgettext_lazy("stance", "Disputes")
    MENTIONS = "mentions", pgettext_lazy("stance", "Mentions")


class Role(models.TextChoices):
    """The origin of a report's information."""

    PRIMARY = "primary", pgettext_lazy("role", "Primary source")
    REPORTING = "reporting", pgettext_lazy("role", "Own reporting")
    REPRINT = "reprint", pgettext_lazy("role", "Reprint")


class CitationQuerySet(NaturalKeyQuerySet):
    def with_outlet(self) -> "CitationQuerySet":
        """Return citations with their outlets and owners."""
        return self.select_related("outlet__owner", "reprint_of__owner")

    def days(self) -> dict[date, int]:
        """Return the number of citations for each known date of publication."""
        rows = self.order_by().values_list("published_on").annotate(n=Count("pk"))
        return {day: n for day, n in rows if day}

    def public(self) -> "CitationQuerySet":
        """Return the citations of public claims, retracted claims included."""
        return self.filter(Exists(Claim.objects.public().filter(pk=OuterRef("claim"))))

    def of_published(self) -> "CitationQuerySet":
        # Exists and not a join, for which SQLite would read all published claims first.
        return self.filter(Exists(Claim.objects.published().filter(pk=OuterRef("claim"))))

    def supporting(self) -> "CitationQuerySet":
        """Return the citations that support their claims, for use as a subquery."""
        return self.filter(stance=Stance.SUPPORTS).order_by()

    def claims_with_one_outlet(self) -> Any:
        """Return the ids of claims that a single outlet supports, as a subquery."""
        counts = self.supporting().values("claim").annotate(outlets=Count("outlet", distinct=True))
        return counts.filter(outlets=1).values("claim")


class Citation(ReferencedModel):
    """A report by an outlet, with its date, on which a claim is based."""

    claim = models.ForeignKey(
        "factcheck.Claim",
        models.CASCADE,
        # The unique constraint below begins with the claim.
        db_index=False,
        related_name="citations",
        verbose_name=_("claim"),
    )
    outlet = models.ForeignKey(
        "factcheck.Outlet",
        models.PROTECT,
        db_index=False,
        related_name="citations",
        verbose_name=_("outlet"),
    )
    as_cited = models.CharField(
        _("as cited"),
        max_length=500,
        blank=True,
        default="",
        help_text=_("The outlet and date as printed in the article."),
    )
    date_text = DateTextField(
        _("date"),
        help_text=_("As far as it is known: 20 August 2021, August 2021, 2021 or 20 August."),
    )
    published_on = models.DateField(_("day"), null=True, blank=True, editable=False)
    date_end = models.DateField(
        _("last day"), null=True, blank=True, help_text=_("Only for a range of days.")
    )
    url = LinkField(_("link"), max_length=1000, blank=True, default="")
    archived_url = LinkField(
        _("archived copy"),
        max_length=1000,
        blank=True,
        default="",
        help_text=_("A copy that stays when the page goes."),
    )
    title = models.CharField(_("title"), max_length=500, blank=True, default="")
    quote = models.TextField(
        _("quoted passage"),
        blank=True,
        default="",
        validators=[text_length],
        help_text=_("The passage that the claim rests on, as short as will do."),
    )
    stance = models.CharField(
        _("stance"),
        max_length=10,
        choices=Stance.choices,
        default=Stance.SUPPORTS,
        help_text=_(
            "Supports: the report says that it is so. Disputes: it says that it is not. Mentions:"
            " it is cited nearby, but cannot be the claim's source. Support alone is counted."
        ),
    )
    role = models.CharField(
        _("role"),
        max_length=10,
        choices=Role.choices,
        default=Role.REPORTING,
        help_text=_("A reprint repeats another outlet's report and is no source of its own."),
    )
    reprint_of = models.ForeignKey(
        "factcheck.Outlet",
        models.PROTECT,
        null=True,
        blank=True,
        db_index=False,
        related_name="reprints",
        verbose_name=_("reprint of"),
        help_text=_("The outlet whose report it repeats: the citation counts with that outlet."),
    )
    note = models.CharField(_("note"), max_length=500, blank=True, default="")
    position = models.PositiveSmallIntegerField(_("position"), default=0)
    start = models.PositiveIntegerField(null=True, blank=True, editable=False)
    end = models.PositiveIntegerField(null=True, blank=True, editable=False)

    objects = CitationQuerySet.as_manager()
    # The history is queried by the ids of citations and claims only.
    history = HistoricalRecords(no_db_index=["ref", "outlet", "reprint_of"])

    class Meta:
        ordering = ["position", "id"]
        verbose_name = _("citation")
        verbose_name_plural = _("citations")
        indexes = [
            models.Index(fields=["outlet", "claim"], name="citation_outlet"),
            models.Index(fields=["reprint_of", "claim"], name="citation_reprint_of"),
            models.Index(fields=["published_on", "claim"], name="citation_published_on"),
        ]
        constraints = [
            web_address("url", "citation_url_is_web_address"),
            web_address("archived_url", "citation_archived_url_is_web_address"),
            one_of("stance", Stance, "citation_stance_known"),
            one_of("role", Role, "citation_role_known"),
            models.UniqueConstraint(
                fields=["claim", "outlet", "date_text", "url"],
                name="citation_unique",
                violation_error_message=_(
                    "This claim cites this outlet with this date and link already."
                ),
            ),
            models.CheckConstraint(
                condition=(
                    Q(published_on=None) & ~Q(In(Length("date_text"), [10]))
                    | Q(published_on__isnull=False) & Q(In(Length("date_text"), [0, 10]))
                ),
                name="citation_day_only_if_known",
            ),
            models.CheckConstraint(
                condition=Q(date_end=None)
                | Q(published_on__isnull=False, published_on__lte=F("date_end")),
                name="citation_range_in_order",
            ),
            models.CheckConstraint(
                condition=Q(reprint_of=None) | ~Q(reprint_of=F("outlet")),
                name="citation_no_reprint_of_itself",
                violation_error_message=_("An outlet does not reprint itself."),
            ),
            models.CheckConstraint(
                condition=Q(start=None, end=None)
                | Q(start__isnull=False, end__isnull=False, start__lte=F("end")),
                name="citation_span_in_order",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.outlet}, {self.date_text}" if self.date_text else str(self.outlet)

    def save(self, *args: Any, **kwargs: Any) -> None:
        self._sync_date()
        with transaction.atomic(using=kwargs.get("using"), savepoint=False):
            # If the citation moves to another claim, both claims change.
            using = kwargs.get("using") or self._state.db
            stored = Citation.objects.using(using).filter(pk=self.pk)
            claims = {self.claim_id, *stored.values_list("claim", flat=True)}
            super().save(*args, **kwargs)
            Claim.objects.using(self._state.db).filter(pk__in=claims).touch()

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        with transaction.atomic(using=kwargs.get("using"), savepoint=False):
            Claim.objects.using(self._state.db).filter(pk=self.claim_id).touch()
            return super().delete(*args, **kwargs)

    def clean(self) -> None:
        self._sync_date()
        if self.date_end and self.published_on is None:
            raise ValidationError({"date_end": _("A range needs its first day as the date.")})
        # Forms do not check the constraint because they have no field `published_on`.
        if self.date_end and self.published_on and self.date_end < self.published_on:
            raise ValidationError({"date_end": _("A range ends on or after its first day.")})

    def _sync_date(self) -> None:
        if self.date_text:
            self.published_on = full_date(self.date_text)
        elif self.published_on:
            self.date_text = self.published_on.isoformat()

    @property
    def source(self) -> Any:
        """Return the outlet with which the citation counts (rule 2 of `queries.independence`)."""
        return self.reprint_of or self.outlet

    @property
    def is_claimants_own(self) -> bool:
        """Return whether its source is the claimant's own outlet.

        Such a citation proves that the claim was made, not that it is true.
        """
        return (
            self.source.speaks_for_id is not None
            and self.source.speaks_for_id == self.claim.claimant_id
        )
