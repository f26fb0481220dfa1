"""Proposals: findings that can still be edited."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from factcheck.models.base import NaturalKeyQuerySet, ReferencedModel
from factcheck.models.constraints import one_of
from factcheck.models.fields import reason_length, user_field
from factcheck.models.statuses import Status
from factcheck.models.verifications import Evidence


class ProposalState(models.TextChoices):
    OPEN = "open", pgettext_lazy("proposal", "Open")
    APPROVED = "approved", pgettext_lazy("proposal", "Approved")
    DECLINED = "declined", pgettext_lazy("proposal", "Declined")


class ProposalQuerySet(NaturalKeyQuerySet):
    def open(self) -> "ProposalQuerySet":
        return self.filter(state=ProposalState.OPEN)


NO_EVIDENCE = "No evidence needed:"


class Proposal(ReferencedModel):
    """A finding that an editor proposes. Approved, it becomes a verification."""

    claim = models.ForeignKey(
        "factcheck.Claim", models.CASCADE, related_name="proposals", verbose_name=_("claim")
    )
    status = models.CharField(
        _("status"),
        max_length=12,
        choices=Status.choices,
        default=Status.UNVERIFIED,
        help_text=_("What was found. Unverified says that nothing was, whatever is likely."),
    )
    label = models.CharField(
        _("label"),
        max_length=200,
        blank=True,
        default="",
        help_text=_("The finding in a word or two of your own, where the status says too little."),
    )
    reason = models.TextField(
        _("reason"),
        blank=True,
        default="",
        validators=[reason_length],
        help_text=_(
            "Markdown. Say what the records show. Where none is needed, begin a line with"
            " “No evidence needed:” and say why."
        ),
    )
    evidence = models.JSONField(_("evidence"), blank=True, default=list)
    proposed_by = user_field(_("proposed by"), related_name="proposals", blank=True, editable=False)
    # Everybody who has written a part of it. If a second person must approve, none of them may.
    author_ids = models.JSONField(default=list, editable=False)
    is_signed = models.BooleanField(
        _("sign with my name"),
        default=False,
        help_text=_("Readers will see who wrote it; otherwise it says “Reviewer”."),
    )
    state = models.CharField(
        _("state"),
        max_length=10,
        choices=ProposalState.choices,
        default=ProposalState.OPEN,
        editable=False,
    )

    objects = ProposalQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        verbose_name = _("proposal")
        verbose_name_plural = _("proposals")
        permissions = [("approve_proposal", "Can approve or decline a finding")]
        constraints = [
            one_of("status", Status, "proposal_status_known"),
            one_of("state", ProposalState, "proposal_state_known"),
        ]

    def __str__(self) -> str:
        return self.get_status_display()

    def add_author(self, user: Any) -> None:
        """Add an author, who also becomes the one who signs."""
        self.proposed_by = user
        self.author_ids = sorted({*self.author_ids, user.pk})

    def is_author(self, user: Any) -> bool:
        """Return whether `user` has written a part of it."""
        return user.pk in {self.proposed_by_id, *self.author_ids}

    def clean(self) -> None:
        if not self.reason.strip():
            raise ValidationError({"reason": _("Give the reason for the finding.")})
        self.records()
        if self.status == Status.UNVERIFIED or self.evidence:
            return
        lines = self.reason.splitlines()
        if not any(
            line.startswith(NO_EVIDENCE) and line.removeprefix(NO_EVIDENCE).strip()
            for line in lines
        ):
            raise ValidationError(
                {
                    "evidence": _(
                        "Add a record that the finding rests on, or say in the reason why none"
                        " is needed, in a line that begins “%(marker)s”."
                    )
                    % {"marker": NO_EVIDENCE}
                }
            )

    def records(self) -> list[Evidence]:
        """Return the evidence as unsaved records; ValidationError if one is invalid."""
        if not isinstance(self.evidence, list):
            raise ValidationError({"evidence": _("Evidence is a list of records.")})
        records: list[Evidence] = []
        problems: list[Any] = []
        for number, fields in enumerate(self.evidence, 1):
            try:
                record = Evidence(**fields)
                record.full_clean(exclude=["verification"], validate_constraints=False)
                if not record.url:
                    raise ValidationError(_("a record needs a link."))
            except TypeError:
                problems.append(_("Record %(place)d has unknown fields.") % {"place": number})
            except ValidationError as error:
                problems += [
                    _("Record %(place)d: %(problem)s") % {"place": number, "problem": problem}
                    for problem in error.messages
                ]
            else:
                records.append(record)
        urls = [record.url for record in records]
        if len(set(urls)) < len(urls):
            problems.append(_("Two records have the same link."))
        if problems:
            raise ValidationError({"evidence": problems})
        return records
