"""How many claims each choice of the filter panel would show: exact, for any selection.

A facet honours every other filter and the search and ignores its own. All facets are one query of
live SQL, so the counts are those of the last committed write.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from django.db.models import CharField, Count, F, Q, QuerySet, Value
from django.db.models.functions import Cast

from factcheck import search
from factcheck.models import Citation, Claim, ClaimQuerySet, Control

MOST_CHOICES = 20


@dataclass(frozen=True)
class Selection:
    """What a reader chose, by the name of the filter.

    All of `citations` must hold of one and the same citation.
    """

    claims: Mapping[str, Q] = field(default_factory=dict)
    citations: Mapping[str, Q] = field(default_factory=dict)
    typed: str = ""

    def apply(self, claims: ClaimQuerySet, *, without: str = "") -> ClaimQuerySet:
        """Narrow `claims`, leaving out the filter named `without`."""
        citing = self.citing(without=without)
        if citing is not None:
            claims = claims.filter(pk__in=citing.values("claim"))
        return self.of_claims(claims, without=without)

    def of_claims(self, claims: ClaimQuerySet, *, without: str = "") -> ClaimQuerySet:
        """Narrow `claims` by what was asked of the claim itself."""
        for name, condition in self.claims.items():
            if name != without:
                claims = claims.filter(condition)
        return claims.filter(self._words)

    @cached_property
    def _words(self) -> Q:
        return search.matching(self.typed)

    def citing(self, *, without: str = "") -> "QuerySet[Citation] | None":
        """Return the citations that were asked for; None if any will do."""
        conditions = [condition for name, condition in self.citations.items() if name != without]
        if not conditions:
            return None
        return Citation.objects.filter(*conditions).order_by()


@dataclass(frozen=True)
class Choice:
    """One value of a facet, and how many claims it would show."""

    value: str
    label: str
    count: int


_SUPPORTED = Citation.objects.supporting()

# What a claim rests on. State-controlled outlets are judged as cited, not as reprinted.
BASIS = {
    "single_outlet": Q(pk__in=Claim.objects.resting_on_one_outlet().order_by().values("pk")),
    "single_family": Q(independent_count=1),
    "state_only": Q(pk__in=_SUPPORTED.filter(outlet__control=Control.STATE).values("claim"))
    & ~Q(pk__in=_SUPPORTED.exclude(outlet__control=Control.STATE).values("claim")),
    "undated": Q(pk__in=Citation.objects.filter(published_on=None).order_by().values("claim")),
    "uncited": Q(citation_count=0),
}

# Facet: the column of its value and of its label, seen from a claim or from a citation.
_OF_CLAIMS = {
    "status": ("status", "status"),
    "topic": ("topics__slug", "topics__name"),
    "claimant": ("claimant__slug", "claimant__name"),
    "article": ("article__slug", "article__title"),
    "language": ("language", "language"),
    "year": ("year", "year"),
}
_OF_CITATIONS = {
    "outlet": ("outlet__slug", "outlet__name"),
    "owner": ("outlet__owner__slug", "outlet__owner__name"),
    "control": ("outlet__control", "outlet__control"),
    "country": ("outlet__country", "outlet__country"),
    "stance": ("stance", "stance"),
}


def counts(claims: ClaimQuerySet, selection: Selection) -> dict[str, list[Choice]]:
    """Return the choices of every facet, those with most claims first, in one query."""
    branches = [
        _grouped(name, columns, selection.apply(claims, without=name), "pk")
        for name, columns in _OF_CLAIMS.items()
    ]
    # A citation's own conditions hold of it already; the claim's are left to check.
    chosen = selection.of_claims(claims).order_by().values("pk")
    for name, columns in _OF_CITATIONS.items():
        citing = selection.citing(without=name)
        inside = (Citation.objects.order_by() if citing is None else citing).filter(
            claim__in=chosen
        )
        branches.append(_grouped(name, columns, inside, "claim"))
    apart = selection.apply(claims, without="basis")
    for value, condition in BASIS.items():
        flagged = apart.filter(condition).annotate(basis=Value(value, output_field=CharField()))
        branches.append(_grouped("basis", ("basis", "basis"), flagged, "pk"))
    found: dict[str, list[Choice]] = {name: [] for name in (*_OF_CLAIMS, *_OF_CITATIONS, "basis")}
    for name, value, label, count in branches[0].union(*branches[1:], all=True):
        if value:
            found[name].append(Choice(value, label, count))
    for choices in found.values():
        choices.sort(key=lambda choice: (-choice.count, choice.label))
    found["year"].sort(key=lambda choice: choice.value, reverse=True)
    return found


def _grouped(name: str, columns: tuple[str, str], rows: "QuerySet", counted: str) -> "QuerySet":
    value, label = columns
    return (
        rows.order_by()
        .annotate(
            facet=Value(name, output_field=CharField()),
            facet_value=Cast(F(value), CharField()),
            facet_label=Cast(F(label), CharField()),
        )
        .values("facet", "facet_value", "facet_label")
        .annotate(claims_found=Count(counted, distinct=True))
        .values_list("facet", "facet_value", "facet_label", "claims_found")
    )
