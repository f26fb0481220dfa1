"""The verbs of editors: who may, in which stage, and what is written."""

from datetime import UTC, datetime

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction

from factcheck import editing
from factcheck.models import Citation, Claim, Evidence, Outlet, Stage, Verification
from tests import factories, oracle

pytestmark = pytest.mark.django_db

RECORD = {"title": "Treaty", "url": "https://example.org/treaty"}


def test_a_finding_goes_from_proposal_to_log(contributor, reviewer):
    claim = factories.create_claim(stage="draft")
    proposal = editing.propose(
        claim=claim, by=contributor, status="false", reason="The treaty says so.", evidence=[RECORD]
    )

    verification = editing.approve(proposal=proposal, by=reviewer)

    claim.refresh_from_db()
    proposal.refresh_from_db()
    assert claim.status == "false"
    assert proposal.state == "approved"
    assert (verification.reviewer, verification.approved_by) == (contributor, reviewer)
    assert verification.statement == claim.text
    assert Evidence.objects.get().url == RECORD["url"]
    with pytest.raises(ValidationError, match="decided already"):
        editing.approve(proposal=proposal, by=reviewer)


def test_a_declined_proposal_leaves_no_trace_in_the_log(reviewer):
    proposal = factories.create_proposal()

    editing.decline(proposal=proposal, by=reviewer)

    assert not Verification.objects.exists()
    with pytest.raises(ValidationError):
        editing.approve(proposal=proposal, by=reviewer)


def test_two_people_decide_where_that_is_asked(settings, reviewer, contributor):
    settings.FACTCHECK_REQUIRE_SECOND_APPROVER = True
    own = factories.create_proposal(proposed_by=reviewer)
    others = factories.create_proposal(proposed_by=contributor)

    with pytest.raises(ValidationError, match="Another reviewer"):
        editing.approve(proposal=own, by=reviewer)
    editing.approve(proposal=others, by=reviewer)

    assert Verification.objects.get().claim == others.claim


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        pytest.param({"reason": " "}, "reason", id="no reason"),
        pytest.param({"evidence": []}, "evidence", id="no evidence"),
        pytest.param(
            {"evidence": [], "reason": "Why?\nNo evidence needed:  "}, "evidence", id="no why"
        ),
        pytest.param({"evidence": [{"title": "x"}]}, "evidence", id="no link"),
        pytest.param(
            {"evidence": [{"url": "javascript:alert(1)"}]}, "evidence", id="a link that runs"
        ),
        pytest.param({"evidence": [{"url": "ftp://a.example/"}]}, "evidence", id="no web link"),
        pytest.param({"evidence": [RECORD, RECORD]}, "evidence", id="twice the same"),
        pytest.param({"evidence": [{"colour": "red"}]}, "evidence", id="unknown field"),
        pytest.param({"evidence": ["x"]}, "evidence", id="no mapping"),
        pytest.param({"evidence": {"url": "x"}}, "evidence", id="no list"),
        pytest.param({"evidence": [{**RECORD, "accessed_on": "soon"}]}, "evidence", id="no day"),
        pytest.param({"status": "maybe"}, "status", id="unknown status"),
    ],
)
def test_a_proposal_without_ground_is_refused_at_its_field(reviewer, fields, problem):
    given = {"status": "true", "reason": "It is so.", "evidence": [RECORD], **fields}

    with pytest.raises(ValidationError) as refused:
        editing.propose(claim=factories.create_claim(), by=reviewer, **given)

    assert problem in refused.value.message_dict


@pytest.mark.parametrize(
    "fields",
    [
        {"evidence": [], "reason": "A rumour.\nNo evidence needed: the reports show it."},
        {"evidence": [], "status": "unverified"},
    ],
)
def test_a_finding_may_say_why_it_needs_no_evidence(reviewer, fields):
    given = {"status": "disputed", "reason": "Looked at again.", **fields}

    proposal = editing.propose(claim=factories.create_claim(), by=reviewer, **given)

    assert editing.approve(proposal=proposal, by=reviewer).number == 1


def test_from_draft_to_published_and_back(contributor, reviewer):
    claim = factories.create_claim(stage="draft")

    editing.submit(claim=claim, by=contributor)
    editing.publish(claim=claim, by=reviewer)
    claim.refresh_from_db()
    assert claim.stage == Stage.PUBLISHED
    assert claim.published_at

    editing.retract(claim=claim, by=reviewer, reason="A duplicate.")
    claim.refresh_from_db()
    assert (claim.stage, claim.retraction_reason) == (Stage.RETRACTED, "A duplicate.")

    editing.restore(claim=claim, by=reviewer, reason="No duplicate after all.")
    claim.refresh_from_db()
    assert (claim.stage, claim.retracted_at) == (Stage.PUBLISHED, None)
    kinds = list(Verification.objects.values_list("kind", flat=True))
    assert kinds == ["publication", "retraction", "restoration"]
    reasons = list(claim.history.values_list("history_change_reason", flat=True))
    assert reasons[:4] == ["restored", "retracted", "published", "submitted for review"]
    assert claim.history.first().history_user == reviewer


@pytest.mark.parametrize(
    ("stage", "verb", "arguments"),
    [
        ("published", editing.submit, {}),
        ("published", editing.publish, {}),
        ("draft", editing.retract, {"reason": "x"}),
        ("published", editing.restore, {"reason": "x"}),
    ],
)
def test_a_verb_out_of_its_stage_is_refused(reviewer, stage, verb, arguments):
    claim = factories.create_claim(stage=stage)

    with pytest.raises(ValidationError, match="stage"):
        verb(claim=claim, by=reviewer, **arguments)


def test_a_retraction_needs_a_reason(reviewer):
    claim = factories.create_claim()

    with pytest.raises(ValidationError, match="reason"):
        editing.retract(claim=claim, by=reviewer, reason="  ")

    claim.refresh_from_db()
    assert claim.stage == "published"


def test_a_contributor_neither_decides_nor_publishes(contributor):
    claim = factories.create_claim(stage="review")
    published = factories.create_claim()
    proposal = factories.create_proposal(claim)
    one, two = factories.create_outlet(), factories.create_outlet()

    for verb, arguments in (
        (editing.approve, {"proposal": proposal}),
        (editing.decline, {"proposal": proposal}),
        (editing.publish, {"claim": claim}),
        (editing.retract, {"claim": published, "reason": "x"}),
        (editing.merge_outlets, {"loser": one, "winner": two}),
    ):
        with pytest.raises(PermissionDenied):
            verb(by=contributor, **arguments)


SENTENCE = "The moon is made of cheese, the minister said on Monday."


@pytest.mark.parametrize(
    "text",
    [
        SENTENCE,
        SENTENCE.upper(),
        "  the moon is made of cheese,\n the minister said on Monday",
        "The moon is made of cheese",
        "“The moon is made of cheese”",
    ],
)
@pytest.mark.parametrize("where", ["source_text", "article"])
def test_the_articles_own_sentence_is_not_published(reviewer, text, where):
    fields = (
        {"source_text": SENTENCE}
        if where == "source_text"
        else {"article": factories.create_article(text=f"Before. {SENTENCE} After.")}
    )
    claim = factories.create_claim(stage="review", text=text, **fields)

    with pytest.raises(ValidationError, match="own words") as refused:
        editing.publish(claim=claim, by=reviewer)
    assert "text" in refused.value.message_dict

    claim.is_quotation = True
    claim.save()
    editing.publish(claim=claim, by=reviewer)


def test_merging_outlets_moves_everything_and_deletes_nothing(reviewer):
    loser, winner = factories.create_outlet(name="Old Name"), factories.create_outlet()
    moved = factories.create_citation(outlet=loser)
    reprint = factories.create_citation(reprint_of=loser)
    own_reprint = factories.create_citation(outlet=winner, reprint_of=loser)
    article = factories.create_article(publisher=loser)
    claim = factories.create_claim()
    kept = factories.create_citation(claim, winner, date_text="2021-08-01", as_cited="A, Aug 1")
    factories.create_citation(claim, loser, date_text="2021-08-01", as_cited="B, Aug 1")

    editing.merge_outlets(loser=loser, winner=winner, by=reviewer)

    for row in (moved, reprint, own_reprint, article, kept, loser):
        row.refresh_from_db()
    assert moved.outlet == reprint.reprint_of == article.publisher == winner
    assert own_reprint.reprint_of is None
    assert kept.as_cited == "A, Aug 1; B, Aug 1"
    assert Citation.objects.filter(claim=claim).count() == 1
    assert loser.merged_into == winner
    assert Outlet.objects.resolve("Old Name") == winner
    assert loser not in Outlet.objects.listed()
    oracle.assert_all_right()


def test_merging_again_leaves_no_chain(reviewer):
    one, two, three = (factories.create_outlet() for _ in range(3))
    editing.merge_outlets(loser=one, winner=two, by=reviewer)
    editing.merge_outlets(loser=two, winner=three, by=reviewer)

    one.refresh_from_db()

    assert one.merged_into == three
    with pytest.raises(ValidationError, match="merged already"):
        editing.merge_outlets(loser=one, winner=three, by=reviewer)
    with pytest.raises(ValidationError, match="different"):
        editing.merge_outlets(loser=three, winner=three, by=reviewer)


def test_merging_claimants_moves_claims_and_outlets(reviewer):
    loser, winner = factories.create_claimant(), factories.create_claimant()
    claim = factories.create_claim(claimant=loser)
    outlet = factories.create_outlet(speaks_for=loser)

    editing.merge_claimants(loser=loser, winner=winner, by=reviewer)

    claim.refresh_from_db()
    outlet.refresh_from_db()
    loser.refresh_from_db()
    assert claim.claimant == outlet.speaks_for == loser.merged_into == winner


def test_the_articles_sentence_with_a_word_more_is_not_published(reviewer):
    claim = factories.create_claim(
        stage="review", text=f"Indeed: {SENTENCE} So there.", source_text=SENTENCE
    )

    with pytest.raises(ValidationError, match="own words"):
        editing.publish(claim=claim, by=reviewer)


def _unchanged_since(claim):
    """Let a claim's last change be long ago; return a function that says whether it still is."""
    long_ago = datetime(2021, 1, 1, tzinfo=UTC)
    Claim.objects.filter(pk=claim.pk).update(updated_at=long_ago)
    return lambda: Claim.objects.get(pk=claim.pk).updated_at == long_ago


CHANGES_OF_A_CLAIM = {
    "a finding": lambda citation, by: factories.create_verification(citation.claim),
    "a numbered finding": lambda citation, by: factories.create_verification(
        citation.claim, number=77
    ),
    "a citation": lambda citation, by: factories.create_citation(citation.claim),
    "a change": lambda citation, by: citation.save(),
    "a part": lambda citation, by: citation.save(update_fields=["title"]),
    "a deletion": lambda citation, by: citation.delete(),
    "a retraction": lambda citation, by: editing.retract(
        claim=citation.claim, by=by, reason="A duplicate."
    ),
    "a reprint": lambda citation, by: editing.mark_reprints(
        citations=[citation], source=factories.create_outlet(), by=by
    ),
}


@pytest.mark.parametrize("change", CHANGES_OF_A_CLAIM.values(), ids=CHANGES_OF_A_CLAIM)
def test_what_changes_beside_a_claim_is_a_change_of_it_without_a_past(reviewer, change):
    citation = factories.create_citation()
    other = _unchanged_since(factories.create_claim())
    unchanged = _unchanged_since(citation.claim)
    past = citation.claim.history.count()

    change(citation, reviewer)

    assert not unchanged()
    assert other()
    # A retraction is the claim's own.
    own = citation.claim.history.filter(history_change_reason="retracted").count()
    assert citation.claim.history.count() == past + own


def test_a_citation_that_moves_to_another_claim_changes_both():
    citation, other = factories.create_citation(), factories.create_claim()
    before, after = _unchanged_since(citation.claim), _unchanged_since(other)

    citation.claim = other
    citation.save()

    assert not before()
    assert not after()


def test_a_change_that_is_taken_back_is_none_of_the_claim():
    citation = factories.create_citation()
    unchanged = _unchanged_since(citation.claim)

    with pytest.raises(IntegrityError), transaction.atomic():
        Citation.objects.create(
            claim=citation.claim, outlet=citation.outlet, date_text=citation.date_text
        )

    assert unchanged()


def test_an_editors_verb_leaves_the_moment_of_its_last_write(reviewer):
    claim = factories.create_claim()
    entry = editing.retract(claim=claim, by=reviewer, reason="A duplicate.")

    claim.refresh_from_db()
    assert claim.updated_at >= entry.created_at
