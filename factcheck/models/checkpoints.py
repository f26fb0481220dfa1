"""Checkpoints, which prove later that the log was not changed."""

import secrets
from typing import Any

from django.db import DEFAULT_DB_ALIAS, models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from factcheck.models.base import NaturalKeyModel, NaturalKeyQuerySet


class CheckpointQuerySet(NaturalKeyQuerySet):
    def newest(self) -> Any:
        """Return the latest checkpoint; None if there is none."""
        return self.order_by("-last_number").first()


class Checkpoint(NaturalKeyModel):
    """The number of log records at one time, the last number, and the chain of digests.

    `factcheck.public_record.chain` computes it. Checkpoints are append-only, like the log.
    """

    natural_key_fields = ("last_number",)

    last_number = models.PositiveIntegerField(_("last number"), unique=True)
    count = models.PositiveIntegerField(_("records"))
    sha256 = models.CharField(_("chain of digests"), max_length=64)
    made_at = models.DateTimeField(_("made at"), default=timezone.now)

    objects = CheckpointQuerySet.as_manager()

    class Meta:
        ordering = ["last_number"]
        verbose_name = _("checkpoint")
        verbose_name_plural = _("checkpoints")
        constraints = [
            models.CheckConstraint(
                condition=Q(count__gte=0, count__lte=models.F("last_number")),
                name="checkpoint_counts_numbers",
            )
        ]

    def __str__(self) -> str:
        return f"{self.last_number}: {self.sha256}"

    def natural_key(self) -> tuple[Any, ...]:
        return super().natural_key()

    natural_key.dependencies = ["factcheck.evidence"]  # type: ignore[attr-defined]


def _new_key() -> str:
    return secrets.token_hex(32)


class LogKey(models.Model):
    """The secret key of the hash by which a record's digest covers the accounts that signed it.

    Without a secret, anybody could find out the reviewer by trying accounts. It is never published.
    """

    secret = models.CharField(max_length=64, default=_new_key)

    def __str__(self) -> str:
        return "•"

    @classmethod
    def current(cls, using: str = DEFAULT_DB_ALIAS) -> Any:
        """Return the database's key, and create it on first use."""
        # The fixed id lets two first requests at the same time get the same key.
        return cls.objects.using(using).get_or_create(pk=1)[0].secret
