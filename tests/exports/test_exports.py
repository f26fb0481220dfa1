"""What leaves as data is right, whole, and harmless to who opens it."""

import csv
import io
import json
import re
import xml.etree.ElementTree as ET
from datetime import UTC, date, datetime, timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.http import QueryDict
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from openpyxl import load_workbook

from factcheck import editing, facets, search
from factcheck.exports import citation_formats, google_factcheck, table_formats
from factcheck.filters import ClaimFilter
from factcheck.models import Claim, Status, Verification
from tests import factories, sql_facets

pytestmark = pytest.mark.django_db
ATOM = "{http://www.w3.org/2005/Atom}"


@pytest.fixture(autouse=True)
def _site(settings):
    settings.FACTCHECK_SITE_URL = "https://facts.example"
    settings.FACTCHECK_PUBLISHER = "The Newsroom"


def body(response):
    assert response.status_code == 200, response.content
    return response.getvalue()


def linked(client, page):
    html = client.get(page).content.decode()
    found = re.findall(r'<script type="application/ld\+json">(.*?)</script>', html, re.S)
    assert len(found) <= 1
    return json.loads(found[0]) if found else None


def create_checked(status="false", **fields):
    claim = factories.create_claim(**fields)
    factories.create_verification(
        claim, status=status, reviewed_on=date(2021, 9, 1), evidence=["https://example.org/r"]
    )
    return claim


# ClaimReview


def test_a_claims_page_holds_one_claimreview_with_all_that_is_required(client):
    claimant = factories.create_claimant(name="A. Speaker", role="Minister",
                                         same_as="https://example.org/a")  # fmt: skip
    claim = create_checked(claimant=claimant, claimed_on=date(2021, 8, 20))
    outlet = factories.create_outlet(name="TASS", slug="tass")
    factories.create_citation(claim, outlet, url="https://tass.example/2", date_text="2021-08-22")
    factories.create_citation(claim, outlet, url="https://tass.example/1", date_text="2021-08-21",
                              title="Head")  # fmt: skip
    factories.create_citation(claim, outlet, url="https://tass.example/3", stance="disputes")

    found = linked(client, claim.get_absolute_url())

    url = f"https://facts.example/claims/{claim.slug}/"
    assert (found["@type"], found["url"], found["claimReviewed"]) == (
        "ClaimReview",
        url,
        claim.text,
    )
    assert found["author"] == {
        "@type": "Organization",
        "name": "The Newsroom",
        "url": "https://facts.example/",
    }
    assert found["reviewRating"] == {
        "@type": "Rating",
        "alternateName": "False",
        "ratingValue": 1,
        "bestRating": 5,
        "worstRating": 1,
    }
    item = found["itemReviewed"]
    assert item["author"] == {
        "@type": "Person",
        "name": "A. Speaker",
        "jobTitle": "Minister",
        "sameAs": "https://example.org/a",
    }
    assert item["datePublished"] == "2021-08-20"
    assert [one["url"] for one in item["appearance"]] == [
        "https://tass.example/2",
        "https://tass.example/1",
    ]
    assert item["firstAppearance"]["url"] == "https://tass.example/1"
    assert found["datePublished"] == "2021-09-01"
    assert found["isBasedOn"] == ["https://example.org/r"]


@pytest.mark.parametrize("status", Status.values)
def test_a_status_off_the_scale_has_no_number(client, status):
    found = linked(client, create_checked(status).get_absolute_url())

    if status == "unverified":
        assert found is None
        return
    rating = found["reviewRating"]
    assert ("ratingValue" in rating) == (Status(status).rating is not None)
    assert ("bestRating" in rating) == ("ratingValue" in rating)
    assert rating["alternateName"] == str(Status(status).label)


def test_without_a_finding_or_retracted_there_is_none(client):
    assert linked(client, factories.create_claim().get_absolute_url()) is None
    gone = factories.retracted()
    factories.create_verification(gone, status="false")
    assert linked(client, gone.get_absolute_url()) is None


def test_search_engines_for_data_are_told_where_it_is(client, sample, settings):
    settings.FACTCHECK_DATA_LICENSE = "https://creativecommons.org/licenses/by/4.0/"

    found = linked(client, "/api/")

    assert found["@type"] == "Dataset"
    assert found["license"] == settings.FACTCHECK_DATA_LICENSE
    assert 50 <= len(found["description"]) <= 5000  # what they ask for
    for door in found["distribution"]:
        answer = client.get(door["contentUrl"].removeprefix(settings.FACTCHECK_SITE_URL))
        assert answer["Content-Type"].startswith(door["encodingFormat"])


def test_no_text_ends_the_script(client):
    claim = create_checked(text='</script><script>alert(1)</script> & "quotes" \u2028')

    html = client.get(claim.get_absolute_url()).content.decode()
    assert html.count("<script type") == 1
    assert linked(client, claim.get_absolute_url())["claimReviewed"] == claim.text


def test_a_publishers_finding_is_the_publishers(client):
    claim = factories.create_claim()
    publisher = factories.create_outlet(name="Checkers", homepage="https://checkers.example/")
    factories.create_verification(claim, status="false", label="Pants on fire", publisher=publisher)

    found = linked(client, claim.get_absolute_url())
    assert found["author"]["name"] == "Checkers"
    assert found["reviewRating"]["alternateName"] == "Pants on fire"


def test_the_data_feed_holds_all_and_says_what_was_retracted(client, reviewer):
    kept, gone = create_checked("true"), create_checked("false")
    factories.create_claim()
    factories.create_verification(factories.create_claim(stage="draft"), status="false")
    editing.retract(claim=gone, by=reviewer, reason="A duplicate.")

    feed = json.loads(body(client.get("/claimreview.json")))

    assert feed["@type"] == "DataFeed"
    first, second = feed["dataFeedElement"]
    assert first["item"][0]["url"] == f"https://facts.example/claims/{kept.slug}/"
    assert "dateDeleted" not in first
    assert (second["item"], second["url"].endswith(f"{gone.slug}/")) == (None, True)
    assert second["dateDeleted"]
    assert first["dateModified"]


def test_a_review_is_as_new_as_what_it_is_made_of(client):
    claim = factories.create_claim()
    publisher = factories.create_outlet()
    for day in (2, 3, 1):  # the second is the latest of its publisher, and alone counts
        Verification.objects.bulk_create(
            [
                Verification(
                    claim=claim,
                    status="false",
                    publisher=publisher,
                    reviewed_on=date(2021, 9, day),
                    created_at=datetime(2027, 1, day, tzinfo=UTC),
                )
            ]
        )

    def moments():
        feed = json.loads(body(client.get("/claimreview.json")))
        (element,) = feed["dataFeedElement"]
        page = linked(client, claim.get_absolute_url())
        return {feed["dateModified"], element["dateModified"], page["dateModified"]}

    assert moments() == {"2027-01-03T00:00:00+00:00"}
    Claim.objects.filter(pk=claim.pk).update(updated_at=datetime(2027, 1, 4, tzinfo=UTC))
    assert moments() == {"2027-01-04T00:00:00+00:00"}


def test_an_empty_data_feed_is_one(client, db):
    assert json.loads(body(client.get("/claimreview.json")))["dataFeedElement"] == []


# Tables


@pytest.fixture
def some():
    topic = factories.create_topic(name="Trade", slug="trade")
    for number in range(5):
        claim = factories.create_claim(
            text=f"Claim {number}", claimed_on=date(2021, 1, 1) + timedelta(number), topics=[topic],
            claimant=factories.create_claimant(name=f"Claimant {number}"),
        )  # fmt: skip
        factories.create_citation(claim, factories.create_outlet(name=f"Outlet {number}"))
    factories.create_claim(text="Another", claimed_on=date(2020, 1, 1))
    factories.create_claim(text="A draft", stage="draft")


def as_rows(kind, data):
    if kind == "csv":
        assert data.startswith(b"\xef\xbb\xbf")
        return list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline="")))
    if kind == "jsonl":
        return [json.loads(line) for line in data.splitlines()]
    head, *rows = load_workbook(io.BytesIO(data), read_only=True).active.values
    return [dict(zip(head, row, strict=True)) for row in rows]


@pytest.mark.parametrize("kind", table_formats.FORMATS)
def test_a_list_is_exported_as_it_is_listed(client, some, kind):
    rows = as_rows(kind, body(client.get(f"/claims.{kind}?topic=trade&sort=oldest")))

    assert [row["text"] for row in rows] == [f"Claim {number}" for number in range(5)]
    row = rows[0]
    assert row["url"].startswith("https://facts.example/claims/")
    assert (row["claimant"], row["status"]) == ("Claimant 0", "unverified")
    assert row["outlets"] == (["Outlet 0"] if kind == "jsonl" else "Outlet 0")
    assert str(row["citation_count"]) == "1"
    assert tuple(row) == table_formats.HEAD
    everything = as_rows(kind, body(client.get(f"/claims.{kind}")))
    assert len(everything) == 6
    assert "A draft" not in str(everything)


def type_of(value):
    """Return the type of a value in JSON, as a data package names it."""
    if isinstance(value, int):
        return "integer"
    if isinstance(value, str) and re.fullmatch(r"\d{4}-\d\d-\d\d", value):
        return "date"
    if isinstance(value, str) and re.match(r"\d{4}-\d\d-\d\dT\d\d:", value):
        return "datetime"
    return "string"


def test_each_column_is_filled_in_every_format_and_described_with_its_type(client):
    claim = factories.create_claim(
        native_text="Мост открыт.",
        native_language="ru",
        claimant=factories.create_claimant(),
        claimed_on=date(2021, 8, 20),
        article=factories.create_article(),
        paragraph=3,
        topics=[factories.create_topic()],
    )
    factories.create_citation(claim)

    rows = {
        kind: as_rows(kind, body(client.get(f"/claims.{kind}"))) for kind in table_formats.FORMATS
    }

    for kind, (row,) in rows.items():
        assert tuple(row) == table_formats.HEAD, kind
        # An empty one is forgotten in `tables.COLUMNS` or `tables._rows`, or above.
        assert [name for name, value in row.items() if value in ("", None, [])] == [], kind
    (row,) = rows["jsonl"]
    types = {column.name: column.type for column in table_formats.COLUMNS}
    assert {name: type_of(value) for name, value in row.items()} == types


@pytest.mark.parametrize("kind", table_formats.FORMATS)
def test_pages_elsewhere_may_read_every_format(client, kind):
    response = client.get(f"/claims.{kind}", headers={"Origin": "https://elsewhere.example"})

    assert response["Access-Control-Allow-Origin"] == "*"


@pytest.mark.parametrize("kind", [*table_formats.FORMATS, "atom"])
def test_a_bad_query_string_is_refused(client, some, kind):
    response = client.get(f"/claims.{kind}?status=nonsense")

    assert response.status_code == 400
    assert b"nonsense" in response.content


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_a_formula_is_defused_in_what_spreadsheets_open(client, start):
    factories.create_claim(text=f"{start}HYPERLINK(1)")

    (row,) = as_rows("csv", body(client.get("/claims.csv")))
    assert row["text"] == f"'{start}HYPERLINK(1)"
    (row,) = as_rows("jsonl", body(client.get("/claims.jsonl")))
    assert row["text"] == f"{start}HYPERLINK(1)"
    (row,) = as_rows("xlsx", body(client.get("/claims.xlsx")))
    assert row["text"].startswith("'")


@pytest.mark.parametrize("mark", "\x0b\x1f\ufffe\uffff")
def test_what_xml_does_not_take_does_not_break_a_workbook(client, mark):
    factories.create_claim(text=f"a{mark}b")

    (row,) = as_rows("xlsx", body(client.get("/claims.xlsx")))
    assert row["text"] == "ab"


@pytest.mark.parametrize("text", ["#N/A", "#REF!", "2021-08-20", "12", "TRUE"])
def test_a_text_is_a_text_in_a_workbook(client, text):
    factories.create_claim(text=text)

    sheet = load_workbook(io.BytesIO(body(client.get("/claims.xlsx")))).active
    cells = dict(zip(table_formats.HEAD, sheet[2], strict=True))
    assert (cells["text"].value, cells["text"].data_type) == (text, "s")
    assert (cells["citation_count"].value, cells["citation_count"].data_type) == (0, "n")
    assert cells["claimant"].value is None


def test_an_export_costs_the_same_queries_for_many_rows(client, some):
    def count():
        with CaptureQueriesContext(connection) as found:
            body(client.get("/claims.jsonl?sort=oldest"))
        return len(found)

    count()
    few = count()
    for _ in range(12):
        factories.create_citation()
    count()
    assert count() <= few


def test_ids_are_those_of_the_pages_in_their_order(some):
    for query in ("", "sort=most_cited", "topic=trade&sort=oldest", "q=claim", "year=2021"):
        chosen = ClaimFilter(QueryDict(f"{query}&page_size=100"))
        assert list(chosen.ids()) == [row.id for row in chosen.page().rows], query
    search.drain()
    ranked = ClaimFilter(QueryDict("q=claim&sort=relevance&page_size=100"))
    assert list(ranked.ids()) == [row.id for row in ranked.page().rows]


def test_the_command_writes_what_the_page_gives(client, some, tmp_path):
    out = tmp_path / "claims.csv"
    call_command("export_claims", format="csv", query="topic=trade", output=str(out))
    assert out.read_bytes() == body(client.get("/claims.csv?topic=trade"))

    with pytest.raises(CommandError, match="status"):
        call_command("export_claims", format="csv", query="status=x", output=str(out))
    assert len(as_rows("csv", out.read_bytes())) == 5
    call_command("export_claims", format="claimreview", output=str(tmp_path / "feed.json"))
    assert json.loads((tmp_path / "feed.json").read_text())["@type"] == "DataFeed"
    with pytest.raises(CommandError, match="No such file"):
        call_command("export_claims", format="csv", output=str(tmp_path / "no" / "where.csv"))


# Feeds, maps


def test_the_feed_of_a_list_is_atom_with_absolute_links(client, some):
    feed = ET.fromstring(body(client.get("/claims.atom?topic=trade")))

    entries = feed.findall(f"{ATOM}entry")
    assert len(entries) == 5
    assert entries[0].find(f"{ATOM}title").text == "Unverified: Claim 4"
    for entry in entries:
        assert entry.find(f"{ATOM}id").text == entry.find(f"{ATOM}link").get("href")
        assert entry.find(f"{ATOM}updated").text
        assert entry.find(f"{ATOM}link").get("href").startswith("https://facts.example/claims/")
    links = {link.get("rel"): link.get("href") for link in feed.findall(f"{ATOM}link")}
    assert links["self"] == "https://facts.example/claims.atom?topic=trade"
    assert feed.find(f"{ATOM}id").text == "https://facts.example/claims/?topic=trade"


def test_sitemaps_name_every_public_page_with_its_change(client, some):
    index = body(client.get("/sitemap.xml")).decode()
    for section in ("lists", "claims", "outlets", "articles"):
        assert f"<loc>https://facts.example/sitemap-{section}.xml</loc>" in index
    found = body(client.get("/sitemap-claims.xml")).decode()
    # Six claims, each in three languages.
    assert found.count("<url>") == 18
    assert found.count("<lastmod>") == 18
    assert "https://facts.example/claims/" in found
    assert client.get("/sitemap-nothing.xml").status_code == 404


def test_robots_and_opensearch_lead_to_the_site(client, db):
    assert b"Sitemap: https://facts.example/sitemap.xml" in body(client.get("/robots.txt"))
    found = ET.fromstring(body(client.get("/opensearch.xml")))
    templates = [url.get("template") for url in found if url.tag.endswith("Url")]
    assert "https://facts.example/claims/?q={searchTerms}" in templates


# Cite


def test_a_page_is_cited_with_its_permanent_link(client):
    claim = create_checked(text="50 % of {x} | y & z_1")

    found = citation_formats.cite(claim, date(2026, 11, 25))

    url = f"https://facts.example/claims/{claim.slug}/?at=2026-11-25"
    assert (
        found.plain
        == f"The Newsroom: “50 % of {{x}} | y & z_1 (Unverified)”. {url} (25 November 2026)."
    )
    assert r"title = {50 \% of \{x\} | y \& z\_1 (Unverified)}" in found.bibtex
    assert f"url = {{{url}}}" in found.bibtex
    assert "|title=50 % of &#123;x&#125; &#124; y & z_1 (Unverified) |website" in found.wikipedia
    assert "Cite this page" in client.get(claim.get_absolute_url()).content.decode()


def test_quotation_marks_do_not_become_italics_in_wikipedia(db):
    claim = factories.create_claim(text="He said ''never'' of the '''bridge''', the state's own")

    found = citation_formats.cite(claim, date(2026, 11, 25)).wikipedia

    quoted = "He said &#39;&#39;never&#39;&#39; of the &#39;&#39;&#39;bridge&#39;&#39;&#39;"
    assert f"|title={quoted}, the state's own (Unverified)" in found


# Google's Fact Check Tools API


def google_get(client, **params):
    response = client.get("/v1alpha1/claims:search", params)
    return response.status_code, response.json()


def test_google_fields_are_googles(client):
    claim = create_checked(
        text="A claim on trade", language="en", claimed_on=date(2021, 8, 20),
        claimant=factories.create_claimant(name="A. Speaker"),
    )  # fmt: skip
    factories.create_claim(text="Nobody checked this trade")

    assert google_get(client, query="trade") == (
        200,
        {
            "claims": [
                {
                    "text": "A claim on trade",
                    "claimant": "A. Speaker",
                    "claimDate": "2021-08-20T00:00:00Z",
                    "claimReview": [
                        {
                            "publisher": {"name": "The Newsroom", "site": "facts.example"},
                            "url": f"https://facts.example/claims/{claim.slug}/",
                            "title": "A claim on trade",
                            "reviewDate": "2021-09-01T00:00:00Z",
                            "textualRating": "False",
                            "languageCode": "en",
                        }
                    ],
                }
            ]
        },
    )
    assert google_get(client, query="nothing-like-it") == (200, {})


@pytest.mark.parametrize(
    ("params", "field"),
    [
        ({}, "query"),
        ({"query": " "}, "query"),
        ({"query": "x", "pageSize": "many"}, "pageSize"),
        ({"query": "x", "pageSize": "-1"}, "pageSize"),
        ({"query": "x", "maxAgeDays": "1.5"}, "maxAgeDays"),
        ({"query": "x", "offset": str(2**31)}, "offset"),
        ({"query": "x", "offset": "20000"}, "offset"),
        ({"query": "x", "pageToken": "nonsense"}, "pageToken"),
        ({"query": "x", "pageToken": "\u0416"}, "pageToken"),
        *(({"query": "x", name: "9" * 5_000}, name) for name in ("pageSize", "offset")),
        ({"query": "x", "maxAgeDays": "9" * 5_000}, "maxAgeDays"),
        *(
            ({"reviewPublisherSiteFilter": typed}, "reviewPublisherSiteFilter")
            for typed in (
                "[",
                "]",
                "http://[",
                "\u2100.com",
                "//",
                "https:///x",
                "a\0b.com",
                "www.",
            )
        ),
    ],
)
def test_google_errors_are_googles_and_name_the_field(client, db, params, field):
    status, answer = google_get(client, **params)

    assert status == 400
    assert answer["error"]["status"] == "INVALID_ARGUMENT"
    assert answer["error"]["code"] == 400
    assert field in answer["error"]["message"]


def test_google_filters_by_language_site_and_age(client):
    old = create_checked(text="Trade one", language="ru", claimed_on=date(2001, 1, 1))
    publisher = factories.create_outlet(domain="checkers.example")
    theirs = factories.create_claim(text="Trade two", claimed_on=timezone.localdate())
    factories.create_verification(
        theirs, status="true", publisher=publisher, url="https://www.checkers.example/1"
    )

    def texts(**params):
        return [claim["text"] for claim in google_get(client, **params)[1].get("claims", [])]

    assert texts(query="trade", languageCode="ru-RU") == [old.text]
    assert texts(reviewPublisherSiteFilter="checkers.example") == [theirs.text]
    assert texts(reviewPublisherSiteFilter="https://www.checkers.example/x") == [theirs.text]
    assert texts(reviewPublisherSiteFilter="facts.example") == [old.text]
    assert texts(query="trade", maxAgeDays=30) == [theirs.text]
    assert texts(query="trade", maxAgeDays=2**31 - 1) == [theirs.text, old.text]
    _status, answer = google_get(client, query="two")
    assert answer["claims"][0]["claimReview"][0]["url"] == "https://www.checkers.example/1"
    assert answer["claims"][0]["claimReview"][0]["publisher"]["site"] == "checkers.example"


def googled(client, **params):
    """Return the texts of the claims that were found, with the sites of their reviews."""
    _status, answer = google_get(client, **params)
    return {
        claim["text"]: [review["publisher"]["site"] for review in claim["claimReview"]]
        for claim in answer.get("claims", [])
    }


@pytest.mark.parametrize("select", [facets.select, sql_facets.select])
def test_machines_are_told_of_words_that_no_status_stands_for(client, monkeypatch, select):
    monkeypatch.setattr(facets, "select", select)
    claim, other = factories.create_claim(text="Trade"), factories.create_claim(text="Trade grew")
    publisher = factories.create_outlet(domain="checkers.example")
    said = {"status": "unverified", "publisher": publisher, "url": "https://checkers.example/1"}
    factories.create_verification(claim, label="Five bananas", **said)
    factories.create_verification(other, status="unverified", publisher=publisher)

    rating = {"@type": "Rating", "alternateName": "Five bananas"}
    assert linked(client, claim.get_absolute_url())["reviewRating"] == rating
    (element,) = json.loads(body(client.get("/claimreview.json")))["dataFeedElement"]
    assert element["item"][0]["reviewRating"] == rating
    _status, answer = google_get(client, query="trade")
    (found,) = answer["claims"]
    assert found["claimReview"][0]["textualRating"] == "Five bananas"
    # Both of two publishers' words: no one of them is what was found.
    words = {**said, "publisher": factories.create_outlet(), "url": "https://b.example/"}
    factories.create_verification(claim, label="Two apples", **words)
    assert json.loads(body(client.get("/claimreview.json")))["dataFeedElement"] == []
    _status, answer = google_get(client, query="trade")
    ratings = [one["textualRating"] for one in answer["claims"][0]["claimReview"]]
    assert sorted(ratings) == ["Five bananas", "Two apples"]


def test_google_zeros_before_a_number_change_nothing(client):
    create_checked(text="Trade")

    assert googled(client, query="trade", pageSize="0" * 5_000 + "5") == {
        "Trade": ["facts.example"]
    }


def test_a_site_that_google_is_told_can_be_asked_for(client):
    publisher = factories.create_outlet(domain="afpx.com")
    claim = factories.create_claim(text="Trade")
    url = "https://factcheck.afpx.com/1"
    factories.create_verification(claim, publisher=publisher, url=url)
    factories.create_verification(publisher=factories.create_outlet(domain=""))
    without_address = factories.create_outlet(domain="plain.example")
    factories.create_verification(factories.create_claim(text="Tax"), publisher=without_address)

    found = {"Trade": ["factcheck.afpx.com"]}
    for typed in ("factcheck.afpx.com", "afpx.com", "AFPX.com", "https://www.afpx.com/x", url):
        assert googled(client, reviewPublisherSiteFilter=typed) == found, typed
    assert googled(client, reviewPublisherSiteFilter="plain.example") == {"Tax": ["plain.example"]}
    for typed in ("afp.com", "com", publisher.name, "localhost"):
        assert googled(client, reviewPublisherSiteFilter=typed) == {}, typed


def test_a_site_that_google_asks_for_is_read_through_merges(client, reviewer):
    loser, winner = (
        factories.create_outlet(domain=domain) for domain in ("old.example", "new.example")
    )
    for outlet in (loser, winner):
        claim = factories.create_claim(text=outlet.domain)
        factories.create_verification(claim, publisher=outlet, url=f"https://{outlet.domain}/1")
    editing.merge_outlets(loser=loser, winner=winner, by=reviewer)

    for typed in ("old.example", "new.example"):
        found = googled(client, reviewPublisherSiteFilter=typed)
        assert found == {"old.example": ["old.example"], "new.example": ["new.example"]}, typed


@pytest.mark.parametrize("most", [100, 0])
def test_google_is_told_of_a_site_only_what_counts(client, monkeypatch, most):
    monkeypatch.setattr(google_factcheck, "_MAX_IDS", most)  # by their ids, or one by one
    first, second = (
        factories.create_outlet(domain=domain) for domain in ("one.example", "two.example")
    )
    ours, theirs, withdrawn = (factories.create_claim(text=text) for text in ("a", "b", "c"))
    for claim in (ours, theirs):
        for outlet in (first, second):
            factories.create_verification(claim, publisher=outlet, url=f"https://{outlet.domain}/1")
    factories.create_verification(ours)
    factories.create_verification(withdrawn, publisher=first, kind="retraction")

    assert googled(client, reviewPublisherSiteFilter="one.example") == {"b": ["one.example"]}
    assert googled(client, reviewPublisherSiteFilter="facts.example") == {"a": ["facts.example"]}
    assert googled(client, query="b") == {"b": ["one.example", "two.example"]}


@pytest.mark.parametrize("typed", ["...", "😀", "-", '""'])
def test_a_google_query_without_a_word_finds_nothing(client, typed):
    create_checked(text="Trade")

    assert google_get(client, query=typed) == (200, {})
    assert google_get(client, query=typed, reviewPublisherSiteFilter="facts.example") == (200, {})
    assert google_get(client, query=typed, offset=1) == (200, {})


def test_another_method_than_googles_is_told_which_there_are(client):
    for method in (client.post, client.put, client.options):
        response = method("/v1alpha1/claims:search?query=x")
        assert response.status_code == 405
        assert response.headers["Allow"] == "GET, HEAD"
    assert client.head("/v1alpha1/claims:search?query=x").status_code == 200


def test_a_google_token_goes_on_with_the_same_search_alone(client):
    for number in range(5):
        create_checked(text=f"Trade {number}", claimed_on=date(2021, 1, 1 + number))
    _status, first = google_get(client, query="trade", pageSize=2)
    token = first["nextPageToken"]

    assert google_get(client, query="other", pageToken=token)[0] == 400
    _status, second = google_get(client, query="trade", pageSize=2, pageToken=token)
    assert [claim["text"] for claim in second["claims"]] == ["Trade 2", "Trade 1"]
    _status, skipped = google_get(client, query="trade", offset=3)
    assert [claim["text"] for claim in skipped["claims"]] == ["Trade 1", "Trade 0"]
    assert google_get(client, query="trade", offset=100) == (200, {})


@pytest.mark.django_db(transaction=True)
def test_googles_own_client_pages_through_everything(live_server):
    from googleapiclient.discovery import build

    for number in range(25):
        create_checked(text=f"Trade {number}")
    texts, token = [], None
    with build(
        "factchecktools", "v1alpha1", developerKey="any", static_discovery=True,
        client_options={"api_endpoint": live_server.url},
    ) as service:  # fmt: skip
        while True:
            request = service.claims().search(query="trade", pageSize=10, pageToken=token)
            answer = request.execute()
            texts += [claim["text"] for claim in answer["claims"]]
            token = answer.get("nextPageToken")
            if not token:
                break

    assert sorted(texts) == sorted(Claim.objects.values_list("text", flat=True))
    assert google_factcheck.claims_search({"query": "nothing"}) == {}


def test_ids_may_be_the_first_alone(some):
    for query in ("", "topic=trade&sort=oldest", "q=claim&sort=relevance"):
        chosen = ClaimFilter(QueryDict(query))
        assert list(chosen.ids(limit=2)) == list(chosen.ids()[:2]), query
