"""Changes of outlets, owners and claimants that contributors suggest and reviewers decide."""

from typing import Any

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from factcheck.models.base import NaturalKeyQuerySet, ReferencedModel
from factcheck.models.constraints import one_of
from factcheck.models.fields import user_field


class SuggestionState(models.TextChoices):
    OPEN = "open", pgettext_lazy("suggestion", "Open")
    APPLIED = "applied", pgettext_lazy("suggestion", "Applied")
    DECLINED = "declined", pgettext_lazy("suggestion", "Declined")


class SuggestionTarget(models.TextChoices):
    """The models whose records can have suggested changes."""

    OUTLET = "outlet", _("Outlet")
    OWNER = "owner", _("Owner")
    CLAIMANT = "claimant", _("Claimant")
    TOPIC = "topic", _("Topic")
    ARTICLE = "article", _("Article")


class SuggestionQuerySet(NaturalKeyQuerySet):
    def open(self) -> "SuggestionQuerySet":
        return self.filter(state=SuggestionState.OPEN)

    def about(self, row: models.Model) -> "SuggestionQuerySet":
        return self.filter(kind=row._meta.model_name, target_id=row.pk)


class SuggestedChange(ReferencedModel):
    """A suggested change of a record that public claims use."""

    kind = models.CharField(_("kind"), max_length=10, choices=SuggestionTarget.choices)
    # A plain id, because the record is of one of several tables.
    target_id = models.BigIntegerField()
    target = models.CharField(_("record"), max_length=300)
    # By field: the old and new value, both as stored and as editors read them.
    changes = models.JSONField(_("changes"), default=dict)
    reason = models.CharField(_("reason"), max_length=100, blank=True, default="")
    proposed_by = user_field(_("proposed by"))
    proposed_at = models.DateTimeField(_("proposed at"), default=timezone.now)
    state = models.CharField(
        _("state"), max_length=10, choices=SuggestionState.choices, default=SuggestionState.OPEN
    )
    decided_by = user_field(_("decided by"), blank=True)
    decided_at = models.DateTimeField(_("decided at"), null=True, blank=True)
    decision = models.CharField(_("reason of the decision"), max_length=500, blank=True, default="")

    objects = SuggestionQuerySet.as_manager()

    class Meta:
        ordering = ["-proposed_at", "-id"]
        verbose_name = _("proposed change")
        verbose_name_plural = _("proposed changes")
        indexes = [models.Index(fields=["kind", "target_id"], name="suggestion_target")]
        constraints = [
            one_of("kind", SuggestionTarget, "suggestion_kind_known"),
            one_of("state", SuggestionState, "suggestion_state_known"),
            models.CheckConstraint(
                condition=Q(state=SuggestionState.OPEN, decided_at=None)
                | ~Q(state=SuggestionState.OPEN) & Q(decided_at__isnull=False),
                name="suggestion_decided_with_moment",
            ),
        ]

    def __str__(self) -> str:
        return self.target

    def fields(self) -> list[dict[str, Any]]:
        """Return the changed fields with their labels and both values."""
        return [{"name": name, **values} for name, values in self.changes.items()]
