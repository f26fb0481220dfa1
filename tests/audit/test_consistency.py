"""check_data finds what is damaged or was changed past the application, and fixes what it can."""

import sqlite3
from contextlib import closing
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from factcheck import audit, editing, public_record, triggers
from factcheck.audit import engine, trigger_checks
from factcheck.db import database_file
from factcheck.models import Claimant, Outlet, Owner
from tests import factories
from tests.damage import damaged, repaired, run

pytestmark = pytest.mark.django_db


def checked(*options):
    """Return what the command says, and with which status it ends."""
    out = StringIO()
    try:
        call_command("check_data", *options, stdout=out)
    except SystemExit as stopped:
        return out.getvalue(), stopped.code
    except CommandError as stopped:
        return f"{out.getvalue()}{stopped}", stopped.returncode
    return out.getvalue(), 0


def faults():
    return list(audit.faults())


def test_a_sound_database_has_no_problems(sample):
    public_record.begin_missing()
    said, code = checked()

    assert code == 0
    assert said.endswith("No problems were found.\n")


@pytest.mark.sqlite
@pytest.mark.django_db(transaction=True)
def test_a_damaged_file_ends_in_a_sentence():
    factories.create_claim()
    path = database_file.database_path(connection.settings_dict["NAME"])
    root = damaged(path, "factcheck_claim")
    connection.close()
    try:
        said, code = checked()
    finally:
        connection.close()
        repaired(path, root)

    assert code == 1
    assert "the database file is damaged (" in said
    assert "restore the last backup" in said.splitlines()[-1]


@pytest.mark.sqlite
def test_a_damaged_file_is_not_written_to(monkeypatch):
    triggers.remove()
    monkeypatch.setattr(engine, "_checked_file", lambda using, most: [("Tree 5 page 12: error",)])

    said, code = checked("--fix")

    assert code == 1
    assert "Nothing was fixed, because the database file is damaged.\n" in said
    assert trigger_checks.trigger_faults()


@pytest.mark.sqlite
@pytest.mark.django_db(transaction=True)
# Django does not close a connection whose first statement fails; Python 3.13 warns of that.
@pytest.mark.filterwarnings("ignore:unclosed database:ResourceWarning")
def test_what_is_no_database_ends_in_a_sentence():
    factories.create_claim()
    run("PRAGMA wal_checkpoint(TRUNCATE)")
    path = database_file.database_path(connection.settings_dict["NAME"])
    connection.close()
    whole = path.read_bytes()
    path.write_bytes(b"\xff" * 4096 + whole[4096:])
    try:
        said, code = checked("--fix")
    finally:
        connection.close()
        path.write_bytes(whole)

    assert code == 1
    assert said.startswith("The database file is damaged. Stop the server, keep a copy")
    assert len(said.splitlines()) == 1


@pytest.mark.sqlite
@pytest.mark.django_db(transaction=True)
def test_an_index_without_its_rows_is_named_and_built_again_on_sqlite():
    path = str(database_file.database_path(connection.settings_dict["NAME"]))
    factories.create_outlet()
    with closing(sqlite3.connect(path)) as own:
        row = own.execute("SELECT * FROM sqlite_master WHERE name = 'outlet_name'").fetchone()
    schema(path, "DELETE FROM sqlite_master WHERE name = 'outlet_name'")
    connection.close()
    factories.create_outlet()
    schema(path, "INSERT INTO sqlite_master VALUES (?, ?, ?, ?, ?)", row)
    connection.close()

    said, code = checked()
    assert code == 1
    assert "index outlet_name does not match its table (" in said

    said, code = checked("--fix")
    assert code == 0
    assert "Built index outlet_name again." in said


def schema(path, statement, params=()):
    """Write into the schema itself, which every connection then reads anew."""
    with closing(sqlite3.connect(path, isolation_level=None)) as own:
        own.execute("PRAGMA writable_schema = ON")
        own.execute(statement, params)
        number = own.execute("PRAGMA schema_version").fetchone()[0]
        own.execute(f"PRAGMA schema_version = {number + 1}")


@pytest.mark.postgresql
def test_an_index_that_is_not_valid_is_named_and_built_again():
    run("UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'outlet_name'::regclass")

    said, code = checked()
    assert code == 1
    assert "index outlet_name is not valid." in said

    said, code = checked("--fix")
    assert (code, "Built index outlet_name again." in said) == (0, True)


@pytest.mark.postgresql
def test_a_constraint_that_was_never_checked_is_named_and_checked():
    run("ALTER TABLE factcheck_topic ADD CONSTRAINT later CHECK (id > 0) NOT VALID")

    said, code = checked()
    assert code == 1
    assert "constraint later of factcheck_topic was never checked." in said

    said, code = checked("--fix")
    assert (code, "Checked constraint later." in said) == (0, True)


@pytest.mark.postgresql
def test_damaged_indexes_are_looked_for_where_amcheck_is_installed():
    assert any("the extension amcheck is not installed" in note for note in audit.notes())

    run("CREATE EXTENSION amcheck")

    assert faults() == []
    assert not any("amcheck" in note for note in audit.notes())


@pytest.mark.postgresql
def test_a_table_that_cannot_be_read_is_named_and_the_check_goes_on(monkeypatch):
    monkeypatch.setattr(engine, "_tables", lambda using: ["factcheck_gone", "factcheck_topic"])

    lines = list(engine._of_tables("default"))

    assert [line.partition(" (")[0] for line in lines] == ["table factcheck_gone cannot be read"]


def test_a_record_that_points_to_nothing_is_named():
    alias = Outlet.objects.create(name="Outlet").aliases.get()
    run(f"UPDATE factcheck_outletalias SET outlet_id = 4711 WHERE id = {alias.pk}")

    (fault,) = faults()

    run(f"DELETE FROM factcheck_outletalias WHERE id = {alias.pk}")
    assert fault == (
        "1 record of factcheck_outletalias points to a record of factcheck_outlet that does not"
        " exist (outlet_id = 4711). Restore the missing record from a backup."
    )


def test_a_trigger_that_is_not_ours_is_named_and_left():
    body = (
        "FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger()"
        if connection.vendor == "postgresql"
        else "BEGIN SELECT 1; END"
    )
    run(f"CREATE TRIGGER copy_elsewhere BEFORE UPDATE ON factcheck_topic {body}")

    said, code = checked("--fix")

    assert code == 1
    assert said.count("trigger copy_elsewhere of table factcheck_topic does not belong to") == 2
    assert "1 problem could not be fixed.\n" in said


@pytest.mark.postgresql
def test_who_does_not_own_the_tables_is_told_so():
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_schema()")
        schema_name = cursor.fetchone()[0]
    run(
        "DROP TRIGGER factcheck_keep_derived ON factcheck_claim",
        "CREATE ROLE factcheck_plain_role",
        f"GRANT USAGE ON SCHEMA {schema_name} TO factcheck_plain_role",
        f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA {schema_name}"
        " TO factcheck_plain_role",
        f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA {schema_name} TO factcheck_plain_role",
        "SET LOCAL ROLE factcheck_plain_role",
    )

    said, code = checked("--fix")

    run("SET LOCAL ROLE NONE")
    assert code == 1
    assert "The triggers could not be installed (" in said
    assert said.count("trigger factcheck_keep_derived is missing.") == 2


@pytest.mark.postgresql
def test_a_rule_that_is_not_ours_is_named():
    run("CREATE RULE keep_all AS ON DELETE TO factcheck_citation DO INSTEAD NOTHING")

    (fault,) = faults()

    assert fault.startswith("rule keep_all of table factcheck_citation does not belong to")


@pytest.mark.sqlite
def test_a_trigger_of_the_search_index_is_compared_too():
    run(
        "DROP TRIGGER factcheck_search_index_update",
        "CREATE TRIGGER factcheck_search_index_update AFTER UPDATE ON factcheck_searchdocument"
        " BEGIN SELECT 1; END",
    )

    (fault,) = faults()
    assert fault.startswith("trigger factcheck_search_index_update is not what Factcheck installs.")
    assert checked("--fix")[1] == 0


def test_a_finding_that_was_recorded_while_the_clock_was_wrong_is_named():
    now = timezone.now()
    ahead = now + timedelta(days=400)
    factories.create_verification()
    factories.create_verification(reviewed_on=ahead.date(), created_at=ahead)
    factories.create_verification(reviewed_on=(now + timedelta(days=30)).date())

    one, two, _no_record = faults()

    assert one.startswith(f"record no. 2 of the log was recorded on {ahead:%Y-%m-%d} and dated")
    assert "correct the server's clock" in one
    assert two.startswith(f"record no. 3 of the log, recorded on {now:%Y-%m-%d}, is dated")
    assert checked("--fix")[1] == 1


@pytest.mark.parametrize(
    ("create", "change", "name"),
    [
        (factories.create_outlet, {"name": "Renamed"}, "name"),
        (factories.create_outlet, {"control": "state"}, "control"),
        (factories.create_owner, {"kind": "government"}, "kind"),
        (factories.create_claimant, {"name": "Somebody"}, "name"),
        (factories.create_claimant, {"role": "Minister"}, "role"),
    ],
)
def test_a_row_that_was_changed_past_the_application_is_named(create, change, name):
    row = create()
    before = getattr(row, name)
    type(row).objects.filter(pk=row.pk).update(**change)

    (fault,) = faults()

    assert fault.startswith(
        f"{row._meta.verbose_name} {row.slug}: {name} is “{change[name]}”, but its history says"
        f" “{before}”."
    )
    row.refresh_from_db()
    row.save()
    assert faults() == []


def test_another_owner_past_the_application_is_named():
    outlet, owner = factories.create_outlet(), factories.create_owner()

    Outlet.objects.filter(pk=outlet.pk).update(owner=owner)

    assert [fault.partition(",")[0] for fault in faults()] == [
        f"outlet {outlet.slug}: owner_id is “{owner.pk}”"
    ]


@pytest.mark.parametrize("create", [factories.create_outlet, factories.create_claimant])
def test_a_merge_is_no_change_past_the_application_but_undoing_it_by_hand_is(create, reviewer):
    first, second, third = create(), create(), create()
    merge = editing.merge_outlets if create is factories.create_outlet else editing.merge_claimants
    merge(loser=first, winner=second, by=reviewer)
    last = merge(loser=second, winner=third, by=reviewer)
    assert faults() == []

    editing.undo_merge(merge=last, by=reviewer)
    assert faults() == []

    type(first).objects.filter(pk=first.pk).update(merged_into=None)
    assert [fault.partition(",")[0] for fault in faults()] == [
        f"{first._meta.verbose_name} {first.slug}: merged_into_id is “None”"
    ]


def test_rows_without_history_are_left_out():
    for model in (Owner, Outlet, Claimant):
        model.objects.bulk_create([model(slug="bare", name="Bare")])

    assert faults() == []


def test_a_version_of_a_wrong_clock_does_not_hide_the_later_one():
    outlet = factories.create_outlet()
    outlet.history.update(history_date=timezone.now() + timedelta(days=400))
    outlet.name = "Renamed by an editor"
    outlet.save()

    assert faults() == []


def test_older_versions_that_a_file_brings_later_are_not_taken_for_the_newest():
    outlet = factories.create_outlet(name="New name")
    version = outlet.history.get()
    version.pk, version.name = version.pk + 1000, "Old name"
    version.history_date -= timedelta(days=400)
    version.save()

    assert faults() == []
