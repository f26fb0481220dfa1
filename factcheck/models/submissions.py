"""Forms that were saved: a form that is sent twice makes one record."""

from datetime import timedelta

from django.conf import settings
from django.db import models
from django.utils import timezone

from factcheck.models.base import NaturalKeyModel, NaturalKeyQuerySet

# A page that was left open for longer is no double click.
KEPT_FOR = timedelta(days=14)


class SubmissionQuerySet(NaturalKeyQuerySet):
    def prune(self) -> None:
        """Delete what is too old to be sent twice by mistake."""
        self.filter(created_at__lt=timezone.now() - KEPT_FOR).delete()


class Submission(NaturalKeyModel):
    """One form that was saved, known by the random key that its page carried.

    It is written in the same transaction as the record, so that one is never there without the
    other. The unique key makes a second sending wait for the first, and then find it here.
    """

    natural_key_fields = ("key",)

    key = models.CharField(max_length=40, unique=True)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    # Of all that was typed: whether the second form says the same as the first.
    digest = models.CharField(max_length=64)
    # The page of the record, its name, and what a pop-up window told the window that opened it.
    address = models.CharField(max_length=500, blank=True, default="")
    name = models.CharField(max_length=200, blank=True, default="")
    popup = models.TextField(blank=True, default="")
    created_at = models.DateTimeField(default=timezone.now, db_index=True)

    objects = SubmissionQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return self.name or self.key
