"""A reader's selection in the claims list, and the choices that its filter panel shows."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from django.db.models import Exists, OuterRef, Q

from factcheck import search
from factcheck.facets.declarations import FACETS
from factcheck.models import Citation, Control, Status, Verification, VerificationKind

_SUPPORTED = Citation.objects.supporting()

# How a claim is supported, as conditions for querysets. Whether an outlet is state-controlled is
# asked of the outlet that is cited, not of the one that it reprints.
BASIS = {
    "single_outlet": Q(pk__in=Citation.objects.claims_with_one_outlet()),
    "single_family": Q(independent_count=1),
    "state_only": Q(pk__in=_SUPPORTED.filter(outlet__control=Control.STATE).values("claim"))
    & ~Q(pk__in=_SUPPORTED.exclude(outlet__control=Control.STATE).values("claim")),
    "undated": Q(pk__in=Citation.objects.filter(published_on=None).order_by().values("claim")),
    "uncited": Q(citation_count=0),
}

# The condition that a claim has a fact-check: a status, or a publisher's own rating.
HAS_FACT_CHECK = ~Q(status=Status.UNVERIFIED) | Q(
    Exists(
        Verification.objects.filter(claim=OuterRef("pk"), kind=VerificationKind.FINDING)
        .exclude(label="")
        .order_by()
    )
)


@dataclass(frozen=True)
class Selection:
    """A reader's selection: clean values by the name of the filter, and the searched words.

    A value is a list of codes or of record ids, a date, or a number. Filters of citations must
    hold of one and the same citation.
    """

    values: Mapping[str, Any] = field(default_factory=dict)
    typed: str = ""

    @cached_property
    def query(self) -> search.Query:
        return search.parse(self.typed)


@dataclass(frozen=True)
class Choice:
    """A value of a facet, and the number of claims that it would show."""

    value: str
    label: str
    count: int


def panel_order(
    name: str, choices: Sequence[tuple[Any, Choice]], limit: int | None, include: Collection[Any]
) -> list[Choice]:
    """Return a facet's choices in the panel's order: the first `limit`, and those in `include`.

    `choices` are pairs of a key (a code or a record id) and a choice; `include` names keys.
    """
    included = {str(key) for key in include}
    always = {choice.value for key, choice in choices if str(key) in included}
    ordered = [choice for _key, choice in choices]
    if FACETS[name].order == "newest":
        ordered.sort(key=lambda choice: -int(choice.value))
    else:
        ordered.sort(key=lambda choice: (-choice.count, choice.label, choice.value))
    return [
        choice
        for position, choice in enumerate(ordered)
        if limit is None or position < limit or choice.value in always
    ]
