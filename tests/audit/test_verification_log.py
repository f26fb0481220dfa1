"""What the log once said can be proved by whoever kept a checkpoint."""

import hashlib
import json
import xml.etree.ElementTree as ET
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction
from hypothesis import given
from hypothesis import strategies as st

from factcheck import audit, triggers
from factcheck.audit import verification_log
from factcheck.models import Checkpoint, Evidence, LogKey, Verification
from tests import factories
from tests.damage import behind_its_back, verified

pytestmark = pytest.mark.django_db


@pytest.fixture
def published(tmp_path):
    """Five records of three claims, one of them a draft, and the file that was published."""
    public, draft = factories.create_claim(), factories.create_claim(stage="draft")
    for number in range(4):
        factories.create_verification(public, evidence=[f"https://example.org/{number}"])
    factories.create_verification(draft, reason="Nobody outside has read this.")
    path = tmp_path / "log.jsonl"
    call_command("log_checkpoint", output=str(path), stderr=StringIO())
    return path


def test_a_log_that_was_only_added_to_verifies(published):
    factories.create_verification()

    assert verified(published) == ("Nothing up to no. 5 was altered, removed or inserted.\n", 0)


@pytest.mark.parametrize(
    "change",
    [
        "status = 'false'",
        "reason = 'Another reason.'",
        "statement = 'Another statement.'",
        "label = 'x'",
        "byline = 'Somebody'",
        "reviewed_on = '2020-01-01'",
        "created_at = '2020-01-01 00:00:00'",
        "kind = 'restoration'",
        "ref = 'another'",
        "url = 'https://example.com/'",
    ],
)
def test_an_altered_record_is_named(published, change):
    behind_its_back(f"UPDATE factcheck_verification SET {change} WHERE number = 2")

    assert verified(published) == ("record no. 2 was altered\n", 1)


def test_another_account_under_a_record_is_noticed(published, reviewer):
    behind_its_back(f"UPDATE factcheck_verification SET reviewer_id = {reviewer.pk} WHERE number=3")

    assert verified(published) == ("record no. 3 was altered\n", 1)


def test_another_claim_under_a_record_is_noticed(published):
    other = factories.create_claim()
    behind_its_back(f"UPDATE factcheck_verification SET claim_id = {other.pk} WHERE number = 1")

    assert verified(published) == ("record no. 1 was altered\n", 1)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE factcheck_evidence SET quote = 'x' WHERE url = 'https://example.org/2'",
        "DELETE FROM factcheck_evidence WHERE url = 'https://example.org/2'",
    ],
)
def test_altered_evidence_is_named_by_its_record(published, statement):
    behind_its_back(statement)

    assert verified(published) == ("record no. 3 was altered\n", 1)


def test_evidence_that_came_later_is_noticed(published):
    entry = Verification.objects.get(number=4)
    with pytest.raises(IntegrityError, match="a checkpoint holds"), transaction.atomic():
        Evidence.objects.create(verification=entry, url="https://example.org/late")

    triggers.remove()
    Evidence.objects.create(verification=entry, url="https://example.org/late")
    triggers.install()
    assert verified(published) == ("record no. 4 was altered\n", 1)


def test_a_removed_record_is_named(published):
    behind_its_back(
        "DELETE FROM factcheck_evidence WHERE verification_id ="
        " (SELECT id FROM factcheck_verification WHERE number = 2)",
        "DELETE FROM factcheck_verification WHERE number = 2",
    )

    assert verified(published) == ("record no. 2 was removed\n", 1)


def test_a_removed_record_is_named_though_the_gap_was_closed(published):
    shift = "UPDATE factcheck_verification SET number = number - 1 WHERE number = {}"
    behind_its_back(
        "DELETE FROM factcheck_evidence WHERE verification_id ="
        " (SELECT id FROM factcheck_verification WHERE number = 2)",
        "DELETE FROM factcheck_verification WHERE number = 2",
        *(shift.format(number) for number in (3, 4, 5)),
    )

    said, code = verified(published)
    assert code == 1
    assert "record no. 2 was removed\n" in said
    assert "record no. 3 now stands as no. 2\n" in said
    assert "altered" not in said


def test_an_inserted_record_is_named(published):
    entry = factories.create_verification(reason="Slipped in.")
    move = "UPDATE factcheck_verification SET number = {} WHERE number = {}"
    behind_its_back(
        move.format(100, entry.number),
        *(move.format(number + 1, number) for number in (5, 4, 3)),
        move.format(3, 100),
    )

    said, code = verified(published)
    assert code == 1
    assert "record no. 3 was inserted\n" in said
    assert "record no. 3 now stands as no. 4\n" in said
    assert "altered" not in said


def test_swapped_records_are_named(published):
    move = "UPDATE factcheck_verification SET number = {} WHERE number = {}"
    behind_its_back(move.format(100, 1), move.format(1, 2), move.format(2, 100))

    said, code = verified(published)
    assert code == 1
    assert said.count("now stands as") == 2


def test_a_checkpoint_alone_proves_but_does_not_name(published, tmp_path):
    short = tmp_path / "checkpoint.json"
    short.write_bytes(published.read_bytes().splitlines()[-1])
    assert verified(short)[1] == 0

    behind_its_back("UPDATE factcheck_verification SET reason = 'x' WHERE number = 2")

    said, code = verified(short)
    assert code == 1
    assert "no longer give the published checkpoint" in said


def test_a_bad_log_gets_no_new_checkpoint_and_fails_check_data(published):
    factories.create_verification()
    call_command("log_checkpoint", stdout=StringIO(), stderr=StringIO())
    behind_its_back("UPDATE factcheck_verification SET reason = 'x' WHERE number = 2")

    with pytest.raises(CommandError, match=r"no longer agrees .* a record of no. 1 to 5"):
        call_command("log_checkpoint", stdout=StringIO(), stderr=StringIO())
    assert Checkpoint.objects.count() == 2
    assert any("no longer agrees" in fault for fault in audit.faults())


@pytest.mark.parametrize(
    ("change", "message"),
    [
        pytest.param(lambda lines: [b"{", *lines], "line 1 is not a record", id="no JSON"),
        pytest.param(lambda lines: [b"[]", *lines], "line 1 is not a record", id="a list"),
        pytest.param(lambda lines: [b"{}", *lines], "line 1 is not a record", id="no number"),
        pytest.param(lambda lines: lines[:-1], "its last line is missing", id="cut off"),
        pytest.param(lambda lines: lines[1:], "the file was changed", id="a line gone"),
        pytest.param(lambda lines: [lines[0], *lines], "line 2: no. 1 does not come", id="twice"),
        pytest.param(lambda lines: [*lines, lines[0]], "line 7 stands after", id="after the end"),
        pytest.param(
            lambda lines: [*lines[:-1], lines[-1].replace(b'"count":5', b'"count":3')],
            "the file was changed",
            id="another count",
        ),
        pytest.param(
            lambda lines: [*lines[:-1], lines[-1].replace(b'number":5', b'number":99')],
            "the file was changed",
            id="another last number",
        ),
        pytest.param(lambda lines: [b'{"number": Infinity}'], "line 1 is no", id="infinity"),
        pytest.param(lambda lines: [b'{"number": -1, "digest": ""}'], "line 1 is no", id="minus"),
        pytest.param(
            lambda lines: [b'{"number": 1, "digest": "", "record": 99999999999999999999999}'],
            "line 1 is no",
            id="too large",
        ),
        pytest.param(
            lambda lines: [b'{"number": 1, "digest": "", "record": "\\ud800"}'],
            "line 1 is no",
            id="half a letter",
        ),
        pytest.param(lambda lines: [b"[" * 100_000], "line 1 is no", id="too deep"),
        pytest.param(
            lambda lines: [lines[0].replace(b"record says", b"record lies"), *lines[1:]],
            "line 1: the content of no. 1 has another digest",
            id="other content",
        ),
    ],
)
def test_a_file_that_was_changed_is_refused(published, change, message):
    published.write_bytes(b"\n".join(change(published.read_bytes().splitlines())))

    with pytest.raises(CommandError, match=message) as caught:
        call_command("log_checkpoint", verify=str(published))
    assert caught.value.returncode == 2


def test_a_missing_file_is_said(tmp_path):
    with pytest.raises(CommandError, match="No such file"):
        call_command("log_checkpoint", verify=str(tmp_path / "nothing"))


def test_anyone_can_recompute_the_chain_from_the_public_export(client, published):
    """By the README's recipe: nothing of ours but the file."""
    response = client.get("/corrections/log.jsonl")
    lines = b"".join(response.streaming_content).decode().splitlines()
    *records, checkpoint = map(json.loads, lines)

    chain = ""
    for line in records:
        if "record" in line:
            canonical = json.dumps(
                line["record"], sort_keys=True, ensure_ascii=False, separators=(",", ":")
            )
            assert hashlib.sha256(canonical.encode()).hexdigest() == line["digest"]
        chain = hashlib.sha256((chain + line["digest"]).encode()).hexdigest()

    assert (checkpoint["sha256"], checkpoint["count"]) == (chain, len(records))
    assert chain == Checkpoint.objects.newest().sha256


def test_the_export_keeps_what_is_not_public(client, published, reviewer):
    entry = factories.create_verification(reviewer=reviewer, approved_by=reviewer)
    body = b"".join(client.get("/corrections/log.jsonl").streaming_content).decode()

    assert "Nobody outside has read this." not in body
    assert len(body.splitlines()) == entry.number + 1
    assert reviewer.username not in body
    assert LogKey.objects.get().secret not in body


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_the_canonical_form_is_the_standard_librarys(text):
    plain = json.dumps({"b": text, "a": 1}, sort_keys=True, ensure_ascii=False,
                       separators=(",", ":"))  # fmt: skip

    assert (
        verification_log.digest({"b": text, "a": 1}) == hashlib.sha256(plain.encode()).hexdigest()
    )


def test_a_renamed_claim_and_a_merged_outlet_leave_the_digests_alone(published):
    before = [entry.digest for entry in verification_log.entries()]
    claim = Verification.objects.get(number=1).claim
    claim.slug = "another-name"
    claim.save()

    assert [entry.digest for entry in verification_log.entries()] == before


def test_the_checkpoint_is_shown_and_moves_the_pages_tag(client, published):
    call_command("log_checkpoint", stdout=StringIO(), stderr=StringIO())
    first = client.get("/corrections/")
    assert Checkpoint.objects.newest().sha256 in first.content.decode()

    factories.create_verification()
    call_command("log_checkpoint", stdout=StringIO(), stderr=StringIO())
    second = client.get("/corrections/", headers={"If-None-Match": first["ETag"]})
    assert second.status_code == 200
    assert Checkpoint.objects.newest().sha256 in second.content.decode()


def test_an_empty_log_has_no_checkpoint(db):
    said = StringIO()
    call_command("log_checkpoint", stdout=StringIO(), stderr=said)

    assert said.getvalue().strip() == "The log is empty."
    assert not Checkpoint.objects.exists()


def test_the_feed_of_corrections_is_valid_atom(client, settings, reviewer):
    settings.FACTCHECK_SITE_URL = "https://facts.example"
    claim = factories.create_claim(text="A <b>claim</b> & a \x0b control character")
    factories.create_verification(claim, status="true")
    factories.approved(claim, reviewer, status="false", reason="*Why* & how")

    response = client.get("/corrections/feed.atom")

    assert response["Content-Type"].startswith("application/atom+xml")
    atom = "{http://www.w3.org/2005/Atom}"
    feed = ET.fromstring(response.content)
    assert [feed.find(f"{atom}{tag}") is not None for tag in ("id", "title", "updated")] == [
        True
    ] * 3
    (entry,) = feed.findall(f"{atom}entry")
    assert entry.find(f"{atom}title").text == (
        "True → False: A <b>claim</b> & a  control character"
    )
    assert entry.find(f"{atom}link").get("href") == f"https://facts.example/claims/{claim.slug}/"
    assert feed.find(f"{atom}id").text == "https://facts.example/corrections/"


def test_a_name_is_printed_only_if_its_bearer_agreed(reviewer, client):
    from factcheck import editing

    reviewer.first_name, reviewer.last_name = "Aida", "Example"
    reviewer.save()
    for agreed, shown in ((False, ""), (True, "Aida Example")):
        proposal = factories.create_proposal(proposed_by=reviewer, is_signed=agreed)
        assert editing.approve(proposal=proposal, by=reviewer).byline == shown


def test_a_forged_checkpoint_is_a_fault_and_no_crash(published):
    Checkpoint.objects.create(last_number=99, count=1, sha256="0" * 64)

    assert any("no longer agrees" in fault for fault in audit.faults())
    with pytest.raises(CommandError, match="no longer agrees"):
        call_command("log_checkpoint", stdout=StringIO(), stderr=StringIO())


def test_an_empty_logs_file_verifies(db, tmp_path):
    path = tmp_path / "log.jsonl"
    call_command("log_checkpoint", output=str(path), stderr=StringIO())

    assert verified(path)[1] == 0
