"""Each detail of a library that it does not document, by name: `factcheck/undocumented_api.py`."""

import inspect

import pytest
from django.contrib import admin
from django.db import connection

from factcheck import undocumented_api
from factcheck.models import Claim, Outlet, Owner, Topic, Verification

# What `bulk_history` writes into the tables of django-simple-history besides the model's columns.
HISTORY_COLUMNS = {
    "history_id",
    "history_date",
    "history_change_reason",
    "history_type",
    "history_user_id",
}


@pytest.fixture
def changes(rf, reviewer):
    admin.autodiscover()
    request = rf.get("/admin/factcheck/outlet/")
    request.user = reviewer
    return admin.site.get_model_admin(Outlet).get_changelist_instance(request)


@pytest.mark.parametrize("name", undocumented_api.__all__)
def test_what_is_not_documented_is_there(name):
    assert callable(getattr(undocumented_api, name)), f"{name} is gone from its library"


@pytest.mark.parametrize("name", ["check_admin_app", "check_dependencies"])
def test_the_checks_of_the_admin_take_the_apps(name):
    signature = inspect.signature(getattr(undocumented_api, name))
    assert signature.bind(app_configs=None, databases=None), f"django.contrib.admin.checks.{name}"


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["date_hierarchy", "is_facets_optional", "add_facets"])
def test_a_change_list_has_what_a_long_list_sets(changes, name):
    assert hasattr(changes, name), f"ChangeList.{name} is gone"


@pytest.mark.django_db
def test_a_long_list_counts_only_when_asked(changes, rf):
    undocumented_api.make_counts_optional(changes, rf.get("/"))
    assert (changes.date_hierarchy, changes.is_facets_optional, changes.add_facets) == (
        None,
        True,
        False,
    )
    undocumented_api.make_counts_optional(changes, rf.get("/?_facets=True"))
    assert changes.add_facets


def test_the_history_of_a_model_is_found_whatever_its_name():
    assert undocumented_api.history_manager_of(Claim).model is Claim.history.model
    assert undocumented_api.history_manager_of(Topic) is not None
    assert undocumented_api.history_manager_of(Verification) is None


@pytest.mark.parametrize("model", [Claim, Outlet, Owner, Topic])
def test_histories_have_the_columns_that_we_write(model):
    history = undocumented_api.history_manager_of(model).model
    columns = {field.column for field in history._meta.concrete_fields}
    own = {field.column for field in model._meta.concrete_fields}
    assert columns - own == HISTORY_COLUMNS, f"{history.__name__}: bulk_history writes others"


@pytest.mark.django_db
def test_the_history_of_a_set_has_the_columns_that_we_write():
    table = f"{Claim.history.model._meta.db_table}_topics"
    with connection.cursor() as cursor:
        names = {
            column.name for column in connection.introspection.get_table_description(cursor, table)
        }
    assert names == {"m2m_history_id", "id", "claim_id", "topic_id", "history_id"}
