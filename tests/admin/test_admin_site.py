"""The editors' desk: what waits, who overwrites whom, what says the same twice."""

import re
from datetime import date, timedelta

import pytest
from django.contrib.messages import get_messages
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from factcheck import editing, search
from factcheck.filters.work_queues import QUEUES
from factcheck.models import Claim, Merge, Outlet, SuggestedChange, Verification
from tests import factories
from tests.admin_forms import change_page, confirm_act, errors, form, opened

pytestmark = pytest.mark.django_db


def waiting(response):
    return {str(queue["title"]): queue for queue in response.context["queues"]}


def test_the_desk_counts_what_waits_and_leads_there(client, reviewer):
    client.force_login(reviewer)
    article = factories.create_article(published_text="2021-09-01")
    article.published_on = date(2021, 9, 1)
    article.save()
    factories.create_claim(stage="draft", text="The bridge in Almaty was opened")
    factories.create_claim(stage="draft", text="In Almaty the bridges opened was")
    factories.create_claim(stage="review", recheck_on=timezone.localdate() - timedelta(1))
    claim = factories.create_claim(article=article)
    factories.create_citation(claim, date_text="2021-10-01", url="https://example.org/")
    factories.create_citation(claim, factories.create_outlet(is_confirmed=False), date_text="2021",
                              stance="mentions")  # fmt: skip
    factories.create_proposal(claim)
    SuggestedChange.objects.create(kind="outlet", target_id=1, target="TASS")
    search.drain()

    response = client.get("/admin/")

    expected = {
        "Drafts": 2,
        "Waiting for review": 1,
        "Findings waiting for approval": 1,
        "Verdict given on other words": 0,
        "Published, but unverified": 1,
        "Resting on one family only": 1,
        "Citations without a day": 1,
        "Citations without a link": 1,
        "Citations dated after their article": 1,
        "Outlets nobody has looked at": 1,
        "Proposed changes of outlets and people": 1,
        "Possible duplicates": 2,
        "Overdue for another look": 1,
    }
    assert {title: queue["count"] for title, queue in waiting(response).items()} == expected
    for title, queue in waiting(response).items():
        listed = client.get(queue["url"])
        assert listed.context["cl"].result_count == expected[title], title


def test_the_desk_asks_one_query_a_queue(client, reviewer):
    client.force_login(reviewer)
    factories.create_claim()
    client.get("/admin/")
    factories.create_claim()
    search.drain()
    with CaptureQueriesContext(connection) as found:
        client.get("/admin/")

    # Session, user, permissions, the log of actions, search's queue, the data's version.
    assert len(found) <= len(QUEUES) + 9, [query["sql"] for query in found]


def test_the_second_editor_is_told_what_changed_and_overwrites_nothing(client, reviewer):
    client.force_login(reviewer)
    claim = factories.create_claim(stage="draft", text="The first wording")
    citation = factories.create_citation(claim)
    mine = opened(client, change_page(claim))
    theirs = opened(client, change_page(claim))
    assert client.post(change_page(claim), theirs | {"text": "Their wording"}).status_code == 302

    refused = client.post(change_page(claim), mine | {"text": "My wording"})

    said = errors(refused)
    assert "reviewer changed this while you edited it" in said
    assert "“The first wording” became “Their wording”" in said.replace("&quot;", '"')
    claim.refresh_from_db()
    assert claim.text == "Their wording"
    assert "My wording" in refused.content.decode()

    # Sent once more, it is saved knowingly.
    again = mine | {
        "text": "My wording",
        "seen_state": refused.context["adminform"].form["seen_state"].value(),
    }
    assert client.post(change_page(claim), again).status_code == 302
    claim.refresh_from_db()
    assert claim.text == "My wording"
    citation.refresh_from_db()


@pytest.mark.parametrize("what", ["citation", "stage", "finding", "removed"])
def test_other_changes_of_a_claim_are_told_too(client, reviewer, what):
    client.force_login(reviewer)
    claim = factories.create_claim(stage="draft")
    citation = factories.create_citation(claim)
    mine = opened(client, change_page(claim))
    if what == "citation":
        factories.create_citation(claim, factories.create_outlet(name="Newcomer"))
    elif what == "removed":
        citation.delete()
    elif what == "stage":
        editing.publish(claim=claim, by=reviewer)
    else:
        editing.approve(proposal=factories.create_proposal(claim), by=reviewer)

    refused = client.post(change_page(claim), mine | {"text": "My wording"})

    expected = {
        "citation": "Newcomer",
        "stage": "Published",
        "finding": "True",
        "removed": "became “–”",
    }
    assert expected[what] in errors(refused)
    claim.refresh_from_db()
    assert claim.text != "My wording"


def test_outlets_are_guarded_too(client, reviewer):
    client.force_login(reviewer)
    outlet = factories.create_outlet()
    page = reverse("admin:factcheck_outlet_change", args=[outlet.pk])
    mine = opened(client, page)
    Outlet.objects.filter(pk=outlet.pk).update(control="state")

    assert "“Unknown” became “State”" in errors(client.post(page, mine | {"name": "Mine"}))
    outlet.refresh_from_db()
    assert (outlet.control, outlet.name) != ("unknown", "Mine")


def test_a_forged_state_is_refused(client, reviewer):
    client.force_login(reviewer)
    claim = factories.create_claim(stage="draft")

    refused = client.post(
        change_page(claim), opened(client, change_page(claim)) | {"seen_state": "x"}
    )

    assert "reload the page" in errors(refused)


def test_a_change_is_remembered_with_its_reason(client, reviewer):
    client.force_login(reviewer)
    claim = factories.create_claim(stage="draft")
    citation = factories.create_citation(claim)
    data = opened(client, change_page(claim))
    data |= {"text": "Better", "change_reason": "Nearer to the source", "citations-0-note": "n"}

    assert client.post(change_page(claim), data).status_code == 302

    for row in (claim, citation):
        past = row.history.first()
        assert (past.history_change_reason, past.history_user) == ("Nearer to the source", reviewer)


@pytest.mark.parametrize(
    ("text", "is_near"),
    [
        pytest.param("The bridge near Termez was closed in September 2021.", True, id="near"),
        pytest.param("In September 2021 the bridge near Termez was reopened.", True, id="order"),
        pytest.param("Tokayev met the Secretary General of the CSTO in Dushanbe.", False, id="far"),
        pytest.param("Bridge.", False, id="one word"),
        pytest.param("…", False, id="no word"),
    ],
)
def test_saving_warns_of_a_claim_that_says_nearly_the_same(client, reviewer, text, is_near):
    client.force_login(reviewer)
    there = factories.create_claim(text="The bridge near Termez was reopened in September 2021.")
    factories.create_claim(text="Something else altogether happened in Herat.")
    search.drain()

    response = client.post(reverse("admin:factcheck_claim_add"), form(text=text))

    said = " ".join(str(message) for message in get_messages(response.wsgi_request))
    assert ("says nearly the same" in said) == is_near
    assert (change_page(there) in said) == is_near


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("is_two", [False, True])
def test_without_the_rule_of_two_one_person_proposes_and_then_approves(client, settings, is_two):
    settings.FACTCHECK_REQUIRE_SECOND_APPROVER = is_two
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    client.force_login(factories.create_editor("one", "Contributors", "Reviewers"))
    page = reverse("admin:factcheck_claim_add")
    data = opened(client, page)
    data |= {
        "text": "A statement",
        "language": "en",
        "proposals-0-status": "true",
        "proposals-0-reason": "No evidence needed: a test.",
        "citations-TOTAL_FORMS": "0",
    }
    assert client.post(page, data).status_code == 302
    claim = Claim.objects.get()
    assert not Verification.objects.exists()
    proposal = claim.proposals.get()
    approve = reverse("admin:factcheck_proposal_approve", args=[proposal.pk])
    confirm_act(client, client.get(approve))
    claim.refresh_from_db()

    assert Verification.objects.count() == (0 if is_two else 1)
    assert claim.status == ("unverified" if is_two else "true")
    if is_two:
        other = factories.create_editor("two", "Contributors", "Reviewers")
        editing.approve(proposal=proposal, by=other)
        entry = Verification.objects.get()
        assert (entry.reviewer.username, entry.approved_by.username) == ("one", "two")


def test_an_editor_merges_after_a_look_and_takes_it_back(client, reviewer):
    client.force_login(reviewer)
    loser, winner = (
        factories.create_outlet(name="Tengri"),
        factories.create_outlet(name="Tengrinews", pk=1_234_567),
    )
    factories.create_citation(outlet=loser)
    page = reverse("admin:factcheck_outlet_merge", args=[loser.pk])
    assert (
        "Merge…"
        in client.get(reverse("admin:factcheck_outlet_change", args=[loser.pk])).content.decode()
    )

    look = client.get(page, {"winner": winner.pk}).content.decode()
    assert "1 citations" in look
    assert not Merge.objects.exists()
    (given,) = re.findall(r'name="winner" value="([^"]*)"', look)  # pages group digits
    done = client.post(page, {"winner": given}, follow=True)
    assert "is now a name of" in done.content.decode()
    loser.refresh_from_db()
    assert loser.merged_into == winner

    data = {"action": "take_back", "_selected_action": [Merge.objects.get().pk]}
    asked = client.post(reverse("admin:factcheck_merge_changelist"), data, follow=True)
    assert "Take back anyway" in asked.content.decode()
    data["_confirmed"] = "1"
    back = client.post(reverse("admin:factcheck_merge_changelist"), data, follow=True)
    assert "Taken back:" in back.content.decode()
    loser.refresh_from_db()
    assert loser.merged_into is None


def test_merging_into_itself_or_what_is_not_there_is_refused(client, reviewer, contributor):
    client.force_login(reviewer)
    outlet = factories.create_outlet()
    page = reverse("admin:factcheck_outlet_merge", args=[outlet.pk])
    for wrong in (outlet.pk, 4711, "x", "", "9" * 30):
        said = errors(client.post(page, {"winner": wrong}))
        assert "Select a valid choice" in said or "required" in said
    assert client.get(reverse("admin:factcheck_outlet_merge", args=[4711])).status_code == 404
    client.force_login(contributor)
    assert client.get(page).status_code == 403


def test_reprints_are_marked_from_a_claims_citations(client, reviewer):
    client.force_login(reviewer)
    claim = factories.create_claim()
    source, *others = [factories.create_citation(claim) for _ in range(3)]
    page = reverse("admin:factcheck_citation_reprints") + f"?claim={claim.pk}"
    assert "Mark reprints…" in client.get(change_page(claim)).content.decode()
    assert len(re.findall(r'checkbox" name="citation"', client.get(page).content.decode())) == 3

    data = {"citation": [one.pk for one in others], "source": source.outlet_id}
    done = client.post(page, data, follow=True)

    assert "2 citations were marked." in done.content.decode()
    claim.refresh_from_db()
    assert claim.independent_count == 1


def test_a_duplicate_whose_double_was_retracted_is_none(reviewer):
    kept, double = (factories.create_claim(text="The same words here") for _ in range(2))
    search.drain()
    queue = next(queue for queue in QUEUES if queue.name == "duplicates")
    assert queue.rows().count() == 2

    editing.retract(claim=double, by=reviewer, reason="A duplicate.")

    assert not queue.rows().filter(pk=kept.pk).exists()


def test_nobody_approves_what_they_have_written_a_part_of(client, settings):
    settings.FACTCHECK_REQUIRE_SECOND_APPROVER = True
    one, two, three = (
        factories.create_editor(name, "Contributors", "Reviewers") for name in ("a", "b", "c")
    )
    claim = factories.create_claim()
    proposal = editing.propose(
        claim=claim, by=one, status="true", reason="No evidence needed: a test.\nMore."
    )
    page = reverse("admin:factcheck_proposal_change", args=[proposal.pk])

    # Line ends and a tick are no words of one's own, and nobody signs for another.
    client.force_login(two)
    data = opened(client, page) | {
        "reason": "No evidence needed: a test.\r\nMore.",
        "is_signed": "on",
    }
    client.post(page, data)
    proposal.refresh_from_db()
    assert (proposal.proposed_by, proposal.is_signed) == (one, False)

    # Another's words are.
    client.post(page, opened(client, page) | {"reason": "No evidence needed: b wrote this."})
    proposal.refresh_from_db()
    assert proposal.proposed_by == two
    for author in (one, two):
        with pytest.raises(ValidationError, match="you wrote some of it yourself"):
            editing.approve(proposal=proposal, by=author)
    assert editing.approve(proposal=proposal, by=three).reviewer == two


def test_a_part_that_is_gone_is_said_so(client, reviewer):
    client.force_login(reviewer)
    claim = factories.create_claim(stage="draft")
    mine_has = factories.create_citation(claim)
    mine = opened(client, change_page(claim))
    mine_has.delete()

    assert "copy what you wrote" in errors(client.post(change_page(claim), mine | {"text": "X"}))


def test_the_address_of_a_public_page_is_not_edited(client, reviewer):
    client.force_login(reviewer)
    claim, outlet = factories.create_claim(slug="stays"), factories.create_outlet(slug="too")
    for row, page in (
        (claim, change_page(claim)),
        (outlet, reverse("admin:factcheck_outlet_change", args=[outlet.pk])),
    ):
        client.post(page, opened(client, page) | {"slug": "other"})
        slug = row.slug
        row.refresh_from_db()
        assert row.slug == slug


def test_a_long_list_counts_where_it_is_asked_to(client, reviewer, monkeypatch):
    for year in (2020, 2021):
        factories.create_claim(claimed_on=date(year, 8, 20), language="en")
    factories.create_claim(stage="draft", claimed_on=date(1999, 1, 1), language="uz")
    client.force_login(reviewer)
    page = "/admin/factcheck/claim/"
    short = client.get(page).content.decode()
    assert "Published (2)" in short
    assert "2020" in short

    monkeypatch.setattr("factcheck.admin.base.MAX_ROWS_READ", 2)
    long = client.get(page).content.decode()
    assert "Published (2)" not in long
    assert "date-hierarchy" not in long
    assert "?year=1999" in long
    assert "?language=uz" in long
    assert "Published (2)" in client.get(f"{page}?_facets=True").content.decode()

    (found,) = client.get(f"{page}?year=1999&language=uz").context["cl"].result_list
    assert found.stage == "draft"
    assert client.get(f"{page}?year=x").status_code == 302
