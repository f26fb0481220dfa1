"""What is wrong with an imported file is said by code, in the language of whoever reads it."""

import ast
import html
import json
import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import translation

from factcheck.imports.error_messages import SENTENCES, describe
from factcheck.imports.errors import ArticleError, Code, FileError, Location, Unit, at_line
from tests.fact_checks import review
from tests.paths import ROOT

SOURCES = ROOT / "factcheck"
PLACEHOLDER = re.compile(r"%\((\w+)\)")
ARTICLE_PAGE = "admin/factcheck/article/from-article/"
IMPORT_PAGE = "admin/factcheck/claim/import/"


def nodes():
    """Yield the syntax tree of the product, without the table of sentences."""
    for path in SOURCES.rglob("*.py"):
        if path.name != "error_messages.py":
            yield from ast.walk(ast.parse(path.read_text(encoding="utf-8")))


def code_of(node):
    """Return the code that a node of the tree names."""
    is_code = isinstance(node, ast.Attribute) and getattr(node.value, "id", "") == "Code"
    return Code[node.attr] if is_code else None


def test_each_code_has_a_sentence_and_is_raised_somewhere():
    assert SENTENCES.keys() == set(Code)
    assert {code_of(node) for node in nodes()} == {None, *Code}


def test_each_sentence_gets_all_that_it_names():
    # They are raised by a function that is given the code.
    passed_on = {Code.LINE_NOT_JSON, Code.BLOCK_NOT_JSON}
    for call in nodes():
        codes = map(code_of, call.args) if isinstance(call, ast.Call) else ()
        for code in set(codes) - {None} - passed_on:
            wanted = set(PLACEHOLDER.findall(str(SENTENCES[code])))
            assert wanted <= {word.arg for word in call.keywords}, code


@pytest.mark.parametrize("code", Code)
def test_each_sentence_says_what_is_wrong_in_full_sentences(code):
    text = str(SENTENCES[code])

    assert text == "%(reason)s" or text[0].isupper() or text[0] == "“"
    assert text == "%(reason)s" or text.endswith((".", "[html]'"))


def test_an_error_names_file_place_and_field_before_the_sentence():
    error = FileError(
        Code.FIELD_TOO_LONG, path="a.json", location=at_line(7), field="url", limit=1_000
    )

    assert describe(error) == (
        "a.json: Line 7: url: This field is longer than 1,000 characters. Shorten it."
    )
    assert "field_too_long" in str(error)


def test_places_and_limits_are_written_as_in_the_language_of_the_reader():
    error = ArticleError(Code.HTML_TOO_LONG, location=Location(Unit.BYTE, 5), limit=5_000_000)

    with translation.override("ru"):
        told = describe(error)
    assert told.startswith("Байт 5: ")
    assert "5\xa0000\xa0000" in told


def alone(text):
    """Return the words of English in a text, without names that stand in a feed or a format."""
    own = r"claimReviewed|dateDeleted|url|claim|JSON-LD|ClaimReview|JSON|HTML|UTF-8|KLINGON"
    return re.findall(r"[A-Za-z]{2,}", re.sub(rf"\b(?:{own})\b|“[^”]*”|«[^»]*»", "", text))


FEED = [
    {"@type": "ClaimReview", "claimReviewed": "x"},
    review(2, url="nowhere"),
    review(3, claimReviewed=""),
    review(4, claimReviewed="x" * 30_000),
    review(5, dateDeleted="2021-01-01"),
]


@pytest.fixture
def page(client, reviewer):
    client.force_login(reviewer)
    return client


def told(response):
    """Return what a page says is wrong: refused records, the file, and fields of the form."""
    found = html.unescape(response.content.decode())
    problems = re.findall(r'<p class="errornote">(.*?)</p>', found, re.S)
    lists = re.findall(r"<ol>(.*?)</ol>", found, re.S)
    lists += re.findall(r'<ul class="errorlist[^>]*>(.*?)</ul>', found, re.S)
    return [re.sub(r"<[^>]+>", " ", text) for text in (*problems, *lists)]


@pytest.mark.parametrize("language", ["ru", "kk"])
@pytest.mark.parametrize(
    ("fields", "count"),
    [
        ({"text": json.dumps(FEED)}, 1),
        ({"text": f"{json.dumps(FEED)} x"}, 2),
        ({"text": json.dumps(FEED)[:-1]}, 2),
        ({"text": '{"@type": "ClaimReview", "url": 1}\n{"url": broken}\n{}'}, 1),
        ({"text": "[]"}, 1),
        ({"text": "a,b\n1,2\n"}, 1),
        ({"text": "a,b\n1,2\n", "columns": "claim"}, 1),
        ({"text": "a,b\n1,2\n", "columns": "claim=a,url=9"}, 1),
        ({"text": "a,b\n1,2\n", "columns": "claim=a,url=b", "is_headless": "on"}, 1),
        ({"text": "<script type=application/ld+json>{</script>"}, 1),
        ({"upload": SimpleUploadedFile("a.csv", "url\nДа".encode("windows-1251"))}, 1),
        ({"upload": SimpleUploadedFile("a.html", "<p>Да".encode("windows-1251"))}, 1),
        ({"upload": SimpleUploadedFile("a.json", "[Да".encode("windows-1251"))}, 1),
    ],
)
def test_a_bad_feed_is_told_in_the_language_of_the_page(page, language, fields, count):
    for upload in fields.values():
        if isinstance(upload, SimpleUploadedFile):
            upload.seek(0)
    response = page.post(f"/{language}/{IMPORT_PAGE}", {"text": "", "stage": "draft", **fields})
    found = told(response)

    assert len(found) == count
    assert [alone(text) for text in found] == [[] for _text in found], found


@pytest.mark.parametrize("language", ["ru", "kk"])
@pytest.mark.parametrize("content", [b"PK\0", b"\xd2\xe0", b" ", b"<html><body></body></html>"])
def test_a_bad_article_is_told_in_the_language_of_the_page(page, language, content):
    upload = SimpleUploadedFile("статья", content)
    response = page.post(f"/{language}/{ARTICLE_PAGE}", {"text": "", "upload": upload})

    (found,) = told(response)
    assert alone(found) == []
