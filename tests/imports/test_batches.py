"""An import of fact-checks or of an article can be reviewed and taken back as a whole."""

import json

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from factcheck import audit, editing
from factcheck.editing import imports
from factcheck.models import (
    Article,
    Citation,
    Claim,
    Claimant,
    ImportBatch,
    ImportedRow,
    Outlet,
    Proposal,
    SearchDocument,
    Verification,
)
from tests import factories
from tests.admin_forms import press, read_article, send
from tests.fact_checks import review, run

pytestmark = pytest.mark.django_db


def imported(write, *reviews, **options):
    options.setdefault("stage", "draft")
    run(write(list(reviews)), **options)
    return ImportBatch.objects.latest("pk")


def test_the_commands_new_claims_are_drafts_unless_it_is_told_otherwise(write):
    from django.core.management import call_command

    call_command("import_claims", str(write(review())), verbosity=0)

    assert Claim.objects.get().stage == "draft"


def test_an_import_is_a_batch_of_what_it_created(write):
    batch = imported(write, review(1), review(2), {"@type": "ClaimReview", "url": ""})

    assert (batch.file_name, batch.file_format, batch.imported_by) == ("feed.json", "json", None)
    assert (batch.created, batch.changed, batch.unchanged, batch.rejected) == (2, 0, 0, 1)
    rows = batch.rows.filter(is_new=True)
    assert {row.claim for row in rows if row.claim} == set(Claim.objects.all())
    assert {row.outlet for row in rows if row.outlet} == set(Outlet.objects.all())
    assert {row.claimant for row in rows if row.claimant} == set(Claimant.objects.all())


def test_a_batch_names_the_known_claims_that_it_only_added_to(write):
    first = imported(write, review(1))
    changed = review(1, reviewRating={"alternateName": "False"}, datePublished="2021-10-01")

    second = imported(write, changed, review(2))
    third = imported(write, changed)

    assert (second.created, second.changed) == (1, 1)
    assert (third.created, third.changed, third.unchanged) == (0, 0, 1)
    known = first.rows.get(claim__isnull=False).claim
    assert [row.claim for row in second.rows.filter(is_new=False)] == [known]
    assert not third.rows.exists()


def test_a_dry_run_and_a_file_without_records_leave_no_batch(write):
    run(write([review()]), dry_run=True)
    run(write([]))
    run(write("a,b\n1,2\n", "bad.csv"), map="claim=nowhere")

    assert not ImportBatch.objects.exists()


def test_taking_an_import_back_leaves_the_database_as_it_was(write, reviewer):
    factories.create_outlet(slug="here", domain="here.example")
    before = [model.objects.count() for model in (Claim, Citation, Outlet, Claimant)]
    batch = imported(write, *(review(number) for number in range(5)))
    proposed = factories.create_proposal(Claim.objects.first())

    assert editing.take_back_import(batch=batch, by=reviewer)

    assert [model.objects.count() for model in (Claim, Citation, Outlet, Claimant)] == before
    assert not Proposal.objects.filter(pk=proposed.pk).exists()
    assert not SearchDocument.objects.exists()
    assert not ImportedRow.objects.exists()
    batch.refresh_from_db()
    assert (batch.taken_back_by, batch.taken_back_at is not None) == (reviewer, True)
    deleted = Claim.history.filter(history_type="-")
    assert deleted.count() == 5
    assert {entry.history_user for entry in deleted} == {reviewer}
    assert [str(found) for found in audit.differences()] == []
    with pytest.raises(ValidationError, match="taken back already"):
        editing.take_back_import(batch=batch, by=reviewer)


def test_what_was_taken_back_can_be_imported_again(write, reviewer):
    batch = imported(write, review(1), review(2))
    editing.take_back_import(batch=batch, by=reviewer)

    again = imported(write, review(1), review(2))

    assert again.created == 2


def test_outlets_and_claimants_that_something_uses_or_somebody_confirmed_stay(
    write,
    reviewer,
):
    batch = imported(write, review(1))
    checkers = Outlet.objects.get(domain="checkers.example")
    Outlet.objects.filter(pk=checkers.pk).update(is_confirmed=True)
    factories.create_claim(claimant=Claimant.objects.get(name="A. Speaker"))
    factories.create_article(publisher=Outlet.objects.get(domain="paper.example"))

    found = editing.preview_take_back(batch)
    assert (found.outlets, found.claimants, found.used) == (0, 0, 2)
    editing.take_back_import(batch=batch, by=reviewer)

    assert Outlet.objects.filter(domain__in=["checkers.example", "paper.example"]).count() == 2
    assert Claimant.objects.count() == 1


@pytest.mark.parametrize("stage", ["published", "retracted"])
def test_an_import_of_which_something_is_public_stays(write, reviewer, stage):
    batch = imported(write, review(1), review(2))
    claim = Claim.objects.first()
    editing.publish(claim=claim, by=reviewer)
    if stage == "retracted":
        editing.retract(claim=claim, by=reviewer, reason="A duplicate.")

    with pytest.raises(ValidationError, match="1 of its claims is or was public"):
        editing.take_back_import(batch=batch, by=reviewer)

    assert Claim.objects.count() == 2


def test_a_taking_back_that_is_cut_off_goes_on_where_it_stopped(
    write,
    reviewer,
    monkeypatch,
):
    monkeypatch.setattr(imports, "_CLAIMS_PER_CHUNK", 2)
    batch = imported(write, *(review(number) for number in range(5)))

    assert not editing.take_back_import(batch=batch, by=reviewer, seconds=-1)
    assert Claim.objects.count() == 5
    delete, calls = imports.delete_drafts, []

    def killed(**arguments):
        calls.append(arguments)
        deleted = delete(**arguments)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return deleted

    monkeypatch.setattr(imports, "delete_drafts", killed)
    with pytest.raises(KeyboardInterrupt):
        editing.take_back_import(batch=batch, by=reviewer)
    assert Claim.objects.count() == 3  # whole chunks alone

    monkeypatch.setattr(imports, "delete_drafts", delete)
    assert editing.take_back_import(batch=batch, by=reviewer)
    assert not Claim.objects.exists()


def test_findings_that_an_import_added_to_a_known_claim_stay(write, reviewer):
    imported(write, review(1))
    other = {"alternateName": "False"}
    batch = imported(write, review(1, reviewRating=other, datePublished="2021-10-01"), review(2))

    assert editing.preview_take_back(batch).added_to == 1
    editing.take_back_import(batch=batch, by=reviewer)

    assert Claim.objects.count() == 1
    assert Verification.objects.count() == 2


def test_only_who_may_delete_drafts_takes_an_import_back(write, contributor, client):
    batch = imported(write, review(1))

    with pytest.raises(PermissionDenied):
        editing.take_back_import(batch=batch, by=contributor)
    client.force_login(contributor)
    page = f"/admin/factcheck/importbatch/{batch.pk}/"
    assert "Take back" not in client.get(f"{page}change/").content.decode()
    assert client.post(f"{page}take-back/").status_code == 403
    assert Claim.objects.exists()


def test_a_draft_goes_with_its_citations_and_proposals(reviewer):
    draft = factories.create_claim(stage="review", topics=[factories.create_topic()])
    factories.create_citation(draft)
    factories.create_proposal(draft)

    editing.delete_draft(claim=draft, by=reviewer)

    assert not Claim.objects.exists()
    assert not Citation.objects.exists()
    assert not Proposal.objects.exists()


@pytest.mark.parametrize("stage", ["published", "was public"])
def test_what_readers_have_seen_is_not_deleted(reviewer, stage):
    claim = factories.create_claim(stage="published")
    if stage == "was public":
        Claim.objects.update(stage="draft")

    with pytest.raises(ValidationError):
        editing.delete_draft(claim=claim, by=reviewer)


# In the admin


def test_an_import_in_the_admin_leads_to_its_batch_and_its_claims(client, reviewer):
    client.force_login(reviewer)
    other = factories.create_claim(stage="draft")

    html = send(client, json.dumps([review(1), review(2)]), stage="draft").content.decode()

    batch = ImportBatch.objects.get()
    assert (batch.imported_by, batch.file_name, batch.created) == (reviewer, "", 2)
    address = f"/admin/factcheck/importbatch/{batch.pk}/"
    assert f'href="{address}change/"' in html
    page = client.get(f"{address}change/").content.decode()
    assert f"/admin/factcheck/claim/?batch={batch.pk}" in page
    assert f'href="{address}take-back/"' in page
    listed = client.get(f"/admin/factcheck/claim/?batch={batch.pk}").content.decode()
    assert "Statement number 1" in listed
    assert other.text not in listed
    assert "pasted text" in client.get("/admin/factcheck/importbatch/").content.decode()
    assert "0 of" in client.get(f"/admin/factcheck/claim/?batch={batch.pk + 1}").content.decode()


def test_taking_back_asks_first_and_then_says_what_was_done(client, reviewer):
    client.force_login(reviewer)
    send(client, json.dumps([review(1), review(2)]), stage="draft")
    batch = ImportBatch.objects.get()
    edited = Claim.objects.first()
    edited.text = "In other words"
    edited.save()
    address = f"/admin/factcheck/importbatch/{batch.pk}/take-back/"

    asked = client.get(address).content.decode()
    assert "2 drafts, with their citations" in asked
    assert "1 of these drafts was edited after the import" in asked
    assert Claim.objects.count() == 2

    done = client.post(address, follow=True).content.decode()
    assert "2 drafts were deleted." in done
    assert "Taken back by reviewer" in done
    assert not Claim.objects.exists()


def test_the_page_says_why_an_import_stays(client, reviewer):
    client.force_login(reviewer)
    send(client, json.dumps([review(1)]), stage="published")
    address = f"/admin/factcheck/importbatch/{ImportBatch.objects.get().pk}/take-back/"

    assert "1 of its claims is or was public" in client.get(address).content.decode()
    told = client.post(address, follow=True).content.decode()
    assert "1 of its claims is or was public" in told
    assert Claim.objects.count() == 1


def test_an_articles_drafts_are_taken_back_with_the_article(client, contributor, reviewer):
    client.force_login(contributor)
    landed = press(client, read_article(client))
    batch = ImportBatch.objects.get()
    assert (batch.kind, batch.file_name, batch.imported_by) == ("article", "Trade", contributor)
    assert f"/admin/factcheck/importbatch/{batch.pk}/change/" in str(
        client.get(landed["Location"]).content.decode()
    )

    editing.take_back_import(batch=batch, by=reviewer)

    assert not Claim.objects.exists()
    assert not Article.objects.exists()
    assert not Outlet.objects.exists()
    client.force_login(contributor)
    press(client, read_article(client))
    assert Claim.objects.count() == 2


def test_a_known_article_stays_when_what_was_added_to_it_is_taken_back(client, reviewer):
    client.force_login(reviewer)
    press(client, read_article(client))
    longer = (
        "Trade grew. It is small (TASS, August 20; Fresh Wire, August 16).\n\n"
        "Prices fell (TASS, August 21).\n\nNobody cites this line."
    )
    press(client, read_article(client, longer))
    batch = ImportBatch.objects.latest("pk")
    assert batch.created == 1

    editing.take_back_import(batch=batch, by=reviewer)

    assert Claim.objects.count() == 2
    assert Article.objects.count() == 1
