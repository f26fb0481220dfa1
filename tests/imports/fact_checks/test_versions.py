"""Several versions of one fact-check, and their dates: the newest one counts, and none is lost."""

import pytest

from factcheck import audit
from factcheck.imports.fact_checks import records
from factcheck.management.commands import import_claims
from factcheck.models import Claim, Verification
from tests.fact_checks import rated, review, run, verdicts

pytestmark = pytest.mark.django_db


def test_a_changed_source_adds_a_verification_and_overwrites_nothing(write, reviewer):
    run(write(review()))
    Claim.objects.update(text="An editor's better words")

    changed = review(reviewRating={"alternateName": "True"}, datePublished="2021-10-01")
    assert "0 created, 0 unchanged, 1 superseded" in run(write(changed))[0]
    claim = Claim.objects.get()
    assert (claim.text, claim.status) == ("An editor's better words", "true")
    findings = claim.verifications.filter(kind="finding")
    assert [entry.status for entry in findings] == ["mostly_false", "true"]
    assert "1 unchanged" in run(write(changed))[0]
    # And back again: the log has all three.
    back = review(datePublished="2021-11-01")
    assert "1 superseded" in run(write(back))[0]
    assert len(findings.all()) == 3
    assert [str(found) for found in (*audit.faults(), *audit.differences())] == []


def test_a_record_that_stands_twice_in_a_file_is_one_claim(write):
    again = review(1, reviewRating={"alternateName": "False"})
    out, _err = run(write([review(1), review(1), again]))

    assert "1 created, 1 unchanged, 1 superseded" in out
    assert Claim.objects.get().status == "false"


def test_both_versions_in_one_file_are_added_once(write):
    old, new = rated(1, "False"), rated(1, "True", datePublished="2021-10-01")
    for both in ([old, new], [rated(2, "False"), rated(2, "True")]):
        path = write(both)
        assert "1 created, 0 unchanged, 1 superseded" in run(path)[0]
        assert "0 created, 2 unchanged, 0 superseded" in run(path)[0]
    # An older file brings nothing back.
    assert "1 unchanged" in run(write(old))[0]
    assert set(verdicts().values()) == {"true"}


@pytest.mark.parametrize("order", [(1, 2), (2, 1)])
def test_versions_of_one_day_far_apart_in_a_feed_settle(write, monkeypatch, order):
    """Which of them is the newer one no day tells: the first time it is the later one."""
    monkeypatch.setattr(import_claims, "_RECORDS_PER_CHUNK", 1)
    feed = write([rated(1, "False"), review(2), rated(1, "True")])
    assert "2 created, 0 unchanged, 1 superseded" in run(feed)[0]

    other = [rated(1, "False" if order == (1, 2) else "True"), review(2), review(3)]
    other.append(rated(1, "True" if order == (1, 2) else "False"))
    assert "1 created, 3 unchanged, 0 superseded" in run(write(other))[0]
    assert "4 unchanged, 0 superseded" in run(write(other))[0]
    assert [one.label for one in Verification.objects.filter(url=review(1)["url"])] == [
        "False",
        "True",
    ]
    # Without the newer one the older one is what the feed says now; with a third one it is not.
    assert "1 unchanged, 1 superseded" in run(write([rated(1, "False"), review(2)]))[0]
    third = [rated(1, "True"), review(2), rated(1, "Mixture")]
    assert "2 unchanged, 1 superseded" in run(write(third))[0]
    assert "3 unchanged, 0 superseded" in run(write(third))[0]


def test_a_changed_verdict_moves_the_day_of_its_claim(write):
    run(write(rated(1, "False")))
    before = Claim.objects.get().updated_at
    run(write(rated(1, "True", datePublished="2021-10-01")))

    assert Claim.objects.get().updated_at > before


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2021-08-20T10:00:00Z", "2021-08-20"),
        ("August 20, 2021", "2021-08-20"),
        ("Aug 20, 2021, 10:00 AM", "2021-08-20"),
        ("20 August 2021", "2021-08-20"),
        ("20 августа 2021 года", "2021-08-20"),
        ("20/08/2021", "2021-08-20"),
        ("8/20/2021", "2021-08-20"),
        ("05/05/2021", "2021-05-05"),
        ("20.08.2021", "2021-08-20"),
        ("2021/08/20", "2021-08-20"),
        ("2021-8-5", "2021-08-05"),
        ("20210820", "2021-08-20"),
        ("1629417600", "2021-08-20"),
        ("1629417600000", "2021-08-20"),
        ("Fri, 20 Aug 2021 10:00:00 GMT", "2021-08-20"),
        # More days than one, none, or nobody knows which.
        *((text, "") for text in ("05/06/2021", "2021-08", "May 2021", "August 15-17, 2021")),
        *((text, "") for text in ("2021-13-45", "31/31/2021", "99999999", "soon", "")),
    ],
)
def test_days_are_read_where_they_mean_one_alone(text, day):
    assert records.iso_date(text) == day


def test_a_day_that_cannot_be_read_is_told_and_does_not_outrank_what_comes_later(write):
    for unreadable in ("05/06/2021", "9999-12-31"):
        out, _err = run(write(rated(1, "False", datePublished=unreadable)))
        assert f"1 date or address cannot be read, and was left out: “{unreadable}” 1" in out
    assert "1 unchanged" in out
    mended = rated(1, "True", datePublished="2021-09-01")
    assert "1 superseded" in run(write(mended))[0]
    assert verdicts() == {"Statement number 1 on the border": "true"}
    assert "1 unchanged" in run(write(mended))[0]
