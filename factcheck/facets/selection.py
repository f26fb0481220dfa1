"""What a reader chose, and what both engines answer to it."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Protocol

from django.db.models import Exists, OuterRef, Q

from factcheck import search
from factcheck.models import Citation, Claim, Control, Status, Verification, VerificationKind
from factcheck.queries.independence import Record

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

# Of which something was found: a status, or what a publisher's own words say of it.
FOUND = ~Q(status=Status.UNVERIFIED) | Q(
    Exists(
        Verification.objects.filter(claim=OuterRef("pk"), kind=VerificationKind.FINDING)
        .exclude(label="")
        .order_by()
    )
)

OF_CLAIMS = ("status", "topic", "claimant", "article", "language", "year")
OF_CITATIONS = ("outlet", "owner", "control", "country", "stance")


@dataclass(frozen=True)
class Selection:
    """What a reader chose, by the name of the filter.

    All of `citations` must hold of one and the same citation. `values` says the same as the
    conditions do: codes, ids of rows, days or a number.
    """

    claims: Mapping[str, Q] = field(default_factory=dict)
    citations: Mapping[str, Q] = field(default_factory=dict)
    values: Mapping[str, Any] = field(default_factory=dict)
    typed: str = ""

    @cached_property
    def query(self) -> search.Query:
        return search.parse(self.typed)

    @cached_property
    def words(self) -> Q:
        """The condition that a claim holds what was typed, read once."""
        return search.matching(self.query)


@dataclass(frozen=True)
class Choice:
    """One value of a facet, and how many claims it would show."""

    value: str
    label: str
    count: int


@dataclass(frozen=True)
class OutletFacts:
    """What an outlet's own page counts.

    Its record; how many claims that rest on it have which status, by the claims' year (None: no
    day); for how many claims it repeats which others, and which repeat it, by id.
    """

    record: Record
    by_year: Mapping[int | None, Mapping[str, int]]
    reprints: Mapping[int, int]
    reprinted_by: Mapping[int, int]


class Found(Protocol):
    """The claims that a selection shows."""

    @property
    def version(self) -> str:
        """The version of the data (`changes`)."""

    @property
    def total(self) -> int:
        """How many claims it shows."""

    @property
    def all(self) -> int:
        """How many claims an empty selection shows."""

    def holds(self, claim_id: int) -> bool:
        """Return whether it shows a claim."""

    def few(self, most: int) -> Iterable[int] | None:
        """Return the claims' ids if there are at most so many."""

    def tally(self) -> Mapping[str, int]:
        """Return how many of them have which status."""

    def values(self, name: str) -> Collection[str]:
        """Return the values that they have of one of their own columns, a facet: `year`, say."""

    def ranking(self) -> Sequence[tuple[int, int]]:
        """Return score and place (`search.place`) of the newest, the best match first."""

    def counts(
        self, *, most: int | None = None, also: Mapping[str, Collection[Any]] = {}
    ) -> dict[str, list[Choice]]:
        """Return the choices of every facet, those with most claims first.

        `most` of each (None: all that show a claim), and those named in `also` by code or row id.
        """


def first(
    name: str, rows: Sequence[tuple[Any, Choice]], most: int | None, also: Collection[Any]
) -> list[Choice]:
    """Return a facet's choices in the panel's order: the first `most`, and those asked for by key.

    `rows` are keys (codes or row ids) and choices.
    """
    if name == "year":
        rows = [(_year(key), replace(one, value=_year(one.value), label=_year(one.label)))
                for key, one in rows]  # fmt: skip
    asked = {str(key) for key in also}
    kept = {choice.value for key, choice in rows if str(key) in asked}
    choices = sorted((choice for _key, choice in rows), key=_newest if name == "year" else _largest)
    return [
        choice
        for place, choice in enumerate(choices)
        if most is None or place < most or choice.value in kept
    ]


def _year(year: Any) -> str:
    """Return a year as the filter takes it."""
    return f"{int(year):04}"


def _largest(choice: Choice) -> tuple[Any, ...]:
    return -choice.count, choice.label, choice.value


def _newest(choice: Choice) -> tuple[Any, ...]:
    return (-int(choice.value),)
