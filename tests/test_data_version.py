"""The log of changes: what has come since, in any process and whatever was written."""

import threading

import pytest
from django.db import connection, transaction
from django.http import QueryDict

from factcheck import data_version, search, triggers
from factcheck.facets import bitmap_index
from factcheck.filters import ClaimFilter
from factcheck.models import Change, Claim, Topic
from factcheck.signals import install_triggers
from tests import factories
from tests.sql_facets import assert_facets_are_exact
from tests.threads import in_thread

pytestmark = pytest.mark.django_db(transaction=True)


def raw(statement, *params):
    with connection.cursor() as cursor:
        cursor.execute(statement, params)


@pytest.fixture
def claims():
    topics = [factories.create_topic() for _ in range(2)]
    found = [factories.create_claim(topics=[topic]) for topic in topics]
    for claim in found:
        factories.create_citation(claim, factories.create_outlet(owner=factories.create_owner()))
    return found


WRITES = {
    "a statement": lambda one, other: Claim.objects.filter(pk=one.pk).update(language="kk"),
    "a stage": lambda one, other: Claim.objects.filter(pk=one.pk).update(stage="draft"),
    "a day": lambda one, other: Claim.objects.filter(pk=one.pk).update(claimed_on="2020-02-02"),
    "a stance": lambda one, other: one.citations.update(stance="disputes"),
    "a citation moved": lambda one, other: one.citations.update(claim=other),
    "a day of a citation": lambda one, other: one.citations.update(date_text="", published_on=None),
    "a citation's end": lambda one, other: one.citations.all().delete(),
    "a finding": lambda one, other: factories.create_verification(one, status="false"),
    "an owner": lambda one, other: type(outlet(one)).objects.update(owner=None),
    "a control": lambda one, other: type(outlet(one)).objects.update(control="state"),
    "a topic added": lambda one, other: one.topics.add(*Topic.objects.all()),
    "a topic's claim": lambda one, other: raw(
        "UPDATE factcheck_claim_topics SET claim_id = %s WHERE claim_id = %s"
        " AND topic_id NOT IN (SELECT topic_id FROM factcheck_claim_topics WHERE claim_id = %s)",
        other.pk, one.pk, other.pk,
    ),
    "a topic renamed": lambda one, other: Topic.objects.update(name="Another"),
    "rows in bulk": lambda one, other: Claim.objects.bulk_create(
        [Claim(slug=f"b{n}", text="Bulk", stage="published", published_at="2021-01-01T00:00Z")
         for n in range(3)]
    ),
    "an end": lambda one, other: one.citations.all().delete() and one.delete(),
}  # fmt: skip


def outlet(claim):
    return claim.citations.first().outlet


@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES)
def test_facets_are_those_of_the_last_write_whatever_wrote(claims, write):
    assert_facets_are_exact()

    write(*claims)

    assert_facets_are_exact()


@pytest.mark.sqlite
def test_replaced_rows_of_topics_are_noticed(claims):
    assert_facets_are_exact()
    with connection.cursor() as cursor:
        cursor.execute("SELECT id, topic_id FROM factcheck_claim_topics ORDER BY id LIMIT 1")
        pk, topic = cursor.fetchone()

    raw("DELETE FROM factcheck_claim_topics WHERE id <> %s", pk)
    raw(
        "REPLACE INTO factcheck_claim_topics (id, claim_id, topic_id) VALUES (%s, %s, %s)",
        pk, claims[1].pk, topic,
    )  # fmt: skip

    assert_facets_are_exact()


@pytest.mark.postgresql
def test_emptied_tables_are_noticed(claims):
    assert_facets_are_exact()

    raw("TRUNCATE factcheck_claim_topics")

    assert_facets_are_exact()


@pytest.mark.postgresql
def test_what_was_written_earlier_and_committed_later_is_noticed(claims):
    assert_facets_are_exact()
    written, go_on = threading.Event(), threading.Event()

    def slow():
        with transaction.atomic():
            Claim.objects.filter(pk=claims[0].pk).update(language="kk")
            written.set()
            go_on.wait(20)

    writer = in_thread(slow)
    assert written.wait(20)
    Claim.objects.filter(pk=claims[1].pk).update(language="ru")
    assert_facets_are_exact()
    before = data_version.version()
    go_on.set()
    writer.result()

    assert data_version.version() != before
    assert_facets_are_exact()


@pytest.mark.postgresql
def test_a_dump_put_back_on_a_younger_server_is_no_change_at_every_look(claims):
    assert_facets_are_exact()
    # Its transactions have lower numbers than those that wrote the rows.
    raw("UPDATE factcheck_change SET writer = (writer::text::bigint + 1000000)::text::xid8")
    data_version.clear_cache()
    before = data_version.version()
    version = bitmap_index.current().version

    assert data_version.version() == before
    assert data_version.changes_since(version)[1] == []

    data_version.initialise()
    assert data_version.version() == before
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM factcheck_change WHERE writer = '3'")
        assert cursor.fetchone()[0] > 1
    with transaction.atomic():
        Claim.objects.filter(pk=claims[0].pk).update(language="kk")
        after = data_version.version()
    data_version.clear_cache()
    assert before != after == data_version.version()
    assert_facets_are_exact()


def test_pruned_changes_are_read_as_everything(claims):
    assert_facets_are_exact()
    version = bitmap_index.current().version
    for number in range(5):
        Claim.objects.filter(pk=claims[0].pk).update(recheck_on=f"2030-01-0{number + 1}")
    data_version.prune(keep=2)
    assert Change.objects.count() == 3
    before = data_version.version()

    data_version.prune(keep=2)
    data_version.prune(keep=3)

    assert Change.objects.count() == 3
    assert data_version.version() == before
    assert data_version.changes_since(version)[1] is None
    Claim.objects.filter(pk=claims[0].pk).update(language="kk")
    assert_facets_are_exact()


def test_a_migration_voids_all_that_was_known(claims):
    before = data_version.version()
    install_triggers("default", plan=[])
    assert data_version.version() == before
    old = bitmap_index.current()
    with connection.cursor() as cursor:
        triggers.remove()
        cursor.execute("UPDATE factcheck_claim SET language = 'kk'")

    install_triggers("default", plan=["a migration"])

    assert data_version.version().split(".")[0] != before.split(".")[0]
    assert data_version.changes_since(old.version)[1] is None
    assert_facets_are_exact()


def test_a_claim_indexed_while_it_is_searched_for_is_found(claims, monkeypatch):
    raw("UPDATE factcheck_claim SET text = 'Herat fell' WHERE id = %s", claims[0].pk)
    matching = __import__("factcheck.search.matching", fromlist=["engine"])
    engine = matching.engine

    def indexed_meanwhile():
        search.drain()
        return engine()

    monkeypatch.setattr(matching, "engine", indexed_meanwhile)

    assert ClaimFilter(QueryDict("q=herat")).result.total == 1


def test_a_slug_that_is_none_breaks_out_of_no_page(client, claims):
    Claim.objects.filter(pk=claims[0].pk).update(slug='"><script>alert(1)</script>')
    type(outlet(claims[1])).objects.filter(pk=outlet(claims[1]).pk).update(slug='"><script>')

    assert "<script>" not in client.get("/claims/").content.decode()
