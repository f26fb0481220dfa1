"""What must be true of a row is a constraint of the database; each is broken here."""

from datetime import date

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from factcheck.models import Article, Citation, Claim, Claimant, Outlet, Owner, Topic, Verification
from tests import factories

pytestmark = pytest.mark.django_db


def broken(row, **fields):
    """Write `fields` past every `save` and `clean`."""
    with pytest.raises(IntegrityError), transaction.atomic():
        type(row).objects.filter(pk=row.pk).update(**fields)


@pytest.mark.parametrize(
    ("create", "fields"),
    [
        pytest.param(factories.create_owner, {"slug": ""}, id="owner_slug_filled"),
        pytest.param(factories.create_owner, {"kind": "x"}, id="owner_kind_known"),
        pytest.param(factories.create_outlet, {"slug": ""}, id="outlet_slug_filled"),
        pytest.param(factories.create_outlet, {"kind": "x"}, id="outlet_kind_known"),
        pytest.param(factories.create_outlet, {"control": "x"}, id="outlet_control_known"),
        pytest.param(factories.create_outlet, {"domain": "A.KZ"}, id="outlet_domain_lower"),
        pytest.param(
            factories.create_outlet,
            {"homepage": "javascript:x"},
            id="outlet_homepage_is_web_address",
        ),
        pytest.param(
            factories.create_claimant,
            {"same_as": "javascript:x"},
            id="claimant_same_as_is_web_address",
        ),
        pytest.param(
            factories.create_article, {"url": "javascript:x"}, id="article_url_is_web_address"
        ),
        pytest.param(
            factories.create_citation, {"url": "javascript:x"}, id="citation_url_is_web_address"
        ),
        pytest.param(
            factories.create_citation,
            {"archived_url": "javascript:x"},
            id="citation_archived_url_is_web_address",
        ),
        pytest.param(factories.create_claimant, {"slug": ""}, id="claimant_slug_filled"),
        pytest.param(factories.create_claimant, {"kind": "x"}, id="claimant_kind_known"),
        pytest.param(factories.create_topic, {"slug": ""}, id="topic_slug_filled"),
        pytest.param(factories.create_article, {"slug": ""}, id="article_slug_filled"),
        pytest.param(
            factories.create_article,
            {"published_text": "2021-09", "published_on": date(2021, 9, 1)},
            id="article_day_only_if_known",
        ),
        pytest.param(factories.create_claim, {"slug": ""}, id="claim_slug_filled"),
        pytest.param(factories.create_claim, {"text": ""}, id="claim_text_filled"),
        pytest.param(factories.create_claim, {"stage": "x"}, id="claim_stage_known"),
        pytest.param(
            factories.create_claim,
            {"stage": "retracted"},
            id="claim_retracted_with_moment_and_reason",
        ),
        pytest.param(
            factories.create_claim, {"retracted_at": timezone.now()}, id="a moment without a stage"
        ),
        pytest.param(factories.create_claim, {"start": 5, "end": 4}, id="claim_span_in_order"),
        pytest.param(factories.create_claim, {"start": 5}, id="a span without an end"),
        pytest.param(factories.create_citation, {"stance": "x"}, id="citation_stance_known"),
        pytest.param(factories.create_citation, {"role": "x"}, id="citation_role_known"),
        pytest.param(
            factories.create_citation, {"date_text": "2021-08"}, id="citation_day_only_if_known"
        ),
        pytest.param(factories.create_citation, {"published_on": None}, id="a day without a date"),
        pytest.param(
            factories.create_citation, {"date_end": date(1999, 1, 1)}, id="citation_range_in_order"
        ),
        pytest.param(
            factories.create_citation,
            {"date_text": "", "published_on": None, "date_end": date(2030, 1, 1)},
            id="a range without a first day",
        ),
        pytest.param(
            factories.create_citation, {"start": 5, "end": 4}, id="citation_span_in_order"
        ),
        pytest.param(factories.create_citation, {"url": None}, id="no null in the unique columns"),
        pytest.param(factories.create_proposal, {"status": "x"}, id="proposal_status_known"),
        pytest.param(factories.create_proposal, {"state": "x"}, id="proposal_state_known"),
    ],
)
def test_a_row_that_cannot_be_true_is_refused(create, fields):
    broken(create(), **fields)


@pytest.mark.parametrize(
    "fields",
    [{"kind": "x"}, {"status": "x"}, {"number": 0}],
    ids=["verification_kind_known", "verification_status_known", "verification_number_positive"],
)
def test_an_entry_of_the_log_that_cannot_be_true_is_refused(fields):
    claim = factories.create_claim()

    with pytest.raises(IntegrityError), transaction.atomic():
        Verification.objects.create(claim=claim, **fields)


def test_an_outlet_neither_reprints_nor_is_merged_into_itself():
    citation = factories.create_citation()

    broken(citation, reprint_of=citation.outlet)
    broken(factories.create_outlet(), merged_into=None, domain="X")
    outlet, claimant = factories.create_outlet(), factories.create_claimant()
    broken(outlet, merged_into=outlet)
    broken(claimant, merged_into=claimant)


def test_what_is_unique():
    outlet = factories.create_outlet(domain="a.kz")
    citation = factories.create_citation()
    claim = factories.create_claim(import_ref="x")
    verification = factories.create_verification(evidence=["https://example.org/1"])

    for double in (
        lambda: factories.create_outlet(domain="a.kz"),
        lambda: factories.create_outlet(slug=outlet.slug),
        lambda: factories.create_claim(slug=claim.slug),
        lambda: factories.create_claim(import_ref="x"),
        lambda: factories.create_citation(
            citation.claim, citation.outlet, date_text=citation.date_text
        ),
        lambda: factories.create_citation(ref=citation.ref),
        lambda: outlet.aliases.create(name=outlet.name),
        lambda: verification.evidence.create(url="https://example.org/1"),
        lambda: factories.create_verification(number=verification.number),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            double()


@pytest.mark.parametrize("pk", [0, -5, 2**32], ids=["claim_id_fits_in_32_bits", "below", "above"])
def test_a_claims_id_has_32_bits(pk):
    with pytest.raises(IntegrityError, match="claim_id_fits_in_32_bits"), transaction.atomic():
        Claim.objects.bulk_create([Claim(pk=pk, slug="c", text="C")])


@pytest.mark.parametrize("model", [Article, Citation, Claim, Claimant, Outlet, Owner, Topic])
def test_every_constraint_has_been_broken_above(model, request):
    source = request.path.read_text(encoding="utf-8")
    named = {
        "citation_unique", "citation_no_reprint_of_itself", "outlet_domain_unique",
        "outlet_not_merged_into_itself", "claimant_not_merged_into_itself",
        "claim_import_ref_unique", "claim_status_known",
    }  # fmt: skip
    for constraint in model._meta.constraints:
        is_broken = constraint.name in source or constraint.name in named
        remedy = f"break {constraint.name} in the list above, with its name as the id"
        assert is_broken, remedy


def test_every_field_but_a_claims_slug_and_text_has_a_default():
    claim = Claim.objects.create(slug="c", text="x")
    outlet = Outlet.objects.create(slug="o")
    Owner.objects.create(slug="o")
    Claimant.objects.create(slug="c")
    Topic.objects.create(slug="t")
    Article.objects.create(slug="a")
    citation = Citation.objects.create(claim=claim, outlet=outlet)
    verification = Verification.objects.create(claim=claim)
    verification.evidence.create()
    claim.proposals.create()

    claim.refresh_from_db()
    assert (claim.stage, claim.status, claim.citation_count) == ("draft", "unverified", 1)
    assert len(citation.ref) == 10


def test_an_empty_slug_is_made_from_the_name_in_any_script():
    assert Outlet.objects.create(name="Қазақстан").slug == "qazaqstan"
    assert Outlet.objects.create(name="Қазақстан").slug == "qazaqstan-2"
    assert Outlet.objects.create(name="—").slug == "outlet"
    assert Claim.objects.create(text="Ещё одно утверждение").slug == "eshche-odno-utverzhdenie"
