"""Merges of outlets and claimants, with what was moved, so that a merge can be undone."""

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from factcheck.models.base import NaturalKeyQuerySet, ReferencedModel
from factcheck.models.constraints import one_of
from factcheck.models.fields import user_field


class MergeKind(models.TextChoices):
    OUTLET = "outlet", _("Outlet")
    CLAIMANT = "claimant", _("Claimant")


class Merge(ReferencedModel):
    """A merge of one outlet or claimant into another. It can be undone."""

    kind = models.CharField(_("kind"), max_length=10, choices=MergeKind.choices)
    # Plain ids, because the rows are of one of two tables. Merged rows are never deleted.
    loser_id = models.BigIntegerField()
    winner_id = models.BigIntegerField()
    loser = models.CharField(_("merged"), max_length=200)
    winner = models.CharField(_("into"), max_length=200)
    merged_by = user_field(_("merged by"))
    merged_at = models.DateTimeField(_("merged at"), default=timezone.now)
    # The ids of moved rows by kind, and the former content of rows that were joined with others.
    moved = models.JSONField(_("moved"), default=dict)
    undone_by = user_field(_("taken back by"))
    undone_at = models.DateTimeField(_("taken back at"), null=True)

    objects = NaturalKeyQuerySet.as_manager()

    class Meta:
        ordering = ["-merged_at", "-id"]
        verbose_name = _("merge")
        verbose_name_plural = _("merges")
        constraints = [
            one_of("kind", MergeKind, "merge_kind_known"),
            models.CheckConstraint(
                condition=~Q(loser_id=models.F("winner_id")), name="merge_of_two_rows"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.loser} → {self.winner}"
