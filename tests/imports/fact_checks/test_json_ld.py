"""Web pages of other people: their JSON-LD is read, however it is wrapped and encoded."""

import io
import json

import pytest

from factcheck.imports.errors import at_line
from factcheck.imports.fact_checks import claimreview, json_ld
from tests.fact_checks import parse, review, run

pytestmark = pytest.mark.django_db


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
    (found,) = parse(page, claimreview.read_html)

    assert (found.location, found.review.text) == (at_line(2), "A road and a bridge")


def test_what_a_page_comments_out_or_leaves_empty_is_not_read():
    block = f"<script type='application/ld+json'>{json.dumps(review())}</script>"
    empty = "<script type='application/ld+json'> </script>"
    page = f"<script>var a = '<!--';</script><!-- {block} -->{empty}{block}"

    assert len(parse(page, claimreview.read_html)) == 1


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
    (found,) = parse(page, claimreview.read_html)

    assert found.review.text == "Дорога построена"


@pytest.mark.parametrize("charset", ["undefined", "punycode", "rot13", "hex", "idna"])
def test_a_page_in_no_letters_is_read_as_utf_8(charset):
    page = (
        f"<meta charset={charset}><script type=application/ld+json>{json.dumps(review())}</script>"
    )

    assert len(parse(page, claimreview.read_html)) == 1


def test_a_page_in_other_letters_than_it_says_is_named(write):
    out, err = run(write("<p>Дорога".encode("windows-1251"), "a.html"))

    assert "The web page says that its encoding is utf-8, but it is not." in err
    assert "0 created" in out


@pytest.mark.parametrize(
    "part", [b"<!--", b"<script", b"<script>", b"<script type=a>x", b";", b"]"]
)
def test_no_page_takes_long(part):
    page = b"<script type=application/ld+json>" + part * (2_000_000 // len(part))

    assert list(json_ld.scripts(io.BytesIO(page + b"x</script>"))) is not None
