"""Claims: statements that can be checked."""

from datetime import date
from typing import Any

from django.db import models
from django.db.models import F, Q, Value
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from factcheck.models.base import SluggedModel
from factcheck.models.claim_querysets import ClaimQuerySet
from factcheck.models.constraints import filled, one_of
from factcheck.models.expressions import YearOf
from factcheck.models.fields import language_code, text_length, user_field
from factcheck.models.stages import PUBLIC_STAGES, Stage
from factcheck.models.statuses import Status
from factcheck.text.name_keys import name_key

# The columns that SQL triggers compute. Forms, importers and the history do not write them.
DERIVED = ("status", "citation_count", "outlet_count", "independent_count")

# A facet's bitmap and a search document's id (`search.document_id`) hold a claim's id in 32 bits.
ID_BITS = 32
CLAIM_MASK = 2**ID_BITS - 1


def day_or(unknown: date) -> models.GeneratedField:
    """Return a column with the claim's date, or else `unknown`: a sort key that is never null."""
    return models.GeneratedField(
        expression=Coalesce(F("claimed_on"), Value(unknown, output_field=models.DateField())),
        output_field=models.DateField(),
        db_persist=True,
        serialize=False,
    )


class Claim(SluggedModel):
    """A statement that can be checked, attributed to a claimant and found in an article."""

    text = models.TextField(
        _("public statement"),
        validators=[text_length],
        help_text=_("In your own words, in the language below."),
    )
    language = models.CharField(
        _("language"), max_length=16, default="en", validators=[language_code]
    )
    native_text = models.TextField(
        _("statement in its own language"),
        blank=True,
        default="",
        validators=[text_length],
        help_text=_("The same in the language in which it was made. Readers see both."),
    )
    native_language = models.CharField(
        _("its language"), max_length=16, blank=True, default="", validators=[language_code]
    )
    is_quotation = models.BooleanField(
        _("quotation"),
        default=False,
        help_text=_("The public statement quotes its source word for word, and may."),
    )
    source_text = models.TextField(
        _("the article's own sentence"),
        blank=True,
        default="",
        validators=[text_length],
        help_text=_("For editors only; never published."),
    )
    start = models.PositiveIntegerField(null=True, blank=True, editable=False)
    end = models.PositiveIntegerField(null=True, blank=True, editable=False)
    claimant = models.ForeignKey(
        "factcheck.Claimant",
        models.PROTECT,
        null=True,
        blank=True,
        db_index=False,
        related_name="claims",
        verbose_name=_("claimant"),
        help_text=_("Who made the claim; not the outlet that reports it."),
    )
    claimed_on = models.DateField(
        _("claimed on"),
        null=True,
        blank=True,
        help_text=_("When it was said or written, not when it was reported. Empty if not known."),
    )
    article = models.ForeignKey(
        "factcheck.Article",
        models.PROTECT,
        null=True,
        blank=True,
        db_index=False,
        related_name="claims",
        verbose_name=_("found in"),
        help_text=_("The text it was taken from. What that text cites are the citations below."),
    )
    paragraph = models.PositiveSmallIntegerField(
        _("paragraph"), null=True, blank=True, help_text=_("Counted from 1.")
    )
    topics = models.ManyToManyField(
        "factcheck.Topic", blank=True, related_name="claims", verbose_name=_("topics")
    )
    # Only `editing` changes the stage and the three moments below, and no form has them. They are
    # not marked `editable=False` because the history leaves out such fields.
    stage = models.CharField(_("stage"), max_length=10, choices=Stage.choices, default=Stage.DRAFT)
    created_by = user_field(None, blank=True, editable=False)
    published_at = models.DateTimeField(_("published at"), null=True, blank=True)
    retracted_at = models.DateTimeField(_("retracted at"), null=True, blank=True)
    retraction_reason = models.TextField(_("reason of the retraction"), blank=True, default="")
    recheck_on = models.DateField(
        _("check again on"), null=True, blank=True, help_text=_("For the editors' desk.")
    )
    updated_at = models.DateTimeField(_("updated at"), default=timezone.now, editable=False)
    import_ref = models.CharField(max_length=500, blank=True, default="", editable=False)

    # What `queries.claim_detail` and `for_claimreview` attach.
    cited: list[Any]
    log: list[Any]
    topic_list: list[Any]

    # Computed by triggers.
    status = models.CharField(
        _("status"),
        max_length=12,
        choices=Status.choices,
        default=Status.UNVERIFIED,
        editable=False,
    )
    citation_count = models.PositiveIntegerField(_("citations"), default=0, editable=False)
    outlet_count = models.PositiveIntegerField(_("outlets"), default=0, editable=False)
    independent_count = models.PositiveIntegerField(
        _("independent sources"), default=0, editable=False
    )
    # Generated by the database.
    year = models.GeneratedField(
        expression=YearOf("claimed_on"),
        output_field=models.PositiveSmallIntegerField(null=True),
        db_persist=True,
        null=True,
        serialize=False,
        verbose_name=_("year"),
    )
    newest_day = day_or(date.min)
    oldest_day = day_or(date.max)

    objects = ClaimQuerySet.as_manager()
    history = HistoricalRecords(
        m2m_fields=["topics"],
        excluded_fields=[*DERIVED, "year", "newest_day", "oldest_day"],
        # A claim's history is queried by the claim's id only. The last two columns belong to the
        # history of its topics.
        no_db_index=["slug", "article", "claimant", "created_by", "claim", "topic"],
    )

    class Meta:
        ordering = ["-id"]
        verbose_name = _("claim")
        verbose_name_plural = _("claims")
        permissions = [
            ("submit_claim", "Can submit a claim for review"),
            ("publish_claim", "Can publish a claim"),
            ("retract_claim", "Can retract and restore a published claim"),
        ]
        # One for each order of the list, then one for each filter with many values.
        indexes = [
            models.Index("stage", F("newest_day").desc(), F("id").desc(), name="claim_newest"),
            models.Index("stage", "oldest_day", "id", name="claim_oldest"),
            models.Index(
                "stage",
                F("citation_count").desc(),
                F("newest_day").desc(),
                F("id").desc(),
                name="claim_most_cited",
            ),
            models.Index(
                "stage", "independent_count", "oldest_day", "id", name="claim_least_corroborated"
            ),
            models.Index(
                "stage", "status", F("newest_day").desc(), F("id").desc(), name="claim_status"
            ),
            models.Index(
                "stage", "year", F("newest_day").desc(), F("id").desc(), name="claim_year"
            ),
            models.Index("claimant", F("newest_day").desc(), F("id").desc(), name="claim_claimant"),
            models.Index("article", "paragraph", "id", name="claim_article"),
        ]
        constraints = [
            filled("slug", "claim_slug_filled"),
            models.CheckConstraint(
                condition=Q(id__gte=1, id__lt=2**ID_BITS), name="claim_id_fits_in_32_bits"
            ),
            filled("text", "claim_text_filled"),
            one_of("stage", Stage, "claim_stage_known"),
            one_of("status", Status, "claim_status_known"),
            models.CheckConstraint(
                condition=(
                    Q(stage=Stage.RETRACTED, retracted_at__isnull=False) & ~Q(retraction_reason="")
                )
                | (~Q(stage=Stage.RETRACTED) & Q(retracted_at=None, retraction_reason="")),
                name="claim_retracted_with_moment_and_reason",
            ),
            models.CheckConstraint(
                condition=Q(start=None, end=None)
                | Q(start__isnull=False, end__isnull=False, start__lte=F("end")),
                name="claim_span_in_order",
            ),
            models.UniqueConstraint(
                fields=["import_ref"], condition=~Q(import_ref=""), name="claim_import_ref_unique"
            ),
        ]

    def __str__(self) -> str:
        return self.text if len(self.text) <= 90 else f"{self.text[:88].rstrip()}…"

    def slug_text(self) -> str:
        return self.text

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.updated_at = timezone.now()
        if self.stage == Stage.PUBLISHED and self.published_at is None:
            self.published_at = self.updated_at
        super().save(*args, **kwargs)

    def get_status_display(self) -> str:  # type: ignore[no-redef]
        # Django's own method builds the labels of all statuses each time.
        return str(Status(self.status).label)

    def get_absolute_url(self) -> str:
        return reverse("claim-detail", args=[self.slug])

    @property
    def is_public(self) -> bool:
        return self.stage in PUBLIC_STAGES

    @property
    def has_paragraph(self) -> bool:
        """Return whether the article and the paragraph are known."""
        return bool(self.article_id and self.paragraph)

    @property
    def is_the_articles_sentence(self) -> bool:
        """Return whether the public statement is taken word for word from the article."""
        statement, sentence = f" {name_key(self.text)} ", f" {name_key(self.source_text)} "
        if self.source_text.strip() and (statement in sentence or sentence in statement):
            return True
        return self.article is not None and statement in f" {name_key(self.article.text)} "
