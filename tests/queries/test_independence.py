"""Every implementation of the rule in `queries.independence` counts the same."""

from typing import NamedTuple

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from factcheck import public_record
from factcheck.editing import effects
from factcheck.models import Claim, Outlet, Stance
from factcheck.queries import independence
from factcheck.triggers import declarations
from tests import factories, oracle
from tests.fact_checks import review, run

pytestmark = pytest.mark.django_db

_OUTLETS, _OWNERS = 5, 2


class Report(NamedTuple):
    outlet: int
    source: int | None
    stance: str
    role: str


owners_of_outlets = st.lists(
    st.none() | st.integers(0, _OWNERS - 1), min_size=_OUTLETS, max_size=_OUTLETS
)
outlet_numbers = st.integers(0, _OUTLETS - 1)
reports = st.lists(
    st.builds(
        Report,
        outlet=outlet_numbers,
        source=st.none() | outlet_numbers,
        stance=st.sampled_from(Stance.values),
        role=st.sampled_from(["primary", "reporting", "reprint"]),
    ),
    max_size=8,
)
generated = settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])


def expected_count(owners, cited):
    """Apply rules 1 to 4 to generated data, without the database."""
    sources = [
        report.outlet if report.source in {None, report.outlet} else report.source
        for report in cited
        if report.stance == "supports"
    ]
    return len(
        {owners[source] if owners[source] is not None else -1 - source for source in sources}
    )


def create_outlets(owners):
    known = [factories.create_owner() for _ in range(_OWNERS)]
    return [
        factories.create_outlet(
            domain=f"outlet{number}.example", owner=None if owner is None else known[owner]
        )
        for number, owner in enumerate(owners)
    ]


def create_claim(outlets, cited):
    claim = factories.create_claim()
    for number, report in enumerate(cited):
        factories.create_citation(
            claim,
            outlets[report.outlet],
            reprint_of=None if report.source in {None, report.outlet} else outlets[report.source],
            stance=report.stance,
            role=report.role,
            url=f"https://example.org/{number}",
        )
    return claim


def computed_in_sql(claim):
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {declarations.expressions(str(claim.pk))['independent_count']}")
        return cursor.fetchone()[0]


def foreseen_count(claim, outlets):
    """Return the count that `effects` announces if outlets without owners get their owners."""
    owners = {outlet.pk: outlet.owner_id for outlet in outlets}
    Outlet.objects.filter(pk__in=owners).update(owner=None)
    claim.refresh_from_db()
    announced = effects.predict_owner_change(owners).examples
    for pk, owner in owners.items():
        Outlet.objects.filter(pk=pk).update(owner=owner)
    return announced[0].after if announced else claim.independent_count


@generated
@given(owners=owners_of_outlets, cited=reports)
def test_all_implementations_count_the_same(owners, cited):
    with transaction.atomic():
        outlets = create_outlets(owners)
        claim = create_claim(outlets, cited)
        claim.refresh_from_db()
        (read,) = (one for one in oracle.claims() if one.pk == claim.pk)
        counts = {
            "stored by the triggers": claim.independent_count,
            "computed in SQL": computed_in_sql(claim),
            "owner groups": len(independence.owner_groups(claim.citations.with_outlet())),
            "public record": public_record.contents_of([claim.pk])[claim.pk]["counts"][
                "independent"
            ],
            "announced before the owners change": foreseen_count(claim, outlets),
            "oracle": oracle.independent_count(read.citations.all()),
        }
        transaction.set_rollback(True)

    assert counts == dict.fromkeys(counts, expected_count(owners, cited))


@generated
@given(owners=owners_of_outlets, cited=st.lists(outlet_numbers, min_size=1, max_size=6))
def test_an_imported_fact_check_is_counted_the_same(write, owners, cited):
    addresses = [f"https://outlet{outlet}.example/{number}" for number, outlet in enumerate(cited)]
    with transaction.atomic():
        create_outlets(owners)
        run(write(review(itemReviewed={"appearance": addresses})))
        count = Claim.objects.get().independent_count
        transaction.set_rollback(True)

    assert count == expected_count(owners, [Report(one, None, "supports", "") for one in cited])
