"""ClaimReview in JSON of other people: what it means is read, wherever it stands."""

import io
import json
from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from factcheck.imports.fact_checks import claimreview, csv_table, records
from factcheck.imports.fact_checks.formats import ReviewFile
from factcheck.models import Claim, Verification
from tests import factories
from tests.fact_checks import parse, review, run

pytestmark = pytest.mark.django_db


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


PLACES = {
    "a type with a prefix": {
        "@type": "schema:ClaimReview",
        **{f"schema:{k}": v for k, v in review().items() if k[0] != "@"},
    },
    "a type by its address": review(**{"@type": ["https://schema.org#ClaimReview"]}),
    "a part of a page": {"@type": "WebPage", "hasPart": [{"subjectOf": review()}]},
    "a list of items": {"itemListElement": [{"@type": "ListItem", "item": review()}]},
    "two documents": f"{json.dumps(review())}\n{json.dumps(review(2))}",
    "printed on many lines": " ".join(json.dumps(one, indent=2) for one in (review(), [review(2)])),
}


@pytest.mark.parametrize("place", PLACES)
def test_reviews_are_found_wherever_they_stand(place):
    found = parse(PLACES[place])

    assert len(found) == (2 if isinstance(PLACES[place], str) else 1)
    for one in found:
        assert one.problem is None
        assert (one.review.label, one.review.claimant) == ("Mostly False", "A. Speaker")


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
    ("fields", "check"),
    [
        pytest.param(
            {"author": {"@type": "Person", "name": "J. Writer"}, "publisher": {"name": "Checkers"}},
            {"publisher": "Checkers"},
            id="who wrote it for a publisher",
        ),
        pytest.param(
            {
                "author": [
                    {"@type": "Person", "name": "J."},
                    {"@type": "NewsMediaOrganization", "name": "C"},
                ]
            },
            {"publisher": "C"},
            id="an organisation in a list",
        ),
        pytest.param(
            {"reviewRating": {"ratingValue": "Pants on Fire"}},
            {"label": "Pants on Fire"},
            id="value",
        ),
        pytest.param({"inLanguage": "en_US"}, {"language": "en-US"}, id="language with a line"),
        pytest.param(
            {"inLanguage": {"name": "Kazakh", "alternateName": "kk"}}, {"language": "kk"}, id="kk"
        ),
        pytest.param({"claimReviewed": {"en": "A road"}}, {"text": "A road"}, id="by language"),
        pytest.param(
            {"itemReviewed": {"@type": "CreativeWork", "url": "https://a.example/"}},
            {"appearances": ["https://a.example/"]},
            id="a work that was reviewed",
        ),
        pytest.param(
            {"itemReviewed": "https://a.example/"}, {"appearances": ["https://a.example/"]}, id="it"
        ),
        pytest.param(
            {"itemReviewed": {"appearance": [{"@value": "https://a.example/a b|c"}]}},
            {"appearances": ["https://a.example/a%20b%7Cc"]},
            id="letters that are coded in an address",
        ),
        pytest.param(
            {"itemReviewed": {"appearance": ["no address", "https://a.example/" + "x" * 1000]}},
            {"appearances": [], "unreadable": ("no address", "https://a.example/" + "x" * 62)},
            id="addresses that are lost",
        ),
        pytest.param(
            {"claimReviewed": "2 < 3 and x<y and y>z"}, {"text": "2 < 3 and x<y and y>z"}, id="less"
        ),
        pytest.param(
            {"claimReviewed": "A <img src=x onerror=alert(1)"}, {"text": "A"}, id="open markup"
        ),
        pytest.param(
            {"claimReviewed": "A <x-y onclick=a()>road</x-y> \u202e"},
            {"text": "A road"},
            id="own tag",
        ),
    ],
)
def test_what_a_record_means_is_read(fields, check):
    (found,) = parse(review(**fields))

    for name, value in check.items():
        here = getattr(found.review, name)
        assert ([one.url for one in here] if name == "appearances" else here) == value


@pytest.mark.parametrize("known_first", [True, False])
def test_parts_that_a_graph_tells_of_elsewhere_are_found(known_first):
    parts = [
        {"@type": "Organization", "@id": "#org", "name": "The Checkers"},
        {
            "@type": "Claim",
            "@id": "#claim",
            "author": {"@id": "#who"},
            "datePublished": "2021-08-20",
        },
        {"@type": "Person", "@id": "#who", "name": "A. Speaker"},
    ]
    one = review(author={"@id": "#org"}, itemReviewed={"@id": "#claim"})
    graph = {"@graph": [*parts, one] if known_first else [one, *parts]}
    for data, read in (
        (graph, claimreview.read_json),
        (f'<script type="application/ld+json">{json.dumps(graph)}</script>', claimreview.read_html),
    ):
        (found,) = parse(data, read)
        assert (found.review.publisher, found.review.claimant) == ("The Checkers", "A. Speaker")
        assert found.review.claimed_on == "2021-08-20"


def test_references_in_a_circle_end():
    circle = [{"@id": "#a", "author": {"@id": "#b"}}, {"@id": "#b", "author": {"@id": "#a"}}]
    (found,) = parse({"@graph": [review(itemReviewed={"@id": "#a"}), *circle]})

    assert found.review.claimant == ""


def test_a_graph_that_refers_to_itself_many_times_takes_no_time():
    refers = [{"@id": "#a"}] * 4_000
    many = {"@id": "#a", "author": refers, "itemReviewed": refers, "appearance": refers}
    graph = {"@graph": [many, *[review(author=refers, itemReviewed=refers)] * 2]}

    assert len(parse(graph)) == 2


def test_a_long_answer_of_googles_is_no_record_of_too_many_parts():
    claim = {"text": "Statement.", "claimReview": [{"url": "https://a.example/"}]}

    assert len(parse({"nextPageToken": "x", "claims": [claim] * 6_000})) == 6_000
    # Of a record they are its own.
    assert [one.problem for one in parse(review(claims=[{"@type": "Claim"}, review(2)]))] == [None]


def test_what_googles_api_answers_is_read(client, write):
    run(write([review(1), review(2)]))
    answer = client.get("/v1alpha1/claims:search?query=statement").content
    (first, second) = parse(answer)

    assert {first.review.url, second.review.url} == {review(n)["url"] for n in (1, 2)}
    assert (first.review.label, first.review.claimant) == ("Mostly False", "A. Speaker")
    assert (first.review.reviewed_on, first.review.claimed_on) == ("2021-09-02", "2021-08-20")
    assert "2 unchanged" in run(write(answer))[0]


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


def test_what_its_publisher_has_taken_back_is_refused(write):
    feed = {"dataFeedElement": [{"dateDeleted": "2022-01-01", "item": [review()]}, review(2)]}
    out, err = run(write(feed))

    assert "1 created, 0 unchanged, 0 superseded, 1 refused" in out
    assert "Record 1: dateDeleted: The publisher has withdrawn this fact-check" in err


def test_depth_in_a_line_refuses_it_alone(write):
    deep = review()
    for _ in range(500):
        deep = {"@type": "x", "author": deep}
    text = "\n".join(
        map(json.dumps, [*map(review, range(300)), {**review(), "author": deep}, review(400)])
    )
    out, err = run(write(text, "feed.jsonl"))

    assert "301 created, 0 unchanged, 0 superseded, 1 refused" in out
    assert "Line 301: The data is nested too deeply" in err


def test_a_line_that_was_no_json_can_be_mended_in_its_text(write):
    path = write(json.dumps(review())[:-1] + "\n", "feed.jsonl")
    run(path)
    refused = path.with_name("refused.jsonl")
    kept = json.loads(refused.read_text())
    assert "1 refused" in run(refused, refused=str(path.with_name("again")))[0]

    refused.write_text(json.dumps({**kept, "text": kept["text"].strip() + "}"}))
    assert "1 created" in run(refused, refused=str(path.with_name("again")))[0]


def test_half_a_letter_stays_in_what_is_to_be_mended(client, reviewer, write):
    bad = review(url="https://a.example/\ud800")
    path = write([bad])
    run(path)
    assert json.loads(path.with_name("refused.jsonl").read_text())["url"] == bad["url"]

    client.force_login(reviewer)
    sent = {"text": json.dumps([bad, review(2)]), "stage": "published"}
    answer = client.post("/admin/factcheck/claim/import/", sent)
    assert answer.status_code == 200
    assert "\\ud800" in answer.content.decode()
    assert Claim.objects.count() == 1


ONE, OTHER = (json.dumps(review(n)) for n in (1, 2))


PRETTY = json.dumps(review(), indent=1)


@pytest.mark.parametrize(
    ("text", "kind", "refused"),
    [
        (f"{ONE}\n{OTHER}\n", "jsonl", 0),
        (f"{ONE}\n\n{OTHER}\n{OTHER}", "jsonl", 0),
        (f'{{"@type": broken}}\n{ONE}\n{OTHER}', "jsonl", 1),
        (f"{ONE.replace('Speaker', 'Spea' + chr(9) + 'ker')}\n{OTHER}", "jsonl", 0),
        (f"{PRETTY}\n{PRETTY}\n", "json", 0),
        (f"[\n{ONE},\n{OTHER}\n]", "json", 0),
    ],
)
def test_what_comes_without_a_name_is_known_by_how_it_begins(text, kind, refused):
    file = ReviewFile(io.BytesIO(text.encode()), "", columns=csv_table.Columns())
    records = list(file.records())

    assert (file.kind, file.problem) == (kind, None)
    assert sum(record.problem is not None for record in records) == refused
    assert sum(record.review is not None for record in records) >= 2


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
