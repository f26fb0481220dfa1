"""Claims, and the query sets by which pages, feeds and exports list them."""

from datetime import date
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import models
from django.db.models import Count, F, Func, Q, Value
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from simple_history.models import HistoricalRecords

from factcheck.models.base import (
    NaturalKeyQuerySet,
    SluggedModel,
    Unindexed,
    filled,
    language_code,
    one_of,
    text_length,
)
from factcheck.models.statuses import Status
from factcheck.text.name_keys import name_key

if TYPE_CHECKING:
    from factcheck.models.citations import Citation
    from factcheck.models.verifications import Verification

# What SQL triggers keep: forms, importers and history leave these columns alone.
DERIVED = ("status", "citation_count", "outlet_count", "independent_count")

# What a claim's id takes in a facet's bitmap and in a search document's id (`search.place`).
ID_BITS = 32
CLAIM_MASK = 2**ID_BITS - 1

LIST_COLUMNS = (
    *("id", "slug", "text", "language", "native_text", "native_language", "status", "claimed_on"),
    *("citation_count", "outlet_count", "independent_count", "newest_day", "oldest_day"),
    "claimant__name",
)


class Stage(models.TextChoices):
    """Where a claim stands in the editors' work; it says nothing about truth."""

    DRAFT = "draft", pgettext_lazy("stage", "Draft")
    REVIEW = "review", pgettext_lazy("stage", "In review")
    PUBLISHED = "published", pgettext_lazy("stage", "Published")
    RETRACTED = "retracted", pgettext_lazy("stage", "Retracted")


class YearOf(Func):
    """The year of a day, in SQL that both engines accept in a generated column."""

    output_field = models.PositiveSmallIntegerField(null=True)
    arity = 1
    template = "CAST(EXTRACT(YEAR FROM %(expressions)s) AS smallint)"

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        template = "CAST(substr(%(expressions)s, 1, 4) AS integer)"
        return self.as_sql(compiler, connection, template=template, **context)


def day_or(unknown: date) -> models.GeneratedField:
    """Return a column with the claim's day, or `unknown`: a sort key that is never null."""
    return models.GeneratedField(
        expression=Coalesce(
            F("claimed_on"),
            Value(unknown, output_field=models.DateField()),
        ),
        output_field=models.DateField(),
        db_persist=True,
        serialize=False,
    )


# A retracted claim keeps its page.
PUBLIC = (Stage.PUBLISHED, Stage.RETRACTED)


class ClaimQuerySet(NaturalKeyQuerySet):
    def published(self) -> "ClaimQuerySet":
        """Return what public lists show."""
        return self.filter(stage=Stage.PUBLISHED)

    def public(self) -> "ClaimQuerySet":
        """Return the claims that have a public page: a retracted one keeps its own."""
        return self.filter(stage__in=PUBLIC)

    def one_by_one(self) -> "ClaimQuerySet":
        """Return the public claims in the order in which they stand, for who reads all of them."""
        return self.alias(of_stage=Unindexed("stage")).filter(of_stage__in=PUBLIC).order_by("pk")

    def for_list(self, *more: str) -> Any:
        """Return what a row of a list shows of each claim and its claimant, as named tuples."""
        return self.values_list(*LIST_COLUMNS, *more, named=True)

    def for_review(self) -> "ClaimQuerySet":
        """Return claims with what machines are told of them: findings, and reports to read."""
        from factcheck.models.citations import Citation, Stance
        from factcheck.models.verifications import Verification, VerificationKind

        cited = Citation.objects.filter(stance=Stance.SUPPORTS).exclude(url="")
        found = Verification.objects.for_page().filter(kind=VerificationKind.FINDING)
        return self.select_related("claimant").prefetch_related(
            models.Prefetch("citations", cited.select_related("outlet"), "cited"),
            models.Prefetch("verifications", found, "log"),
        )

    def note_change(self) -> None:
        """Note that what belongs to the claims changes now. Their own history has none of it."""
        self.update(updated_at=timezone.now())

    def newest(self) -> "ClaimQuerySet":
        return self.order_by("-newest_day", "-id")

    def in_reading_order(self) -> "ClaimQuerySet":
        """Return claims as they stand in their article."""
        return self.order_by(
            F("paragraph").asc(nulls_last=True), F("start").asc(nulls_last=True), "id"
        )

    def citing(self, outlet: Any) -> "ClaimQuerySet":
        return self.filter(pk__in=outlet.citations.order_by().values("claim"))

    def resting_on_one_outlet(self) -> "ClaimQuerySet":
        """Return the claims that a single outlet supports."""
        from factcheck.models.citations import Citation

        return self.filter(
            pk__in=Citation.objects.supporting()
            .values("claim")
            .annotate(outlets=Count("outlet", distinct=True))
            .filter(outlets=1)
            .values("claim")
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
    # `editing` alone moves a claim. No form has these four, yet they are not marked as such:
    # the history shows only what it takes for editable.
    stage = models.CharField(_("stage"), max_length=10, choices=Stage.choices, default=Stage.DRAFT)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
    )
    published_at = models.DateTimeField(_("published at"), null=True, blank=True)
    retracted_at = models.DateTimeField(_("retracted at"), null=True, blank=True)
    retraction_reason = models.TextField(_("reason of the retraction"), blank=True, default="")
    recheck_on = models.DateField(
        _("check again on"), null=True, blank=True, help_text=_("For the editors' desk.")
    )
    updated_at = models.DateTimeField(_("updated at"), default=timezone.now, editable=False)
    import_ref = models.CharField(max_length=500, blank=True, default="", editable=False)

    # What a dossier and `for_review` bring along.
    cited: "list[Citation]"
    log: "list[Verification]"

    # Kept by triggers, for reading.
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
    # Kept by the database itself.
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
        # A row's past is asked for by its id. The last two are of the topics' own history.
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
        # One for each sort of the list, then one for each filter that splits it finely.
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

    def slug_source(self) -> str:
        return self.text

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.updated_at = timezone.now()
        if self.stage == Stage.PUBLISHED and self.published_at is None:
            self.published_at = self.updated_at
        super().save(*args, **kwargs)

    def get_status_display(self) -> str:  # type: ignore[no-redef]
        # Django's own reads the labels of all statuses each time.
        return str(Status(self.status).label)

    def get_absolute_url(self) -> str:
        return reverse("claim-detail", args=[self.slug])

    @property
    def is_public(self) -> bool:
        return self.stage in PUBLIC

    @property
    def has_place(self) -> bool:
        """Return whether it is known in which paragraph of an article it was found."""
        return bool(self.article_id and self.paragraph)

    @property
    def is_the_articles_sentence(self) -> bool:
        """Return whether the public statement is taken word for word from the article."""
        said, sentence = f" {name_key(self.text)} ", f" {name_key(self.source_text)} "
        if self.source_text.strip() and (said in sentence or sentence in said):
            return True
        return self.article is not None and said in f" {name_key(self.article.text)} "
