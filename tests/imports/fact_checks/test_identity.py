"""Which claim, outlet and claimant a record is about, whatever stands beside it in the file."""

import pytest

from factcheck import audit
from factcheck.imports.bulk.loader import Loader
from factcheck.management.commands import import_claims
from factcheck.models import Citation, Claim, Claimant, Outlet, Verification
from tests import factories
from tests.fact_checks import rated, review, run, verdicts

pytestmark = pytest.mark.django_db


CHIPS, MASKS, WATER = ({"claimReviewed": text} for text in ("Chips", "Masks", "Water"))


@pytest.mark.parametrize("chunk", [1, 2, 3_000])
def test_claims_of_one_address_are_claims_of_their_own(write, monkeypatch, chunk):
    monkeypatch.setattr(import_claims, "_RECORDS_PER_CHUNK", chunk)
    both = [rated(1, "False", **CHIPS), rated(1, "True", **MASKS), rated(1, "Mixed", **WATER)]
    assert "3 created, 0 unchanged, 0 superseded" in run(write(both))[0]
    assert verdicts() == {"Chips": "false", "Masks": "true", "Water": "mixed"}

    # In any order, and some of them: each is the one that it was.
    for again in (both, both[::-1], both[1:], both[:1]):
        assert f"0 created, {len(again)} unchanged, 0 superseded" in run(write(again))[0]
    changed = rated(1, "True", datePublished="2021-10-01", **WATER)
    assert "1 superseded" in run(write(changed))[0]
    assert verdicts() == {"Chips": "false", "Masks": "true", "Water": "true"}
    assert [str(found) for found in (*audit.faults(), *audit.differences())] == []


def test_other_words_at_a_known_address_are_the_same_claim_unless_it_stands_beside(write):
    run(write(rated(1, "False", **CHIPS)))

    reworded = rated(1, "False", claimReviewed="Chips in vaccines")
    assert "1 superseded" in run(write(reworded))[0]
    assert "1 unchanged" in run(write(reworded))[0]
    assert verdicts() == {"Chips": "false"}
    # A page that tells of that one and of another has two, whichever comes first.
    assert "1 created, 1 unchanged" in run(write([rated(1, "True", **MASKS), reworded]))[0]
    assert verdicts() == {"Chips": "false", "Masks": "true"}


def test_the_next_words_of_an_address_are_its_claim_if_the_first_are_rejected(write, rejecting):
    first, second = review(1, claimReviewed="Rejected"), review(1, claimReviewed="Taken")

    assert "1 created, 0 unchanged, 0 superseded, 1 refused" in run(write([first, second]))[0]
    assert Claim.objects.get().import_ref == first["url"]


def test_what_was_met_before_a_batch_failed_is_remembered(write, rejecting, monkeypatch):
    monkeypatch.setattr(import_claims, "_RECORDS_PER_CHUNK", 2)
    feed = [rated(1, "False", **CHIPS), review(2), rated(1, "True", **MASKS)]
    out, _err = run(write([*feed, review(3, claimReviewed="Rejected")]))

    assert "3 created, 0 unchanged, 0 superseded, 1 refused" in out
    assert verdicts()["Chips"] == "false"


def test_a_feed_whose_records_all_have_one_address_is_written_at_once(write, monkeypatch):
    chunks, chunk = [], Loader.chunk
    monkeypatch.setattr(Loader, "chunk", lambda self: chunks.append(1) or chunk(self))
    path = write([rated(1, "False", claimReviewed=f"Statement {n}") for n in range(40)])

    assert "40 created" in run(path)[0]
    assert "40 unchanged" in run(path)[0]
    assert len(chunks) == 1


def test_an_address_with_more_records_than_a_chunk_is_written_in_several(write, monkeypatch):
    monkeypatch.setattr(import_claims, "_RECORDS_PER_CHUNK", 3)
    feed = [review(1, claimReviewed=f"Statement {n % 7}", datePublished=f"2021-08-{10 + n}")
            for n in range(20)]  # fmt: skip
    path = write([review(2), *feed, review(3)])

    assert "9 created, 0 unchanged, 13 superseded" in run(path)[0]
    assert "0 created, 22 unchanged, 0 superseded" in run(path)[0]
    assert [str(found) for found in (*audit.faults(), *audit.differences())] == []


def test_a_feed_that_tells_the_new_first_settles(write, monkeypatch):
    monkeypatch.setattr(import_claims, "_RECORDS_PER_CHUNK", 1)
    old, new = rated(1, "False", **CHIPS), rated(1, "True", **MASKS)
    run(write([old]))
    for path in (write([new, old], "feed.json"), write([old], "a.json"), write([new], "b.json")):
        run(path)
        assert "0 created" in run(path)[0]
        assert "0 superseded" in run(path)[0]


def test_outlets_and_claimants_that_are_there_are_meant(write):
    owner = factories.create_owner()
    known = factories.create_outlet(name="Checkers", domain="checkers.example", owner=owner)
    paper = factories.create_outlet(name="Paper", domain="paper.example")
    speaker = factories.create_claimant(name="A. Speaker")
    run(write([review(1), review(2)]))

    assert Verification.objects.first().publisher == known
    assert set(Citation.objects.values_list("outlet", flat=True)) == {paper.pk}
    assert set(Claim.objects.values_list("claimant", flat=True)) == {speaker.pk}
    assert (Outlet.objects.count(), Claimant.objects.count()) == (2, 1)


def test_an_outlet_that_was_merged_is_read_as_what_it_became(write, reviewer):
    from factcheck import editing

    loser = factories.create_outlet(domain="checkers.example")
    winner = factories.create_outlet(name="Winner")
    editing.merge_outlets(loser=loser, winner=winner, by=reviewer)
    run(write(review()))

    assert Verification.objects.get(kind="finding").publisher == winner


@pytest.mark.parametrize(
    "url",
    [
        "https://twitter.com/TokayevKZ/status/1",
        "https://t.me/Channel/1",
        f"https://{'a.' * 120}example/x",
        "https://UPPER.EXAMPLE/x",
        "https://пример.рф/1",
        "https://user:password@host.example/1",
    ],
)
def test_any_address_of_the_web_has_an_outlet(write, url):
    feed = [review(1, url=url), review(2, itemReviewed={"appearance": [url]})]
    assert "2 created" in run(write(feed))[0]

    publisher = Verification.objects.get(url=url).publisher
    assert Citation.objects.get(url=url).outlet == publisher
    assert publisher.domain == publisher.domain.lower()


def test_a_host_of_one_word_is_nobodys_outlet(write):
    run(write(review(itemReviewed={"appearance": ["https://localhost/z", "https://a.example/"]})))

    assert Citation.objects.get().url == "https://a.example/"
    assert not Outlet.objects.filter(domain="").exists()
    assert Verification.objects.get(kind="finding").publisher.domain == "checkers.example"


def test_names_that_differ_in_their_vowels_alone_are_two(write):
    run(
        write(
            [
                review(n, itemReviewed={"author": {"name": name}})
                for n, name in enumerate(("मीना", "मोना"))
            ]
        )
    )

    assert set(Claim.objects.values_list("claimant__name", flat=True)) == {"मीना", "मोना"}
