"""What somebody who owns the database changes of a public claim, past the application.

The log holds a record of the content of every public claim, and each finding has a checkpoint. So
check_data names a claim that is not what its last record of content says.
"""

from datetime import date

import pytest
from django.db import IntegrityError, connection, transaction

from factcheck import audit, editing
from factcheck.models import Verification
from tests import factories
from tests.damage import behind_its_back, run

pytestmark = pytest.mark.django_db


@pytest.fixture
def claim(reviewer):
    """A published claim with a claimant, two citations and a finding, as editors make one."""
    claim = editing.draft(
        by=reviewer,
        text="Exports grew by a tenth.",
        claimant=factories.create_claimant(),
        claimed_on=date(2021, 9, 3),
    )
    for _number in range(2):
        editing.cite(
            claim=claim, by=reviewer, outlet=factories.create_outlet(), date_text="2021-09-04"
        )
    editing.submit(claim=claim, by=reviewer)
    editing.publish(claim=claim, by=reviewer)
    proposal = editing.propose(
        claim=claim,
        by=reviewer,
        status="false",
        reason="The statistics say otherwise.",
        evidence=[{"title": "Statistics", "url": "https://example.org/statistics"}],
    )
    editing.approve(proposal=proposal, by=reviewer)
    connection.check_constraints()
    claim.refresh_from_db()
    return claim


def faults():
    return [str(fault) for fault in (*audit.faults(), *audit.differences())]


def is_named(claim):
    return any(claim.slug in fault for fault in faults())


def finding():
    return Verification.objects.filter(kind="finding").latest("number")


def test_a_claim_that_only_editors_changed_is_not_named(claim, reviewer):
    assert faults() == []

    editing.cite(
        claim=claim,
        by=reviewer,
        outlet=factories.create_outlet(),
        date_text="2021-09-05",
        reason="A third report.",
    )
    editing.retract(claim=claim, by=reviewer, reason="A duplicate.")

    assert faults() == []


def test_evidence_cannot_be_slipped_under_the_newest_finding(claim):
    with pytest.raises(IntegrityError, match="a checkpoint holds"), transaction.atomic():
        run(
            "INSERT INTO factcheck_evidence (verification_id, url, title, publisher_name,"
            " archived_url, quote) VALUES"
            f" ({finding().pk}, 'https://example.org/late', '', '', '', '')"
        )


def test_the_newest_finding_cannot_be_altered_unnoticed(claim):
    behind_its_back(
        f"UPDATE factcheck_verification SET reason = 'x' WHERE number = {finding().number}"
    )

    assert any("the log no longer agrees with the checkpoint" in fault for fault in faults())


def test_checkpoints_that_were_deleted_are_noticed(claim):
    behind_its_back("DELETE FROM factcheck_checkpoint")

    assert faults()


@pytest.mark.parametrize(
    "change",
    [
        "text = 'Exports grew by a half.'",
        "native_text = 'x'",
        "claimed_on = '2021-09-02'",
        "claimant_id = NULL",
        "language = 'kk'",
    ],
)
def test_a_claim_that_was_changed_under_its_finding_is_named(claim, change):
    run(f"UPDATE factcheck_claim SET {change} WHERE id = {claim.pk}")

    assert is_named(claim)


def test_a_claim_that_was_changed_with_its_history_is_named(claim):
    change = "text = 'Exports grew by a half.'"
    run(
        f"UPDATE factcheck_claim SET {change} WHERE id = {claim.pk}",
        f"UPDATE factcheck_historicalclaim SET {change} WHERE id = {claim.pk}",
    )

    assert is_named(claim)


def test_another_claimant_is_named(claim):
    other = factories.create_claimant()
    run(f"UPDATE factcheck_claim SET claimant_id = {other.pk} WHERE id = {claim.pk}")

    assert is_named(claim)


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM factcheck_citation WHERE claim_id = {claim}",
        "UPDATE factcheck_citation SET stance = 'disputes' WHERE claim_id = {claim}",
        "UPDATE factcheck_citation SET url = 'https://example.org/x' WHERE id ="
        " (SELECT min(id) FROM factcheck_citation WHERE claim_id = {claim})",
        "UPDATE factcheck_citation SET quote = 'x' WHERE id ="
        " (SELECT min(id) FROM factcheck_citation WHERE claim_id = {claim})",
    ],
)
def test_citations_that_were_changed_or_deleted_are_named(claim, statement):
    run(statement.format(claim=claim.pk))

    assert is_named(claim)


def test_citations_that_were_deleted_with_their_history_are_named(claim):
    run(
        f"DELETE FROM factcheck_citation WHERE claim_id = {claim.pk}",
        f"DELETE FROM factcheck_historicalcitation WHERE claim_id = {claim.pk}",
    )

    assert is_named(claim)


def test_a_retraction_that_was_undone_is_named(claim, reviewer):
    editing.retract(claim=claim, by=reviewer, reason="A duplicate.")
    connection.check_constraints()
    run(
        "UPDATE factcheck_claim SET stage = 'published', retracted_at = NULL,"
        f" retraction_reason = '' WHERE id = {claim.pk}"
    )

    assert is_named(claim)


def test_a_claim_that_was_taken_out_of_the_public_is_named(claim):
    run(f"UPDATE factcheck_claim SET stage = 'draft' WHERE id = {claim.pk}")

    assert is_named(claim)
