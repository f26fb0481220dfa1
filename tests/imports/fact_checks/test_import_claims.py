"""Other publishers' fact-checks come in by the command once, and nothing is guessed."""

import io
import json
from datetime import date
from random import Random

import pytest
from django.core.management import call_command
from django.db import connection
from django.http import QueryDict

from factcheck import audit
from factcheck.filters import ClaimFilter
from factcheck.management.commands import import_claims
from factcheck.models import (
    Citation,
    Claim,
    Claimant,
    ImportedRow,
    Outlet,
    RatingLabel,
    Verification,
)
from factcheck.triggers.declarations import COLUMNS
from tests import factories
from tests.fact_checks import review, run, verdicts
from tests.paths import ROOT

pytestmark = pytest.mark.django_db


def test_a_review_becomes_claim_claimant_outlets_citation_and_verification(write):
    out, err = run(write(review()))

    assert "1 created, 0 unchanged, 0 superseded, 0 refused" in out
    assert err == ""
    claim = Claim.objects.get()
    assert (claim.text, claim.language) == ("Statement number 1 on the border", "en-GB")
    assert (claim.stage, claim.status) == ("published", "mostly_false")
    assert (claim.claimant.name, claim.claimed_on) == ("A. Speaker", date(2021, 8, 20))
    assert claim.claimant.same_as == "https://x.example/a"
    entry = Verification.objects.get(kind="finding")
    assert (entry.number, entry.label, entry.url) == (1, "Mostly False", claim.import_ref)
    assert (entry.publisher.name, entry.publisher.kind) == ("The Checkers", "fact_checker")
    assert (entry.publisher.domain, entry.publisher.is_confirmed) == ("checkers.example", False)
    assert entry.reviewed_on == date(2021, 9, 2)
    citation = Citation.objects.get()
    assert (citation.outlet.domain, citation.url) == ("paper.example", "https://paper.example/a")
    assert claim.independent_count == 1
    assert [str(found) for found in (*audit.faults(), *audit.differences())] == []
    assert claim.history.count() == 1


def test_a_claim_that_one_family_spread_rests_on_one_source(write):
    owner = factories.create_owner()
    for place in ("one", "other"):
        factories.create_outlet(domain=f"{place}.example", owner=owner)
    places = [f"https://{place}.example/{page}" for place in ("one", "other") for page in "ab"]
    said = review(itemReviewed={"appearance": [*places, "https://third.example/"]})

    run(write([said, review(2)]))

    found = Claim.objects.order_by("pk").values_list(*COLUMNS)
    assert list(found) == [("mostly_false", 5, 3, 2), ("mostly_false", 1, 1, 1)]
    assert list(audit.differences()) == []


def test_many_records_are_right_in_every_count(write):
    random = Random(3)
    many = [
        review(
            number,
            url=f"https://site{number % 7}.example/{number}",
            reviewRating={"alternateName": random.choice(["True", "False", "Misleading"])},
            itemReviewed={
                "author": {"name": f"Speaker {number % 11}"},
                "appearance": [f"https://paper{n}.example/{number}" for n in range(number % 3)],
            },
        )
        for number in range(300)
    ]
    out, _err = run(write(many))

    assert "300 created" in out
    assert (Claim.objects.count(), Claimant.objects.count()) == (300, 11)
    assert Citation.objects.count() == sum(number % 3 for number in range(300))
    assert [str(found) for found in (*audit.faults(), *audit.differences())] == []


def test_a_second_run_changes_nothing(write):
    path = write([review(1), review(2, datePublished=None), review(3, reviewRating=None)])
    run(path)
    models = (Claim, Verification, Outlet)
    before = [list(model.objects.order_by("pk").values()) for model in models]

    out, _err = run(path)

    assert "0 created, 3 unchanged, 0 superseded, 0 refused" in out
    assert before == [list(model.objects.order_by("pk").values()) for model in models]


@pytest.mark.sqlite
def test_no_batch_reads_all_claims(write):
    path = write([review(1), review(2)])
    run(path)
    asked = []

    def note(execute, sql, params, many, context):
        asked.append((sql, params))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        run(path)

    selects = [one for one in asked if one[0].startswith("SELECT")]
    assert any("import_ref" in sql for sql, _params in selects)
    with connection.cursor() as cursor:
        for sql, params in selects:
            cursor.execute(f"EXPLAIN QUERY PLAN {sql}", params)
            assert "SCAN factcheck_claim" not in [row[3] for row in cursor.fetchall()], sql


def test_a_file_of_several_batches_reports_all_of_them(write, monkeypatch):
    monkeypatch.setattr(import_claims, "_RECORDS_PER_CHUNK", 2)
    records = [*map(review, range(3)), review(3, url=""), *map(review, range(4, 7))]
    path = write("[" + ",\n".join(map(json.dumps, [*records, review(4)])) + ", {broken")

    out, err = run(path)

    assert "6 created, 1 unchanged, 0 superseded, 1 refused: 8 records" in out
    assert "Record 4: url: The address of the fact-check is missing." in err
    assert f"{path}: Line 8: The JSON is not valid here." in err
    (refused,) = path.with_name("refused.jsonl").read_text(encoding="utf-8").splitlines()
    assert json.loads(refused)["claimReviewed"] == "Statement number 3 on the border"
    assert list(ClaimFilter(QueryDict("q=statement+border")).page().rows)
    assert [str(found) for found in (*audit.faults(), *audit.differences())] == []


def test_what_was_read_before_the_file_broke_is_kept(write):
    path = write(f"[{json.dumps(review(1))},{json.dumps(review(2))[:50]}")
    out, err = run(path)

    assert "1 created" in out
    assert f"{path}: Line 1: The JSON is not valid here." in err


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"url": ""}, "url"),
        ({"url": "javascript:alert(1)"}, "url"),
        ({"url": "file:///etc/passwd"}, "url"),
        ({"url": "https://"}, "url"),
        ({"url": "https://[x"}, "url"),
        ({"url": "https://[::1]/x"}, "url"),
        ({"url": "https://localhost/x"}, "url"),
        ({"url": "https://a.example:99999/x"}, "url"),
        ({"url": "https://a.example/\ud800"}, "url"),
        ({"claimReviewed": "\u200b\u200b"}, "claimReviewed"),
        ({"url": "https://a.example/" + "x" * 2000}, "url"),
        ({"claimReviewed": ""}, "claimReviewed"),
        ({"claimReviewed": "<p></p>"}, "claimReviewed"),
        ({"claimReviewed": "x" * 30_000}, "claimReviewed"),
    ],
)
def test_what_cannot_be_read_is_refused_alone_with_its_field(write, fields, field):
    path = write([review(1), review(2, **fields), review(3)])
    out, err = run(path)

    assert "2 created, 0 unchanged, 0 superseded, 1 refused" in out
    assert f"Record 2: {field}: " in err
    refused = path.with_name("refused.jsonl")
    (line,) = refused.read_text().splitlines()
    assert json.loads(line)["_refused"]["field"] == field

    # Mended, it is imported.
    refused.write_text(json.dumps({**json.loads(line), **review(2)}))
    assert "1 created" in run(refused, refused=str(path.with_name("again")))[0]
    assert Claim.objects.count() == 3


def test_a_record_that_the_database_rejects_is_rejected_alone(write, rejecting):
    feed = [review(1), review(2), review(1), review(3, claimReviewed="Rejected"), review(4)]
    out, err = run(write(feed))

    assert "3 created, 1 unchanged, 0 superseded, 1 refused: 5 records" in out
    assert "Record 4: The database does not accept it (no)." in err
    assert set(ImportedRow.objects.filter(claim__isnull=False).values_list("claim", flat=True)) == (
        set(Claim.objects.values_list("pk", flat=True))
    )


def test_an_address_that_the_database_refuses_is_refused_alone(write):
    long = f"https://a.example/{'漢' * 950}"
    out, _err = run(write([review(1), review(2, itemReviewed={"appearance": [long]}), review(3)]))

    assert "Statement number 1 on the border" in verdicts()
    assert "Statement number 3 on the border" in verdicts()
    assert "3 records" in out


def test_words_that_are_not_in_the_table_stay_unverified_and_are_counted(write):
    path = write([
        review(1, reviewRating={"alternateName": "Four bananas"}),
        review(2, reviewRating={"alternateName": "four  BANANAS"}),
        review(3, reviewRating={"alternateName": "ФЕЙК"}),
        review(4, reviewRating={"alternateName": "Not false"}),
    ])  # fmt: skip
    out, _err = run(path)

    assert "3 ratings are in words that are not in the table" in out
    assert "“Four bananas” 1" in out
    statuses = dict(Claim.objects.values_list("import_ref", "status"))
    assert statuses["https://checkers.example/3"] == "false"
    assert statuses["https://checkers.example/1"] == "unverified"
    assert statuses["https://checkers.example/4"] == "unverified"
    assert Verification.objects.get(url="https://checkers.example/1").label == "Four bananas"

    # An editor adds the words: what comes later is read by them, what is there stays.
    RatingLabel.objects.create(label="Four bananas", status="false")
    later = review(5, reviewRating={"alternateName": "FOUR bananas"})
    run(write(later, "later.json"))
    assert Claim.objects.get(import_ref="https://checkers.example/5").status == "false"
    assert "4 unchanged" in run(path)[0]


def test_the_table_of_ratings_is_exact_and_says_each_word_once(db):
    call_command("loaddata", "rating_labels", verbosity=0)

    for row in RatingLabel.objects.all():
        before = row.key
        row.save()
        assert row.key == before
    assert RatingLabel.objects.get(key="фейк").status == "false"


def test_a_dry_run_keeps_nothing(write):
    path = write([review(1), review(2, url="")])
    out, _err = run(path, dry_run=True)

    assert "1 created, 0 unchanged, 0 superseded, 1 refused" in out
    assert "Dry run: nothing was saved." in out
    assert not Claim.objects.exists()
    assert not Outlet.objects.exists()
    assert not path.with_name("refused.jsonl").exists()


def test_drafts_may_be_asked_for(write):
    run(write(review()), stage="draft")

    assert Claim.objects.get().stage == "draft"


@pytest.mark.parametrize(
    ("name", "options", "said"),
    [
        ("sample_claimreview.json", {}, "2 created, 0 unchanged, 0 superseded, 0 refused"),
        (
            "sample_reviews.csv",
            {"map": "claim=statement,url=link,label=verdict,claimant=said by,reviewed=checked"},
            "2 created, 0 unchanged, 0 superseded, 1 refused",
        ),
    ],
)
def test_the_samples_are_read(tmp_path, name, options, said):
    folder = ROOT / "fixtures"
    out = io.StringIO()
    call_command("import_claims", str(folder / name), stdout=out, stderr=io.StringIO(),
                 refused=str(tmp_path / "refused"), **options)  # fmt: skip

    assert said in out.getvalue()


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"encoding": "utf-16"}, "--encoding: The table is not in the encoding UTF-16."),
        ({"encoding": "rot13"}, "--encoding: there is none"),
        ({"refused": "table"}, "is what is to be imported"),
    ],
)
def test_what_was_asked_for_by_mistake_is_said(write, monkeypatch, options, said):
    path = write("claim,url\nOne,https://a.example/1\n,\nTwo,bad\n", "table.csv")
    monkeypatch.chdir(path.parent)
    before = path.read_bytes()

    assert said in run(path, **options)[1]
    assert path.read_bytes() == before


def test_a_file_without_reviews_says_so(write):
    for data, name in (({"@type": "Article"}, "a.json"), ("<p>Text</p>", "a.html")):
        out, err = run(write(data, name))
        assert "0 created" in out
        assert "No fact-check was found in this file." in err


def test_a_page_and_lines_and_standard_input_are_read(write, monkeypatch):
    page = (
        "<!doctype html><html><script>var x = '<script';</script>\n"
        f'<script type="application/ld+json">{json.dumps(review(1))}</script>'
        "<script type='application/ld+json' id=a>{broken</script>"
        f"<script type=application/ld+json>{json.dumps([review(2)])}</script>"
    )
    out, err = run(write(page, "page.html"))
    assert "2 created, 0 unchanged, 0 superseded, 1 refused" in out
    assert "Line 2: The JSON-LD that begins here is not valid JSON" in err

    lines = "\n".join([json.dumps(review(3)), "{nonsense", "", json.dumps(review(4))])
    out, err = run(write(lines, "feed.jsonl"))
    assert "2 created, 0 unchanged, 0 superseded, 1 refused" in out
    assert "Line 2: This line is not valid JSON: the error is at character 2." in err

    class Standard:
        buffer = io.BufferedReader(io.BytesIO(json.dumps([review(5)]).encode()))

    monkeypatch.setattr("sys.stdin", Standard())
    path = write("")
    monkeypatch.chdir(path.parent)
    call_command("import_claims", "-", stdout=io.StringIO())
    assert Claim.objects.count() == 5


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("[" * 100_000, id="deep"),
        pytest.param('{"a":' * 50_000, id="deep maps"),
        pytest.param('{"a.b":' + "[" * 100_000, id="deep in what is no member"),
        pytest.param(f'{{"{"a" * 1_000_000}":{"[" * 100_000}', id="deep below a long name"),
        pytest.param('[{"url": ' + "9" * 5_000 + "}]", id="a number without end"),
        pytest.param('{"a": [' + "[]," * 30_000 + "[]]}", id="parts"),
        pytest.param('{"a": 1, 2: 3}', id="a name that is none"),
        pytest.param('{"a": 1 "b": 2}', id="a comma that is missing"),
        pytest.param("[{}] []", id="more after the end"),
        pytest.param("", id="nothing"),
        pytest.param("\x00\x01\x02", id="no text"),
        pytest.param('{"@type": "ClaimReview", "claimReviewed": 5, "url": {}}', id="kinds"),
        pytest.param('<!DOCTYPE x [<!ENTITY a "b">]><html>&a;</html>', id="entities"),
        pytest.param("null", id="null"),
        pytest.param('[1, "x", null, [], {}]', id="other things"),
        pytest.param('{"@graph": {"@graph": []}}', id="a graph that is no list"),
    ],
)
@pytest.mark.parametrize("name", ["f.json", "f.jsonl", "f.html", "f.csv"])
def test_nothing_in_a_file_can_hurt(write, text, name):
    run(write(text, name))

    assert not Claim.objects.exists()
