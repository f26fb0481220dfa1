"""The bulk loader leaves the same rows that saving them one after the other leaves."""

from datetime import date

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from factcheck import audit, data_version
from factcheck.imports.bulk.loader import Loader
from factcheck.models import (
    Citation,
    Claim,
    Claimant,
    Outlet,
    OutletAlias,
    SearchPending,
    Stage,
    Status,
    Verification,
)
from tests import factories
from tests.contents import contents

pytestmark = pytest.mark.django_db

exclusive = pytest.mark.parametrize("is_exclusive", [False, True], ids=["shared", "exclusive"])


def instances(moment):
    """Return lists of new instances, in the order in which they refer to each other."""
    outlets = [
        Outlet(slug="tass", name="TASS", native_name="ТАСС", domain="tass.ru"),
        Outlet(slug="kazinform", name="Kazinform", domain="inform.kz"),
    ]
    speaker = Claimant(slug="speaker", name="A Speaker")
    claims = [
        Claim(
            slug=f"harvest-{number}",
            text=f"Harvests rose by {number} per cent",
            claimant=speaker,
            claimed_on="2024-05-01",
            stage=Stage.PUBLISHED,
            published_at=moment,
            updated_at=moment,
        )
        for number in range(3)
    ]
    citations = [
        Citation(
            ref=f"ref-{number}",
            claim=claim,
            outlet=outlet,
            date_text="2024-05-02",
            published_on="2024-05-02",
        )
        for number, (claim, outlet) in enumerate(
            [(claims[0], outlets[0]), (claims[0], outlets[1]), (claims[1], outlets[1])]
        )
    ]
    finding = Verification(
        ref="finding",
        number=1,
        claim=claims[0],
        status=Status.TRUE,
        reason="The statistics say so.",
        reviewed_on=date(2024, 6, 1),
        created_at=moment,
    )
    return outlets, [speaker], claims, citations, [finding]


def insert(*lists, is_exclusive=False):
    loader = Loader(is_exclusive=is_exclusive)
    with transaction.atomic(), loader.chunk() as chunk:
        for batch in lists:
            chunk.insert(batch)
    loader.finish()
    return chunk


def rows():
    """Return what every row says, but for when it was last saved."""
    return {
        key: {name: value for name, value in values.items() if name != "updated_at"}
        for key, values in contents().items()
    }


def saved(lists):
    """Return what saving the instances leaves, and take it back."""
    with transaction.atomic():
        for batch in lists:
            for instance in batch:
                for link in ("claim", "outlet", "claimant"):
                    if related := getattr(instance, link, None):
                        setattr(instance, link, related)  # it has its id by now
                instance.save(force_insert=True)
        expected = rows()
        transaction.set_rollback(True)
    return expected


@exclusive
def test_inserted_instances_are_what_saved_ones_are(is_exclusive):
    moment = timezone.now()
    expected = saved(instances(moment))

    insert(*instances(moment), is_exclusive=is_exclusive)

    assert rows() == expected
    assert list(audit.differences()) == []
    assert not SearchPending.objects.exists()
    assert {alias.key for alias in OutletAlias.objects.all()} >= {"tass", "kazinform"}


def test_inserted_instances_know_their_ids_and_the_next_row_meets_none_of_them():
    lists = instances(timezone.now())
    chunk = insert(*lists)

    for batch in lists:
        assert [instance.pk for instance in batch] == chunk.new_ids[type(batch[0])]
    claim = lists[2][0]
    assert Claim.objects.get(slug=claim.slug).pk == claim.pk
    factories.create_citation(factories.create_claim(), factories.create_outlet())


def test_each_inserted_row_begins_its_history():
    insert(*instances(timezone.now()))

    for model in (Outlet, Claimant, Claim, Citation):
        past = model.history.all()
        assert {entry.history_type for entry in past} == {"+"}
        assert past.count() == model.objects.count()


def test_readers_see_that_claims_have_changed():
    before = data_version.changes_since(None)[0]

    chunk = insert(*instances(timezone.now()))

    _now, spans = data_version.changes_since(before)
    ranges = [range(span.first, span.last + 1) for span in spans if span.first]
    assert {pk for ids in ranges for pk in ids} == set(chunk.new_ids[Claim])


def test_counts_of_a_claim_may_be_set_ahead_and_are_put_right_if_they_are_wrong():
    lists = instances(timezone.now())
    claims = lists[2]
    claims[0].citation_count, claims[0].outlet_count, claims[0].independent_count = 2, 2, 2
    claims[1].citation_count = 7
    claims[0].status = Status.FALSE

    insert(*lists)

    counts = Claim.objects.order_by("slug").values_list("citation_count", "status")
    assert list(counts) == [(2, Status.TRUE), (1, Status.UNVERIFIED), (0, Status.UNVERIFIED)]


def test_a_citation_of_a_known_claim_renews_its_counts_and_its_search_document():
    insert(*instances(timezone.now()))
    claim = Claim.objects.get(slug="harvest-2")

    insert([Citation(claim=claim, outlet=Outlet.objects.get(slug="tass"), ref="new")])

    claim.refresh_from_db()
    assert claim.citation_count == 1
    assert claim.search_document.other_words.split()[0] == "tas"
    assert list(audit.differences()) == []


def test_a_row_that_exists_is_rejected_and_nothing_of_its_chunk_is_kept():
    factories.create_claim(slug="harvest-1")

    with pytest.raises(IntegrityError):
        insert(*instances(timezone.now()))

    assert not Outlet.objects.exists()
    assert Claim.objects.get().slug == "harvest-1"
    claim = factories.create_claim()
    factories.create_citation(claim)
    claim.refresh_from_db()
    assert claim.citation_count == 1  # the triggers are at work again


def test_a_relation_to_a_row_that_is_not_inserted_yet_is_an_error():
    _outlets, _speakers, claims, _citations, _findings = instances(timezone.now())

    with pytest.raises(ValueError, match="claimant"):
        insert(claims)


def test_an_empty_list_is_no_row():
    chunk = insert([])

    assert not chunk.new_ids
