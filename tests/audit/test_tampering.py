"""What somebody who owns the database can do to it with plain SQL, and what notices.

`check_data` and `/healthz` see what can be seen from within. What only a file kept elsewhere shows
(`log_checkpoint` or `/corrections/log.jsonl`) is shown by a file that was made after the newest
record: docs/checking.md.
"""

from io import StringIO

import pytest
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction

from factcheck import audit, triggers
from factcheck.audit import check_health, verification_log
from factcheck.models import Checkpoint, LogKey, Verification
from tests import factories
from tests.damage import LOG_UPDATE, behind_its_back, run, verified

pytestmark = pytest.mark.django_db

DELETE_EVIDENCE = (
    "DELETE FROM factcheck_evidence WHERE verification_id ="
    " (SELECT id FROM factcheck_verification WHERE number = {number})"
)
DELETE_RECORD = "DELETE FROM factcheck_verification WHERE number = {number}"


class Files:
    """Files of the log: of before, its last line alone, and one of now."""

    def __init__(self, folder):
        self.folder = folder
        self.before = self.make("before")
        self.last_line = folder / "last.jsonl"
        self.last_line.write_bytes(self.before.read_bytes().splitlines()[-1])

    def make(self, name):
        """Write the log as `/corrections/log.jsonl` gives it, without a new checkpoint."""
        path = self.folder / f"{name}.jsonl"
        path.write_bytes(b"".join(verification_log.export()))
        return path

    def caught(self, later):
        """Return which of the three files show that something is wrong."""
        files = {"before": self.before, "last line": self.last_line, "later": later}
        return {name for name, path in files.items() if verified(path)[1] == 1}


@pytest.fixture
def files(tmp_path):
    """Four records under a checkpoint, and the files of it."""
    for number in range(4):
        factories.create_verification(evidence=[f"https://example.org/{number}"])
    call_command("log_checkpoint", stdout=StringIO(), stderr=StringIO())
    connection.check_constraints()
    return Files(tmp_path)


@pytest.fixture
def newest(files):
    """A record that came after the checkpoint."""
    entry = factories.create_verification(evidence=["https://example.org/newest"])
    connection.check_constraints()
    return entry


def faults():
    """Return what is wrong, but for claims of the factories, whose record nobody has begun."""
    found = [str(fault) for fault in (*audit.faults(), *audit.differences())]
    return [fault for fault in found if "The log has no record" not in fault]


def names_the_log():
    return any("the log no longer agrees with the checkpoint" in fault for fault in faults())


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE factcheck_verification SET status = 'false' WHERE number = 2",
        "DELETE FROM factcheck_verification WHERE number = 2",
        "UPDATE factcheck_evidence SET quote = 'x'",
        "DELETE FROM factcheck_evidence",
        "UPDATE factcheck_checkpoint SET sha256 = 'x'",
        "DELETE FROM factcheck_checkpoint",
        "INSERT INTO factcheck_evidence (verification_id, url, title, publisher_name, archived_url,"
        " quote) SELECT id, 'https://example.org/late', '', '', '', '' FROM factcheck_verification"
        " WHERE number = 2",
    ],
)
def test_plain_sql_is_refused(files, statement):
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        run(statement)


def test_a_trigger_that_was_dropped_is_named(files):
    table = " ON factcheck_verification" if connection.vendor == "postgresql" else ""
    run(f"DROP TRIGGER {LOG_UPDATE}{table}")

    assert faults() == [
        f"trigger {LOG_UPDATE} is missing. Run check_data --fix, which installs it."
    ]
    assert check_health().status == "triggers missing"


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE factcheck_verification SET reason = 'x' WHERE number = 2",
        "UPDATE factcheck_verification SET reviewed_on = '2020-01-01' WHERE number = 2",
        "UPDATE factcheck_evidence SET quote = 'x' WHERE url = 'https://example.org/2'",
    ],
)
def test_an_old_record_that_was_altered_is_seen_though_the_triggers_are_back(files, change):
    later = files.make("later")
    behind_its_back(change)

    assert names_the_log()
    assert files.caught(later) == {"before", "last line", "later"}


def test_a_record_that_was_altered_after_the_last_file_is_seen_by_a_later_one_alone(files, newest):
    later = files.make("later")
    behind_its_back("UPDATE factcheck_verification SET reason = 'x' WHERE number = 5")

    assert files.caught(later) == {"later"}


def test_evidence_that_was_slipped_under_the_newest_record_is_seen_by_a_later_file(files, newest):
    later = files.make("later")
    behind_its_back(
        "INSERT INTO factcheck_evidence (verification_id, url, title, publisher_name,"
        " archived_url, quote) SELECT id, 'https://example.org/late', '', '', '', ''"
        " FROM factcheck_verification WHERE number = 5"
    )

    assert files.caught(later) == {"later"}


def test_the_newest_record_cannot_be_deleted_unnoticed(files, newest):
    later = files.make("later")
    behind_its_back(DELETE_EVIDENCE.format(number=5), DELETE_RECORD.format(number=5))

    assert f"claim {newest.claim.slug}: status is true, should be unverified" in faults()
    assert files.caught(later) == {"later"}


def test_a_deleted_record_in_the_middle_is_seen(files):
    later = files.make("later")
    behind_its_back(DELETE_EVIDENCE.format(number=2), DELETE_RECORD.format(number=2))

    assert names_the_log()
    assert any("the log has a gap before number 3" in fault for fault in faults())
    assert files.caught(later) == {"before", "last line", "later"}


def test_another_signing_account_is_seen(files, reviewer):
    later = files.make("later")
    behind_its_back(f"UPDATE factcheck_verification SET reviewer_id={reviewer.pk} WHERE number=2")

    assert names_the_log()
    assert files.caught(later) == {"before", "last line", "later"}


def test_another_key_of_the_log_is_seen(files):
    later = files.make("later")
    LogKey.objects.update(secret="0" * 64)

    assert names_the_log()
    assert files.caught(later) == {"before", "last line", "later"}


def is_named_as_altered(name):
    found = check_health()
    return (
        any(f"trigger {name} is not what Factcheck installs" in fault for fault in faults())
        and (found.status, found.can_read) == ("triggers altered", False)
        and name in found.triggers
    )


@pytest.mark.sqlite
@pytest.mark.parametrize(
    ("name", "head"),
    [
        (LOG_UPDATE, "BEFORE UPDATE ON factcheck_verification"),
        ("factcheck_keep_log_evidence_delete", "BEFORE DELETE ON factcheck_evidence"),
        ("factcheck_keep_derived_insert", "AFTER INSERT ON factcheck_claim"),
        ("factcheck_keep_seen_claim_update", "AFTER UPDATE ON factcheck_claim"),
    ],
)
def test_a_trigger_of_the_same_name_that_does_nothing_is_named_and_fixed(files, name, head):
    run(f"DROP TRIGGER {name}", f"CREATE TRIGGER {name} {head} BEGIN SELECT 1; END")

    assert is_named_as_altered(name)
    list(audit.fix())
    assert faults() == []
    assert check_health().status == "ok"


@pytest.mark.sqlite
def test_a_trigger_that_was_altered_in_the_schema_itself_is_named(files):
    run(
        "PRAGMA writable_schema = ON",
        "UPDATE sqlite_master SET sql = replace(sql, 'WHEN NOT (', 'WHEN 0 AND (')"
        f" WHERE name = '{LOG_UPDATE}'",
        "PRAGMA writable_schema = OFF",
    )

    assert is_named_as_altered(LOG_UPDATE)


@pytest.mark.postgresql
@pytest.mark.parametrize(
    "definition",
    [
        "() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$",
        "() RETURNS trigger LANGUAGE internal AS 'suppress_redundant_updates_trigger'",
    ],
)
def test_a_function_that_was_replaced_is_named_and_fixed(files, newest, definition):
    later = files.make("later")
    run(
        f"CREATE OR REPLACE FUNCTION {LOG_UPDATE}{definition}",
        "UPDATE factcheck_verification SET reason = 'x' WHERE number = 5",
    )

    assert is_named_as_altered(LOG_UPDATE)
    assert files.caught(later) == {"later"}
    connection.check_constraints()
    list(audit.fix())
    assert not triggers.faults()


@pytest.mark.postgresql
@pytest.mark.parametrize(
    "definition",
    [
        "BEFORE UPDATE ON factcheck_verification FOR EACH STATEMENT WHEN (true)"
        f" EXECUTE FUNCTION {LOG_UPDATE}()",
        "AFTER UPDATE ON factcheck_verification FOR EACH ROW WHEN (true)"
        f" EXECUTE FUNCTION {LOG_UPDATE}()",
        "BEFORE UPDATE OF label ON factcheck_verification FOR EACH ROW WHEN (true)"
        f" EXECUTE FUNCTION {LOG_UPDATE}()",
        "BEFORE UPDATE ON factcheck_verification FOR EACH ROW WHEN (false)"
        f" EXECUTE FUNCTION {LOG_UPDATE}()",
        "BEFORE UPDATE ON factcheck_verification FOR EACH ROW WHEN (true)"
        " EXECUTE FUNCTION suppress_redundant_updates_trigger()",
    ],
)
def test_a_trigger_that_fires_otherwise_is_named(files, definition):
    run(
        f"DROP TRIGGER {LOG_UPDATE} ON factcheck_verification",
        f"CREATE TRIGGER {LOG_UPDATE} {definition}",
    )

    assert is_named_as_altered(LOG_UPDATE)


@pytest.mark.postgresql
@pytest.mark.parametrize("table", ["verification", "claim", "citation"])
def test_triggers_that_were_disabled_are_named_and_enabled(files, table):
    run(f"ALTER TABLE factcheck_{table} DISABLE TRIGGER ALL")

    found = faults()
    assert any("is disabled. Run check_data --fix" in fault for fault in found)
    assert any("is not checked, because triggers of table" in fault for fault in found)
    assert check_health().status == "triggers silent"
    list(audit.fix())
    assert faults() == []


@pytest.mark.postgresql
def test_an_old_record_that_was_altered_as_a_replica_is_seen(files):
    later = files.make("later")
    run(
        "SET LOCAL session_replication_role = replica",
        "UPDATE factcheck_verification SET reason = 'x' WHERE number = 2",
        "SET LOCAL session_replication_role = DEFAULT",
    )

    assert names_the_log()
    assert files.caught(later) == {"before", "last line", "later"}


@pytest.mark.postgresql
@pytest.mark.parametrize(
    "setting", ["session_replication_role = replica", "factcheck.loading = 'on'"]
)
@pytest.mark.parametrize("whose", ["DATABASE {database}", "ROLE {role}"])
def test_a_setting_that_silences_triggers_for_all_to_come_is_named(files, setting, whose):
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_database(), current_user")
        database, role = cursor.fetchone()
    run(f"ALTER {whose.format(database=database, role=role)} SET {setting}")

    (fault,) = faults()

    name = setting.replace(" ", "").replace("'", "")
    assert fault.startswith(f"the setting {name} of “")
    assert check_health().status == "triggers silent"


@pytest.mark.sqlite
def test_the_mark_of_a_load_is_named_and_removed(files):
    run("INSERT INTO factcheck_loading VALUES (1)")
    citation = factories.create_citation()

    (fault, *wrong) = faults()
    assert fault.startswith("table factcheck_loading has a record")
    assert wrong
    assert check_health().status == "triggers silent"

    list(audit.fix())
    assert faults() == []
    citation.claim.refresh_from_db()
    assert citation.claim.citation_count == 1


def test_checkpoints_that_were_deleted_leave_the_files_true(files):
    later = files.make("later")
    behind_its_back("DELETE FROM factcheck_checkpoint")

    assert files.caught(later) == set()


def test_a_record_and_its_checkpoint_that_were_both_rewritten_are_seen_by_a_file(files):
    later = files.make("later")
    behind_its_back(
        "UPDATE factcheck_verification SET reason = 'x' WHERE number = 2",
        "DELETE FROM factcheck_checkpoint",
    )
    call_command("log_checkpoint", stdout=StringIO(), stderr=StringIO())

    assert Checkpoint.objects.count() == 1
    # Nothing within the database can tell.
    assert not names_the_log()
    assert files.caught(later) == {"before", "last line", "later"}


def test_yesterdays_database_is_seen_by_a_later_file(files):
    with transaction.atomic():
        factories.create_verification()
        later = files.make("later")
        transaction.set_rollback(True)

    assert faults() == []
    assert verified(later) == ("record no. 5 was removed\n", 1)
    assert files.caught(later) == {"later"}


def test_yesterdays_database_with_another_record_of_the_same_number_is_seen(files):
    with transaction.atomic():
        factories.create_verification()
        later = files.make("later")
        transaction.set_rollback(True)
    factories.create_verification(reason="Another one.")

    assert faults() == []
    assert Verification.objects.count() == 5
    assert verified(later) == ("record no. 5 was altered\n", 1)
    assert files.caught(later) == {"later"}


def test_a_publisher_that_was_renamed_past_the_application_is_named(files):
    outlet = factories.create_outlet(name="The Publisher")
    factories.create_verification(publisher=outlet)
    run(f"UPDATE factcheck_outlet SET name = 'Somebody Else' WHERE id = {outlet.pk}")

    (fault,) = faults()

    assert fault.startswith(f"outlet {outlet.slug}: name is “Somebody Else”, but its history says")
