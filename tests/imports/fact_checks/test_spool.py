"""The records of a file wait on disk and come back address by address."""

import errno

import pytest

from factcheck.imports.errors import at_line
from factcheck.imports.fact_checks.records import ParsedRecord, Review
from factcheck.imports.fact_checks.spool import RecordSpool


@pytest.fixture
def spool():
    spool = RecordSpool()
    yield spool
    spool.close()


def add(spool, number, *, text="A statement", raw=None):
    url = f"https://checkers.example/{number}"
    review = Review(url=url, text=text, reviewed_on="2021-09-02")
    spool.add(ParsedRecord(at_line(spool.count + 1), raw, review), review)
    return review


def numbers(batch):
    return [[record.number for record in address.records] for address in batch]


def test_addresses_come_in_the_order_of_their_first_records_with_all_of_them(spool):
    for number in (7, 3, 7, 1, 3, 7):
        add(spool, number)

    (batch,) = spool.batches(100)

    assert [address.url[-1] for address in batch] == ["7", "3", "1"]
    assert numbers(batch) == [[1, 3, 6], [2, 5], [4]]


def test_a_batch_has_no_more_records_than_asked_for_or_one_address(spool):
    for number in (1, 2, 3, 3, 3, 4, 5):
        add(spool, number)

    assert [numbers(batch) for batch in spool.batches(2)] == [
        [[1], [2]],
        [[3, 4, 5]],
        [[6], [7]],
    ]


def test_the_same_words_at_an_address_have_one_reference_whatever_their_case(spool):
    for text in ("Chips in vaccines", "CHIPS in vaccines!", "No chips"):
        add(spool, 1, text=text)

    ((address,),) = spool.batches(10)
    first, again, other = address.records

    assert first.claim_ref == again.claim_ref != other.claim_ref
    # What the finding says letter for letter is not the same.
    assert first.content != again.content


def test_records_come_back_as_they_were_read(spool):
    raw = {"url": "https://checkers.example/1", "claimReviewed": "half a letter \ud800", "x": [1.5]}
    review = add(spool, 1, raw=raw)
    add(spool, 2)

    assert spool.reviews([1]) == {1: review}
    assert spool.source(1) == (at_line(1), raw)
    assert spool.reviews([]) == {}


def test_records_are_asked_for_while_the_addresses_are_read(spool):
    for number in range(300):
        add(spool, number)

    for batch in spool.batches(7):
        asked = [record.number for address in batch for record in address.records]
        assert list(spool.reviews(asked)) == asked


def test_a_full_disk_is_told_as_the_system_tells_it(spool):
    spool._database.execute("PRAGMA max_page_count = 20")

    def fill():
        for number in range(10_000):
            add(spool, number, raw="x" * 1_000)

    with pytest.raises(OSError, match="No space left") as caught:
        fill()
    assert caught.value.errno == errno.ENOSPC
