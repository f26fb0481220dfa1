"""Saved forms, so that a form which is sent twice creates one record."""

from datetime import timedelta

from django.conf import settings
from django.db import models
from django.utils import timezone

from factcheck.models.base import NaturalKeyModel, NaturalKeyQuerySet

# A form that is sent again later than this is not a double click.
RETENTION = timedelta(days=14)


class SubmissionQuerySet(NaturalKeyQuerySet):
    def prune(self) -> None:
        """Delete the entries that are too old for a double click."""
        self.filter(created_at__lt=timezone.now() - RETENTION).delete()


class Submission(NaturalKeyModel):
    """A saved form, identified by the random key in its page.

    It is written in the same transaction as the record. The unique key makes a second request wait
    for the first one and then find its entry.
    """

    natural_key_fields = ("key",)

    key = models.CharField(max_length=40, unique=True)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    # The digest of all values, which tells whether the second form is the same as the first.
    digest = models.CharField(max_length=64)
    # The record's page and name, and the answer of a pop-up window to the window that opened it.
    address = models.CharField(max_length=500, blank=True, default="")
    name = models.CharField(max_length=200, blank=True, default="")
    popup = models.TextField(blank=True, default="")
    created_at = models.DateTimeField(default=timezone.now, db_index=True)

    objects = SubmissionQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return self.name or self.key
