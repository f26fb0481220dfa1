"""The public record: what public claims say, who changed it and why, and what nobody can undo."""

from datetime import timedelta
from io import StringIO

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction
from django.urls import reverse
from django.utils import timezone

from factcheck import audit, editing, public_record
from factcheck.audit import verification_log
from factcheck.filters.work_queues import QUEUES
from factcheck.models import (
    Change,
    Checkpoint,
    Citation,
    Claim,
    Correction,
    Evidence,
    Outlet,
    RemovedRecord,
    Verification,
)
from tests import factories
from tests.admin_forms import change_page, errors, form

pytestmark = pytest.mark.django_db


@pytest.fixture
def claim(reviewer):
    """A published claim with two citations and a verdict of the newsroom."""
    found = factories.create_claim(stage="draft", text="The bridge was opened in May.")
    for slug in ("one", "two"):
        factories.create_citation(found, factories.create_outlet(slug=slug, name=slug.title()))
    factories.approved(found, reviewer, status="true")
    editing.publish(claim=found, by=reviewer)
    found.refresh_from_db()
    return found


def kinds(claim):
    return list(claim.verifications.order_by("number").values_list("kind", flat=True))


def faults():
    return [str(found) for found in audit.faults()]


def queued():
    (queue,) = [queue for queue in QUEUES if queue.name == "other_words"]
    return list(queue.rows())


# What is recorded


def test_a_publication_records_what_the_claim_says(claim):
    entry = claim.verifications.get(kind="publication")

    assert entry.content["text"] == "The bridge was opened in May."
    assert entry.content["stage"] == "published"
    assert [one["outlet"]["slug"] for one in entry.content["citations"]] in (
        ["one", "two"],
        ["two", "one"],
    )
    assert entry.content["counts"] == {"citations": 2, "outlets": 2, "independent": 2}
    assert faults() == []


def test_stages_are_recorded_with_the_content(claim, reviewer):
    editing.retract(claim=claim, by=reviewer, reason="A duplicate.")
    editing.restore(claim=claim, by=reviewer, reason="It is none.")

    assert kinds(claim) == ["finding", "publication", "retraction", "restoration"]
    stages = claim.verifications.filter(content__isnull=False).order_by("number")
    assert [entry.content["stage"] for entry in stages] == ["published", "retracted", "published"]
    assert faults() == []


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"text": "The bridge was opened in June."}, id="statement"),
        pytest.param({"claimed_on": "2021-08-20"}, id="date"),
        pytest.param({"is_quotation": "on"}, id="quotation"),
        pytest.param({"claimant": "new"}, id="claimant"),
    ],
)
def test_a_public_claim_is_not_changed_without_a_reason(client, reviewer, claim, change):
    client.force_login(reviewer)
    if "claimant" in change:
        change = {"claimant": factories.create_claimant().pk}
    sent = {"text": claim.text, "slug": claim.slug} | change

    refused = client.post(change_page(claim), form(**sent))
    assert "Say why you change it" in errors(refused)
    assert kinds(claim) == ["finding", "publication"]

    client.post(change_page(claim), form(change_reason="The source was misread.", **sent))
    entry = claim.verifications.order_by("number").last()
    assert (entry.kind, entry.reason) == ("revision", "The source was misread.")
    assert (entry.reviewer, entry.byline) == (reviewer, "")
    assert faults() == []


def test_a_reason_of_any_length_is_kept_whole(client, reviewer, claim):
    client.force_login(reviewer)
    reason = "As the ministry wrote on 3 October. " * 20

    client.post(change_page(claim), form(text="Other words.", change_reason=reason))

    assert claim.verifications.get(kind="revision").reason == reason.strip()
    assert claim.history.first().history_change_reason == reason.strip()


def test_a_citation_of_a_public_claim_is_not_changed_without_a_reason(client, reviewer, claim):
    client.force_login(reviewer)
    citation = claim.citations.first()
    page = reverse("admin:factcheck_citation_change", args=[citation.pk])
    fields = {"outlet": citation.outlet_id, "date_text": "2020-01-01", "role": citation.role,
              "position": 0}  # fmt: skip

    refused = client.post(page, fields | {"stance": "disputes"})
    assert "Say why you change it" in errors(refused)

    client.post(page, fields | {"stance": "disputes", "change_reason": "It denies it."})
    entry = claim.verifications.get(kind="revision")
    assert entry.content["counts"]["independent"] == 1
    assert faults() == []


def test_a_citation_of_a_public_claim_goes_by_its_claims_page_alone(client, reviewer, claim):
    client.force_login(reviewer)
    page = reverse("admin:factcheck_citation_delete", args=[claim.citations.first().pk])

    assert client.post(page, {"post": "yes"}).status_code == 403
    assert claim.citations.count() == 2


def test_a_citation_that_is_added_needs_a_reason_only_once_readers_see_the_claim(claim, reviewer):
    outlet = factories.create_outlet()
    with pytest.raises(ValidationError, match="Give a reason"):
        editing.cite(claim=claim, by=reviewer, outlet=outlet)
    assert claim.citations.count() == 2

    editing.cite(claim=claim, by=reviewer, outlet=outlet, reason="A third report.")
    editing.cite(claim=factories.create_claim(stage="draft"), by=reviewer, outlet=outlet)

    assert Verification.objects.filter(kind="revision").count() == 1
    assert faults() == []


def test_a_draft_has_no_record_of_its_content(reviewer):
    draft = factories.create_claim(stage="draft")
    editing.cite(claim=draft, by=reviewer, outlet=factories.create_outlet())

    assert kinds(draft) == []


def test_a_merge_records_the_claims_whose_counts_it_moves(claim, reviewer):
    editing.merge_outlets(
        loser=claim.citations.get(outlet__slug="one").outlet,
        winner=claim.citations.get(outlet__slug="two").outlet,
        by=reviewer,
    )

    entry = claim.verifications.order_by("number").last()
    assert (entry.kind, entry.reason) == ("recount", "“One” was merged into “Two”.")
    assert entry.content["counts"]["independent"] == 1
    assert Correction.objects.filter(number=entry.number).exists()
    assert faults() == []


def test_a_merge_that_moves_no_count_records_nothing(claim, reviewer):
    loser, winner = factories.create_outlet(), factories.create_outlet()
    editing.cite(claim=claim, by=reviewer, outlet=loser, reason="A third report.")
    before = kinds(claim)

    merge = editing.merge_outlets(loser=loser, winner=winner, by=reviewer)
    assert kinds(claim) == before
    assert faults() == []
    editing.undo_merge(merge=merge, by=reviewer)

    assert kinds(claim) == before
    assert faults() == []


def test_reprints_that_are_marked_are_recorded_with_what_was_done(claim, reviewer):
    first, second = claim.citations.order_by("outlet__slug")
    editing.mark_reprints(citations=[second], source=first.outlet, by=reviewer)

    entry = claim.verifications.order_by("number").last()
    assert (entry.kind, entry.reason) == ("revision", "marked as a reprint of one")
    assert faults() == []


def test_a_load_begins_records_and_records_what_it_changes(tmp_path):
    path = tmp_path / "claims.json"
    fields = '{"slug": "c", "stage": "published", "text": "%s"}'
    row = f'[{{"model": "factcheck.claim", "fields": {fields}}}]'
    path.write_text(row % "Before")
    call_command("import_fixtures", str(path), stdout=StringIO())
    path.write_text(row % "After")
    call_command("import_fixtures", str(path), stdout=StringIO())

    first, second = Verification.objects.order_by("number")
    assert (first.kind, first.content["text"]) == ("publication", "Before")
    assert (second.kind, second.content["text"]) == ("revision", "After")
    assert not Correction.objects.exists()  # imports are never corrections
    assert faults() == []


def test_migrate_begins_the_record_of_what_is_public_already():
    claim = factories.create_claim()
    (found,) = faults()
    assert f"has no record of what 1 public claim says ({claim.slug})" in found

    call_command("migrate", verbosity=0)

    assert kinds(claim) == ["publication"]
    assert faults() == []


def test_records_of_many_claims_are_logged_as_one_range_of_changes():
    claims = [factories.create_claim() for _ in range(3)]
    change = Change.objects.latest("pk")

    public_record.begin_missing()

    # The checkpoint is logged too, without a claim.
    (logged,) = Change.objects.filter(pk__gt=change.pk, first_id__isnull=False)
    assert (logged.first_id, logged.last_id) == (claims[0].pk, claims[-1].pk)
    assert faults() == []


def test_a_record_has_the_defaults_of_its_model_and_the_claims_statement_and_status():
    claim = factories.create_claim(text="The bridge was opened in May.")

    public_record.begin_missing()

    entry = claim.verifications.get()
    assert (entry.statement, entry.status) == (claim.text, claim.status)
    assert (entry.reason, entry.reviewer, entry.approved_by) == ("", None, None)
    assert (entry.label, entry.url, entry.byline, entry.publisher) == ("", "", "", None)
    assert entry.reviewed_on == timezone.localdate(entry.created_at)
    entry.full_clean()


# What was there before keeps its digest


def test_a_record_without_content_keeps_the_digest_that_it_had(reviewer):
    entry = factories.create_verification(evidence=["https://example.org/1"])
    record = next(public_record.entries()).record

    assert "content" not in record
    assert set(record) == {
        *("ref", "kind", "claim", "statement", "status", "label", "reason", "publisher", "url"),
        *("byline", "signed", "reviewed_on", "created_at", "evidence"),
    }
    assert record["ref"] == entry.ref


# Checkpoints


def test_a_checkpoint_covers_each_finding_at_once(claim, reviewer):
    entry = factories.approved(claim, reviewer, status="false")

    assert Checkpoint.objects.newest().last_number == entry.number
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        Evidence.objects.create(verification=entry, url="https://example.org/later")


def test_a_seal_goes_on_from_the_last_checkpoint_and_hides_no_change(claim, reviewer):
    if connection.vendor == "sqlite":
        drop = "DROP TRIGGER factcheck_keep_log_verification_update"
    else:
        drop = "DROP TRIGGER factcheck_keep_log_verification_update ON factcheck_verification"
    with connection.cursor() as cursor:
        cursor.execute(drop)
        cursor.execute("UPDATE factcheck_verification SET reason = 'x' WHERE kind = 'finding'")

    factories.approved(claim, reviewer, status="false")

    assert any("no longer agrees with the checkpoint" in found for found in faults())


# The clock


def test_a_finding_of_a_clock_that_ran_ahead_freezes_no_verdict(claim, reviewer, monkeypatch):
    ahead = timezone.now() + timedelta(days=400)
    with monkeypatch.context() as patch:
        patch.setattr(timezone, "now", lambda: ahead)
        factories.approved(claim, reviewer, status="false")

    proposal = factories.create_proposal(claim, status="mixed")
    with pytest.raises(ValidationError) as refused:
        editing.approve(proposal=proposal, by=reviewer)
    assert refused.value.code == "clock"
    assert "dated" in refused.value.messages[0]
    editing.approve(proposal=proposal, by=reviewer, clock_checked=True)

    claim.refresh_from_db()
    assert claim.status == "mixed"


# Verdicts on other words


def test_a_verdict_on_other_words_waits_until_it_is_confirmed(client, claim, reviewer):
    client.force_login(reviewer)
    assert queued() == []

    client.post(change_page(claim), form(text="Other words.", change_reason="Clearer."))
    assert queued() == [claim]

    claim.refresh_from_db()
    editing.confirm(claim=claim, by=reviewer, reason="The treaty says the same of both.")
    assert queued() == []
    assert kinds(claim)[-1] == "confirmation"
    claim.refresh_from_db()
    assert claim.status == "true"
    assert faults() == []


def test_an_editor_confirms_on_the_page_that_asks(client, claim, reviewer):
    client.force_login(reviewer)
    assert "Confirm the verdict…" not in client.get(change_page(claim)).content.decode()
    client.post(change_page(claim), form(text="Other words.", change_reason="Clearer."))
    page = reverse("admin:factcheck_claim_act", args=["confirm"])
    assert f"{page}?ids={claim.pk}" in client.get(change_page(claim)).content.decode()

    asked = client.get(f"{page}?ids={claim.pk}").content.decode()
    assert "Checked as: “The bridge was opened in May.”" in asked
    client.post(page, {"ids": claim.pk, "reason": "Both are in the treaty."})

    assert kinds(claim)[-1] == "confirmation"
    assert queued() == []
    assert "Confirm the verdict…" not in client.get(change_page(claim)).content.decode()


def test_a_new_finding_ends_the_wait_too(client, claim, reviewer):
    client.force_login(reviewer)
    client.post(change_page(claim), form(text="Other words.", change_reason="Clearer."))

    factories.approved(claim, reviewer, status="false")

    assert queued() == []


def test_only_a_reviewer_confirms_and_only_a_verdict(contributor, reviewer, claim):
    with pytest.raises(PermissionDenied):
        editing.confirm(claim=claim, by=contributor, reason="So.")
    with pytest.raises(ValidationError, match="no verdict"):
        editing.confirm(claim=factories.create_claim(), by=reviewer, reason="So.")


# Corrections, and what is none


def test_corrections_are_what_readers_had_been_told_otherwise(client, claim, reviewer):
    client.force_login(reviewer)
    first = factories.create_claim()
    factories.approved(first, reviewer, status="true")  # a first verdict
    publisher = factories.create_outlet()
    for status in ("true", "false"):  # imports
        factories.create_verification(factories.create_claim(), publisher=publisher, status=status)
    assert not Correction.objects.exists()

    factories.approved(claim, reviewer, status="false")
    client.post(change_page(claim), form(text="Other words.", change_reason="Clearer."))
    editing.retract(claim=claim, by=reviewer, reason="A duplicate.")

    listed = Verification.objects.filter(number__in=Correction.objects.values("number"))
    assert list(listed.order_by("number").values_list("kind", flat=True)) == [
        *("finding", "revision", "retraction")
    ]
    page = client.get("/corrections/").content.decode()
    assert "Other words." in page
    assert "Clearer." in page
    assert "<del>The bridge was opened in May.</del>" in page
    checks = client.get("/fact-checks/").content.decode()
    assert first.text in checks


def test_a_report_that_is_added_beside_others_takes_nothing_back(claim, reviewer):
    outlet = claim.citations.first().outlet
    editing.cite(
        claim=claim, by=reviewer, outlet=outlet, date_text="2021-12-01", reason="A later report."
    )

    assert kinds(claim)[-1] == "revision"
    assert not Correction.objects.exists()


def test_the_claims_page_tells_of_every_record(client, claim, reviewer):
    client.force_login(reviewer)
    client.post(change_page(claim), form(text="Other words.", change_reason="Clearer."))
    client.logout()

    number = claim.verifications.get(kind="revision").number
    page = client.get(claim.get_absolute_url()).content.decode()
    assert "Clearer." in page
    assert f"log no. {number}" in page
    changes = client.get(f"{claim.get_absolute_url()}revisions/").content.decode()
    assert f'id="no-{number}"' in changes
    assert changes.count("Clearer.") == 1


# Drafts that nobody saw


def test_a_draft_with_a_finding_goes_and_the_log_keeps_number_and_digest(reviewer):
    draft = factories.create_claim(stage="draft")
    factories.create_proposal(draft)
    factories.create_citation(draft)
    entry = factories.approved(draft, reviewer, status="false")
    kept = factories.approved(factories.create_claim(), reviewer)
    before = [(found.number, found.digest) for found in public_record.entries()]

    editing.delete_draft(claim=draft, by=reviewer)

    assert not Claim.objects.filter(pk=draft.pk).exists()
    assert not Evidence.objects.filter(verification_id=entry.pk).exists()
    assert [(found.number, found.digest) for found in public_record.entries()] == before
    assert RemovedRecord.objects.get().number == entry.number
    call_command("migrate", verbosity=0)
    assert faults() == []
    lines = b"".join(verification_log.export()).decode().splitlines()
    assert '"removed":"before publication"' in lines[0]
    assert (
        list(verification_log.verify(verification_log.read(line.encode() for line in lines))) == []
    )
    # The number is not given again.
    assert factories.approved(kept.claim, reviewer).number > kept.number


def test_a_contributor_deletes_her_own_draft_alone(contributor, reviewer):
    own = editing.draft(by=contributor, text="Mine.")
    other = editing.draft(by=reviewer, text="Not mine.")

    editing.delete_draft(claim=own, by=contributor)
    with pytest.raises(PermissionDenied):
        editing.delete_draft(claim=other, by=contributor)
    editing.delete_draft(claim=other, by=reviewer)


def test_what_was_public_is_not_deleted(claim, reviewer):
    with pytest.raises(ValidationError):
        editing.delete_draft(claim=claim, by=reviewer)
    with pytest.raises(ValidationError, match="was public"):
        public_record.remove_unpublished_records([claim])
    for number in claim.verifications.values_list("number", flat=True):
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            RemovedRecord.objects.create(number=number, digest="0" * 64)
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        claim.verifications.filter(evidence=None).order_by().delete()


def test_removed_records_and_corrections_stay(claim, reviewer):
    draft = factories.create_claim(stage="draft")
    factories.approved(draft, reviewer)
    editing.delete_draft(claim=draft, by=reviewer)
    factories.approved(claim, reviewer, status="false")

    for row in (RemovedRecord.objects.get(), Correction.objects.get()):
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            row.delete()
        row.number += 100
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            row.save()
    number = RemovedRecord.objects.get().number
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        factories.create_verification(number=number)


# Changes past the application


@pytest.mark.parametrize(
    ("change", "named"),
    [
        pytest.param(lambda c: Claim.objects.update(text="Forged."), "Forged.", id="words"),
        pytest.param(
            lambda c: Claim.objects.update(claimed_on="2021-01-01"), "2021-01-01", id="date"
        ),
        pytest.param(
            lambda c: Claim.objects.update(claimant=factories.create_claimant(name="Somebody")),
            "Somebody",
            id="claimant",
        ),
        pytest.param(
            lambda c: Citation.objects.filter(claim=c).delete(), "citation", id="citations gone"
        ),
        pytest.param(
            lambda c: Citation.objects.filter(claim=c).update(stance="disputes"),
            "Disputes",
            id="stance",
        ),
        pytest.param(lambda c: Claim.objects.update(stage="draft"), "Draft", id="stage"),
        pytest.param(
            lambda c: Outlet.objects.update(owner=factories.create_owner()),
            "independent sources",
            id="owner",
        ),
    ],
)
def test_check_data_names_a_claim_that_is_not_what_its_record_says(claim, change, named):
    change(claim)

    found = [line for line in faults() if claim.slug in line]
    assert any(named in line for line in found), found


# What somebody else deleted, and what no form sends


def test_text_typed_on_a_claim_that_was_deleted_meanwhile_is_given_back(client, reviewer):
    client.force_login(reviewer)
    draft = factories.create_claim(stage="draft")
    page = change_page(draft)
    editing.delete_draft(claim=draft, by=reviewer)

    answer = client.post(page, form(text="An hour of work."))

    assert answer.status_code == 409
    assert "This record was deleted" in answer.content.decode()
    assert 'value="An hour of work."' in answer.content.decode()
    assert client.get(page).status_code == 302


def test_so_is_a_finding_whose_draft_was_deleted_meanwhile(client, reviewer):
    client.force_login(reviewer)
    proposal = factories.create_proposal(factories.create_claim(stage="draft"))
    page = reverse("admin:factcheck_proposal_change", args=[proposal.pk])
    editing.delete_draft(claim=proposal.claim, by=reviewer)

    answer = client.post(page, {"status": "false", "reason": "An hour of work."})

    assert answer.status_code == 409
    assert "An hour of work." in answer.content.decode()


def test_a_form_that_claims_millions_of_citations_makes_none(client, reviewer):
    client.force_login(reviewer)
    sent = form(text="It was so.") | {"citations-TOTAL_FORMS": 99_999_999}

    answer = client.post(reverse("admin:factcheck_claim_add"), sent)

    # Refused, with what was typed, and without millions of forms.
    assert answer.status_code == 200
    assert "It was so." in answer.content.decode()
    assert answer.content.decode().count('id="id_citations-') < 1_000
    assert not Claim.objects.exists()


def test_a_number_that_no_row_has_is_not_found(client, reviewer):
    client.force_login(reviewer)

    for name in ("proposal_approve", "outlet_merge"):
        page = reverse(f"admin:factcheck_{name}", args=[2**63])
        assert client.get(page).status_code == 404


def test_deleting_says_what_becomes_of_the_log(client, reviewer):
    client.force_login(reviewer)
    draft = factories.create_claim(stage="draft")
    factories.approved(draft, reviewer)

    page = client.get(reverse("admin:factcheck_claim_delete", args=[draft.pk])).content.decode()

    assert "1 record of the log loses its content. Its number and digest stay." in page


def test_undoing_a_merge_always_asks_first(client, claim, reviewer):
    client.force_login(reviewer)
    merge = editing.merge_outlets(
        loser=factories.create_outlet(), winner=claim.citations.first().outlet, by=reviewer
    )
    sent = {"action": "take_back", "_selected_action": [merge.pk]}

    asked = client.post(reverse("admin:factcheck_merge_changelist"), sent)

    merge.refresh_from_db()
    assert merge.undone_at is None
    assert "No number of sources changes." in asked.content.decode()
