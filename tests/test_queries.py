"""No list asks the database more for twelve rows than for two."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from factcheck import search
from tests import factories

pytestmark = pytest.mark.django_db


def create_everything(count):
    owner = factories.create_owner()
    outlet = factories.create_outlet(slug="first") if count else None
    topic, article = factories.create_topic(slug="topic"), factories.create_article(slug="article")
    claimant = factories.create_claimant(slug="claimant")
    yield
    while True:
        for _ in range(count):
            claim = factories.create_claim(claimant=claimant, article=article, topics=[topic])
            factories.create_claim(article=factories.create_article())
            factories.create_citation(claim, outlet)
            factories.create_citation(claim, factories.create_outlet(owner=owner))
            factories.create_verification(
                claim, publisher=factories.create_outlet(), evidence=["https://example.org/"]
            )
            factories.create_proposal(claim)
        yield


PUBLIC = [
    "/",
    "/claims/",
    "/claims/?page_size=100&outlet=first&status=true&q=statement&topic=topic",
    "/outlets/",
    "/outlets/first/",
    "/track-records/",
    "/articles/",
    "/articles/article/",
    "/claimants/claimant/",
    "/topics/topic/",
    "/corrections/",
    "/corrections/log.jsonl",
    "/corrections/feed.atom",
    "/claims.csv",
    "/claims.jsonl",
    "/claims.xlsx",
    "/claims.atom",
    "/claimreview.json",
    "/v1alpha1/claims:search?query=statement",
    "/sitemap-claims.xml",
]
MODELS = ["claim", "citation", "outlet", "owner", "claimant", "topic", "article"]
ADMIN = [
    f"/admin/factcheck/{name}/"
    for name in (*MODELS, "proposal", "verification", "merge", "ratinglabel")
]


@pytest.mark.parametrize("path", PUBLIC + ADMIN)
def test_twelve_rows_cost_no_more_than_two(client, reviewer, path):
    rows = create_everything(2)
    next(rows)
    next(rows)
    if path in ADMIN:
        client.force_login(reviewer)
    few = queries(client, path)
    for _ in range(5):
        next(rows)

    many = queries(client, path)

    # The admin asks for the days of its date hierarchy only where there are several.
    assert len(many) <= len(few) + (path in ADMIN), [query["sql"] for query in many]


def queries(client, path):
    search.drain()
    client.get(path)
    with CaptureQueriesContext(connection) as found:
        assert client.get(path).status_code == 200
    return found.captured_queries


def test_a_claims_own_page_costs_the_same_with_many_citations(client):
    claim = factories.create_claim()
    factories.create_citation(claim)
    factories.create_verification(claim, evidence=["https://example.org/"])
    few = len(queries(client, claim.get_absolute_url()))
    for _ in range(10):
        factories.create_citation(claim, factories.create_outlet(owner=factories.create_owner()))
        factories.create_verification(claim, evidence=["https://example.org/"])

    assert len(queries(client, claim.get_absolute_url())) == few


@pytest.mark.django_db(transaction=True)
def test_the_claims_list_takes_at_most_twelve_queries(client, sample):
    # Every filter that looks a slug up, the search, and the most rows.
    worst = (
        "/claims/?page_size=100&q=kabul&outlet=tass&owner=state-of-russia&topic=trade"
        "&claimant=george-voloshin&article=kazakhstan-afghanistan-2021&sort=relevance"
    )

    assert len(queries(client, "/claims/?page_size=100")) <= 5
    assert len(queries(client, worst)) <= 12
