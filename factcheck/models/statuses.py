"""The verdicts and their numbers on schema.org's scale."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Status(models.TextChoices):
    """The verdict about a claim. The names follow fact-checkers' common usage."""

    TRUE = "true", pgettext_lazy("status", "True")
    MOSTLY_TRUE = "mostly_true", pgettext_lazy("status", "Mostly true")
    MIXED = "mixed", pgettext_lazy("status", "Mixed")
    MOSTLY_FALSE = "mostly_false", pgettext_lazy("status", "Mostly false")
    MISLEADING = "misleading", pgettext_lazy("status", "Misleading")
    FALSE = "false", pgettext_lazy("status", "False")
    DISPUTED = "disputed", pgettext_lazy("status", "Disputed")
    UNVERIFIABLE = "unverifiable", pgettext_lazy("status", "Unverifiable")
    UNVERIFIED = "unverified", pgettext_lazy("status", "Unverified")

    @property
    def rating(self) -> int | None:
        """Return the schema.org reviewRating from 1 (false) to 5 (true), or None off the scale."""
        return _RATINGS.get(self)

    @property
    def meaning(self) -> str:
        """Return a sentence that explains the status to readers."""
        return str(_MEANINGS[self])


_RATINGS = {
    Status.TRUE: 5,
    Status.MOSTLY_TRUE: 4,
    Status.MIXED: 3,
    Status.MOSTLY_FALSE: 2,
    Status.MISLEADING: 2,
    Status.FALSE: 1,
}
_MEANINGS = {
    Status.TRUE: _("The record bears the claim out."),
    Status.MOSTLY_TRUE: _("The claim holds, but a detail is off or missing."),
    Status.MIXED: _("Part of the claim holds and part does not."),
    Status.MOSTLY_FALSE: _("The claim has a true core, but says more than the record does."),
    Status.MISLEADING: _("The words may be right; what they suggest is not."),
    Status.FALSE: _("The record contradicts the claim."),
    Status.DISPUTED: _("Those in a position to know contradict each other."),
    Status.UNVERIFIABLE: _("No record that could decide it can be had."),
    Status.UNVERIFIED: _("Nobody here has decided it yet. It says nothing about truth."),
}
