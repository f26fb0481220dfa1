"""Facets by live SQL: all counts in one query, as slow as the table is long."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

from django.db.models import Case, CharField, Count, F, IntegerField, Min, Q, QuerySet, Value, When
from django.db.models.functions import Cast

from factcheck import change_log, search
from factcheck.facets.selection import (
    BASIS,
    OF_CITATIONS,
    OF_CLAIMS,
    Choice,
    OutletFacts,
    Selection,
    first,
)
from factcheck.models import Citation, Claim, ClaimQuerySet, Role
from factcheck.queries.independence import NO_RECORD, Record

# Facet: the columns of its value, of its label and of its key, seen from a claim or a citation.
_ROWS = {
    "topic": ("topics__slug", "topics__name", "topics"),
    "claimant": ("claimant__slug", "claimant__name", "claimant"),
    "article": ("article__slug", "article__title", "article"),
    "outlet": ("outlet__slug", "outlet__name", "outlet"),
    "owner": ("outlet__owner__slug", "outlet__owner__name", "outlet__owner"),
}
_CODES = {"control": "outlet__control", "country": "outlet__country"}


def find(selection: Selection) -> "LiveFound":
    return LiveFound(selection)


def records(outlet: int | None = None) -> Mapping[int, Record]:
    alone = set(Claim.objects.resting_on_one_outlet().values_list("pk", flat=True))
    found: dict[int, tuple[Counter[str], Counter[str], Counter[str]]] = defaultdict(
        lambda: (Counter(), Counter(), Counter())
    )
    rows = _supporting(outlet).values_list("outlet", "claim", "claim__status", "repeats")
    for one, claim, status, repeats in rows:
        voice, by_itself, repeated = found[one]
        (repeated if repeats else voice)[status] += 1
        if not repeats and claim in alone:
            by_itself[status] += 1
    return {one: Record(*map(dict, tallies)) for one, tallies in found.items()}


def cited() -> Mapping[int, int]:
    rows = Citation.objects.of_published().order_by().values_list("outlet")
    return dict(rows.annotate(n=Count("claim", distinct=True)))


def of_outlet(outlet: int) -> OutletFacts:
    record = records(outlet).get(outlet, NO_RECORD)
    return OutletFacts(record, _by_year(outlet), *_reprints(outlet))


def days_of(outlet: int) -> Mapping[date, int]:
    return Citation.objects.filter(outlet=outlet).of_published().days()


def _by_year(outlet: int) -> Mapping[int | None, Mapping[str, int]]:
    found: dict[int | None, Counter[str]] = defaultdict(Counter)
    rows = _supporting(outlet).filter(repeats=0).values_list("claim__year", "claim__status")
    for year, status in rows:
        found[year][status] += 1
    return found


def _reprints(outlet: int) -> tuple[Mapping[int, int], Mapping[int, int]]:
    rows = Citation.objects.supporting().of_published().exclude(reprint_of=None)

    def counted(by: str) -> dict[int, int]:
        counts = narrowed.values(by).annotate(n=Count("claim", distinct=True))
        return dict(counts.values_list(by, "n"))

    narrowed = rows.filter(outlet=outlet)
    sources = counted("reprint_of")
    narrowed = rows.filter(reprint_of=outlet)
    return sources, counted("outlet")


def _supporting(outlet: int | None) -> Any:
    """Return pairs of outlet and claim, with whether the outlet only repeats another there."""
    rows = Citation.objects.supporting().of_published()
    if outlet is not None:
        rows = rows.filter(outlet=outlet)
    repeats = Case(
        When(Q(reprint_of__isnull=False) | Q(role=Role.REPRINT), then=1),
        default=0,
        output_field=IntegerField(),
    )
    return rows.values("outlet", "claim", "claim__status", "claim__year").annotate(
        repeats=Min(repeats)
    )


def apply(selection: Selection, claims: ClaimQuerySet, *, without: str = "") -> ClaimQuerySet:
    """Narrow `claims` to what was chosen, leaving out the filter named `without`."""
    citing = _citing(selection, without=without)
    if citing is not None:
        claims = claims.filter(pk__in=citing.values("claim"))
    return _of_claims(selection, claims, without=without)


@dataclass(frozen=True)
class LiveFound:
    """The claims that a selection shows, asked anew each time."""

    selection: Selection

    @cached_property
    def version(self) -> str:
        return change_log.version()

    @cached_property
    def claims(self) -> ClaimQuerySet:
        return apply(self.selection, Claim.objects.published())

    @cached_property
    def total(self) -> int:
        return self.claims.count()

    @cached_property
    def all(self) -> int:
        return Claim.objects.published().count()

    @cached_property
    def _ids(self) -> set[int]:
        return set(self.claims.order_by().values_list("pk", flat=True))

    def holds(self, claim_id: int) -> bool:
        return claim_id in self._ids

    def few(self, most: int) -> Iterable[int] | None:
        return self._ids if self.total <= most else None

    def tally(self) -> Mapping[str, int]:
        return dict(self.claims.order_by().values_list("status").annotate(n=Count("pk")))

    def values(self, name: str) -> Collection[str]:
        values = self.claims.order_by().values_list(name, flat=True).distinct()
        return [str(value) for value in values if value]

    def ranking(self) -> Sequence[tuple[int, int]]:
        return search.ranking(self.selection.query, self._ids.intersection)

    def counts(
        self, *, most: int | None = None, also: Mapping[str, Collection[Any]] = {}
    ) -> dict[str, list[Choice]]:
        found: dict[str, list[tuple[Any, Choice]]] = {
            name: [] for name in (*OF_CLAIMS, *OF_CITATIONS, "basis")
        }
        one, *others = _branches(self.selection)
        for name, value, label, key, count in one.union(*others, all=True):
            if value:
                found[name].append((key, Choice(value, label, count)))
        return {name: first(name, rows, most, also.get(name, ())) for name, rows in found.items()}


def _branches(selection: Selection) -> list["QuerySet"]:
    claims = Claim.objects.published()
    branches = [_grouped(name, apply(selection, claims, without=name), "pk") for name in OF_CLAIMS]
    # A citation's own conditions hold of it already; the claim's are left to check.
    chosen = _of_claims(selection, claims).order_by().values("pk")
    for name in OF_CITATIONS:
        citing = _citing(selection, without=name)
        inside = (Citation.objects.order_by() if citing is None else citing).filter(
            claim__in=chosen
        )
        branches.append(_grouped(name, inside, "claim"))
    apart = apply(selection, claims, without="basis")
    for value, condition in BASIS.items():
        flagged = apart.filter(condition).annotate(basis=Value(value, output_field=CharField()))
        branches.append(_grouped("basis", flagged, "pk"))
    return branches


def _of_claims(selection: Selection, claims: ClaimQuerySet, *, without: str = "") -> ClaimQuerySet:
    """Narrow `claims` by what was asked of the claim itself."""
    for name, condition in selection.claims.items():
        if name != without:
            claims = claims.filter(condition)
    return claims.filter(selection.words)


def _citing(selection: Selection, *, without: str = "") -> "QuerySet[Citation] | None":
    """Return the citations that were asked for; None if any will do."""
    conditions = [cond for name, cond in selection.citations.items() if name != without]
    return Citation.objects.filter(*conditions).order_by() if conditions else None


def _grouped(name: str, rows: "QuerySet", counted: str) -> "QuerySet":
    code = _CODES.get(name, name)
    value, label, key = _ROWS.get(name, (code, code, code))
    return (
        rows.order_by()
        .annotate(
            facet=Value(name, output_field=CharField()),
            facet_value=Cast(F(value), CharField()),
            facet_label=Cast(F(label), CharField()),
            facet_key=Cast(F(key), CharField()),
        )
        .values("facet", "facet_value", "facet_label", "facet_key")
        .annotate(claims_found=Count(counted, distinct=True))
        .values_list("facet", "facet_value", "facet_label", "facet_key", "claims_found")
    )
