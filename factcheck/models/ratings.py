"""What other publishers' words for their findings mean on our scale."""

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
    """A publisher's words and the status they stand for: exact, whatever their case.

    Words that are not here stay `unverified`: nothing is guessed. Its history keeps each version.
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
    """Return what two spellings of the same words share: case and space, nothing else."""
    return fold(label)[:200]
