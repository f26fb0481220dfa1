"""Tables of other people: columns, delimiters, quotation marks and encodings."""

import io
from itertools import islice

import pytest

from factcheck.imports.errors import Code, FileError
from factcheck.imports.fact_checks import claimreview, csv_table
from factcheck.models import Claim
from factcheck.text.search_keys import tokenize
from tests.fact_checks import parse, run, verdicts

pytestmark = pytest.mark.django_db


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
    assert "Line 2: url: “nowhere” is not an http or https address" in err
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
        ("a,b\n1,2\n", {}, "--map: It is not known which column holds the field “claim”"),
        ("claim,b\n1,2\n", {}, "which column holds the field “url”. Write it as url=column."),
        (
            "claim,url\n1,2\n",
            {"map": "claim=x"},
            "--map: The table has no column “x”. Its columns are: claim, url.",
        ),
        (
            "claim,url\n1,2\n",
            {"map": "colour=1"},
            "--map: There is no field “colour”. The fields are: claim, url, ",
        ),
        ("claim,url\n1,2\n", {"map": "claim=1,url=9"}, "The table has no column “9”"),
        (
            "claim,url\n1,2\n",
            {"map": "claim"},
            "--map: “claim” has no field or no column. Write field=column.",
        ),
        ("a,b\n", {"map": "claim=a,url=2", "no_header": True}, "“a” is not the number of a column"),
        ("claim,url\n1,2\n", {"encoding": "klingon"}, "--encoding: there is none"),
    ],
)
def test_a_table_that_cannot_be_mapped_says_how(write, text, options, message):
    assert message in run(write(text, "table.csv"), **options)[1]
    assert not Claim.objects.exists()


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

    assert [one.location.number for one in found] == [2, 3, 4, 5]
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

    assert [one.location.number for one in found] == [2, 5, 7, 8, 9, 10, 11]
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
    with pytest.raises(FileError) as caught:
        list(read)
    assert caught.value.code == Code.TABLE_ENCODING_WRONG


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


def test_a_table_in_other_letters_is_refused_or_read(write):
    text = "claim,url,label\nПрезидент сказал,https://a.example/1,Ложь\n"
    path = write(text.encode("windows-1251"), "table.csv")
    _out, err = run(path)
    assert f"{path}: --encoding: The table is not in the encoding UTF-8." in err
    assert not Claim.objects.exists()

    assert "1 created" in run(path, encoding="windows-1251")[0]
    assert verdicts() == {"Президент сказал": "false"}
    assert rows(text.encode("utf-16"))[0].review.text == "Президент сказал"


def test_a_cell_without_end_names_its_line_and_what_was_before_is_kept(write, capsys):
    good = "One,https://a.example/1,False\n" * 300
    _out, err = run(write(f'claim,url,label\n{good}"{"x" * 1_100_000}', "table.csv"))

    assert "Line 302: A cell is longer than 1,048,576 characters." in err
    assert Claim.objects.count() == 1
    assert "Traceback" not in capsys.readouterr().err


def test_addresses_in_one_cell_are_several():
    text = "claim,url,appearance\nOne,https://a.example/1,https://b.example/; https://c.example/"
    (found,) = rows(text)

    assert [one.url for one in found.review.appearances] == [
        "https://b.example/",
        "https://c.example/",
    ]


def test_the_refused_of_a_table_keep_all_columns(write):
    path = write("claim,url,note,note\nC.\nD.,bad,a,b\nE.,https://e.example/,a,b,c\n", "t.csv")
    run(path)
    refused = path.with_name("refused.csv")
    lines = refused.read_text().splitlines()

    assert lines[0] == "claim,url,note,note (4),refused"
    assert lines[1].startswith("C.,,,,Line 2: url: The address of the fact-check is missing.")
    assert lines[2].startswith("D.,bad,a,b,")
    refused.write_text("\n".join([lines[0], lines[2].replace("bad", "https://d.example/", 1)]))
    assert "1 created" in run(refused, refused=str(path.with_name("more")))[0]


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

    (found,) = parse(record)
    assert found.problem
    rows(f"claim,url,appearance,date\n{long},https://a.example/1,{long},{long}".encode())
    claimreview.read_html(io.BytesIO(f"<script {long}>{long}</script>".encode()))
    assert tokenize(long) is not None
