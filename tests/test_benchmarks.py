"""The generated world is right, and the list's cost does not grow with its rows."""

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.benchmarks.generator import World

pytestmark = pytest.mark.django_db(transaction=True)


def test_the_same_seed_makes_the_same_world():
    assert list(World(30).objects()) == list(World(30).objects())
    assert list(World(30).objects()) != list(World(30, seed=1).objects())


def test_the_claims_list_costs_the_same_for_20_and_100_rows_of_many(client, tmp_path):
    World(600).write(tmp_path / "world.jsonl")
    call_command("import_fixtures", str(tmp_path / "world.jsonl"))
    client.get("/claims/?q=ka*")
    costs = {}
    for size in (20, 100):
        with CaptureQueriesContext(connection) as queries:
            response = client.get(f"/claims/?page_size={size}&q=ka*")
        assert len(response.context["page"].rows) == size
        costs[size] = len(queries)

    assert costs[20] == costs[100] <= 12
