"""SQL of our own loads what query sets of the same rows load."""

from datetime import date

import pytest
from django.db import connection
from django.forms import model_to_dict
from django.test.utils import CaptureQueriesContext

from factcheck.models import Claim, Stage
from factcheck.models.claim_querysets import LIST_COLUMNS
from factcheck.queries.claim_detail import cited_outlets, get_claim_detail, related_claims
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def claim():
    owner = factories.create_owner()
    claim = factories.create_claim(
        topics=[factories.create_topic(), factories.create_topic()],
        claimant=factories.create_claimant(role="minister"),
        article=factories.create_article(),
        paragraph=2,
    )
    source = factories.create_outlet(owner=owner, control="state", speaks_for=claim.claimant)
    factories.create_citation(claim, factories.create_outlet(owner=owner))
    factories.create_citation(claim, factories.create_outlet(), reprint_of=source)
    factories.create_verification(claim, evidence=["https://example.org/a", "https://b.example/"])
    successor = factories.create_outlet(homepage="https://successor.example/")
    merged = factories.create_outlet()
    factories.create_verification(claim, publisher=merged)
    type(merged).objects.filter(pk=merged.pk).update(merged_into=successor)
    return claim


def test_a_claims_detail_is_what_query_sets_give(claim):
    with CaptureQueriesContext(connection) as queries:
        detail = get_claim_detail(claim.slug)
        loaded = [shown(detail), cited(detail.cited), logged(detail.log), detail.topic_list]
    assert len(queries) == 5

    plain = Claim.objects.get(pk=claim.pk)
    log = plain.verifications.order_by("-number")
    topics = list(plain.topics.all())
    assert loaded == [shown(plain), cited(plain.citations.all()), logged(log), topics]
    assert get_claim_detail("no-such-claim") is None


@pytest.mark.parametrize("path", ["/claims/{}/", "/api/v1/claims/{}/"])
def test_no_page_of_a_claim_loads_a_field_that_the_sql_left_out(client, claim, path):
    claim.citations.update(url="https://example.org/report")
    with CaptureQueriesContext(connection) as queries:
        assert client.get(path.format(claim.slug)).status_code == 200

    # Detail and the data's version; a page has related claims, too. These claims cite nothing.
    most = 7 if path.startswith("/claims/") else 6
    statements = [query["sql"] for query in queries if "factcheck_" in query["sql"]]
    assert len(statements) <= most, statements


def shown(claim):
    """Return what pages name of a claim, its claimant and its article."""
    claimant, article = claim.claimant, claim.article
    values = model_to_dict(claim, exclude=["topics", "source_text"])
    return values, claimant.slug, claimant.name, claimant.role, article.slug, article.title


def cited(citations):
    return [
        (model_to_dict(row), row.claim.pk, outlet(row.outlet), outlet(row.reprint_of))
        for row in citations
    ]


def outlet(row):
    """Return what pages name of a cited outlet."""
    if row is None:
        return None
    group = row.owner_group_key, row.owner_group_name
    return row.pk, row.slug, row.name, row.is_state_controlled, row.speaks_for_id, group


def logged(log):
    return [
        (
            (entry.number, entry.kind, entry.status, entry.reason, entry.reviewed_on),
            (entry.created_at, entry.byline, entry.claim.pk, publisher(entry.canonical_publisher)),
            [(record.url, record.verification) for record in entry.evidence.all()],
        )
        for entry in log
    ]


def publisher(row):
    return row and (row.pk, row.slug, row.name, row.homepage)


def test_related_claims_are_those_of_the_query_sets(claim):
    article, claimant = claim.article, claim.claimant
    for start in (30, None, 10):
        span = {"start": start, "end": start and start + 5}
        factories.create_claim(article=article, paragraph=2, claimant=claimant, **span)
    for day in (date(2020, 1, 1), None, date(2021, 1, 1)):
        factories.create_claim(claimant=claimant, claimed_on=day)
    factories.create_claim(article=article, paragraph=2, claimant=claimant, stage=Stage.DRAFT)
    others = Claim.objects.published().exclude(pk=claim.pk)

    def listed(rows):
        return [[getattr(row, name) for name in LIST_COLUMNS] for row in rows]

    with CaptureQueriesContext(connection) as queries:
        of_paragraph = listed(related_claims(claim))
        claim.paragraph = None
        of_claimant = listed(related_claims(claim))
        claim.claimant_id = None
        assert related_claims(claim) == []
    assert len(queries) == 2

    same_paragraph = others.filter(article=article, paragraph=2).in_reading_order()
    assert of_paragraph == listed(same_paragraph.for_list()[:4])
    assert of_claimant == listed(others.filter(claimant=claimant).newest().for_list()[:4])


def test_cited_outlets_come_once_for_each_claim_in_the_order_of_the_citations(claim):
    other = factories.create_claim()
    tass = factories.create_outlet(name="TASS", control="state")
    factories.create_citation(other, tass)
    factories.create_citation(other, tass)
    with CaptureQueriesContext(connection) as queries:
        outlets = cited_outlets([claim.pk, other.pk, 0])
    assert len(queries) == 1

    assert list(outlets) == [claim.pk, other.pk]
    assert list(outlets[claim.pk]) == [row.outlet.slug for row in claim.citations.all()]
    assert outlets[other.pk] == {tass.slug: ("TASS", "state")}


def test_without_claims_no_outlets_are_asked_for():
    with CaptureQueriesContext(connection) as queries:
        assert cited_outlets([]) == {}
    assert not queries
