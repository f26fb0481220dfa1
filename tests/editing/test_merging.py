"""Merging moves everything at once, and can be taken back."""

from random import Random

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from factcheck import audit, data_version, editing, public_record, search
from factcheck.models import Citation, Claim, Merge, Outlet
from tests import factories
from tests.oracle import derived

pytestmark = pytest.mark.django_db


def rows():
    """Return what readers and editors see of citations, names and outlets."""
    fields = [f.attname for f in Citation._meta.concrete_fields]
    return (
        sorted(Citation.objects.values_list(*fields)),
        sorted(Outlet.objects.values_list("pk", "merged_into", "speaks_for")),
        sorted(
            (outlet.pk, sorted(outlet.aliases.values_list("key", flat=True)))
            for outlet in Outlet.objects.all()
        ),
        sorted(Claim.objects.values_list("pk", "claimant", "independent_count", "outlet_count")),
    )


def check():
    assert [str(found) for found in (*audit.faults(), *audit.differences())] == []
    for claim in Claim.objects.all():
        assert {name: getattr(claim, name) for name in derived(claim)} == derived(claim)


@pytest.fixture
def world(db):
    """Six outlets, much cited, with reprints among each other and twins to fold."""
    random = Random(11)
    owners = [factories.create_owner(), None]
    outlets = [factories.create_outlet(owner=random.choice(owners)) for _ in range(6)]
    for _ in range(30):
        claim = factories.create_claim()
        for outlet in random.sample(outlets, 3):
            source = random.choice([None, None, *(one for one in outlets if one != outlet)])
            factories.create_citation(
                claim, outlet, date_text="2021-08-20", as_cited=outlet.name, reprint_of=source,
                role="reprint" if source else "reporting",
            )  # fmt: skip
    factories.create_article(publisher=outlets[0])
    public_record.begin_missing()
    return outlets


def test_a_merge_moves_and_folds_and_keeps_every_count_right(world, reviewer):
    loser, winner = world[:2]
    found = editing.preview_merge(loser=loser, winner=winner)
    before = Citation.objects.count()

    merge = editing.merge_outlets(loser=loser, winner=winner, by=reviewer)

    assert found.counts["citations"] == len(merge.moved["citations"]) > 0
    assert found.counts["citations that become one with another"] == len(merge.moved["folded"]) > 0
    assert Citation.objects.count() == before - len(merge.moved["folded"])
    assert not loser.citations.exists()
    assert not loser.reprints.exists()
    assert not loser.aliases.exists()
    check()


def test_a_merge_that_is_taken_back_leaves_everything_as_it_was(world, reviewer):
    loser, winner = world[:2]
    before = rows()

    merge = editing.merge_outlets(loser=loser, winner=winner, by=reviewer)
    assert rows() != before
    editing.undo_merge(merge=merge, by=reviewer)

    assert rows() == before
    check()
    merge.refresh_from_db()
    assert merge.undone_by == reviewer
    with pytest.raises(ValidationError, match="taken back already"):
        editing.undo_merge(merge=merge, by=reviewer)


def test_every_row_that_moved_remembers_why_and_by_whom(world, reviewer):
    loser, winner = world[:2]
    merge = editing.merge_outlets(loser=loser, winner=winner, by=reviewer)

    moved = Citation.objects.get(pk=merge.moved["citations"][0])
    past = moved.history.first()
    assert (past.history_change_reason, past.history_user, past.outlet) == (
        f"outlet merged into {winner.slug}",
        reviewer,
        winner,
    )
    folded = Citation.history.filter(history_type="-").first()
    assert folded.history_user == reviewer


def test_what_changed_since_is_not_taken_back(world, reviewer):
    loser, winner, third = world[:3]
    merge = editing.merge_outlets(loser=loser, winner=winner, by=reviewer)
    changed, deleted = Citation.objects.filter(pk__in=merge.moved["citations"])[:2]
    changed.outlet, changed.reprint_of = third, None
    changed.date_text = "2020-01-01"
    changed.save()
    deleted.delete()

    editing.undo_merge(merge=merge, by=reviewer)

    changed.refresh_from_db()
    assert changed.outlet == third
    assert not Citation.objects.filter(pk=deleted.pk).exists()
    check()


def test_a_chain_of_merges_is_taken_back_from_its_end(world, reviewer):
    one, two, three = world[:3]
    before = rows()
    first = editing.merge_outlets(loser=one, winner=two, by=reviewer)
    second = editing.merge_outlets(loser=two, winner=three, by=reviewer)

    with pytest.raises(ValidationError, match="take that back first"):
        editing.undo_merge(merge=first, by=reviewer)
    editing.undo_merge(merge=second, by=reviewer)
    editing.undo_merge(merge=first, by=reviewer)

    assert rows() == before
    check()


def test_claimants_merge_and_come_back(reviewer):
    loser, winner = factories.create_claimant(), factories.create_claimant()
    claim = factories.create_claim(claimant=loser)
    outlet = factories.create_outlet(speaks_for=loser)
    before = rows()
    assert editing.preview_merge(loser=loser, winner=winner).counts == {"claims": 1, "outlets": 1}

    merge = editing.merge_claimants(loser=loser, winner=winner, by=reviewer)
    claim.refresh_from_db()
    assert claim.claimant == winner
    assert claim.history.first().history_change_reason == f"claimant merged into {winner.slug}"

    editing.undo_merge(merge=merge, by=reviewer)
    assert rows() == before
    outlet.refresh_from_db()
    assert outlet.speaks_for == loser


@pytest.mark.parametrize("role", ["contributor"])
def test_a_contributor_neither_merges_nor_takes_back(world, reviewer, role, request):
    by = request.getfixturevalue(role)
    with pytest.raises(PermissionDenied):
        editing.merge_outlets(loser=world[0], winner=world[1], by=by)
    merge = editing.merge_outlets(loser=world[0], winner=world[1], by=reviewer)
    with pytest.raises(PermissionDenied):
        editing.undo_merge(merge=merge, by=by)
    assert Merge.objects.get().undone_at is None


@pytest.mark.django_db(transaction=True)
def test_a_merged_name_finds_the_claims_of_both(reviewer):
    loser = factories.create_outlet(name="Vesti", slug="v")
    winner = factories.create_outlet(name="Rossiya", slug="r")
    claims = [factories.create_citation(outlet=outlet).claim_id for outlet in (loser, winner)]
    merge = editing.merge_outlets(loser=loser, winner=winner, by=reviewer)

    assert search.search_ids(search.parse("vesti")) == set(claims)

    editing.undo_merge(merge=merge, by=reviewer)
    assert search.search_ids(search.parse("vesti")) == {claims[0]}


def test_a_merge_moves_the_datas_version_for_its_claims(world, reviewer):
    data_version.clear_cache()
    version, _ = data_version.changes_since(None)
    merge = editing.merge_outlets(loser=world[0], winner=world[1], by=reviewer)

    _version, ranges = data_version.changes_since(version)
    moved = Citation.objects.filter(pk__in=merge.moved["citations"]).values_list("claim", flat=True)
    for pk in moved:
        assert any(one.first and one.first <= pk <= one.last for one in ranges)


def test_citations_are_marked_as_reprints_in_bulk(world, reviewer, contributor):
    source = world[0]
    claim = factories.create_claim()
    citations = [factories.create_citation(claim, outlet) for outlet in world]

    assert editing.mark_reprints(citations=citations, source=source, by=reviewer) == 5
    claim.refresh_from_db()
    assert claim.independent_count == 1
    assert not claim.citations.get(outlet=source).reprint_of
    past = citations[1].history.first()
    assert past.history_change_reason == f"marked as a reprint of {source.slug}"
    assert editing.mark_reprints(citations=citations, source=source, by=reviewer) == 0
    assert editing.mark_reprints(citations=citations, source=None, by=reviewer) == 5
    check()
    with pytest.raises(PermissionDenied):  # the claim is public
        editing.mark_reprints(citations=citations, source=source, by=contributor)


def twins(**theirs):
    """Return two outlets with the same citation of one claim, the first one's with `theirs`."""
    claim = factories.create_claim()
    loser, winner = factories.create_outlet(), factories.create_outlet()
    first = factories.create_citation(claim, loser, date_text="2021-01-01", as_cited="L", **theirs)
    second = factories.create_citation(claim, winner, date_text="2021-01-01", as_cited="W")
    return loser, winner, first, second


def test_citations_that_contradict_each_other_are_not_folded(reviewer):
    loser, winner, *_citations = twins(stance="disputes")

    for verb in (editing.preview_merge, editing.merge_outlets):
        by = {"by": reviewer} if verb is editing.merge_outlets else {}
        with pytest.raises(ValidationError, match="one of them disputes it and the other supports"):
            verb(loser=loser, winner=winner, **by)
    assert Citation.objects.count() == 2
    assert not Merge.objects.exists()


def test_a_fold_keeps_what_only_one_of_the_two_has(reviewer):
    loser, winner, _first, second = twins(quote="Words", title="Title", date_end="2021-01-03")
    before = rows()

    merge = editing.merge_outlets(loser=loser, winner=winner, by=reviewer)
    second.refresh_from_db()
    assert (second.quote, second.title, str(second.date_end)) == ("Words", "Title", "2021-01-03")
    assert second.as_cited == "W; L"

    editing.undo_merge(merge=merge, by=reviewer)
    assert rows() == before


@pytest.mark.parametrize("fate", ["merged", "deleted"])
def test_a_folded_reprint_comes_back_though_its_source_went(reviewer, fate):
    source = factories.create_outlet()
    loser, winner, first, _second = twins(reprint_of=source, role="reprint")
    merge = editing.merge_outlets(loser=loser, winner=winner, by=reviewer)
    other = factories.create_outlet()
    if fate == "merged":
        editing.merge_outlets(loser=source, winner=other, by=reviewer)
    else:
        source.delete()

    editing.undo_merge(merge=merge, by=reviewer)

    back = Citation.objects.get(pk=first.pk)
    assert back.reprint_of == (other if fate == "merged" else None)
    check()


def test_a_citation_that_took_the_folded_ones_place_stays(reviewer):
    loser, winner, first, second = twins()
    moved = factories.create_citation(first.claim, loser, date_text="2021-05-05")
    merge = editing.merge_outlets(loser=loser, winner=winner, by=reviewer)
    second.delete()
    moved.refresh_from_db()
    moved.date_text, moved.published_on = "2021-01-01", None
    moved.save()

    editing.undo_merge(merge=merge, by=reviewer)

    moved.refresh_from_db()
    assert moved.outlet == loser
    assert not Citation.objects.filter(pk=first.pk).exists()
    check()


def test_what_an_editor_made_of_a_citation_since_stays(reviewer):
    loser, winner, third = (factories.create_outlet() for _ in range(3))
    citation = factories.create_citation(outlet=loser, reprint_of=winner, role="reprint")
    merge = editing.merge_outlets(loser=loser, winner=winner, by=reviewer)
    citation.refresh_from_db()
    citation.outlet, citation.role = third, "reporting"
    citation.save()

    editing.undo_merge(merge=merge, by=reviewer)

    citation.refresh_from_db()
    assert (citation.outlet, citation.reprint_of) == (third, None)


def test_two_merges_that_folded_into_one_are_taken_back_in_any_order(reviewer):
    claim, winner = factories.create_claim(), factories.create_outlet()
    kept = factories.create_citation(claim, winner, date_text="2021-01-01", as_cited="W")
    merges = []
    for name in ("A", "B"):
        loser = factories.create_outlet()
        factories.create_citation(claim, loser, date_text="2021-01-01", as_cited=name)
        merges.append(editing.merge_outlets(loser=loser, winner=winner, by=reviewer))

    for merge in merges:
        editing.undo_merge(merge=merge, by=reviewer)

    kept.refresh_from_db()
    assert kept.as_cited == "W"
    assert claim.citations.count() == 3
