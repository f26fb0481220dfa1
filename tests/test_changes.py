"""The log of changes: what has come since, in any process and whatever was written."""

import io
import threading
from dataclasses import replace

import pytest
from django.core.management import call_command
from django.db import connection, transaction
from django.http import QueryDict

from factcheck import change_log, facets, search, triggers
from factcheck.facets import bitmap_index, persistence, sql_engine
from factcheck.facets.citation_days import Days
from factcheck.filters import ClaimFilter
from factcheck.models import Change, Claim, FacetIndex, Topic
from factcheck.signals import install_triggers
from tests import factories

pytestmark = pytest.mark.django_db(transaction=True)


def raw(statement, *params):
    with connection.cursor() as cursor:
        cursor.execute(statement, params)


def assert_fresh():
    for query in ("", "q=statement", "basis=uncited", "stance=supports", "cited_after=2021-08-01"):
        chosen = ClaimFilter(QueryDict(query))
        expected = sql_engine.find(chosen.selection)
        assert chosen.found.tally() == expected.tally(), query
        for name in ("language", "year", "status"):
            assert set(chosen.found.values(name)) == set(expected.values(name)), query
        assert chosen.found.total == expected.total, query
        assert chosen.found.counts() == expected.counts(), query


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
    assert_fresh()

    write(*claims)

    assert_fresh()


@pytest.mark.sqlite
def test_replaced_rows_of_topics_are_noticed(claims):
    assert_fresh()
    with connection.cursor() as cursor:
        cursor.execute("SELECT id, topic_id FROM factcheck_claim_topics ORDER BY id LIMIT 1")
        pk, topic = cursor.fetchone()

    raw("DELETE FROM factcheck_claim_topics WHERE id <> %s", pk)
    raw(
        "REPLACE INTO factcheck_claim_topics (id, claim_id, topic_id) VALUES (%s, %s, %s)",
        pk, claims[1].pk, topic,
    )  # fmt: skip

    assert_fresh()


@pytest.mark.postgresql
def test_emptied_tables_are_noticed(claims):
    assert_fresh()

    raw("TRUNCATE factcheck_claim_topics")

    assert_fresh()


def in_a_thread(run):
    failed = []

    def work():
        try:
            run()
        except Exception as error:
            failed.append(error)
        finally:
            connection.close()

    thread = threading.Thread(target=work)
    thread.start()
    return thread, failed


@pytest.mark.postgresql
def test_what_was_written_earlier_and_committed_later_is_noticed(claims):
    assert_fresh()
    written, go_on = threading.Event(), threading.Event()

    def slow():
        with transaction.atomic():
            Claim.objects.filter(pk=claims[0].pk).update(language="kk")
            written.set()
            go_on.wait(20)

    thread, failed = in_a_thread(slow)
    assert written.wait(20)
    Claim.objects.filter(pk=claims[1].pk).update(language="ru")
    assert_fresh()
    before = change_log.version()
    go_on.set()
    thread.join()

    assert failed == []
    assert change_log.version() != before
    assert_fresh()


@pytest.mark.postgresql
def test_a_dump_put_back_on_a_younger_server_is_no_change_at_every_look(claims):
    assert_fresh()
    # Its transactions have lower numbers than those that wrote the rows.
    raw("UPDATE factcheck_change SET writer = (writer::text::bigint + 1000000)::text::xid8")
    change_log.forget()
    before = change_log.version()
    mark = facets.bitmap_engine.current().mark

    assert change_log.version() == before
    assert change_log.since(mark)[1] == []

    change_log.begin()
    assert change_log.version() == before
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM factcheck_change WHERE writer = '3'")
        assert cursor.fetchone()[0] > 1
    with transaction.atomic():
        Claim.objects.filter(pk=claims[0].pk).update(language="kk")
        after = change_log.version()
    change_log.forget()
    assert before != after == change_log.version()
    assert_fresh()


def test_pruned_changes_are_read_as_everything(claims):
    assert_fresh()
    mark = facets.bitmap_engine.current().mark
    for number in range(5):
        Claim.objects.filter(pk=claims[0].pk).update(recheck_on=f"2030-01-0{number + 1}")
    change_log.prune(kept=2)
    assert Change.objects.count() == 3
    before = change_log.version()

    change_log.prune(kept=2)
    change_log.prune(kept=3)

    assert Change.objects.count() == 3
    assert change_log.version() == before
    assert change_log.since(mark)[1] is None
    Claim.objects.filter(pk=claims[0].pk).update(language="kk")
    assert_fresh()


def test_a_process_that_starts_goes_on_from_what_another_has_kept(claims, monkeypatch):
    assert_fresh()
    old = facets.bitmap_engine.current()
    persistence.keep(persistence.Kept(old.mark, old.sets, old.days))
    Claim.objects.filter(pk=claims[0].pk).update(language="kk")
    facets.forget()
    read = []
    real = bitmap_index._read
    monkeypatch.setattr(bitmap_index, "_read", lambda ids: read.append(ids) or real(ids))

    assert_fresh()

    assert [list(ids) for ids in read] == [[claims[0].pk]]
    taken = persistence.take().sets
    assert (taken, persistence.take().days) == (old.sets, old.days)
    shared = [{key: id(members) for key, members in sets.items()} for sets in (taken, old.sets)]
    assert len(set(shared[0].values())) == len(set(shared[1].values())) < len(taken)


def test_of_two_that_were_kept_at_once_one_is_taken_whole(claims, monkeypatch):
    monkeypatch.setattr(persistence, "_PART", 0)  # a part for each set
    state = facets.bitmap_engine.current()
    persistence.keep(persistence.Kept(state.mark, state.sets, state.days))
    parts = list(FacetIndex.objects.order_by("pk").values("form", "server", "part"))
    FacetIndex.objects.all().delete()
    for part in parts:
        for number in (state.mark.number, 7):
            mark = vars(replace(state.mark, number=number))
            FacetIndex.objects.create(**{**part, "part": bytes(part["part"])}, **mark)

    assert persistence.take() == (state.mark, state.sets, state.days)


@pytest.mark.parametrize("field", ["form", "server", "epoch"])
def test_what_was_kept_elsewhere_is_not_taken(claims, field):
    persistence.keep(persistence.Kept(facets.bitmap_engine.current().mark, {}, Days()))
    FacetIndex.objects.update(**{field: "another"})
    facets.forget()

    assert_fresh()


def test_what_was_kept_does_not_come_with_a_fixture(claims, tmp_path):
    persistence.keep(persistence.Kept(facets.bitmap_engine.current().mark, {}, Days()))
    fixture = tmp_path / "all.json"
    call_command("dumpdata", "factcheck", output=str(fixture), verbosity=0)
    assert "facetindex" in fixture.read_text()

    for command in ("loaddata", "import_fixtures"):
        FacetIndex.objects.all().delete()
        call_command(command, str(fixture), verbosity=0, stdout=io.StringIO())
        assert not FacetIndex.objects.exists()
        facets.forget()
        assert_fresh()


def test_what_was_kept_before_changes_were_pruned_is_not_taken(claims):
    persistence.keep(persistence.Kept(facets.bitmap_engine.current().mark, {}, Days()))
    for language in ("kk", "ru"):
        Claim.objects.filter(pk=claims[0].pk).update(language=language)
    change_log.prune(kept=0)
    facets.forget()

    assert_fresh()


def test_sets_are_kept_once_they_are_many_and_the_last_are_old(claims, monkeypatch):
    class Now(threading.Thread):
        def start(self):
            self.run()

    monkeypatch.setattr(persistence, "Thread", Now)
    monkeypatch.setattr(persistence, "_last", None)
    monkeypatch.setattr(persistence, "FEW", 3)
    assert_fresh()
    assert not FacetIndex.objects.exists()
    monkeypatch.setattr(persistence, "FEW", 2)
    Claim.objects.filter(pk=claims[0].pk).update(language="kk")
    assert_fresh()
    first = FacetIndex.objects.get()
    Claim.objects.filter(pk=claims[0].pk).update(language="ru")
    assert_fresh()
    assert FacetIndex.objects.get() == first

    monkeypatch.setattr(persistence, "_OFTEN", 1)
    Claim.objects.filter(pk=claims[0].pk).update(language="kk")
    assert_fresh()

    assert FacetIndex.objects.get().number > first.number
    facets.forget()
    assert_fresh()


def test_readers_are_served_where_nothing_can_be_kept(claims, monkeypatch, caplog):
    monkeypatch.setattr(
        persistence, "keep", lambda state: raw("INSERT INTO no_such_table VALUES (1)")
    )

    persistence._keep_quietly(state=None)

    assert "are not kept" in caplog.text


def test_a_migration_voids_all_that_was_known(claims):
    before = change_log.version()
    install_triggers("default", plan=[])
    assert change_log.version() == before
    old = facets.bitmap_engine.current()
    with connection.cursor() as cursor:
        triggers.remove()
        cursor.execute("UPDATE factcheck_claim SET language = 'kk'")

    install_triggers("default", plan=["a migration"])

    assert change_log.version().split(".")[0] != before.split(".")[0]
    assert change_log.since(old.mark)[1] is None
    assert_fresh()


def test_a_claim_indexed_while_it_is_searched_for_is_found(claims, monkeypatch):
    raw("UPDATE factcheck_claim SET text = 'Herat fell' WHERE id = %s", claims[0].pk)
    matching = __import__("factcheck.search.matching", fromlist=["engine"])
    engine = matching.engine

    def indexed_meanwhile():
        search.drain()
        return engine()

    monkeypatch.setattr(matching, "engine", indexed_meanwhile)

    assert ClaimFilter(QueryDict("q=herat")).found.total == 1


def test_an_outlet_that_came_during_a_request_breaks_nothing(claims):
    chosen = ClaimFilter(QueryDict("cited_after=2000-01-01&control=state"))
    index = chosen.found.index
    citation = factories.create_citation(
        claims[0], factories.create_outlet(control="state"), date_text="2021-01-01"
    )

    assert index.outlet(citation.outlet_id) == (None, "unknown", "")
    assert chosen.found.total == 0
    assert ClaimFilter(chosen.data).found.total == 1


def test_an_answer_that_another_thread_drops_at_once_is_still_returned(claims):
    class Forgetful(dict):
        def __setitem__(self, key, value):
            pass

    index = ClaimFilter(QueryDict()).found.index

    assert replace(index, _kept=Forgetful()).keep("a", lambda: 1) == 1


def test_live_facets_know_the_version_that_a_ranked_cursor_holds(claims):
    before = sql_engine.find(ClaimFilter(QueryDict()).selection).version
    Claim.objects.filter(pk=claims[0].pk).update(text="Herat fell")

    assert (
        before
        != sql_engine.find(ClaimFilter(QueryDict()).selection).version
        == change_log.version()
    )


def test_a_slug_that_is_none_breaks_out_of_no_page(client, claims):
    Claim.objects.filter(pk=claims[0].pk).update(slug='"><script>alert(1)</script>')
    type(outlet(claims[1])).objects.filter(pk=outlet(claims[1]).pk).update(slug='"><script>')

    assert "<script>" not in client.get("/claims/").content.decode()
