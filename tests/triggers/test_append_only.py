"""The log can be added to, and nothing else, whoever writes."""

import pytest
from django.core.management import call_command
from django.db import IntegrityError, connection, models, transaction

from factcheck import search
from factcheck.audit import trigger_checks
from factcheck.models import Change, Claim, Epoch, Evidence, Verification
from tests import factories
from tests.conftest import FIXTURES

pytestmark = pytest.mark.django_db

TABLES = ["factcheck_verification", "factcheck_evidence"]


@pytest.fixture
def log():
    verification = factories.create_verification(evidence=["https://example.org/1"])
    # PostgreSQL truncates no table that still awaits a check of its foreign keys.
    connection.check_constraints()
    return verification


def refused(statement, params=()):
    with (
        pytest.raises(IntegrityError, match="append-only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement, params)


@pytest.mark.parametrize("table", TABLES)
def test_sql_cannot_delete(log, table):
    refused(f"DELETE FROM {table}")


@pytest.mark.parametrize("model", [Verification, Evidence])
def test_sql_cannot_change_any_column(log, model):
    for field in model._meta.concrete_fields:
        value = {"DateField": "'1999-01-01'", "DateTimeField": "'1999-01-01'"}.get(
            field.get_internal_type()
        )
        if isinstance(field, models.JSONField):
            value = "'{}'"
        if value is None:
            is_text = isinstance(field, (models.CharField, models.TextField))
            value = "'x'" if is_text else "4711"
        refused(f"UPDATE {model._meta.db_table} SET {field.column} = {value}")


@pytest.mark.sqlite
@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("verb", ["INSERT OR REPLACE", "REPLACE"])
def test_sqlite_cannot_replace(log, table, verb):
    refused(f"{verb} INTO {table} SELECT * FROM {table}")


@pytest.mark.sqlite
def test_sqlite_cannot_replace_by_another_unique_column(log):
    columns = [field.column for field in Verification._meta.concrete_fields if field.name != "id"]
    names = ", ".join(columns)
    refused(
        f"REPLACE INTO factcheck_verification ({names}) SELECT {names} FROM factcheck_verification"
    )


@pytest.mark.postgresql
@pytest.mark.parametrize("table", TABLES)
def test_postgresql_cannot_truncate(log, table):
    refused(f"TRUNCATE {table} CASCADE")


@pytest.mark.postgresql
def test_postgresql_cannot_truncate_the_claims_under_the_log(log):
    refused("TRUNCATE factcheck_claim CASCADE")


def test_an_update_that_changes_nothing_passes(log):
    assert Verification.objects.update(status=models.F("status")) == 1


def test_the_orm_cannot_change_or_delete(log):
    log.status = "false"
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        log.save()
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        Evidence.objects.all().delete()
    with pytest.raises(IntegrityError), transaction.atomic():
        log.delete()
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        Verification.objects.filter(pk=log.pk).update(reason="Another")


def test_a_claim_with_verifications_cannot_be_deleted(log):
    refused("DELETE FROM factcheck_claim WHERE id = %s", [log.claim_id])
    with pytest.raises(models.ProtectedError):
        log.claim.delete()


def test_loading_the_same_fixtures_twice_leaves_the_same_rows(loaded):
    before = contents()

    call_command("loaddata", *FIXTURES, verbosity=0)

    assert contents() == before


def contents():
    search.drain()
    return [
        list(model.objects.order_by("pk").values())
        for model in Claim._meta.app_config.get_models()
        if model not in {Change, Epoch}
    ]


def test_numbers_follow_each_other_without_gaps():
    for _ in range(3):
        factories.create_verification()
    claim = factories.create_claim()
    Verification.objects.bulk_create([Verification(claim=claim), Verification(claim=claim)])
    with pytest.raises(IntegrityError), transaction.atomic():
        factories.create_verification(status="nonsense")
    factories.create_verification()

    numbers = Verification.objects.order_by("number").values_list("number", flat=True)

    assert list(numbers) == [1, 2, 3, 4, 5, 6]


def test_entries_written_in_bulk_keep_the_statement_too():
    claim = factories.create_claim(text="As checked")

    Verification.objects.bulk_create([Verification(claim=claim)])

    assert Verification.objects.get().statement == "As checked"


def test_a_verification_keeps_the_statement_as_checked():
    claim = factories.create_claim(text="First wording")
    verification = factories.create_verification(claim)
    claim.text = "Second wording"
    claim.save()

    verification.refresh_from_db()

    assert verification.statement == "First wording"


@pytest.mark.django_db(transaction=True)
def test_the_triggers_are_back_after_a_table_was_rebuilt():
    from django.apps import apps
    from django.db.models.signals import post_migrate, pre_migrate

    config = apps.get_app_config("factcheck")
    told = {"sender": config, "app_config": config, "using": "default", "verbosity": 0}
    old = Claim._meta.get_field("import_ref")
    new = models.CharField(max_length=400, blank=True, default="")
    new.set_attributes_from_name("import_ref")

    pre_migrate.send(**told, interactive=False)
    with connection.schema_editor() as editor:
        editor.alter_field(Claim, old, new)
    with connection.schema_editor() as editor:
        editor.alter_field(Claim, new, old)
    post_migrate.send(**told, interactive=False)

    assert trigger_checks.trigger_faults() == []
    citation = factories.create_citation()
    citation.claim.refresh_from_db()
    assert citation.claim.citation_count == 1
