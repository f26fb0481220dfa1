"""A claim as it was on a day, and what changed on it."""

from datetime import UTC, date, datetime
from unittest.mock import patch

import pytest

from factcheck import editing
from factcheck.models import Citation, Claim
from factcheck.queries import claim_history
from tests import factories
from tests.public_pages import text

pytestmark = pytest.mark.django_db


def on(day):
    """Return a context in which it is noon of a day of November 2026."""

    class Noon(datetime):
        @classmethod
        def now(cls, tz=None):
            return datetime(2026, 11, day, 12, tzinfo=UTC)

    return patch("django.utils.timezone.datetime", Noon)


@pytest.fixture
def story(reviewer):
    """A claim that was written on the 1st, published on the 3rd and changed until the 9th."""
    with on(1):
        state = factories.create_owner(name="State")
        akorda = factories.create_outlet(name="Akorda", owner=state)
        tengri = factories.create_outlet(name="Tengrinews")
        claim = factories.create_claim(
            stage="draft", text="The bridge was opened in May", slug="bridge",
            topics=[factories.create_topic(name="Bridges")],
        )  # fmt: skip
        first = factories.create_citation(claim, akorda, date_text="2021-08-15")
        factories.create_citation(claim, tengri, date_text="2021-08-16")
    with on(3):
        editing.publish(claim=claim, by=reviewer)
    with on(5):
        editing.approve(proposal=factories.create_proposal(claim, status="true"), by=reviewer)
    with on(7):
        claim = Claim.objects.get(pk=claim.pk)
        claim.text = "The bridge was opened in June"
        claim._change_reason, claim._history_user = "The month was wrong", reviewer
        claim.save()
        tengri.owner = state
        tengri.save()
        first.delete()
    with on(9):
        claim.topics.clear()
        editing.approve(proposal=factories.create_proposal(claim, status="false"), by=reviewer)
        factories.create_citation(claim, factories.create_outlet(name="TASS"), date_text="2021")
    return claim


def seen(client, day):
    with on(20):
        return client.get(f"/claims/bridge/?at=2026-11-{day:02}")


def test_the_page_shows_a_claim_as_it_was(client, story):
    early = text(seen(client, 4))
    assert "As it was on 4 November 2026" in early
    assert "The bridge was opened in May" in early
    assert "2 citations · 2 outlets · 2 independent" in early
    assert "Akorda" in early
    assert "Nobody here has checked this claim yet" in early
    assert "Bridges" in early
    assert "TASS" not in early

    later = text(seen(client, 8))
    assert "The bridge was opened in June" in later
    assert "1 citation · 1 outlet · 1 independent" in later
    assert "Unverified became True" in later.replace("→ ", "")
    assert "State 1 outlet" in later

    now = text(client.get("/claims/bridge/"))
    assert "As it was" not in now
    assert "2 citations · 2 outlets · 2 independent" in now
    assert "Bridges" not in now


def test_owners_are_as_they_were(client, story):
    assert "Tengrinews owner not known: counted on its own" in text(seen(client, 4))
    assert "Tengrinews owner not known" not in text(seen(client, 8))


def test_a_day_before_the_record_says_so(client, story):
    with on(1):
        response = client.get("/claims/bridge/?at=2020-01-01")

    assert response.status_code == 404
    assert "The record of this claim begins on 1 November 2026" in text(response)


def test_what_was_not_public_then_is_not_shown(client, story):
    response = seen(client, 2)

    assert response.status_code == 404
    assert "On that day this claim was not public yet." in text(response)


def test_a_draft_has_no_past_for_readers(client, story):
    factories.create_claim(stage="draft", slug="secret")

    for path in ("/claims/secret/?at=2026-11-20", "/claims/secret/revisions/"):
        assert client.get(path).status_code == 404


@pytest.mark.parametrize("at", ["yesterday", "2026-13-01", "2026-02-30", "2026-11", "%00", "<b>"])
def test_a_bad_day_is_named_and_the_page_shown_as_it_is(client, story, at):
    response = client.get("/claims/bridge/", {"at": at})

    assert response.status_code == 200
    assert "is no day gone by: write one as 2026-11-23" in text(response)
    assert "<b>" not in response.content.decode()


@pytest.mark.parametrize("at", ["0001-01-01", "9999-12-30", "9999-12-31"])
def test_the_first_and_the_last_day_are_days(client, story, at):
    with on(20):
        assert client.get("/claims/bridge/", {"at": at}).status_code in {200, 404}


def test_changes_are_listed_with_what_was_and_what_is(client, story):
    response = client.get("/claims/bridge/revisions/")

    said = text(response)
    html = response.content.decode()
    assert "an editor · The month was wrong" in said
    assert "<del>May</del> <ins>June</ins>" in html
    assert "<del>Akorda, 2021-08-15, Supports</del>" in html
    assert "<ins>TASS, 2021, Supports</ins>" in html
    # What was written before it was published is the editors' own.
    assert "Tengrinews" not in said
    assert "reviewer" not in said


def test_private_fields_are_no_public_change(client, story):
    claim = Claim.objects.get(pk=story.pk)
    claim.source_text = "The article's own sentence."
    claim.save()
    citation = claim.citations.first()
    citation.note = citation.as_cited = "Among ourselves."
    citation.save()

    said = client.get("/claims/bridge/revisions/").content.decode()
    assert "own sentence" not in said
    assert "Among ourselves" not in said


def test_a_merge_shows_as_a_change_with_its_reason(client, story, reviewer):
    winner = factories.create_outlet(name="Interfax", slug="interfax")
    editing.merge_outlets(
        loser=story.citations.get(outlet__name="TASS").outlet, winner=winner, by=reviewer
    )

    said = text(client.get("/claims/bridge/revisions/"))
    assert "outlet merged into interfax" in said
    assert "TASS Interfax" in said


def test_the_past_costs_the_same_with_many_citations(client, django_assert_max_num_queries):
    with on(1):
        claim = factories.create_claim(slug="many")
        for _ in range(12):
            outlet = factories.create_outlet(owner=factories.create_owner())
            factories.create_citation(claim, outlet)
    with django_assert_max_num_queries(20):
        assert client.get("/claims/many/?at=2026-11-02").status_code == 200
    with django_assert_max_num_queries(8):
        assert client.get("/claims/many/revisions/").status_code == 200


def test_a_claim_without_history_has_no_past(client):
    claim = factories.create_claim()
    claim.history.all().delete()

    found = claim_history.version_on(claim, date(2030, 1, 1))

    assert (found.claim, found.is_known, found.known_since) == (None, False, None)


def test_what_is_deleted_since_is_shown_as_it_was(client, reviewer):
    """A claimant, and an outlet without a history of its own, that are gone today."""
    with on(1):
        claim = factories.create_claim(
            slug="gone", claimant=factories.create_claimant(name="Former"),
        )  # fmt: skip
        citation = factories.create_citation(claim, factories.create_outlet(name="Vanished"))
        citation.outlet.history.all().delete()
    with on(3):
        former, vanished = claim.claimant, citation.outlet
        claim.claimant = factories.create_claimant(name="Present")
        claim.save()
        citation.outlet = factories.create_outlet(name="Another")
        citation.save()
        former.delete()
        vanished.delete()

    with on(5):
        seen = text(client.get("/claims/gone/?at=2026-11-02"))
    assert "Former" in seen
    assert "Vanished" in seen
    assert "Present" not in seen


def test_names_and_merges_are_those_of_the_day(client, reviewer):
    with on(1):
        claimant = factories.create_claimant(name="Old name")
        claim = factories.create_claim(slug="bridge", claimant=claimant)
        publishers = [factories.create_outlet() for _ in range(2)]
        for publisher, status in zip(publishers, ("true", "false"), strict=True):
            factories.create_verification(claim, status=status, publisher=publisher)
    with on(3):
        claimant.name = "New name"
        claimant.save()
        editing.merge_outlets(loser=publishers[0], winner=publishers[1], by=reviewer)

    assert "Old name" in text(seen(client, 2))
    assert "Disputed" in text(seen(client, 2))
    assert "False" in text(seen(client, 4))


def test_an_entry_that_says_it_is_old_does_not_change_the_past(client, story):
    assert "Nobody here has checked" in text(seen(client, 4))
    with on(15):
        factories.create_verification(
            story, status="false", created_at=datetime(2026, 11, 3, 13, tzinfo=UTC)
        )

    assert "Nobody here has checked" in text(seen(client, 4))


def test_a_day_to_come_is_refused(client, story):
    with on(20):
        assert "is no day gone by" in text(client.get("/claims/bridge/?at=2026-11-21"))
        assert "is no day gone by" not in text(client.get("/claims/bridge/?at=2026-11-20"))


def test_what_loaddata_writes_begins_its_history(client, tmp_path):
    from django.core.management import call_command

    claim = factories.create_claim(slug="loaded", topics=[factories.create_topic(name="Trade")])
    factories.create_citation(claim, factories.create_outlet(name="TASS"))
    path = tmp_path / "all.json"
    names = ("owner", "topic", "outlet", "claim", "citation")
    call_command("dumpdata", *(f"factcheck.{name}" for name in names), natural_primary=True,
                 natural_foreign=True, output=str(path), verbosity=0)  # fmt: skip
    claim.delete()
    Claim.history.all().delete()
    Citation.history.all().delete()
    with on(1):
        call_command("loaddata", str(path), verbosity=0)
    with on(3):
        changed = Claim.objects.get(slug="loaded")
        changed.text = "Another text"
        changed.save()
        citation = changed.citations.get()
        citation.title = "A title"
        citation.save()

    with on(5):
        assert "1 citation · 1 outlet · 1 independent" in text(
            client.get("/claims/loaded/?at=2026-11-02")
        )
        said = text(client.get("/claims/loaded/revisions/"))
    assert "A title" in said
    assert "Trade" in text(client.get("/claims/loaded/"))


def test_a_claim_loaded_again_after_its_citations_changed_has_no_new_past(tmp_path):
    from django.core.management import call_command

    # A moment that a file holds whole.
    claim = factories.create_claim(published_at=datetime(2026, 11, 1, tzinfo=UTC))
    factories.create_citation(claim)
    path = tmp_path / "claim.json"
    call_command("dumpdata", "factcheck.claim", natural_primary=True, natural_foreign=True,
                 output=str(path), verbosity=0)  # fmt: skip

    def loaded():
        call_command("loaddata", str(path), verbosity=0)
        return claim.history.count()

    assert loaded() == 1
    path.write_text(path.read_text().replace("Statement", "Another statement"))
    assert loaded() == 2


def test_where_a_part_has_no_history_nothing_is_made_up(client):
    with on(1):
        claim = factories.create_claim(slug="part")
        factories.create_citation(claim)
        Citation.history.all().delete()
    with on(5):
        response = client.get("/claims/part/?at=2026-11-02")
        assert response.status_code == 404
        assert "No record of this claim's past is kept here." in text(response)
        assert client.get("/claims/part/?at=2026-11-05").status_code == 200


def test_topics_and_quotation_marks_are_changes_too(client, story):
    claim = Claim.objects.get(pk=story.pk)
    claim.is_quotation = True
    claim.save()

    html = client.get("/claims/bridge/revisions/").content.decode()
    assert "<del>Bridges</del>" in html
    assert "Quotation" in html
