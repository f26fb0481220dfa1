"""The editors' work queues: rows that want somebody's attention, each one query."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Exists, F, Model, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from factcheck import facets
from factcheck.models import (
    Citation,
    Claim,
    Outlet,
    Proposal,
    ProposalState,
    SearchDocument,
    Stage,
    Status,
    SuggestedChange,
    SuggestionState,
    Verification,
    VerificationKind,
)


@dataclass(frozen=True)
class Queue:
    """Rows of one model that fit a condition; `advice` says what to do with them."""

    name: str
    model: type[Model]
    title: Any
    advice: Any
    condition: Callable[[], Q]

    def rows(self) -> QuerySet[Any]:
        return self.model._default_manager.filter(self.condition())


def _same_words() -> Q:
    """Return the condition that another claim has the same words in another order or form."""
    shared = (
        SearchDocument.objects.exclude(fingerprint=0)
        .exclude(claim__stage=Stage.RETRACTED)
        .order_by()
        .values("fingerprint")
        .annotate(n=Count("pk"))
        .filter(n__gt=1)
        .values("fingerprint")
    )
    documents = SearchDocument.objects.filter(fingerprint__in=shared).order_by()
    return Q(pk__in=documents.values("claim")) & ~Q(stage=Stage.RETRACTED)


def _other_words() -> Q:
    """Return the condition that a claim was changed after its verdict, and nobody confirmed it."""
    revised = Verification.objects.filter(kind=VerificationKind.REVISION).order_by()
    entries = Verification.objects.filter(claim=OuterRef("claim"))
    decided = entries.filter(kind=VerificationKind.FINDING, number__lt=OuterRef("number"))
    since = entries.filter(
        kind__in=[VerificationKind.FINDING, VerificationKind.CONFIRMATION],
        number__gt=OuterRef("number"),
    )
    unconfirmed = revised.filter(Exists(decided)).exclude(Exists(since))
    return Q(pk__in=unconfirmed.values("claim"), stage=Stage.PUBLISHED)


def is_verdict_on_other_words(claim: Claim) -> bool:
    """Return whether a claim waits in the queue of verdicts on other words."""
    return Claim.objects.filter(_other_words(), pk=claim.pk).exists()


QUEUES = (
    Queue(
        "drafts",
        Claim,
        _("Drafts"),
        _("Finish them, and submit them for review."),
        lambda: Q(stage=Stage.DRAFT),
    ),
    Queue(
        "review",
        Claim,
        _("Waiting for review"),
        _("Read them, and publish them or talk to who wrote them."),
        lambda: Q(stage=Stage.REVIEW),
    ),
    Queue(
        "findings",
        Proposal,
        _("Findings waiting for approval"),
        _("Approve or decline what others propose."),
        lambda: Q(state=ProposalState.OPEN),
    ),
    Queue(
        "other_words",
        Claim,
        _("Verdict given on other words"),
        _("The claim was changed after its verdict: confirm the verdict, or check again."),
        _other_words,
    ),
    Queue(
        "unverified",
        Claim,
        _("Published, but unverified"),
        _("Readers see these claims and nobody's finding."),
        lambda: Q(stage=Stage.PUBLISHED, status=Status.UNVERIFIED),
    ),
    Queue(
        "single_family",
        Claim,
        _("Resting on one family only"),
        _("Look for a source that is independent of it."),
        lambda: Q(stage=Stage.PUBLISHED) & facets.BASIS["single_family"],
    ),
    Queue(
        "undated",
        Citation,
        _("Citations without a day"),
        _("Find the day of the report."),
        lambda: Q(published_on=None),
    ),
    Queue(
        "linkless",
        Citation,
        _("Citations without a link"),
        _("Find the report, and an archived copy of it."),
        lambda: Q(url=""),
    ),
    Queue(
        "late",
        Citation,
        _("Citations dated after their article"),
        _("One of the two days is wrong, or the year was guessed."),
        lambda: Q(published_on__gt=F("claim__article__published_on")),
    ),
    Queue(
        "unknown_outlets",
        Outlet,
        _("Outlets nobody has looked at"),
        _("Give kind, control and owner, or merge them into one that is known."),
        lambda: Q(is_confirmed=False, merged_into=None),
    ),
    Queue(
        "suggested",
        SuggestedChange,
        _("Proposed changes of outlets and people"),
        _("Apply or decline what contributors propose for records that public claims use."),
        lambda: Q(state=SuggestionState.OPEN),
    ),
    Queue(
        "duplicates",
        Claim,
        _("Possible duplicates"),
        _("Another claim has the same words, in whatever order: keep one."),
        _same_words,
    ),
    Queue(
        "recheck",
        Claim,
        _("Overdue for another look"),
        _("Their day to be checked again has come."),
        lambda: Q(recheck_on__lte=timezone.localdate()) & ~Q(stage=Stage.RETRACTED),
    ),
)
