"""The bitmap index of the facets: shared by threads, saved for other processes, always exact."""

import io
import threading
from dataclasses import fields, replace

import pytest
from django.core.management import call_command
from django.db import DatabaseError
from django.http import QueryDict

from factcheck import data_version
from factcheck.facets import bitmap_index, persistence
from factcheck.facets.citation_days import CitationDays
from factcheck.filters import ClaimFilter
from factcheck.models import Claim, FacetIndex
from tests import factories
from tests.sql_facets import assert_facets_are_exact
from tests.threads import in_thread

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def claims():
    topics = [factories.create_topic() for _ in range(2)]
    found = [factories.create_claim(topics=[topic]) for topic in topics]
    for claim in found:
        factories.create_citation(claim, factories.create_outlet(owner=factories.create_owner()))
    return found


def test_a_process_that_starts_goes_on_from_what_another_has_kept(claims, monkeypatch):
    assert_facets_are_exact()
    old = bitmap_index.current()
    persistence.save(persistence.SavedIndex(old.version, old.sets, old.days))
    Claim.objects.filter(pk=claims[0].pk).update(language="kk")
    bitmap_index.clear_cache()
    read = []
    real = bitmap_index.read_sets
    monkeypatch.setattr(bitmap_index, "read_sets", lambda ids: read.append(ids) or real(ids))

    assert_facets_are_exact()

    assert [list(ids) for ids in read] == [[claims[0].pk]]
    taken = persistence.load_saved().sets
    assert (taken, persistence.load_saved().days) == (old.sets, old.days)
    shared = [{key: id(members) for key, members in sets.items()} for sets in (taken, old.sets)]
    assert len(set(shared[0].values())) == len(set(shared[1].values())) < len(taken)


def test_of_two_that_were_kept_at_once_one_is_taken_whole(claims, monkeypatch):
    monkeypatch.setattr(persistence, "_PART_SIZE", 0)  # a part for each set
    state = bitmap_index.current()
    persistence.save(persistence.SavedIndex(state.version, state.sets, state.days))
    parts = list(FacetIndex.objects.order_by("pk").values("form", "server", "part"))
    FacetIndex.objects.all().delete()
    for part in parts:
        for number in (state.version.number, 7):
            FacetIndex.objects.create(
                **{**part, "part": bytes(part["part"])},
                epoch=state.version.database_id,
                number=number,
                snapshot=state.version.snapshot,
            )

    assert persistence.load_saved() == (state.version, state.sets, state.days)


@pytest.mark.parametrize("field", ["form", "server", "epoch"])
def test_what_was_kept_elsewhere_is_not_taken(claims, field):
    persistence.save(persistence.SavedIndex(bitmap_index.current().version, {}, CitationDays()))
    FacetIndex.objects.update(**{field: "another"})
    bitmap_index.clear_cache()

    assert_facets_are_exact()


def test_what_was_kept_does_not_come_with_a_fixture(claims, tmp_path):
    persistence.save(persistence.SavedIndex(bitmap_index.current().version, {}, CitationDays()))
    fixture = tmp_path / "all.json"
    call_command("dumpdata", "factcheck", output=str(fixture), verbosity=0)
    assert "facetindex" in fixture.read_text()

    for command in ("loaddata", "import_fixtures"):
        FacetIndex.objects.all().delete()
        call_command(command, str(fixture), verbosity=0, stdout=io.StringIO())
        assert not FacetIndex.objects.exists()
        bitmap_index.clear_cache()
        assert_facets_are_exact()


def test_what_was_kept_before_changes_were_pruned_is_not_taken(claims):
    persistence.save(persistence.SavedIndex(bitmap_index.current().version, {}, CitationDays()))
    for language in ("kk", "ru"):
        Claim.objects.filter(pk=claims[0].pk).update(language=language)
    data_version.prune(keep=0)
    bitmap_index.clear_cache()

    assert_facets_are_exact()


def test_sets_are_kept_once_they_are_many_and_the_last_are_old(claims, monkeypatch):
    class Now(threading.Thread):
        def start(self):
            self.run()

    monkeypatch.setattr(persistence, "Thread", Now)
    monkeypatch.setattr(persistence, "_last", None)
    monkeypatch.setattr(persistence, "MIN_CLAIMS", 3)
    assert_facets_are_exact()
    assert not FacetIndex.objects.exists()
    monkeypatch.setattr(persistence, "MIN_CLAIMS", 2)
    Claim.objects.filter(pk=claims[0].pk).update(language="kk")
    assert_facets_are_exact()
    first = FacetIndex.objects.get()
    Claim.objects.filter(pk=claims[0].pk).update(language="ru")
    assert_facets_are_exact()
    assert FacetIndex.objects.get() == first

    monkeypatch.setattr(persistence, "_MAX_AGE", 1)
    Claim.objects.filter(pk=claims[0].pk).update(language="kk")
    assert_facets_are_exact()

    assert FacetIndex.objects.get().number > first.number
    bitmap_index.clear_cache()
    assert_facets_are_exact()


def test_an_index_that_cannot_be_saved_is_no_error_but_is_logged(monkeypatch, caplog):
    def fail(index):
        raise DatabaseError("readonly database")

    monkeypatch.setattr(persistence, "save", fail)

    persistence._save_or_log(index=None)

    assert "was not saved" in caplog.text


def test_an_outlet_that_came_during_a_request_breaks_nothing(claims):
    chosen = ClaimFilter(QueryDict("cited_after=2000-01-01&control=state"))
    before = chosen.result.index
    citation = factories.create_citation(
        claims[0], factories.create_outlet(control="state"), date_text="2021-01-01"
    )

    assert before.outlet(citation.outlet_id) == (None, "unknown", "")
    assert chosen.result.total == 0
    assert ClaimFilter(chosen.data).result.total == 1


def test_an_answer_that_another_thread_drops_at_once_is_still_returned(claims):
    class Forgetful(dict):
        def __setitem__(self, key, value):
            pass

    shared = ClaimFilter(QueryDict()).result.index

    assert replace(shared, _answers=Forgetful()).cached("a", lambda: 1) == 1


def test_a_change_of_what_is_saved_needs_a_new_format(sample):
    factories.create_claim()  # which cites nothing
    factories.create_citation(role="reprint", date_text="")
    index = bitmap_index.current()

    # Whoever changes one of these raises `persistence.FORMAT`, and then this test.
    assert persistence.FORMAT == 1
    assert {key[0] for key in index.sets} == {
        *("article", "claimant", "found", "independent", "language", "month", "pair", "published"),
        *("repeat", "single_outlet", "status", "topic", "uncited", "undated", "voice", "year"),
    }
    assert [field.name for field in fields(CitationDays)] == [
        *("calendar", "single", "spans", "stale")
    ]


class Rebuild:
    """A full rebuild of the index that does not end before `go_on` is set."""

    def __init__(self, monkeypatch):
        self.begun, self.go_on, self.is_waited_for = (threading.Event() for _ in range(3))
        self.read = []
        self.errors = []
        read_sets, rebuild = bitmap_index.read_sets, self

        def slow_read(ids):
            rebuild.read.append(ids)
            sets = read_sets(ids)
            if ids is None:
                rebuild.begun.set()
                assert rebuild.go_on.wait(20)
                if rebuild.errors:
                    raise rebuild.errors.pop()
            return sets

        class Ending(threading.Event):
            def wait(self, timeout=None):
                rebuild.is_waited_for.set()
                return super().wait(20)

        monkeypatch.setattr(bitmap_index, "read_sets", slow_read)
        monkeypatch.setattr(bitmap_index, "Event", Ending)


@pytest.fixture
def rebuild(monkeypatch):
    rebuild = Rebuild(monkeypatch)
    yield rebuild
    rebuild.go_on.set()


def total():
    return ClaimFilter(QueryDict()).result.total


def test_a_rebuild_stops_no_reader_who_needs_no_index(client, claims, rebuild):
    first = in_thread(total)
    assert rebuild.begun.wait(20)

    assert not bitmap_index._shared.lock.locked()
    assert data_version.version()
    assert client.get(claims[0].get_absolute_url()).status_code == 200

    assert not first.done()
    rebuild.go_on.set()
    assert first.result() == 2


def test_one_thread_rebuilds_and_the_others_see_what_came_meanwhile(claims, rebuild):
    first = in_thread(total)
    assert rebuild.begun.wait(20)
    new = factories.create_claim()
    second = in_thread(total)
    assert rebuild.is_waited_for.wait(20)
    rebuild.go_on.set()

    assert (first.result(), second.result()) == (2, 3)
    assert [ids and list(ids) for ids in rebuild.read] == [None, [new.pk]]


def test_a_reader_who_waited_goes_on_if_the_rebuild_fails(claims, rebuild):
    first = in_thread(total)
    assert rebuild.begun.wait(20)
    second = in_thread(total)
    assert rebuild.is_waited_for.wait(20)
    rebuild.errors.append(DatabaseError("gone"))
    rebuild.go_on.set()

    with pytest.raises(DatabaseError):
        first.result()
    assert second.result() == 2


def test_a_rebuild_of_a_database_that_was_replaced_is_dropped(claims, rebuild):
    first = in_thread(total)
    assert rebuild.begun.wait(20)

    bitmap_index.clear_cache()
    rebuild.go_on.set()
    first.result()

    assert bitmap_index._shared.index is None
