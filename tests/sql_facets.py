"""The facets' oracle: the same answers as `factcheck.facets`, by plain SQL in one query."""

from collections import Counter, defaultdict
from dataclasses import dataclass
from functools import cached_property

from django.db.models import Case, CharField, Count, F, IntegerField, Min, Q, Value, When
from django.db.models.functions import Cast
from django.http import QueryDict

from factcheck import data_version, search
from factcheck.facets import BASIS, HAS_FACT_CHECK, Choice, OutletStats
from factcheck.facets.selection import panel_order
from factcheck.filters import ClaimFilter
from factcheck.models import Citation, Claim, Role
from factcheck.queries.track_records import NO_TRACK_RECORD, TrackRecord

# What each filter asks of the claim, or of one citation.
CLAIM_CONDITIONS = {
    "status": lambda value: Q(status__in=value),
    "basis": lambda value: _any_of(BASIS[name] for name in value),
    "claimant": lambda value: Q(claimant__in=value),
    # A semi-join: a claim with two of the topics is one claim.
    "topic": lambda value: Q(
        pk__in=Claim.topics.through.objects.filter(topic__in=value).values("claim")
    ),
    "article": lambda value: Q(article__in=value),
    "language": lambda value: Q(language__in=value),
    "year": lambda value: Q(year__in=value),
    "claimed_after": lambda value: Q(claimed_on__gte=value),
    "claimed_before": lambda value: Q(claimed_on__lte=value),
    "independent_min": lambda value: Q(independent_count__gte=value),
    "independent_max": lambda value: Q(independent_count__lte=value),
    "found": lambda value: HAS_FACT_CHECK,
}
CITATION_CONDITIONS = {
    "outlet": lambda value: Q(outlet__in=value),
    "owner": lambda value: Q(outlet__owner__in=value),
    "control": lambda value: Q(outlet__control__in=value),
    "country": lambda value: Q(outlet__country__in=value),
    "stance": lambda value: Q(stance__in=value),
    "cited_after": lambda value: Q(published_on__gte=value) | Q(date_end__gte=value),
    "cited_before": lambda value: Q(published_on__lte=value),
}
# The columns of a facet's value, label and key, seen from a claim or from a citation.
CLAIM_COLUMNS = {
    "status": ("status",) * 3,
    "topic": ("topics__slug", "topics__name", "topics"),
    "claimant": ("claimant__slug", "claimant__name", "claimant"),
    "article": ("article__slug", "article__title", "article"),
    "language": ("language",) * 3,
    "year": ("year",) * 3,
}
CITATION_COLUMNS = {
    "outlet": ("outlet__slug", "outlet__name", "outlet"),
    "owner": ("outlet__owner__slug", "outlet__owner__name", "outlet__owner"),
    "control": ("outlet__control",) * 3,
    "country": ("outlet__country",) * 3,
    "stance": ("stance",) * 3,
}


def _any_of(conditions):
    union = Q()
    for condition in conditions:
        union |= condition
    return union


def select(selection):
    return SqlResult(selection)


@dataclass(frozen=True)
class SqlResult:
    """The claims that a selection shows, as `facets.FacetResult`."""

    selection: object

    @cached_property
    def version(self):
        return data_version.version()

    @cached_property
    def claims(self):
        return _claims(self.selection)

    @cached_property
    def total(self):
        return self.claims.count()

    @cached_property
    def unfiltered_total(self):
        return Claim.objects.published().count()

    @cached_property
    def _ids(self):
        return set(self.claims.order_by().values_list("pk", flat=True))

    def contains(self, claim_id):
        return claim_id in self._ids

    def ids_if_at_most(self, limit):
        return self._ids if self.total <= limit else None

    def status_counts(self):
        return dict(self.claims.order_by().values_list("status").annotate(n=Count("pk")))

    def values_of(self, name):
        values = self.claims.order_by().values_list(name, flat=True).distinct()
        return [_as_asked_for(name, value) for value in values if value]

    def ranking(self):
        return search.ranking(self.selection.query, self._ids.intersection)

    def counts(self, *, limit=None, include={}):  # noqa: B006
        choices = {name: [] for name in (*CLAIM_COLUMNS, *CITATION_COLUMNS, "basis")}
        first, *rest = _branches(self.selection)
        # A union keeps its first part's order, which is not a column of the result.
        for name, value, label, key, count in first.union(*rest, all=True).order_by():
            if value:
                value, label, key = (_as_asked_for(name, text) for text in (value, label, key))
                choices[name].append((key, Choice(value, label, count)))
        return {
            name: panel_order(name, rows, limit, include.get(name, ()))
            for name, rows in choices.items()
        }


def _as_asked_for(name, value):
    return f"{int(value):04}" if name == "year" else str(value)


def _claims(selection, *, without=""):
    """Return the claims that a selection shows, ignoring the filter named `without`."""
    claims = _filtered_by_claim(selection, without=without)
    citations = _citations(selection, without=without)
    if citations is not None:
        claims = claims.filter(pk__in=citations.values("claim"))
    return claims


def _filtered_by_claim(selection, *, without=""):
    claims = Claim.objects.published()
    for name, value in selection.values.items():
        if name in CLAIM_CONDITIONS and name != without:
            claims = claims.filter(CLAIM_CONDITIONS[name](value))
    return claims.filter(search.search_q(selection.query))


def _citations(selection, *, without=""):
    """Return the citations that fit all filters of citations; None if there are none."""
    conditions = [
        CITATION_CONDITIONS[name](value)
        for name, value in selection.values.items()
        if name in CITATION_CONDITIONS and name != without
    ]
    return Citation.objects.filter(*conditions).order_by() if conditions else None


def _branches(selection):
    """Return one grouped query for each facet, and for each value of `basis`."""
    branches = [
        _grouped(name, columns, _claims(selection, without=name), "pk")
        for name, columns in CLAIM_COLUMNS.items()
    ]
    fitting = _filtered_by_claim(selection).order_by().values("pk")
    for name, columns in CITATION_COLUMNS.items():
        citations = _citations(selection, without=name)
        citations = Citation.objects.order_by() if citations is None else citations
        branches.append(_grouped(name, columns, citations.filter(claim__in=fitting), "claim"))
    every_basis = _claims(selection, without="basis")
    for value, condition in BASIS.items():
        claims = every_basis.filter(condition)
        claims = claims.annotate(basis=Value(value, output_field=CharField()))
        branches.append(_grouped("basis", ("basis",) * 3, claims, "pk"))
    return branches


def _grouped(name, columns, rows, counted):
    value, label, key = columns
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


def track_records(outlet=None):
    alone = {row["claim"] for row in Citation.objects.claims_with_one_outlet()}
    counters = defaultdict(lambda: (Counter(), Counter(), Counter()))
    rows = _supporting(outlet).values_list("outlet", "claim", "claim__status", "repeats")
    for pk, claim, status, repeats in rows:
        voice, by_itself, repeated = counters[pk]
        (repeated if repeats else voice)[status] += 1
        if not repeats and claim in alone:
            by_itself[status] += 1
    return {pk: TrackRecord(*map(dict, counts)) for pk, counts in counters.items()}


def claim_counts():
    rows = Citation.objects.of_published().order_by().values_list("outlet")
    return dict(rows.annotate(n=Count("claim", distinct=True)))


def outlet_stats(outlet):
    record = track_records(outlet).get(outlet, NO_TRACK_RECORD)
    return OutletStats(record, _by_year(outlet), *_reprints(outlet))


def citation_days(outlet):
    return Citation.objects.filter(outlet=outlet).of_published().days()


def _by_year(outlet):
    years = defaultdict(Counter)
    rows = _supporting(outlet).filter(repeats=0).values_list("claim__year", "claim__status")
    for year, status in rows:
        years[year][status] += 1
    return years


def _reprints(outlet):
    rows = Citation.objects.supporting().of_published().exclude(reprint_of=None)

    def counted(by, **narrowed):
        counts = rows.filter(**narrowed).values(by).annotate(n=Count("claim", distinct=True))
        return dict(counts.values_list(by, "n"))

    return counted("reprint_of", outlet=outlet), counted("outlet", reprint_of=outlet)


def _supporting(outlet):
    """Return pairs of outlet and claim, with whether the outlet only reprints another there."""
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


def assert_facets_are_exact():
    for query in ("", "q=statement", "basis=uncited", "stance=supports", "cited_after=2021-08-01"):
        chosen = ClaimFilter(QueryDict(query))
        expected = select(chosen.selection)
        assert chosen.result.status_counts() == expected.status_counts(), query
        for name in ("language", "year", "status"):
            assert set(chosen.result.values_of(name)) == set(expected.values_of(name)), query
        assert chosen.result.total == expected.total, query
        counts, expected_counts = chosen.result.counts(), expected.counts()
        for name in {*counts, *expected_counts}:
            assert counts.get(name) == expected_counts.get(name), f"{query}: the facet {name}"
