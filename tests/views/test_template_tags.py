"""Parts of pages that are printed once, and moments in the reader's time."""

from datetime import UTC, datetime

from django.template import Context, Template
from django.urls import set_script_prefix
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import override

from factcheck.formatting import cached_include


def test_a_moment_is_printed_in_the_readers_time():
    form = Template("{% load factcheck %}{{ moment|day }}")
    moment = datetime(2021, 1, 1, 22, 30, tzinfo=UTC)
    pages = set()
    for name in ("UTC", "Asia/Almaty"):
        with timezone.override(name):
            pages.add(form.render(Context({"moment": moment})))

    assert {page.partition(">")[2] for page in pages} == {
        "1 January 2021</time>",
        "2 January 2021</time>",
    }


def test_a_part_of_a_page_is_escaped_whatever_was_printed_before():
    form = Template("{% load factcheck %}{% status 'true' label %}")
    hostile = "<b>True</b>"

    trusted = form.render(Context({"label": SafeString(hostile)}))
    assert "<b>True</b>" in trusted
    assert "&lt;b&gt;True&lt;/b&gt;" in form.render(Context({"label": hostile}))
    assert form.render(Context({"label": SafeString(hostile)})) == trusted


def test_a_part_leads_to_where_the_site_is():
    set_script_prefix("/facts/")
    try:
        assert 'href="/facts/claims/"' in cached_include("navigation", at="home")
    finally:
        set_script_prefix("/")
    assert 'href="/claims/"' in cached_include("navigation", at="home")


def test_a_part_is_printed_in_the_readers_language(settings):
    pages = set()
    for language, _name in settings.LANGUAGES:
        with override(language):
            pages.add(cached_include("navigation", at="home"))

    assert len(pages) == len(settings.LANGUAGES)
