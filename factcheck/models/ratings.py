"""The meaning of other publishers' labels on our scale."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from factcheck.models.base import NaturalKeyModel, NaturalKeyQuerySet
from factcheck.models.constraints import filled, one_of
from factcheck.models.statuses import Status
from factcheck.text.normalize import fold


class RatingLabel(NaturalKeyModel):
    """A publisher's label and the status that it means, compared exactly except for case.

    Nothing is guessed: a label without an entry means `unverified`. The history keeps each version.
    """

    natural_key_fields = ("key",)

    key = models.CharField(max_length=200, unique=True, editable=False, default="")
    label = models.CharField(_("words"), max_length=200)
    status = models.CharField(_("status"), max_length=12, choices=Status.choices)

    objects = NaturalKeyQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        ordering = ["key"]
        verbose_name = _("rating")
        verbose_name_plural = _("ratings")
        constraints = [
            filled("key", "rating_key_filled"),
            one_of("status", Status, "rating_status_known"),
        ]

    def __str__(self) -> str:
        return self.label

    def clean(self) -> None:
        self.key = rating_key(self.label)
        if not self.key:
            raise ValidationError({"label": _("Write a word.")})
        if RatingLabel.objects.filter(key=self.key).exclude(pk=self.pk).exists():
            raise ValidationError({"label": _("These words are in the table already.")})

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.key = rating_key(self.label)
        super().save(*args, **kwargs)


def rating_key(label: str) -> str:
    """Return the label with case and white space normalised."""
    return fold(label)[:200]
