"""Query sets that are compiled once give what Django's own give, and say what they are not for."""

from datetime import UTC, datetime
from threading import Thread

import pytest
from django.db import connection, connections
from django.template import Context, Template
from django.test.utils import CaptureQueriesContext
from django.urls import set_script_prefix
from django.utils import timezone
from django.utils.safestring import SafeString

from factcheck import sql
from factcheck.db.compiled_queries import Prepared
from factcheck.models import Citation, Claim
from factcheck.queries import claim_detail
from factcheck.templatetags.factcheck import part
from tests import factories

pytestmark = pytest.mark.django_db


@Prepared
def cited(claim: int, date_text: str):
    return Citation.objects.filter(claim=claim, date_text=date_text).with_outlet()


@Prepared
def texts(claims: list[int]):
    return Claim.objects.filter(pk__in=sql.within(claims)).order_by("pk").values_list("pk", "text")


@pytest.fixture
def claim():
    owner = factories.create_owner()
    claim = factories.create_claim(topics=[factories.create_topic(), factories.create_topic()])
    for _n in range(2):
        factories.create_citation(claim, factories.create_outlet(owner=owner))
    factories.create_verification(claim, evidence=["https://example.org/a", "https://b.example/"])
    factories.create_verification(claim, publisher=factories.create_outlet())
    return claim


def test_rows_and_their_relations_are_those_of_the_query_set(claim):
    day = claim.citations.first().date_text
    wanted = list(Citation.objects.filter(claim=claim, date_text=day).with_outlet())

    with CaptureQueriesContext(
        connection,
    ) as queries:
        for _turn in range(2):
            found = cited(claim.pk, day)
            assert found == wanted
            assert [one.outlet.owner.name for one in found] == [
                one.outlet.owner.name for one in wanted
            ]
            assert [one.published_on for one in found] == [one.published_on for one in wanted]
        assert cited(claim.pk, "1999") == cited(0, day) == []

    assert len(queries) == 4


def test_a_list_may_hold_any_number(claim):
    other = factories.create_claim()

    assert texts([]) == []
    assert texts([other.pk]) == [(other.pk, other.text)]
    assert texts([other.pk, claim.pk, 0]) == sorted([(c.pk, c.text) for c in (claim, other)])


@pytest.mark.parametrize("values", [(None, ""), ("1", ""), (1,), (1, "", 2), (True, "")])
def test_values_of_other_kinds_are_refused(values):
    with pytest.raises(TypeError, match=r"cited: .* are expected"):
        cited(*values)


def test_names_of_values_are_refused():
    with pytest.raises(TypeError, match="are expected"):
        cited(1, "", using="other")


def test_a_value_that_the_query_does_not_use_is_a_mistake():
    @Prepared
    def unused(one: int, other: int):
        return Claim.objects.filter(pk=one)

    with pytest.raises(TypeError, match="a value has no place"):
        unused(1, 2)


@pytest.mark.django_db(transaction=True)
def test_every_thread_asks_by_its_own_connection(claim):
    day = claim.citations.first().date_text
    assert len(cited(claim.pk, day)) == 1
    found = []

    def ask():
        with CaptureQueriesContext(connection) as queries:
            found.append((cited(claim.pk, day), len(queries)))
        connections.close_all()

    threads = [Thread(target=ask) for _n in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert [(len(rows), queries) for rows, queries in found] == [(1, 1)] * 3


def test_a_dossier_is_the_claim_with_all_that_belongs_to_it(claim):
    with CaptureQueriesContext(connection) as queries:
        found = claim_detail.dossier(claim.slug)
        said = [
            (found, found.claimant, found.article),
            [(one.claim.pk, one.outlet.owner.pk) for one in found.cited],
            [
                (e.canonical_publisher, [(r.url, r.verification) for r in e.evidence.all()])
                for e in found.log
            ],
            [topic.name for topic in found.topics.all()],
        ]
    assert len(queries) == 5

    plain = Claim.objects.get(pk=claim.pk)
    log = list(plain.verifications.order_by("-number"))
    assert said == [
        (plain, plain.claimant, plain.article),
        [(claim.pk, one.outlet.owner.pk) for one in plain.citations.all()],
        [(e.canonical_publisher, [(r.url, e) for r in e.evidence.all()]) for e in log],
        [topic.name for topic in plain.topics.all()],
    ]
    assert claim_detail.dossier("no-such-claim") is None


def test_no_rows_name_no_outlets():
    with CaptureQueriesContext(connection) as queries:
        assert claim_detail.outlets_of([]) == []
    assert not queries


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
        assert 'href="/facts/claims/"' in part("navigation", at="home")
    finally:
        set_script_prefix("/")
    assert 'href="/claims/"' in part("navigation", at="home")


def test_a_part_is_printed_in_the_readers_language(settings):
    from django.utils.translation import override

    pages = set()
    for language, _name in settings.LANGUAGES:
        with override(language):
            pages.add(part("navigation", at="home"))

    assert len(pages) == len(settings.LANGUAGES)
