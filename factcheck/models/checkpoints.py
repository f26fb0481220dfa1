"""Checkpoints of the log: what it said when, so that nobody can change it unseen."""

import secrets
from typing import Any

from django.db import DEFAULT_DB_ALIAS, models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

# dumpdata writes tables in the order of their classes. Evidence comes before the checkpoints:
# nothing is added to a record that a checkpoint covers.
from factcheck.models import verifications  # noqa: F401
from factcheck.models.base import NaturalKeyModel, NaturalKeyQuerySet


class CheckpointQuerySet(NaturalKeyQuerySet):
    def newest(self) -> Any:
        """Return the last checkpoint made; None before the first."""
        return self.order_by("-last_number").first()


class Checkpoint(NaturalKeyModel):
    """How many records the log had, the last one's number, and the chain of their digests.

    `factcheck.public_record.chain` computes it. As append-only as the log itself.
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
    """The secret under which a record's digest covers the accounts that signed it.

    Without it, a public digest would let anybody try who a reviewer is. Never published.
    """

    secret = models.CharField(max_length=64, default=_new_key)

    def __str__(self) -> str:
        return "•"

    @classmethod
    def current(cls, using: str = DEFAULT_DB_ALIAS) -> Any:
        """Return the database's key, made when it is first asked for."""
        # One number: two who ask first at once get the same key.
        return cls.objects.using(using).get_or_create(pk=1)[0].secret
