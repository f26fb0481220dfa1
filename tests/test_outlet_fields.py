"""A field of an outlet is in each place where one looks for it, or is left out with a reason.

Whoever adds a field to `Outlet` sees here which places still lack it.
"""

import pytest
from django.contrib import admin
from django.db.models import BooleanField, ForeignKey, IntegerField

from factcheck.admin.outlet_spreadsheet import OutletResource
from factcheck.api.serializers import OutletDetail
from factcheck.models import Outlet
from factcheck.models.bookkeeping import SearchPending
from tests import factories

pytestmark = pytest.mark.django_db
FIELDS = {field.name for field in Outlet._meta.concrete_fields}
MACHINE = dict.fromkeys(("id", "created_at", "updated_at"), "set by the machine")
MERGED = {"merged_into": "set by a merge; the address of a merged outlet redirects"}
NO_NAME = "not a name of the outlet"
# The fields that each place leaves out, with the reason.
LEFT_OUT = {
    "form": MACHINE | MERGED,
    "spreadsheet": MACHINE | MERGED,
    "API": MACHINE | MERGED | {"is_confirmed": "of interest to editors"},
    "page": MACHINE | MERGED | {"languages": "of interest to programs"},
    "search": MACHINE
    | MERGED
    | dict.fromkeys(("slug", "kind", "control", "owner", "speaks_for", "country"), NO_NAME)
    | dict.fromkeys(("languages", "homepage", "note", "is_confirmed"), NO_NAME),
}
# Values for fields whose type does not tell a valid one.
SAMPLES = {"homepage": "https://sample.example/", "country": "KZ", "domain": "sample.example"}


def other_value(outlet, field):
    """Return a valid value of a field that the outlet does not have."""
    if field.name in SAMPLES:
        return SAMPLES[field.name]
    if isinstance(field, BooleanField):
        return not getattr(outlet, field.name)
    if isinstance(field, ForeignKey):
        create = {"Owner": factories.create_owner, "Claimant": factories.create_claimant}
        return create.get(field.related_model.__name__, factories.create_outlet)()
    if isinstance(field, IntegerField):
        return 2_000
    if field.choices:
        return next(code for code, _label in field.choices if code != getattr(outlet, field.name))
    return "sample"


def changed_fields(outlet, effect):
    """Return the fields whose change has an effect, which is compared before and after."""
    found = set()
    for field in Outlet._meta.concrete_fields:
        if field.name in MACHINE or field.name in MERGED or field.name == "slug":
            continue
        before = effect()
        Outlet.objects.filter(pk=outlet.pk).update(**{field.name: other_value(outlet, field)})
        if effect() != before:
            found.add(field.name)
    return found


def assert_complete(place, shown, remedy):
    """Fail with the fields that a place lacks, or has although they are in LEFT_OUT."""
    expected = FIELDS - set(LEFT_OUT[place])
    lacking, unexpected = expected - shown, shown - expected
    assert not lacking, f"{place} lacks {lacking}: {remedy}, or LEFT_OUT[{place!r}] with a reason"
    assert not unexpected, f"{place} has {unexpected}: remove it from LEFT_OUT[{place!r}]"


def test_the_form_has_every_field(client, reviewer):
    client.force_login(reviewer)
    page = client.get("/admin/factcheck/outlet/add/")

    form = page.context["adminform"].form
    assert admin.site.is_registered(Outlet)
    assert_complete("form", set(form.fields) & FIELDS, "add it in factcheck/admin/outlets.py")


def test_the_spreadsheet_has_every_field():
    remedy = "add it in factcheck/admin/outlet_spreadsheet.py"
    assert_complete("spreadsheet", set(OutletResource().fields) & FIELDS, remedy)


def test_the_api_has_every_field():
    remedy = "add it to OutletRow or OutletDetail in factcheck/api/serializers.py"
    assert_complete("API", set(OutletDetail().fields) & FIELDS, remedy)


def test_the_page_shows_every_field(client):
    outlet = factories.create_outlet(homepage="https://first.example/", is_confirmed=True)
    factories.create_citation(outlet=outlet)

    shown = changed_fields(outlet, lambda: client.get(outlet.get_absolute_url()).content)

    assert_complete("page", shown | {"slug"}, "add it to outlet_detail.html")


def test_every_name_is_searched():
    outlet = factories.create_outlet()
    factories.create_citation(outlet=outlet)

    searched = changed_fields(outlet, SearchPending.objects.count)

    remedy = "add it to REINDEXES in factcheck/triggers/declarations.py"
    assert_complete("search", searched, remedy)
