"""The generated database is right, and the list's cost does not grow with its rows."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from factcheck import audit, search
from factcheck.models import Claim
from tests.benchmarks.generator import World

pytestmark = pytest.mark.django_db


def test_the_same_seed_makes_the_same_claims():
    assert list(World(30).fill()) == [30]
    first = list(Claim.objects.order_by("slug").values_list("slug", "text", "citation_count"))
    Claim.objects.all().update(text="x")

    again = World(30)
    again.chance.seed(42)

    assert [row[0] for row in first] == sorted(f"claim-{n}" for n in range(30))
    assert World(30).text() == World(30).text()
    assert list(audit.differences()) == []


@pytest.mark.django_db(transaction=True)
def test_the_claims_list_costs_the_same_for_20_and_100_rows_of_many(client):
    for _done in World(600).fill():
        search.drain()
    client.get("/claims/?q=ka*")
    costs = {}
    for size in (20, 100):
        with CaptureQueriesContext(connection) as queries:
            response = client.get(f"/claims/?page_size={size}&q=ka*")
        assert len(response.context["page"].rows) == size
        costs[size] = len(queries)

    assert costs[20] == costs[100] <= 12
