"""The texts in which claims were found."""

from typing import Any, Self

from django.db import models
from django.db.models import Count, Exists, OuterRef, Q
from django.db.models.functions import Length
from django.db.models.lookups import In
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from factcheck.models.base import NaturalKeyQuerySet, SluggedModel
from factcheck.models.claims import Claim
from factcheck.models.constraints import filled, web_address
from factcheck.models.expressions import ByteOrder
from factcheck.models.fields import DateTextField, LinkField, language_code
from factcheck.models.stages import Stage
from factcheck.text.dates import full_date


class ArticleQuerySet(NaturalKeyQuerySet):
    def without_editor_fields(self) -> Self:
        return self.defer("text", "seen")

    def public(self) -> "ArticleQuerySet":
        """Return the articles with a public claim."""
        claims = Claim.objects.public().filter(article=OuterRef("pk"))
        return self.without_editor_fields().filter(Exists(claims))

    def for_list(self) -> "ArticleQuerySet":
        """Return articles with publisher, sort key and number of published claims."""
        return self.select_related("publisher").annotate(
            sort_name=ByteOrder("title"),
            claim_count=Count("claims", filter=Q(claims__stage=Stage.PUBLISHED)),
        )


class Article(SluggedModel):
    """A text in which claims were found. Only editors may read its full text."""

    title = models.CharField(_("title"), max_length=300, default="")
    author = models.CharField(_("author"), max_length=200, blank=True, default="")
    publisher = models.ForeignKey(
        "factcheck.Outlet",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="articles",
        verbose_name=_("publisher"),
    )
    url = LinkField(_("link"), max_length=1000, blank=True, default="")
    published_text = DateTextField(
        _("published"),
        help_text=_("As far as it is known: 10 September 2021, September 2021 or 2021."),
    )
    published_on = models.DateField(_("day of publication"), null=True, blank=True, editable=False)
    language = models.CharField(
        _("language"), max_length=16, default="en", validators=[language_code]
    )
    text = models.TextField(
        _("text"),
        blank=True,
        default="",
        help_text=_("For editors only: it may be someone's copyright and is never published."),
    )

    # Keys of the sentences and citations that an import has read before, so that it offers only
    # new ones: `articles.sentence_keys`.
    seen = models.JSONField(default=list, blank=True, editable=False)

    objects = ArticleQuerySet.as_manager()
    history = HistoricalRecords(excluded_fields=["text", "seen"])

    class Meta:
        ordering = ["title"]
        verbose_name = _("article")
        verbose_name_plural = _("articles")
        indexes = [models.Index(fields=["title", "id"], name="article_title")]
        constraints = [
            filled("slug", "article_slug_filled"),
            web_address("url", "article_url_is_web_address"),
            models.CheckConstraint(
                condition=Q(published_on=None) | Q(In(Length("published_text"), [0, 10])),
                name="article_day_only_if_known",
            ),
        ]

    def __str__(self) -> str:
        return self.title or self.slug

    def save(self, *args: Any, **kwargs: Any) -> None:
        if self.published_text:
            self.published_on = full_date(self.published_text)
        super().save(*args, **kwargs)

    def get_absolute_url(self) -> str:
        return reverse("article-detail", args=[self.slug])
