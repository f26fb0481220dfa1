"""What a change of owner or a merge does to public counts is known before it is saved, exactly."""

from random import Random

import pytest

from factcheck import editing, public_record
from factcheck.editing import effects
from factcheck.models import Claim, Outlet
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(db):
    """Outlets of four owners and of none, cited by public claims and drafts, with reprints."""
    random = Random(5)
    owners = [*(factories.create_owner() for _ in range(3)), None, None]
    outlets = [factories.create_outlet(owner=random.choice(owners)) for _ in range(8)]
    for number in range(60):
        make = factories.retracted if number % 7 == 0 else factories.create_claim
        claim = make(**({"stage": "draft"} if number % 5 == 1 and number % 7 else {}))
        for outlet in random.sample(outlets, random.choice([1, 2, 3])):
            source = random.choice([None, None, *(one for one in outlets if one != outlet)])
            stance = random.choice(["supports", "supports", "mentions"])
            factories.create_citation(
                claim,
                outlet,
                # Two of one day that a merge makes one have to say the same.
                date_text="2021-08-20" if stance == "supports" else "2021-08-21",
                stance=stance,
                reprint_of=source,
                role="reprint" if source else "reporting",
            )
    public_record.begin_missing()
    return outlets


def counts():
    rows = Claim.objects.public().values_list("pk", "independent_count", "outlet_count")
    return {pk: counted for pk, *counted in rows}


def differences(before):
    """Return what `Effects` says, from the counts that the database has kept."""
    moved = [(before[pk], after) for pk, after in counts().items() if before[pk] != after]
    return (
        len(moved),
        sum(after[0] > was[0] for was, after in moved),
        sum(after[0] < was[0] for was, after in moved),
        sum(after[0] == 1 < was[0] for was, after in moved),
        sum(after[0] == 0 < was[0] for was, after in moved),
    )


def foreseen(found):
    return found.total, found.gain, found.lose, found.to_one, found.to_zero


def test_a_new_owner_does_what_was_foreseen(world):
    moved = 0
    for outlet in world:
        for owner in {one.owner_id for one in world}:
            if owner == outlet.owner_id:
                continue
            found, before = effects.predict_owner_change({outlet.pk: owner}), counts()
            Outlet.objects.filter(pk=outlet.pk).update(owner=owner)
            assert foreseen(found) == differences(before)
            moved += found.total
            Outlet.objects.filter(pk=outlet.pk).update(owner=outlet.owner_id)
    assert moved > 20


def test_several_new_owners_do_what_was_foreseen(world):
    owner = factories.create_owner()
    owners = {world[0].pk: owner.pk, world[1].pk: None, world[2].pk: owner.pk}
    found, before = effects.predict_owner_change(owners), counts()
    for pk, new in owners.items():
        Outlet.objects.filter(pk=pk).update(owner=new)

    assert foreseen(found) == differences(before)
    assert found.lose > 0


def test_asking_is_one_query_that_writes_nothing(world, django_assert_num_queries):
    owner, before = factories.create_owner(), counts()
    with django_assert_num_queries(1) as asked:
        assert effects.predict_owner_change({outlet.pk: owner.pk for outlet in world})

    assert asked.captured_queries[0]["sql"].lstrip().startswith("WITH")
    assert counts() == before


@pytest.mark.parametrize("pair", [(0, 1), (2, 3), (4, 5), (6, 7)])
def test_a_merge_and_its_way_back_do_what_was_foreseen(world, reviewer, recorded, pair):
    loser, winner = (world[place] for place in pair)
    found, before = effects.predict_merge(loser, winner), counts()

    merge = editing.merge_outlets(loser=loser, winner=winner, by=reviewer)

    assert foreseen(found) == differences(before)
    assert [(len(ids), by) for ids, _reason, by in recorded] == [(found.total, reviewer)]
    assert recorded[0][1] == f"“{loser}” was merged into “{winner}”."
    recorded.clear()
    merged = counts()
    ids = [loser.pk, winner.pk]
    back = effects.try_out(lambda: editing.undo_merge(merge=merge, by=reviewer), ids)
    assert counts() == merged
    recorded.clear()

    editing.undo_merge(merge=merge, by=reviewer)

    assert foreseen(back) == differences(merged)
    assert counts() == before
    assert [len(ids) for ids, _reason, _by in recorded] == [back.total]


def test_examples_are_those_that_are_left_with_the_least(world):
    owner = factories.create_owner()
    found = effects.predict_owner_change({outlet.pk: owner.pk for outlet in world})

    after = [one.after for _claim, one in found.named()]
    assert after == sorted(after)
    assert 0 < len(after) <= 10


def test_a_change_that_moves_no_public_count_has_no_effects(world):
    alone = factories.create_outlet()
    factories.create_citation(factories.create_claim(stage="draft"), alone)

    assert not effects.predict_owner_change({alone.pk: factories.create_owner().pk})
    assert not effects.predict_owner_change({})
