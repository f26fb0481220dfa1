"""The stages of the editors' work on a claim."""

from django.db import models
from django.utils.translation import pgettext_lazy


class Stage(models.TextChoices):
    """The stage of the editors' work on a claim. It says nothing about truth."""

    DRAFT = "draft", pgettext_lazy("stage", "Draft")
    REVIEW = "review", pgettext_lazy("stage", "In review")
    PUBLISHED = "published", pgettext_lazy("stage", "Published")
    RETRACTED = "retracted", pgettext_lazy("stage", "Retracted")


UNPUBLISHED_STAGES = (Stage.DRAFT, Stage.REVIEW)
# A retracted claim keeps its page.
PUBLIC_STAGES = (Stage.PUBLISHED, Stage.RETRACTED)
