"""What becomes public or permanent: the admin shows it, asks once, and tells the outcome."""

import html
import re
from datetime import timedelta

import pytest
from django.contrib import admin as django_admin
from django.contrib.admin.models import LogEntry
from django.core.exceptions import PermissionDenied, ValidationError
from django.urls import reverse
from django.utils import timezone

from factcheck import editing
from factcheck.admin import claim_action_run
from factcheck.models import Citation, Claim, Proposal, Verification
from tests import factories
from tests.admin_forms import ADD, RECORD, change_page, confirm_act, errors, form, sent_by, told

pytestmark = pytest.mark.django_db
CLAIMS = "/admin/factcheck/claim/"
PROPOSALS = "/admin/factcheck/proposal/"


@pytest.fixture
def editor(client, reviewer):
    client.force_login(reviewer)
    return reviewer


def act(client, name, claims, **more):
    """Choose claims in the list and an action; return the page that asks."""
    chosen = [claim.pk for claim in claims]
    return client.post(CLAIMS, {"action": name, "_selected_action": chosen, **more})


def text_of(page):
    text = re.sub(r"<[^>]+>", " ", page.content.decode())
    return " ".join(html.unescape(text).split())


# Approving


def test_no_save_of_a_claim_approves_a_finding(client, editor):
    assert "approve" not in re.findall(
        r'name="proposals-0-(\w+)"', client.get(ADD).content.decode()
    )
    finding = {"status": "false", "reason": "Half a thought, not finished.", "approve": "on"}
    for button in ("_save", "_continue", "_addanother", "_submit"):
        client.post(ADD, form(proposal=finding, evidence=[RECORD], **{button: "1"}))

    assert Proposal.objects.open().count() == 4
    assert not Verification.objects.exists()


def test_saving_to_approve_leads_to_a_page_that_shows_what_becomes_permanent(client, editor):
    finding = {"status": "false", "reason": "The *treaty* says so.", "label": "Half right"}
    claimant = factories.create_claimant(name="Erlan Karin")

    asked = client.post(
        ADD,
        form(
            proposal=finding,
            evidence=[RECORD | {"quote": "Article 1"}],
            claimant=claimant.pk,
            claimed_on="2021-08-15",
            _approve="1",
        ),
        follow=True,
    )

    shown = asked.content.decode()
    for part in ("<em>treaty</em>", "Half right", RECORD["url"], "Article 1", "Erlan Karin"):
        assert part in shown
    for part in ("The bridge was opened in May.", "15 August 2021", "False", "Reviewer"):
        assert part in text_of(asked)
    assert not Verification.objects.exists()
    done = confirm_act(client, asked)
    assert told(done) == ["1 finding is now in the public log."]
    entry = Verification.objects.get()
    assert (entry.status, entry.label, entry.reason) == tuple(
        finding[name] for name in ("status", "label", "reason")
    )
    assert done.redirect_chain[-1][0] == change_page(entry.claim)


def test_without_a_finding_there_is_nothing_to_approve(client, editor):
    answer = client.post(ADD, form(_approve="1"), follow=True)

    assert any("no finding to approve" in message for message in told(answer))
    assert not Verification.objects.exists()


def test_a_signed_finding_is_shown_with_its_name(client, editor, contributor):
    proposal = factories.create_proposal(proposed_by=contributor, is_signed=True)

    page = client.get(reverse("admin:factcheck_proposal_approve", args=[proposal.pk]))

    assert "Signed contributor," in text_of(page)


@pytest.mark.parametrize("changed", ["reason", "statement"])
@pytest.mark.parametrize("verb", ["approve", "decline"])
def test_what_changed_after_the_look_is_not_decided_but_shown_anew(client, editor, changed, verb):
    proposal = factories.create_proposal()
    page = client.get(reverse(f"admin:factcheck_proposal_{verb}", args=[proposal.pk]))
    if changed == "reason":
        Proposal.objects.update(reason="Another reason altogether.")
    else:
        Claim.objects.update(text="Another statement altogether.")

    again = confirm_act(client, page)

    assert "Another" in text_of(again)
    assert any("changed after you opened" in message for message in told(again))
    assert Proposal.objects.get().state == "open"
    confirm_act(client, again)
    assert Proposal.objects.get().state == ("approved" if verb == "approve" else "declined")


def test_several_findings_are_shown_in_full_and_end_in_one_message(client, editor):
    proposals = [factories.create_proposal(reason=f"Reason number {n}.") for n in range(3)]
    chosen = {"_selected_action": [row.pk for row in proposals]}

    asked = client.post(PROPOSALS, {"action": "approve_proposals", **chosen})
    assert all(
        row.reason in text_of(asked) and row.claim.text in text_of(asked) for row in proposals
    )
    editing.decline(proposal=proposals[1], by=editor)
    done = confirm_act(client, asked)

    assert Verification.objects.count() == 2
    (message,) = told(done)
    assert "2 findings are now in the public log. 1 record is left out:" in message
    assert "This proposal was decided already." in message


def test_findings_are_declined_after_a_question(client, editor):
    proposal = factories.create_proposal()
    page = client.get(reverse("admin:factcheck_proposal_change", args=[proposal.pk]))
    decline = reverse("admin:factcheck_proposal_decline", args=[proposal.pk])
    assert decline in page.content.decode()

    asked = client.get(decline)
    assert Proposal.objects.get().state == "open"
    confirm_act(client, asked)

    assert Proposal.objects.get().state == "declined"
    assert not Verification.objects.exists()


def test_a_finding_is_approved_from_its_own_page(client, editor):
    proposal = factories.create_proposal()
    page = reverse("admin:factcheck_proposal_change", args=[proposal.pk])
    sent = {"claim": proposal.claim_id, "status": "false", "reason": "The record says so."}
    record = {f"evidence-0-{name}": value for name, value in RECORD.items()}

    asked = client.post(page, {**sent, **record, "_approve": "1"}, follow=True)
    assert not Verification.objects.exists()
    confirm_act(client, asked)

    assert Verification.objects.get().status == "false"


def test_more_findings_than_anybody_reads_are_not_taken(client, editor):
    claim = factories.create_claim()
    rows = [Proposal(claim=claim, reason="So.") for _ in range(51)]
    Proposal.objects.bulk_create(rows)
    chosen = list(Proposal.objects.values_list("pk", flat=True))

    answer = client.post(
        PROPOSALS, {"action": "approve_proposals", "_selected_action": chosen}, follow=True
    )

    assert any("at most 50 findings" in message for message in told(answer))


@pytest.mark.parametrize("verb", ["approve", "decline"])
def test_a_contributor_decides_nothing(client, contributor, verb):
    client.force_login(contributor)
    proposal = factories.create_proposal()
    page = reverse(f"admin:factcheck_proposal_{verb}", args=[proposal.pk])
    several = reverse(f"admin:factcheck_proposal_{verb}_several")

    assert client.get(page).status_code == 403
    assert client.post(several, {"proposal": f"{proposal.pk}:x"}).status_code == 403


@pytest.mark.parametrize("sent", ["", "x", "x:y", "999:z", "9" * 30 + ":z"])
def test_a_decision_about_nothing_changes_nothing(client, editor, sent):
    several = reverse("admin:factcheck_proposal_approve_several")

    assert client.post(several, {"proposal": sent}, follow=True).status_code == 200
    assert not Verification.objects.exists()


@pytest.fixture
def late_log():
    """A log whose last record is dated an hour after this server's clock."""
    factories.create_verification(created_at=timezone.now() + timedelta(hours=1))


def test_a_clock_that_is_behind_the_log_is_checked_before_a_finding_enters_it(
    client, editor, late_log
):
    proposal = factories.create_proposal()
    page = client.get(reverse("admin:factcheck_proposal_approve", args=[proposal.pk]))
    assert "I have checked the clock" not in text_of(page)

    asked = confirm_act(client, page)
    assert "Either the clock is wrong now, or it was wrong then." in text_of(asked)
    assert "I have checked the clock" in text_of(asked)
    assert Verification.objects.count() == 1
    confirm_act(client, asked, clock_checked="on")

    assert Verification.objects.count() == 2


def test_the_clock_is_checked_as_well_when_a_finding_is_approved_and_published(
    client, editor, late_log
):
    claim = factories.create_claim(stage="draft")
    factories.create_proposal(claim)
    page = client.get(reverse("admin:factcheck_claim_act", args=["publish"]) + f"?ids={claim.pk}")

    asked = confirm_act(client, page, _approve="1")
    claim.refresh_from_db()
    assert (claim.stage, claim.status) == ("draft", "unverified")
    confirm_act(client, asked, _approve="1", clock_checked="on")

    claim.refresh_from_db()
    assert (claim.stage, claim.status) == ("published", "true")


# Publishing and the other acts


def test_saving_to_publish_shows_the_statement_and_asks(client, editor):
    asked = client.post(ADD, form(_publish="1"), follow=True)

    assert Claim.objects.get().stage == "draft"
    for part in ("The bridge was opened in May.", "It has no finding yet", "It has no citation."):
        assert part in text_of(asked)
    assert "never becomes a draft again" in text_of(asked)
    done = confirm_act(client, asked)
    assert Claim.objects.get().stage == "published"
    (message,) = told(done)
    assert message.startswith("Published: The bridge was opened in May.")
    assert "It can be retracted" in message


def test_a_claim_that_changed_after_the_look_is_not_published(client, editor):
    claim = factories.create_claim(stage="review", text="The first words.")
    page = client.get(reverse("admin:factcheck_claim_act", args=["publish"]) + f"?ids={claim.pk}")
    Claim.objects.update(text="The second words.")

    again = confirm_act(client, page)

    assert "The second words." in text_of(again)
    assert any("changed after you opened" in message for message in told(again))
    assert Claim.objects.get().stage == "review"
    confirm_act(client, again)
    assert Claim.objects.get().stage == "published"


def test_a_waiting_finding_is_offered_with_the_publication(client, editor):
    claims = [factories.create_claim(stage="review") for _ in range(2)]
    for claim in claims:
        factories.create_proposal(claim, status="false")
        page = reverse("admin:factcheck_claim_act", args=["publish"]) + f"?ids={claim.pk}"
        asked = client.get(page)
        assert "The record says so." in text_of(asked)
        assert "Approve the finding and publish" in asked.content.decode()
        confirm_act(client, asked, **({"_approve": "1"} if claim == claims[0] else {}))

    for claim in claims:
        claim.refresh_from_db()
    assert [(claim.stage, claim.status) for claim in claims] == [
        ("published", "false"),
        ("published", "unverified"),
    ]


def test_with_two_people_a_claim_is_published_without_the_own_finding_or_not_at_all(
    client, editor, contributor, settings
):
    settings.FACTCHECK_REQUIRE_SECOND_APPROVER = True
    own, others = (factories.create_claim(stage="review") for _ in range(2))
    factories.create_proposal(own, proposed_by=editor)
    factories.create_proposal(others, proposed_by=contributor)
    page = reverse("admin:factcheck_claim_act", args=["publish"])

    asked = client.get(f"{page}?ids={own.pk}")
    assert "Approve the finding and publish" not in asked.content.decode()
    assert "Publish without this finding" in asked.content.decode()
    assert "Another reviewer must approve this finding" in text_of(asked)
    confirm_act(client, asked, _approve="1")
    own.refresh_from_db()
    assert (own.stage, own.status) == ("review", "unverified")
    confirm_act(client, client.get(f"{page}?ids={others.pk}"), _approve="1")
    others.refresh_from_db()
    assert (others.stage, others.status) == ("published", "true")


def test_many_claims_are_counted_before_and_told_of_in_one_message(client, editor):
    sentence = "The bridge was opened in May."
    plain = [factories.create_claim(stage="draft") for _ in range(12)]
    cited = factories.create_citation(factories.create_claim(stage="review")).claim
    factories.create_proposal(plain[0])
    copied = factories.create_claim(stage="draft", text=sentence, source_text=sentence)
    published = factories.create_claim()

    asked = act(client, "publish_claims", [*plain, cited, copied, published])

    shown = text_of(asked)
    for part in (
        "13 claims will be published.",
        "and 3 more",
        "13 of them have no finding yet",
        "12 of them have no citation",
        "1 of them has a finding that waits for approval",
        "2 records are left out:",
        "This is the article's own sentence.",
        "It is in stage “Published”.",
    ):
        assert part in shown, part
    assert set(Claim.objects.values_list("stage", flat=True)) == {"draft", "review", "published"}
    done = confirm_act(client, asked)
    assert Claim.objects.filter(stage="published").count() == 14
    (message,) = told(done)
    assert message.startswith("13 claims were published. A published claim never becomes")
    assert "2 records are left out:" in message
    assert change_page(copied) in message


def test_of_many_that_are_left_out_ten_are_named(client, editor):
    claims = [factories.create_claim() for _ in range(30)]

    (message,) = told(confirm_act(client, act(client, "publish_claims", claims)))

    assert message.count("<a href") == 10
    assert "30 records are left out:" in message
    assert "and 20 more" in message


def test_a_choice_of_thousands_outlives_the_question(client, editor):
    Claim.objects.bulk_create(
        Claim(slug=f"c-{n}", text=f"Statement {n}", stage="draft") for n in range(6_000)
    )
    first = Claim.objects.first()

    asked = act(client, "retract_claims", [first], select_across="1")

    _action, hidden = sent_by(asked)
    assert len(hidden["ids"][0].split(",")) == 6_000
    assert sum(map(len, hidden.values())) < 10
    answer = confirm_act(client, asked, reason="")
    assert len(sent_by(answer)[1]["ids"][0].split(",")) == 6_000


def test_what_takes_too_long_for_one_request_goes_on_with_the_rest(client, editor, monkeypatch):
    monkeypatch.setattr(claim_action_run, "MAX_SECONDS", 0)
    monkeypatch.setattr(claim_action_run, "CHUNK", 2)
    claims = [factories.create_claim(stage="draft") for _ in range(5)]

    page, left = act(client, "submit_claims", claims), [3, 1, 0]
    for count in left:
        page = confirm_act(client, page)
        assert Claim.objects.filter(stage="draft").count() == count
    assert told(page)
    assert page.redirect_chain


def test_a_claim_that_was_deleted_meanwhile_is_told(client, editor):
    claims = [factories.create_claim(stage="draft") for _ in range(2)]
    asked = act(client, "publish_claims", claims)
    claims[0].delete()

    (message,) = told(confirm_act(client, asked))

    assert "Published: " in message
    assert "It has been deleted." in message


def test_the_list_comes_back_as_it_was_filtered(client, editor):
    claim = factories.create_claim(stage="draft")
    asked = client.post(
        f"{CLAIMS}?stage__exact=draft", {"action": "publish_claims", "_selected_action": [claim.pk]}
    )
    assert f"{CLAIMS}?stage__exact=draft" not in text_of(asked)
    two = act(client, "submit_claims", [claim, factories.create_claim(stage="draft")])
    assert (
        confirm_act(client, two, back="stage__exact=draft")
        .redirect_chain[-1][0]
        .endswith("?stage__exact=draft")
    )


def test_an_act_that_is_none_is_not_found(client, editor):
    assert client.get(reverse("admin:factcheck_claim_act", args=["burn"])).status_code == 404


# Deleting


def test_a_contributor_deletes_only_her_own_drafts(client, contributor, reviewer):
    client.force_login(contributor)
    own = factories.create_claim(stage="draft", created_by=contributor)
    others = factories.create_claim(stage="draft", created_by=reviewer)
    submitted = factories.create_claim(stage="review", created_by=contributor)
    factories.create_citation(own)
    factories.create_proposal(own)

    for claim in (others, submitted):
        assert (
            client.get(reverse("admin:factcheck_claim_delete", args=[claim.pk])).status_code == 403
        )
    page = client.get(change_page(own)).content.decode()
    assert reverse("admin:factcheck_claim_delete", args=[own.pk]) in page
    asked = client.get(reverse("admin:factcheck_claim_delete", args=[own.pk]))
    assert "1 citation is deleted with it." in text_of(asked)
    assert "1 proposed finding is deleted with it." in text_of(asked)
    assert Claim.objects.filter(pk=own.pk).exists()
    done = confirm_act(client, asked)

    assert told(done) == [f"Deleted: {own} Deleted claims cannot be brought back."]
    assert set(Claim.objects.all()) == {others, submitted}
    assert not Citation.objects.exists()
    assert LogEntry.objects.filter(action_flag=3, object_id=str(own.pk)).exists()
    last = Claim.history.filter(id=own.pk).latest()
    assert (last.history_type, last.history_user) == ("-", contributor)


def test_a_reviewer_deletes_a_draft_with_a_proposal(client, editor, contributor):
    claim = factories.create_proposal(
        factories.create_claim(stage="review", created_by=contributor)
    ).claim

    confirm_act(client, client.get(reverse("admin:factcheck_claim_delete", args=[claim.pk])))

    assert not Claim.objects.exists()
    assert not Proposal.objects.exists()


def test_drafts_are_deleted_from_the_list_and_the_rest_is_named(client, editor):
    from factcheck import search

    drafts = [factories.create_claim(stage="draft") for _ in range(3)]
    published = factories.create_claim(text="Seen by readers.")
    checked = factories.create_verification(factories.create_claim(stage="draft")).claim
    search.drain()

    asked = act(client, "delete_selected", [*drafts, published, checked])

    assert "4 claims will be deleted." in text_of(asked)
    assert "Only claims that readers have never seen can be deleted." in text_of(asked)
    assert "Seen by readers." in text_of(asked)
    assert "earch document" not in text_of(asked)
    done = confirm_act(client, asked)
    assert set(Claim.objects.all()) == {published}
    (message,) = told(done)
    assert message.startswith("4 claims were deleted. Deleted claims cannot be brought back.")
    assert "1 record is left out:" in message


def test_the_admins_own_ways_of_deleting_ask_the_same(rf, reviewer, contributor):
    claims = django_admin.site.get_model_admin(Claim)
    request = rf.post("/")
    request.user = reviewer
    claims.delete_model(request, factories.create_claim(stage="draft"))
    factories.create_claim(stage="draft")
    claims.delete_queryset(request, Claim.objects.all())
    assert not Claim.objects.exists()
    checked = factories.create_verification(factories.create_claim(stage="draft")).claim
    with pytest.raises(ValidationError, match="never seen"):
        editing.delete_draft(claim=factories.create_claim(), by=reviewer)
    with pytest.raises(PermissionDenied):
        editing.delete_draft(claim=checked, by=contributor)
    editing.delete_draft(claim=checked, by=reviewer)


# Forms


def test_a_mistake_is_named_at_the_top_and_opens_the_part_it_stands_in(client, editor):
    outlet = factories.create_outlet()
    citations = [
        {"outlet": outlet.pk, "date_text": f"2021-08-{day}"}
        | ({"archived_url": "nonsense"} if day == 12 else {})
        for day in (11, 12)
    ]

    page = client.post(ADD, form(citations=citations, text=""))

    shown = page.content.decode()
    listed = re.search(r'<ul class="mistakes".*?</ul>', shown, re.S)[0]
    assert '<a href="#id_text">Public statement</a>: This field is required.' in listed
    link = '<a href="#id_citations-1-archived_url">Citation #2 · Archived copy</a>: Write a web'
    assert link in listed
    assert shown.count("<details open>") == 1
    for target in re.findall(r'href="#([^"]+)"', listed):
        assert f'id="{target}"' in shown


def test_a_mistake_in_the_evidence_leads_to_it(client, editor):
    page = client.post(ADD, form(proposal={"status": "true", "reason": "So."}))

    listed = re.search(r'<ul class="mistakes".*?</ul>', page.content.decode(), re.S)[0]
    assert 'href="#id_proposals-0-evidence"' in listed
    assert 'id="id_proposals-0-evidence"' in page.content.decode()
    assert "Add a record" in errors(page)


def test_the_first_button_of_a_claims_form_saves(client, editor):
    claim = factories.create_proposal(factories.create_claim(stage="draft")).claim
    for page in (ADD, change_page(claim)):
        shown = client.get(page).content.decode()
        buttons = re.findall(r'<(?:input|button)[^>]*type="submit"[^>]*>', shown)
        buttons = [button for button in buttons if "_form" not in button]
        names = [found[1] for button in buttons if (found := re.search(r'name="(\w+)"', button))]
        assert names == [
            *("_save", "_addanother", "_continue", "_submit", "_approve", "_publish", "_preview")
        ]


@pytest.mark.parametrize("model", ["topic", "outlet", "owner"])
def test_a_list_shows_how_much_belongs_to_a_row(client, editor, model):
    claim = factories.create_claim(topics=[factories.create_topic()])
    outlet = factories.create_outlet(owner=factories.create_owner())
    factories.create_citation(claim, outlet)

    page = client.get(f"/admin/factcheck/{model}/").content.decode()

    assert ".None" not in page
    assert re.search(r'<td class="field-(?:claim_count|citations|outlets)">1</td>', page)


def test_a_form_begins_with_the_name_and_not_with_its_address(client, editor):
    for kind in ("outlet", "owner", "claimant", "topic"):
        page = client.get(reverse(f"admin:factcheck_{kind}_add")).content.decode()
        assert page.index('id="id_name"') < page.index('id="id_slug"')
