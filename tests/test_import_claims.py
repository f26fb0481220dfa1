"""Other publishers' fact-checks come in as they are found, once, and nothing is guessed."""

import io
import json
from datetime import date
from pathlib import Path
from random import Random

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.http import QueryDict
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from factcheck import audit
from factcheck.filters import ClaimFilter
from factcheck.imports import read_ahead
from factcheck.imports.fact_checks import claimreview, records
from factcheck.management.commands import import_claims
from factcheck.models import Citation, Claim, Claimant, Outlet, RatingLabel, Verification
from factcheck.triggers.derived import COLUMNS
from tests import factories

pytestmark = pytest.mark.django_db


def review(number=1, **fields):
    """Return a ClaimReview as publishers print it."""
    return {
        "@context": "https://schema.org",
        "@type": "ClaimReview",
        "url": f"https://checkers.example/{number}",
        "claimReviewed": f"Statement number {number} on the border",
        "author": {"@type": "Organization", "name": "The Checkers"},
        "datePublished": "2021-09-02T10:00:00Z",
        "inLanguage": "en-GB",
        "reviewRating": {
            "@type": "Rating",
            "alternateName": "Mostly False",
            "ratingValue": "-1",
            "bestRating": 1,
            "worstRating": 5,
        },
        "itemReviewed": {
            "@type": "Claim",
            "author": {"@type": "Person", "name": "A. Speaker", "sameAs": ["https://x.example/a"]},
            "datePublished": "2021-08-20",
            "appearance": [{"@type": "NewsArticle", "url": "https://paper.example/a"}],
        },
        **fields,
    }


def run(path, **options):
    """Return what the command says on both streams, and its error if it ends with one."""
    out, err = io.StringIO(), io.StringIO()
    options.setdefault("refused", str(path.with_name("refused")))
    # Most tests are about what readers see; the command's own default is drafts.
    options.setdefault("stage", "published")
    try:
        call_command("import_claims", str(path), stdout=out, stderr=err, **options)
    except CommandError as error:
        return out.getvalue(), f"{err.getvalue()}{error}"
    return out.getvalue(), err.getvalue()


@pytest.fixture
def write(tmp_path):
    def write_(data, name="feed.json"):
        path = tmp_path / name
        if not isinstance(data, str | bytes):
            data = json.dumps(data)
        path.write_bytes(data if isinstance(data, bytes) else data.encode())
        return path

    return write_


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


SHAPES = {
    "one object": lambda r: r,
    "a list": lambda r: [r],
    "@graph": lambda r: {"@context": "x", "@graph": [{"@type": "WebPage"}, r]},
    "a DataFeed": lambda r: {
        "@type": "DataFeed",
        "dataFeedElement": [{"item": [r]}, {"item": None}],
    },
    "a feed of objects": lambda r: {"dataFeedElement": [{"@type": "DataFeedItem", "item": r}]},
    "a review within a page": lambda r: {"@type": "Article", "review": r},
    "a list in a list": lambda r: [[r]],
}


@pytest.mark.parametrize("shape", SHAPES)
def test_every_shape_of_json_is_read(write, shape):
    assert "1 created" in run(write(SHAPES[shape](review())))[0]
    assert Claim.objects.count() == 1


def test_a_page_and_lines_and_standard_input_are_read(write, monkeypatch):
    page = (
        "<!doctype html><html><script>var x = '<script';</script>\n"
        f'<script type="application/ld+json">{json.dumps(review(1))}</script>'
        "<script type='application/ld+json' id=a>{broken</script>"
        f"<script type=application/ld+json>{json.dumps([review(2)])}</script>"
    )
    out, err = run(write(page, "page.html"))
    assert "2 created, 0 unchanged, 0 superseded, 1 refused" in out
    assert "line 2: JSON-LD" in err

    lines = "\n".join([json.dumps(review(3)), "{nonsense", "", json.dumps(review(4))])
    out, err = run(write(lines, "feed.jsonl"))
    assert "2 created, 0 unchanged, 0 superseded, 1 refused" in out
    assert "line 2: line:" in err

    class Standard:
        buffer = io.BufferedReader(io.BytesIO(json.dumps([review(5)]).encode()))

    monkeypatch.setattr("sys.stdin", Standard())
    path = write("")
    monkeypatch.chdir(path.parent)
    call_command("import_claims", "-", stdout=io.StringIO())
    assert Claim.objects.count() == 5


@pytest.mark.parametrize(
    ("fields", "check"),
    [
        pytest.param({"author": "A name"}, {"publisher": "A name"}, id="author a text"),
        pytest.param({"author": [{"name": "N"}]}, {"publisher": "N"}, id="author a list"),
        pytest.param(
            {"author": None, "properties": {"author": {"name": "P"}}},
            {"publisher": "P"},
            id="author in properties",
        ),
        pytest.param(
            {"author": None, "publisher": {"name": "Q"}}, {"publisher": "Q"}, id="publisher"
        ),
        pytest.param({"datePublished": "2021-13-45"}, {"reviewed_on": ""}, id="no such day"),
        pytest.param({"datePublished": "May 2021"}, {"reviewed_on": ""}, id="no ISO day"),
        pytest.param({"reviewRating": "False"}, {"label": "False"}, id="rating a text"),
        pytest.param({"reviewRating": {"name": "Hoax"}}, {"label": "Hoax"}, id="rating's name"),
        pytest.param({"reviewRating": {"ratingValue": 1}}, {"label": ""}, id="a number is no word"),
        pytest.param({"reviewRating": None}, {"label": ""}, id="no rating"),
        pytest.param({"inLanguage": {"name": "not a code"}}, {"language": ""}, id="no code"),
        pytest.param({"itemReviewed": None}, {"claimant": "", "appearances": ()}, id="no item"),
        pytest.param(
            {"itemReviewed": {"appearance": "https://a.example/"}}, {"appearances": 1}, id="a text"
        ),
        pytest.param(
            {
                "itemReviewed": {
                    "appearance": [
                        "https://a.example/",
                        {"@id": "https://b.example/"},
                        "javascript:x",
                        None,
                        5,
                    ]
                }
            },
            {"appearances": 2},
            id="a list of all kinds",
        ),
        pytest.param(
            {"itemReviewed": [{"author": ["Bob"]}]}, {"claimant": "Bob"}, id="an item in a list"
        ),
        pytest.param(
            {"claimReviewed": "<b>Bold</b> &lt;script&gt;x&lt;/script&gt; &amp; more\x00\x0b"},
            {"text": "Bold x & more"},
            id="markup",
        ),
        pytest.param({"url": ["https://a.example/1"]}, {"url": "https://a.example/1"}, id="urls"),
    ],
)
def test_what_is_found_in_the_wild_is_read(fields, check):
    (found,) = claimreview.read_json(io.BytesIO(json.dumps(review(**fields)).encode()))

    assert found.problem is None
    for name, value in check.items():
        here = getattr(found.review, name)
        assert (len(here) if isinstance(value, int) else here) == value


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
    assert f"object 2: {field}:" in err
    refused = path.with_name("refused.jsonl")
    (line,) = refused.read_text().splitlines()
    assert json.loads(line)["_refused"]["field"] == field

    # Mended, it is imported.
    refused.write_text(json.dumps({**json.loads(line), **review(2)}))
    assert "1 created" in run(refused, refused=str(path.with_name("again")))[0]
    assert Claim.objects.count() == 3


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


def test_a_changed_source_adds_a_verification_and_overwrites_nothing(write, reviewer):
    run(write(review()))
    Claim.objects.update(text="An editor's better words")

    changed = review(reviewRating={"alternateName": "True"}, datePublished="2021-10-01")
    assert "0 created, 0 unchanged, 1 superseded" in run(write(changed))[0]
    claim = Claim.objects.get()
    assert (claim.text, claim.status) == ("An editor's better words", "true")
    findings = claim.verifications.filter(kind="finding")
    assert [entry.status for entry in findings] == ["mostly_false", "true"]
    assert "1 unchanged" in run(write(changed))[0]
    # And back again: the log has all three.
    back = review(datePublished="2021-11-01")
    assert "1 superseded" in run(write(back))[0]
    assert len(findings.all()) == 3
    assert [str(found) for found in (*audit.faults(), *audit.differences())] == []


def test_a_record_that_stands_twice_in_a_file_is_one_claim(write):
    again = review(1, reviewRating={"alternateName": "False"})
    out, _err = run(write([review(1), review(1), again]))

    assert "1 created, 1 unchanged, 1 superseded" in out
    assert Claim.objects.get().status == "false"


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


def test_outlets_and_claimants_that_are_there_are_meant(write):
    owner = factories.create_owner()
    known = factories.create_outlet(name="Checkers", domain="checkers.example", owner=owner)
    paper = factories.create_outlet(name="Paper", domain="paper.example")
    speaker = factories.create_claimant(name="A. Speaker")
    run(write([review(1), review(2)]))

    assert Verification.objects.first().publisher == known
    assert set(Citation.objects.values_list("outlet", flat=True)) == {paper.pk}
    assert set(Claim.objects.values_list("claimant", flat=True)) == {speaker.pk}
    assert (Outlet.objects.count(), Claimant.objects.count()) == (2, 1)


def test_an_outlet_that_was_merged_is_read_as_what_it_became(write, reviewer):
    from factcheck import editing

    loser = factories.create_outlet(domain="checkers.example")
    winner = factories.create_outlet(name="Winner")
    editing.merge_outlets(loser=loser, winner=winner, by=reviewer)
    run(write(review()))

    assert Verification.objects.get(kind="finding").publisher == winner


TABLE = "claim{d}url{d}rating{d}speaker{d}date\n"


@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
def test_tables_are_read_with_any_delimiter(write, delimiter):
    text = TABLE + '"A, statement; with\tmarks"{d}https://c.example/1{d}False{d}NULL{d}2021-08-20\n'
    path = write(text.format(d=delimiter), "table.csv")

    assert "1 created" in run(path)[0]
    claim = Claim.objects.get()
    assert (claim.text, claim.claimant) == ("A, statement; with marks", None)
    assert (claim.status, str(claim.claimed_on)) == ("false", "2021-08-20")


def test_columns_are_mapped_by_name_or_number_and_without_a_head(write):
    path = write("Behauptung;Quelle;Urteil\nOne;https://c.example/1;True\n", "table.csv")
    out, _err = run(path, map="claim=Behauptung,url=Quelle,label=3")
    assert "1 created" in out

    path = write("Two,https://c.example/2,None\nThree,nowhere,True\n", "bare.csv")
    out, err = run(path, map="claim=1,url=2,label=3", no_header=True)
    assert "1 created, 0 unchanged, 0 superseded, 1 refused" in out
    assert "line 2: url: “nowhere” is no http or https address" in err
    # Without a head, too: mended, the same command reads it.
    refused = path.with_name("refused.csv")
    assert refused.read_text().count("\n") == 1
    refused.write_text(refused.read_text().replace("nowhere", "https://c.example/3", 1))
    options = {"map": "claim=1,url=2,label=3", "no_header": True}
    assert "1 created" in run(refused, refused=str(path.with_name("again")), **options)[0]
    assert dict(Claim.objects.values_list("text", "status")) == {
        "One": "true",
        "Two": "unverified",
        "Three": "true",
    }


@pytest.mark.parametrize(
    ("text", "options", "message"),
    [
        ("a,b\n1,2\n", {}, "no column holds the claim"),
        ("claim,b\n1,2\n", {}, "no column holds the url"),
        ("claim,url\n1,2\n", {"map": "claim=x"}, "there is no column “x”"),
        ("claim,url\n1,2\n", {"map": "colour=1"}, "there is no field “colour”"),
        ("claim,url\n1,2\n", {"map": "claim=1,url=9"}, "there is no column “9”"),
        ("claim,url\n1,2\n", {"map": "claim"}, "write field=column"),
        ("claim,url\n1,2\n", {"encoding": "klingon"}, "--encoding: there is none"),
    ],
)
def test_a_table_that_cannot_be_mapped_says_how(write, text, options, message):
    assert message in run(write(text, "table.csv"), **options)[1]
    assert not Claim.objects.exists()


def test_what_was_read_before_the_file_broke_is_kept(write):
    path = write(f"[{json.dumps(review(1))},{json.dumps(review(2))[:50]}")
    out, err = run(path)

    assert "1 created" in out
    assert "no JSON after what was read so far" in err


@pytest.mark.parametrize("is_possible", [True, False])
def test_a_file_of_several_batches_says_the_same_whoever_reads_it(write, monkeypatch, is_possible):
    monkeypatch.setattr(import_claims, "_CHUNK", 2)
    if not is_possible:
        monkeypatch.setattr(read_ahead, "_is_possible", lambda: False)
    records = [*map(review, range(3)), review(3, url=""), *map(review, range(4, 7))]
    path = write("[" + ",\n".join(map(json.dumps, [*records, review(4)])) + ", {broken")

    out, err = run(path)

    assert "6 created, 1 unchanged, 0 superseded, 1 refused: 8 records" in out
    assert "object 4: url: is missing" in err
    assert "no JSON after what was read so far: line 8" in err
    (refused,) = path.with_name("refused.jsonl").read_text(encoding="utf-8").splitlines()
    assert json.loads(refused)["claimReviewed"] == "Statement number 3 on the border"
    assert list(ClaimFilter(QueryDict("q=statement+border")).page().rows)
    assert [str(found) for found in (*audit.faults(), *audit.differences())] == []


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


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text()
        | st.floats(allow_nan=False, allow_infinity=False),
        lambda inner: st.lists(inner) | st.dictionaries(
            st.sampled_from(["@type", "@graph", "item", "url", "claimReviewed", "itemReviewed",
                             "author", "name", "appearance", "reviewRating", "alternateName"]),
            inner | st.just("ClaimReview") | st.just("https://a.example/"),
        ),
        max_leaves=20,
    )
)  # fmt: skip
def test_no_json_at_all_crashes_the_reader(value):
    for found in claimreview.read_json(io.BytesIO(json.dumps(value).encode())):
        assert (found.review is None) != (found.problem is None)


@given(st.text(), st.text())
def test_no_markup_gets_through(before, after):
    found = records.plain_text(f"{before}<script>alert(1)</script>{after}")

    assert "<script>" not in found
    assert "\x00" not in found


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


def test_what_we_publish_comes_back(client, write):
    from factcheck.exports import claimreview as export

    claim = factories.create_claim(text="A statement of ours", claimed_on=date(2021, 8, 20))
    factories.create_verification(claim, status="false", reviewed_on=date(2021, 9, 1))
    feed = b"".join(export.feed()).decode()
    for entry in (Verification, Claim):
        assert entry.objects.exists()

    (found,) = claimreview.read_json(io.BytesIO(feed.encode()))
    assert (found.review.text, found.review.label) == ("A statement of ours", "False")
    assert (found.review.claimed_on, found.review.reviewed_on) == ("2021-08-20", "2021-09-01")


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


def test_the_table_of_ratings_is_exact_and_says_each_word_once(db):
    call_command("loaddata", "rating_labels", verbosity=0)

    for row in RatingLabel.objects.all():
        before = row.key
        row.save()
        assert row.key == before
    assert RatingLabel.objects.get(key="фейк").status == "false"


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
    folder = Path(__file__).parent.parent / "fixtures"
    out = io.StringIO()
    call_command("import_claims", str(folder / name), stdout=out, stderr=io.StringIO(),
                 refused=str(tmp_path / "refused"), **options)  # fmt: skip

    assert said in out.getvalue()


@pytest.mark.parametrize(
    "url",
    [
        "https://twitter.com/TokayevKZ/status/1",
        "https://t.me/Channel/1",
        f"https://{'a.' * 120}example/x",
        "https://UPPER.EXAMPLE/x",
        "https://пример.рф/1",
        "https://user:password@host.example/1",
    ],
)
def test_any_address_of_the_web_has_an_outlet(write, url):
    feed = [review(1, url=url), review(2, itemReviewed={"appearance": [url]})]
    assert "2 created" in run(write(feed))[0]

    publisher = Verification.objects.get(url=url).publisher
    assert Citation.objects.get(url=url).outlet == publisher
    assert publisher.domain == publisher.domain.lower()


@pytest.fixture
def refusing(monkeypatch):
    """Let the database refuse every claim that reads “Refused”."""
    from factcheck.imports.bulk.fixture_reader import FixtureError
    from factcheck.imports.bulk.loader import Loader

    load = Loader.write

    def refuse(self, path, chunk):
        if any(found.fields.get("text") == "Refused" for found in chunk):
            raise FixtureError("no")
        load(self, path, chunk)

    monkeypatch.setattr(Loader, "write", refuse)


def test_one_that_the_database_refuses_does_not_count_the_others_twice(write, refusing):
    # The second of one address is in a turn of its own, with the one that is refused.
    feed = [review(1), review(2), review(1), review(3, claimReviewed="Refused"), review(4)]
    out, err = run(write(feed))

    assert "3 created, 1 unchanged, 0 superseded, 1 refused: 5 records" in out
    assert "object 4: record: no" in err
