"""Files of other people: what they mean is read, and what cannot be read is told."""

import io
import json
from itertools import islice

import pytest

from factcheck import audit
from factcheck.imports.fact_checks import claimreview, csv_table, json_ld, records
from factcheck.imports.fact_checks.importer import ReviewFile
from factcheck.models import Citation, Claim, Outlet, Verification
from factcheck.wordkeys import tokens
from tests.test_import_claims import refusing, review, run, write  # noqa: F401 - fixtures

pytestmark = pytest.mark.django_db


def rated(number, label, **fields):
    return review(number, reviewRating={"alternateName": label}, **fields)


def verdicts():
    return dict(Claim.objects.values_list("text", "status"))


# Several claims, and several versions, of one address


CHIPS, MASKS, WATER = ({"claimReviewed": text} for text in ("Chips", "Masks", "Water"))


@pytest.mark.parametrize("chunk", [1, 2, 3_000])
def test_claims_of_one_address_are_claims_of_their_own(write, monkeypatch, chunk):  # noqa: F811
    from factcheck.management.commands import import_claims

    monkeypatch.setattr(import_claims, "_CHUNK", chunk)
    both = [rated(1, "False", **CHIPS), rated(1, "True", **MASKS), rated(1, "Mixed", **WATER)]
    assert "3 created, 0 unchanged, 0 superseded" in run(write(both))[0]
    assert verdicts() == {"Chips": "false", "Masks": "true", "Water": "mixed"}

    # In any order, and some of them: each is the one that it was.
    for again in (both, both[::-1], both[1:], both[:1]):
        assert f"0 created, {len(again)} unchanged, 0 superseded" in run(write(again))[0]
    changed = rated(1, "True", datePublished="2021-10-01", **WATER)
    assert "1 superseded" in run(write(changed))[0]
    assert verdicts() == {"Chips": "false", "Masks": "true", "Water": "true"}
    assert [str(found) for found in (*audit.faults(), *audit.differences())] == []


def test_other_words_at_a_known_address_are_the_same_claim_unless_it_stands_beside(write):  # noqa: F811
    run(write(rated(1, "False", **CHIPS)))

    reworded = rated(1, "False", claimReviewed="Chips in vaccines")
    assert "1 superseded" in run(write(reworded))[0]
    assert "1 unchanged" in run(write(reworded))[0]
    assert verdicts() == {"Chips": "false"}
    # A page that tells of that one and of another has two, whichever comes first.
    assert "1 created, 1 unchanged" in run(write([rated(1, "True", **MASKS), reworded]))[0]
    assert verdicts() == {"Chips": "false", "Masks": "true"}


def test_a_feed_whose_records_all_have_one_address_is_read_in_one_turn(write, monkeypatch):  # noqa: F811
    from factcheck.imports.fact_checks.writer import ReviewImport

    turns, write_turn = [], ReviewImport._write_turn

    def count(self, path, turn):
        turns.append(len(turn))
        write_turn(self, path, turn)

    monkeypatch.setattr(ReviewImport, "_write_turn", count)
    path = write([rated(1, "False", claimReviewed=f"Statement {n}") for n in range(40)])

    assert "40 created" in run(path)[0]
    assert "40 unchanged" in run(path)[0]
    assert turns == [40, 40]


def test_both_versions_in_one_file_are_added_once(write):  # noqa: F811
    old, new = rated(1, "False"), rated(1, "True", datePublished="2021-10-01")
    for both in ([old, new], [rated(2, "False"), rated(2, "True")]):
        path = write(both)
        assert "1 created, 0 unchanged, 1 superseded" in run(path)[0]
        assert "0 created, 2 unchanged, 0 superseded" in run(path)[0]
    # An older file brings nothing back.
    assert "1 unchanged" in run(write(old))[0]
    assert set(verdicts().values()) == {"true"}


def test_a_changed_verdict_moves_the_day_of_its_claim(write):  # noqa: F811
    run(write(rated(1, "False")))
    before = Claim.objects.get().updated_at
    run(write(rated(1, "True", datePublished="2021-10-01")))

    assert Claim.objects.get().updated_at > before


# Days


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2021-08-20T10:00:00Z", "2021-08-20"),
        ("August 20, 2021", "2021-08-20"),
        ("Aug 20, 2021, 10:00 AM", "2021-08-20"),
        ("20 August 2021", "2021-08-20"),
        ("20 августа 2021 года", "2021-08-20"),
        ("20/08/2021", "2021-08-20"),
        ("8/20/2021", "2021-08-20"),
        ("05/05/2021", "2021-05-05"),
        ("20.08.2021", "2021-08-20"),
        ("2021/08/20", "2021-08-20"),
        ("2021-8-5", "2021-08-05"),
        ("20210820", "2021-08-20"),
        ("1629417600", "2021-08-20"),
        ("1629417600000", "2021-08-20"),
        ("Fri, 20 Aug 2021 10:00:00 GMT", "2021-08-20"),
        # More days than one, none, or nobody knows which.
        *((text, "") for text in ("05/06/2021", "2021-08", "May 2021", "August 15-17, 2021")),
        *((text, "") for text in ("2021-13-45", "31/31/2021", "99999999", "soon", "")),
    ],
)
def test_days_are_read_where_they_mean_one_alone(text, day):
    assert records.iso_day(text) == day


def test_a_day_that_cannot_be_read_is_told_and_does_not_outrank_what_comes_later(write):  # noqa: F811
    for unreadable in ("05/06/2021", "9999-12-31"):
        out, _err = run(write(rated(1, "False", datePublished=unreadable)))
        assert f"1 date or address cannot be read, and was left out: “{unreadable}” 1" in out
    assert "1 unchanged" in out
    mended = rated(1, "True", datePublished="2021-09-01")
    assert "1 superseded" in run(write(mended))[0]
    assert verdicts() == {"Statement number 1 on the border": "true"}
    assert "1 unchanged" in run(write(mended))[0]


# Shapes of JSON


def found_in(data, read=claimreview.read_json):
    text = data if isinstance(data, str | bytes) else json.dumps(data)
    return list(read(io.BytesIO(text if isinstance(text, bytes) else text.encode())))


SHAPES = {
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


@pytest.mark.parametrize("shape", SHAPES)
def test_reviews_are_found_wherever_they_stand(shape):
    found = found_in(SHAPES[shape])

    assert len(found) == (2 if isinstance(SHAPES[shape], str) else 1)
    for one in found:
        assert one.problem is None
        assert (one.review.label, one.review.claimant) == ("Mostly False", "A. Speaker")


def test_what_its_publisher_has_taken_back_is_refused(write):  # noqa: F811
    feed = {"dataFeedElement": [{"dateDeleted": "2022-01-01", "item": [review()]}, review(2)]}
    out, err = run(write(feed))

    assert "1 created, 0 unchanged, 0 superseded, 1 refused" in out
    assert "object 1: dateDeleted: its publisher has taken it back" in err


def test_a_long_answer_of_googles_is_no_record_of_too_many_parts():
    claim = {"text": "Statement.", "claimReview": [{"url": "https://a.example/"}]}

    assert len(found_in({"nextPageToken": "x", "claims": [claim] * 6_000})) == 6_000
    # Of a record they are its own.
    assert [one.problem for one in found_in(review(claims=[{"@type": "Claim"}, review(2)]))] == [
        None
    ]


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
    (batch,) = file.batches(10)

    assert (file.kind, batch.problem) == (kind, "")
    assert sum(one.problem is not None for one in batch.found) == refused
    assert sum(one.review is not None for one in batch.found) >= 2


def test_what_googles_api_answers_is_read(client, write):  # noqa: F811
    run(write([review(1), review(2)]))
    answer = client.get("/v1alpha1/claims:search?query=statement").content
    (first, second) = found_in(answer)

    assert {first.review.url, second.review.url} == {review(n)["url"] for n in (1, 2)}
    assert (first.review.label, first.review.claimant) == ("Mostly False", "A. Speaker")
    assert (first.review.reviewed_on, first.review.claimed_on) == ("2021-09-02", "2021-08-20")
    assert "2 unchanged" in run(write(answer))[0]


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
        (found,) = found_in(data, read)
        assert (found.review.publisher, found.review.claimant) == ("The Checkers", "A. Speaker")
        assert found.review.claimed_on == "2021-08-20"


def test_references_in_a_circle_end():
    circle = [{"@id": "#a", "author": {"@id": "#b"}}, {"@id": "#b", "author": {"@id": "#a"}}]
    (found,) = found_in({"@graph": [review(itemReviewed={"@id": "#a"}), *circle]})

    assert found.review.claimant == ""


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
            {"appearances": [], "lost": ("no address", "https://a.example/" + "x" * 62)},
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
    (found,) = found_in(review(**fields))

    for name, value in check.items():
        here = getattr(found.review, name)
        assert ([one.url for one in here] if name == "appearances" else here) == value


def test_a_file_without_reviews_says_so(write):  # noqa: F811
    for data, name in (({"@type": "Article"}, "a.json"), ("<p>Text</p>", "a.html")):
        out, err = run(write(data, name))
        assert "0 created" in out
        assert "no fact-check was found in it" in err


# Pages


@pytest.mark.parametrize(
    "wrap",
    [
        "<!-- {} -->",
        "//<![CDATA[\n{}\n//]]>",
        "/*<![CDATA[*/{}/*]]>*/",
        "{};",
        "\n\n{}\n",
    ],
)
def test_blocks_of_a_page_are_unwrapped(wrap):
    text = json.dumps([review(claimReviewed="A road\nand a bridge")]).replace("\\n", "\n")
    page = f"<p>\n<script type=application/ld+json>{wrap.replace('{}', text)}</script>"
    (found,) = found_in(page, claimreview.read_html)

    assert (found.place, found.review.text) == ("line 2", "A road and a bridge")


def test_what_a_page_comments_out_or_leaves_empty_is_not_read():
    block = f"<script type='application/ld+json'>{json.dumps(review())}</script>"
    empty = "<script type='application/ld+json'> </script>"
    page = f"<script>var a = '<!--';</script><!-- {block} -->{empty}{block}"

    assert len(found_in(page, claimreview.read_html)) == 1


@pytest.mark.parametrize(
    ("letters", "head"),
    [
        ("utf-8", ""),
        ("windows-1251", '<meta charset="windows-1251">'),
        ("koi8-r", '<meta http-equiv=Content-Type content="text/html; charset=koi8-r">'),
        ("utf-16", ""),
        # It says what it is not.
        ("utf-8", '<meta charset="ascii">'),
        ("utf-8", '<meta charset="klingon">'),
    ],
)
def test_pages_are_read_in_their_own_letters(letters, head):
    text = json.dumps(review(claimReviewed="Дорога построена"), ensure_ascii=False)
    page = f"{head}<script type='application/ld+json'>{text}</script>".encode(letters)
    (found,) = found_in(page, claimreview.read_html)

    assert found.review.text == "Дорога построена"


def test_a_page_in_other_letters_than_it_says_is_named(write):  # noqa: F811
    out, err = run(write("<p>Дорога".encode("windows-1251"), "a.html"))

    assert "the page is not in the letters that it says (utf-8)" in err
    assert "0 created" in out


@pytest.mark.parametrize(
    "part", [b"<!--", b"<script", b"<script>", b"<script type=a>x", b";", b"]"]
)
def test_no_page_takes_long(part):
    page = b"<script type=application/ld+json>" + part * (2_000_000 // len(part))

    assert list(json_ld.scripts(io.BytesIO(page + b"x</script>"))) is not None


# Tables


def rows(text, **columns):
    data = text if isinstance(text, bytes) else text.encode()
    return list(csv_table.read_table(io.BytesIO(data), csv_table.Columns(**columns)))


def test_a_quotation_mark_between_tabs_swallows_no_row():
    text = (
        'claim\turl\tlabel\n"Quoted start but no end\thttps://a.example/1\tFalse\n'
        'Next\thttps://a.example/2\tTrue\n"He said ""no"""\thttps://a.example/3\tTrue\n'
        '"With a\ttab"\thttps://a.example/4\tTrue\n'
    )
    found = rows(text)

    assert [one.place for one in found] == ["line 2", "line 3", "line 4", "line 5"]
    assert [one.review.text for one in found] == [
        '"Quoted start but no end', "Next", 'He said "no"', "With a tab"
    ]  # fmt: skip


def test_a_cell_between_tabs_may_go_on_in_the_next_lines():
    text = (
        'claim\turl\tlabel\treason\nOne\thttps://a.example/1\tFalse\t"It says ""no"".\n\nTwice."\n'
        '"Two\nlines"\thttps://a.example/2\tTrue\t\n'
        '"Three has no end\thttps://a.example/3\tTrue\n'
        'Four\thttps://a.example/4\tTrue\t"no end\nFive\thttps://a.example/5\tTrue\n'
        'Six\thttps://a.example/6\tOnly 5"\nSeven\thttps://a.example/7\tTrue\t"so" \n'
    )
    found = rows(text)

    assert [one.place for one in found] == [f"line {n}" for n in (2, 5, 7, 8, 9, 10, 11)]
    assert [(one.review.text, one.review.label, one.review.reason) for one in found] == [
        ("One", "False", 'It says "no". Twice.'),
        ("Two lines", "True", ""),
        ('"Three has no end', "True", ""),
        ("Four", "True", '"no end'),
        ("Five", "True", ""),
        ("Six", 'Only 5"', ""),
        ("Seven", "True", '"so"'),
    ]


def test_marks_within_a_line_are_read_as_leniently_as_ever():
    text = 'claim\turl\tlabel\n"With a\ttab" \thttps://a.example/1\tFalse\n'

    assert [one.review.text for one in rows(text)] == ["With a tab"]


def test_what_stands_before_a_bad_letter_is_read_though_a_cell_is_open():
    lines = [f"Claim {n}\thttps://a.example/{n}\tTrue" for n in range(3)]
    text = "\n".join(
        ["claim\turl\tlabel", *lines, 'Last\thttps://a.example/9\t"Open', "x\n" * 9_000]
    )
    read = csv_table.read_table(
        io.BytesIO(text.encode() + b"\xff\n" + b"x" * 20_000), csv_table.Columns()
    )

    assert [one.review.text for one in islice(read, 4)] == ["Claim 0", "Claim 1", "Claim 2", "Last"]
    with pytest.raises(records.FileError, match="not in UTF-8"):
        list(read)


@pytest.mark.parametrize(
    "text",
    [
        "\n\nclaim,url,label\nOne,https://a.example/1,False\n",
        "sep=;\r\nclaim;url;label\r\nOne;https://a.example/1;False\r\n",
        "claim|url|label\nOne|https://a.example/1|False\n",
        "claim;url;a, b, c, d;label\nOne;https://a.example/1;x;False\n",
        "claim\turl\tlabel\tnote, of, all, kinds\nOne\thttps://a.example/1\tFalse\tx\n",
    ],
)
def test_heads_of_all_kinds_are_read(text):
    (found,) = rows(text)

    assert (found.review.text, found.review.label) == ("One", "False")


def test_a_headless_first_row_is_parted_by_its_tabs():
    text = "One, two, three, four.\thttps://a.example/1\tFalse\n"
    (found,) = rows(text, chosen={"claim": "1", "url": "2"}, has_head=False)

    assert found.review.text == "One, two, three, four."


def test_a_table_in_other_letters_is_refused_or_read(write):  # noqa: F811
    text = "claim,url,label\nПрезидент сказал,https://a.example/1,Ложь\n"
    path = write(text.encode("windows-1251"), "table.csv")
    _out, err = run(path)
    assert "not in UTF-8" in err
    assert "--encoding" in err
    assert not Claim.objects.exists()

    assert "1 created" in run(path, encoding="windows-1251")[0]
    assert verdicts() == {"Президент сказал": "false"}
    assert rows(text.encode("utf-16"))[0].review.text == "Президент сказал"


def test_a_cell_without_end_names_its_line_and_what_was_before_is_kept(write, capsys):  # noqa: F811
    good = "One,https://a.example/1,False\n" * 300
    _out, err = run(write(f'claim,url,label\n{good}"{"x" * 1_100_000}', "table.csv"))

    assert "line 302: field larger than field limit" in err
    assert Claim.objects.count() == 1
    assert "Traceback" not in capsys.readouterr().err


def test_addresses_in_one_cell_are_several():
    text = "claim,url,appearance\nOne,https://a.example/1,https://b.example/; https://c.example/"
    (found,) = rows(text)

    assert [one.url for one in found.review.appearances] == [
        "https://b.example/",
        "https://c.example/",
    ]


# What is to be mended


def test_the_refused_of_a_table_keep_all_columns(write):  # noqa: F811
    path = write("claim,url,note,note\nC.\nD.,bad,a,b\nE.,https://e.example/,a,b,c\n", "t.csv")
    run(path)
    refused = path.with_name("refused.csv")
    lines = refused.read_text().splitlines()

    assert lines[0] == "claim,url,note,note (4),refused"
    assert lines[1].startswith("C.,,,,line 2: url: is missing")
    assert lines[2].startswith("D.,bad,a,b,")
    refused.write_text("\n".join([lines[0], lines[2].replace("bad", "https://d.example/", 1)]))
    assert "1 created" in run(refused, refused=str(path.with_name("more")))[0]


def test_a_line_that_was_no_json_can_be_mended_in_its_text(write):  # noqa: F811
    path = write(json.dumps(review())[:-1] + "\n", "feed.jsonl")
    run(path)
    refused = path.with_name("refused.jsonl")
    kept = json.loads(refused.read_text())
    assert "1 refused" in run(refused, refused=str(path.with_name("again")))[0]

    refused.write_text(json.dumps({**kept, "text": kept["text"].strip() + "}"}))
    assert "1 created" in run(refused, refused=str(path.with_name("again")))[0]


def test_half_a_letter_stays_in_what_is_to_be_mended(client, reviewer, write):  # noqa: F811
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


def test_a_host_of_one_word_is_nobodys_outlet(write):  # noqa: F811
    run(write(review(itemReviewed={"appearance": ["https://localhost/z", "https://a.example/"]})))

    assert Citation.objects.get().url == "https://a.example/"
    assert not Outlet.objects.filter(domain="").exists()
    assert Verification.objects.get(kind="finding").publisher.domain == "checkers.example"


# Nothing takes long


@pytest.mark.parametrize(
    "text",
    [
        "<x " + "=" * 4_000 + "<x ",
        "<a " + "=" * 4_000,
        "<a " * 1_500,
        "<" * 4_000,
        "a" + " " * 4_000 + "b",
        "a:" * 2_000,
        "x" * 4_000,
        "a" + "\u0301" * 900,
        "1" * 4_000,
        "type =" * 700,
    ],
)
def test_no_text_takes_long_wherever_it_stands(text):
    """Each is some hundred times as long as it takes a pattern that goes astray to be noticed."""
    long = text * 100
    record = {
        "@type": ["ClaimReview", long],
        **dict.fromkeys(
            ("url", "claimReviewed", "datePublished", "inLanguage", "reviewBody"), long
        ),
        "author": {"name": long},
        "itemReviewed": {"author": {"name": long, "sameAs": long}, "appearance": [long]},
    }

    (found,) = found_in(record)
    assert found.problem
    rows(f"claim,url,appearance,date\n{long},https://a.example/1,{long},{long}".encode())
    claimreview.read_html(io.BytesIO(f"<script {long}>{long}</script>".encode()))
    assert tokens(long) is not None


def test_a_graph_that_refers_to_itself_many_times_takes_no_time():
    refers = [{"@id": "#a"}] * 4_000
    many = {"@id": "#a", "author": refers, "itemReviewed": refers, "appearance": refers}
    graph = {"@graph": [many, *[review(author=refers, itemReviewed=refers)] * 2]}

    assert len(found_in(graph)) == 2


# What a stranger found


def test_a_feed_that_tells_the_new_first_settles(write, monkeypatch):  # noqa: F811
    from factcheck.management.commands import import_claims

    monkeypatch.setattr(import_claims, "_CHUNK", 1)
    old, new = rated(1, "False", **CHIPS), rated(1, "True", **MASKS)
    run(write([old]))
    for path in (write([new, old], "feed.json"), write([old], "a.json"), write([new], "b.json")):
        run(path)
        assert "0 created" in run(path)[0]
        assert "0 superseded" in run(path)[0]


@pytest.mark.parametrize("order", [(1, 2), (2, 1)])
def test_versions_of_one_day_far_apart_in_a_feed_settle(write, monkeypatch, order):  # noqa: F811
    """Which of them is the newer one no day tells: the first time it is the later one."""
    from factcheck.management.commands import import_claims

    monkeypatch.setattr(import_claims, "_CHUNK", 1)
    feed = write([rated(1, "False"), review(2), rated(1, "True")])
    assert "2 created, 0 unchanged, 1 superseded" in run(feed)[0]

    other = [rated(1, "False" if order == (1, 2) else "True"), review(2), review(3)]
    other.append(rated(1, "True" if order == (1, 2) else "False"))
    assert "1 created, 3 unchanged, 0 superseded" in run(write(other))[0]
    assert "4 unchanged, 0 superseded" in run(write(other))[0]
    assert [one.label for one in Verification.objects.filter(url=review(1)["url"])] == [
        "False",
        "True",
    ]
    # Without the newer one the older one is what the feed says now; with a third one it is not.
    assert "1 unchanged, 1 superseded" in run(write([rated(1, "False"), review(2)]))[0]
    third = [rated(1, "True"), review(2), rated(1, "Mixture")]
    assert "2 unchanged, 1 superseded" in run(write(third))[0]
    assert "3 unchanged, 0 superseded" in run(write(third))[0]


def test_what_was_met_before_a_batch_failed_is_remembered(write, refusing, monkeypatch):  # noqa: F811
    from factcheck.management.commands import import_claims

    monkeypatch.setattr(import_claims, "_CHUNK", 2)
    feed = [rated(1, "False", **CHIPS), review(2), rated(1, "True", **MASKS)]
    out, _err = run(write([*feed, review(3, claimReviewed="Refused")]))

    assert "3 created, 0 unchanged, 0 superseded, 1 refused" in out
    assert verdicts()["Chips"] == "false"


def test_names_that_differ_in_their_vowels_alone_are_two(write):  # noqa: F811
    run(
        write(
            [
                review(n, itemReviewed={"author": {"name": name}})
                for n, name in enumerate(("मीना", "मोना"))
            ]
        )
    )

    assert set(Claim.objects.values_list("claimant__name", flat=True)) == {"मीना", "मोना"}


@pytest.mark.parametrize("charset", ["undefined", "punycode", "rot13", "hex", "idna"])
def test_a_page_in_no_letters_is_read_as_utf_8(charset):
    page = (
        f"<meta charset={charset}><script type=application/ld+json>{json.dumps(review())}</script>"
    )

    assert len(found_in(page, claimreview.read_html)) == 1


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"encoding": "utf-16"}, "not in UTF-16"),
        ({"encoding": "rot13"}, "--encoding: there is none"),
        ({"refused": "table"}, "is what is to be imported"),
    ],
)
def test_what_was_asked_for_by_mistake_is_said(write, monkeypatch, options, said):  # noqa: F811
    path = write("claim,url\nOne,https://a.example/1\n,\nTwo,bad\n", "table.csv")
    monkeypatch.chdir(path.parent)
    before = path.read_bytes()

    assert said in run(path, **options)[1]
    assert path.read_bytes() == before


def test_depth_in_a_line_refuses_it_alone(write):  # noqa: F811
    deep = review()
    for _ in range(500):
        deep = {"@type": "x", "author": deep}
    text = "\n".join(
        map(json.dumps, [*map(review, range(300)), {**review(), "author": deep}, review(400)])
    )
    out, err = run(write(text, "feed.jsonl"))

    assert "301 created, 0 unchanged, 0 superseded, 1 refused" in out
    assert "line 301: line: a record is nested too deep" in err


def test_an_address_that_the_database_refuses_is_refused_alone(write):  # noqa: F811
    long = f"https://a.example/{'漢' * 950}"
    out, _err = run(write([review(1), review(2, itemReviewed={"appearance": [long]}), review(3)]))

    assert "Statement number 1 on the border" in verdicts()
    assert "Statement number 3 on the border" in verdicts()
    assert "3 records" in out
