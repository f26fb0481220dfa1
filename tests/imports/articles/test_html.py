"""Web pages as articles."""

import sys

import pytest

from factcheck.imports.articles.html import is_page, read_page
from factcheck.imports.articles.parser.article import read_article
from factcheck.imports.errors import ArticleError, Code
from tests.article_page import PAGE


def test_a_page_is_known_by_its_tags():
    assert is_page(PAGE)
    assert is_page("  <p>One.</p><p>Two.</p>")
    assert not is_page("Trade grew by <p 0.05 (TASS, May 3).")
    assert not is_page("Trade grew.")


def test_a_page_gives_its_text_and_what_it_says_of_itself():
    page = read_page(PAGE)

    assert page.title == "Kazakhstan Waits"
    assert page.author == "The Monitor"
    assert page.published == "2021-09-10"
    assert page.url == "https://monitor.example/a/1"
    assert "<" not in page.text
    assert "lie" not in page.text


def test_the_links_of_a_page_become_the_links_of_citations():
    page = read_page(PAGE)
    article = read_article(page.text, published=page.published, links=page.links)

    assert [
        (report.outlet, report.date, report.url)
        for group in article.groups
        for report in group.citations
    ] == [
        ("Twitter.com/TokayevKZ", "2021-08-15", "https://twitter.com/TokayevKZ/status/1"),
        ("Kazinform", "2021-08-15", None),
        ("Tengrinews.kz", "2021-08-20", "https://tengrinews.kz/1"),
        ("Akorda.kz", "2021-08-15", "https://akorda.kz/15"),
        ("Akorda.kz", "2021-08-16", "https://akorda.kz/16"),
        ("Kursiv.kz", "2021-08-16", None),
        ("Total.kz", "2021-08-23", None),
        ("Lsm.kz", "2021-08-16", None),
        ("Lsm.kz", "2021-08-19", None),
    ]
    for link in page.links:
        assert page.text[link.start : link.end].strip() == page.text[link.start : link.end]


def test_a_piece_of_a_page_is_enough():
    page = read_page(
        "<p>Trade grew last year, as it did before (TASS, May 3).</p><p>It is small.</p>"
    )

    assert page.text == "Trade grew last year, as it did before (TASS, May 3).\n\nIt is small."


def error_of(markup):
    with pytest.raises(ArticleError) as caught:
        read_page(markup)
    return caught.value.code, caught.value.params


@pytest.mark.parametrize(
    ("markup", "code"),
    [
        ("<p></p>", Code.ARTICLE_MISSING),
        ("<html><body></body></html>", Code.ARTICLE_MISSING),
        ("<p>" + "<b>" * 5_000, Code.ARTICLE_MISSING),
        ("<div>" * 20_000 + "x", Code.ARTICLE_MISSING),
    ],
    ids=["empty", "no article", "deep", "deeper"],
)
def test_a_page_that_cannot_be_read_is_named(markup, code):
    assert error_of(markup) == (code, {})


def test_a_page_without_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "trafilatura", None)

    assert error_of(PAGE) == (Code.HTML_NOT_SUPPORTED, {})


def test_an_endless_page_is_refused():
    assert error_of("<p>" + "a" * 5_000_000) == (Code.HTML_TOO_LONG, {"limit": 5_000_000})


def test_a_page_of_endless_elements_is_refused():
    markup = "<p>" + "<h1>t</h1>" * 20_001

    assert error_of(markup) == (Code.HTML_TOO_COMPLEX, {"limit": 20_000})
