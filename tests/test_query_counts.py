"""No list asks the database more for twelve rows than for two."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from factcheck import search
from factcheck.views import etags
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
    "/fact-checks/",
    "/fact-checks/feed.atom",
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
    for name in (
        *MODELS,
        "proposal",
        "verification",
        "merge",
        "ratinglabel",
        "importbatch",
        "suggestedchange",
    )
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
    """Return what a page asks once facets and settings are known, and the page itself is not."""
    search.drain()
    client.get(path)
    etags._pages.clear()
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


# Accounts, and the words of an article, which may be someone's copyright.
FOR_EDITORS = re.compile(r'"auth_user"|"factcheck_article"\."(?:text|seen)"')


@pytest.mark.parametrize("path", [*PUBLIC, "/claims/claim/", "/api/v1/claims/claim/"])
def test_no_public_page_reads_what_is_for_editors_alone(client, path):
    claim = factories.create_claim(slug="claim", article=factories.create_article(slug="article"))
    claimant, topic = (
        factories.create_claimant(slug="claimant"),
        factories.create_topic(slug="topic"),
    )
    factories.create_claim(claimant=claimant, topics=[topic])
    factories.create_citation(claim, factories.create_outlet(slug="first"))
    factories.create_verification(claim)

    for query in queries(client, path):
        assert not FOR_EDITORS.search(query["sql"]), query["sql"]


@pytest.mark.django_db(transaction=True)
def test_the_claims_list_takes_at_most_twelve_queries(client, sample):
    # Every filter that looks a slug up, the search, and the most rows.
    worst = (
        "/claims/?page_size=100&q=kabul&outlet=tass&owner=state-of-russia&topic=trade"
        "&claimant=george-voloshin&article=kazakhstan-afghanistan-2021&sort=relevance"
    )

    assert len(queries(client, "/claims/?page_size=100")) <= 5
    assert len(queries(client, worst)) <= 12


# What SQLite's planner is told of a million claims, from some rows of each index: table, index,
# its rows, and how many share a value of its first column, of its first two …
MILLION = [
    ("claim", "claim_article", "742720 5001 5001 1"),
    ("claim", "claim_claimant", "689920 2501 2 1"),
    ("claim", "claim_least_corroborated", "724815 5001 5001 103 1"),
    ("claim", "claim_most_cited", "738916 5001 5001 105 1"),
    ("claim", "claim_newest", "694194 5001 105 1"),
    ("claim", "claim_oldest", "726376 5001 103 1"),
    ("claim", "claim_status", "342924 5001 5001 105 1"),
    ("claim", "claim_year", "811512 5001 5001 5001 1"),
    ("claim", "sqlite_autoindex_factcheck_claim_1", "616308 1"),
    ("citation", "citation_outlet", "3731518 5001 1"),
    ("citation", "citation_published_on", "8864640 770 1"),
    ("citation", "citation_reprint_of", "3669190 5001 3"),
    ("citation", "sqlite_autoindex_factcheck_citation_1", "2707230 1"),
    ("citation", "sqlite_autoindex_factcheck_citation_2", "1471890 3 1 1 1"),
    ("verification", "sqlite_autoindex_factcheck_verification_1", "1104240 1"),
    ("verification", "sqlite_autoindex_factcheck_verification_2", "1620090 1"),
    ("verification", "verification_counts", "1676064 2 1 1"),
]
# Steps that read all rows of a large table, or all claims of a stage.
SCAN = re.compile(r"SCAN factcheck_(claim|citation|verification)\b")
STAGE = re.compile(r"SEARCH factcheck_claim .*\(stage=\?\)")
MORE = [
    "/claims/?sort=most_cited",
    "/claims/?status=true&year=2021",
    "/outlets/?sort=most_cited",
    "/outlets/?q=outlet",
    "/api/",
    *(f"/api/v1/{name}s/" for name in ("claim", "citation", "verification", "outlet", "claimant")),
    "/api/v1/verifications/?status=true",
]


@pytest.mark.sqlite
@pytest.mark.parametrize("path", PUBLIC + ADMIN + MORE)
def test_no_page_sorts_all_rows_of_a_million_claims(client, reviewer, monkeypatch, path):
    monkeypatch.setattr("factcheck.admin.base.MAX_ROWS_READ", 0)
    rows = create_everything(2)
    next(rows)
    next(rows)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
        cursor.execute("DELETE FROM sqlite_stat1")
        for table, index, stat in MILLION:
            cursor.execute(
                "INSERT INTO sqlite_stat1 (tbl, idx, stat) SELECT %s, %s, %s",
                [f"factcheck_{table}", index, stat],
            )
        cursor.execute("ANALYZE sqlite_schema")
    if path in ADMIN:
        client.force_login(reviewer)
    asked = []

    def note(execute, sql, params, many, context):
        asked.append((sql, params))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        assert b"".join(client.get(path))

    for sql, params in asked:
        if sql.startswith("SELECT"):
            with connection.cursor() as cursor:
                cursor.execute(f"EXPLAIN QUERY PLAN {sql}", params)
                plan = [row[3] for row in cursor.fetchall()]
            reads_all = any(map(SCAN.match, plan))
            sorts = any(step.startswith("USE TEMP B-TREE FOR ORDER BY") for step in plan)
            groups = any(step.startswith("USE TEMP B-TREE") for step in plan)
            is_bad = (sorts and any(map(STAGE.match, plan))) or (groups and reads_all)
            assert not is_bad, (sql, plan)
