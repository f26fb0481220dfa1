"""A link is a web address, whoever writes it: a browser would run what is another thing."""

import json
from importlib import import_module

import pytest
from django.apps import apps
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction

from factcheck import triggers
from factcheck.api import drafts
from factcheck.models import Article, Citation, Claimant, Evidence, Outlet, Verification
from factcheck.models.fields import LinkField
from factcheck.triggers.declarations import LINKS
from tests import factories

pytestmark = pytest.mark.django_db

BAD = [
    "javascript:alert(1)",
    "JavaScript:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "vbscript:msgbox(1)",
    "file:///etc/passwd",
    "//evil.example/",
    " javascript:alert(1)",
    "\tjavascript:alert(1)",
    "\x01https://x.example/",
    "https:/x.example",
    "httpsx://x.example",
    "www.example.org",
]
GOOD = ["", "http://x.example/", "HTTPS://X.example/?a=1#b", "https://x.example/%20"]
CONSTRAINED = [
    pytest.param(factories.create_outlet, "homepage", id="outlet.homepage"),
    pytest.param(factories.create_claimant, "same_as", id="claimant.same_as"),
    pytest.param(factories.create_article, "url", id="article.url"),
    pytest.param(factories.create_citation, "url", id="citation.url"),
    pytest.param(factories.create_citation, "archived_url", id="citation.archived_url"),
]


@pytest.mark.parametrize("link", BAD)
@pytest.mark.parametrize(("create", "name"), CONSTRAINED)
def test_the_database_refuses_what_is_no_web_address(create, name, link):
    row = create()

    with pytest.raises(DatabaseError), transaction.atomic():
        type(row).objects.filter(pk=row.pk).update(**{name: link})


@pytest.mark.parametrize("link", GOOD)
@pytest.mark.parametrize(("create", "name"), CONSTRAINED)
def test_the_database_takes_web_addresses(create, name, link):
    row = create()

    assert type(row).objects.filter(pk=row.pk).update(**{name: link}) == 1


@pytest.mark.parametrize("link", BAD)
@pytest.mark.parametrize("name", ["url", "archived_url"])
def test_the_log_takes_no_new_record_with_another_link(link, name):
    claim = factories.create_claim()
    verification = factories.create_verification(claim)

    if name == "url":
        with pytest.raises(DatabaseError), transaction.atomic():
            Verification.objects.bulk_create([Verification(claim=claim, status="true", url=link)])
    with pytest.raises(DatabaseError), transaction.atomic():
        Evidence.objects.create(verification=verification, **{name: link})


def test_every_link_of_every_table_is_checked():
    kept = {
        (constraint.name, model._meta.model_name)
        for model in apps.get_app_config("factcheck").get_models()
        for constraint in model._meta.constraints
    }
    links = [
        (model._meta.model_name, field.name)
        for model in apps.get_app_config("factcheck").get_models()
        for field in model._meta.concrete_fields
        if isinstance(field, LinkField) and not model.__name__.startswith("Historical")
    ]
    assert len(links) == 8
    for table, name in links:
        is_constrained = (f"{table}_{name}_is_web_address", table) in kept
        assert is_constrained != (name in LINKS.get(table, ())), (table, name)


def fixture(tmp_path, *rows):
    path = tmp_path / "links.jsonl"
    path.write_text("\n".join(json.dumps({"model": m, "fields": f}) for m, f in rows))
    return str(path)


def test_import_fixtures_names_the_record_and_the_field(tmp_path):
    good = ("factcheck.outlet", {"slug": "good", "name": "Good", "homepage": "https://x.example/"})
    rows = {
        "factcheck.outlet": {"slug": "js", "name": "Js", "homepage": "javascript:alert(1)"},
        "factcheck.claimant": {"slug": "js", "name": "Js", "same_as": "data:text/html,x"},
        "factcheck.article": {"slug": "js", "title": "Js", "url": "vbscript:x"},
    }
    for model, fields in rows.items():
        path = fixture(tmp_path, good, (model, fields))
        with pytest.raises(CommandError) as error:
            call_command("import_fixtures", path)
        (name,) = set(fields) & {"homepage", "same_as", "url"}
        said = str(error.value)
        assert f"{model}" in said
        assert "Line 2" in said
        assert f"{name}: Write a web address that begins with http:// or https://." in said
    assert not Outlet.objects.filter(slug="js").exists()


def test_import_fixtures_names_a_bad_link_of_the_log(tmp_path):
    claim = factories.create_claim(slug="a-claim")
    fields = {
        "ref": "a-ref",
        "claim": ["a-claim"],
        "status": "true",
        "number": 1,
        "url": "javascript:alert(1)",
        "created_at": "2026-01-01T00:00:00Z",
    }
    path = fixture(tmp_path, ("factcheck.verification", fields))

    with pytest.raises(CommandError, match="url: Write a web address"):
        call_command("import_fixtures", path)
    assert not claim.verifications.exists()


def test_loaddata_refuses_a_bad_link(tmp_path):
    fields = {"slug": "js", "name": "Js", "homepage": "javascript:alert(1)"}
    path = fixture(tmp_path, ("factcheck.outlet", fields))

    with pytest.raises(DatabaseError, match="outlet_homepage_is_web_address"):
        call_command("loaddata", path, verbosity=0)


@pytest.mark.parametrize("link", BAD)
def test_forms_and_the_api_say_what_is_wrong(link):
    with pytest.raises(ValidationError) as error:
        Outlet(slug="x", name="X", homepage=link).full_clean()
    assert "http:// or https://" in error.value.message_dict["homepage"][0]
    draft = drafts.CitationDraft(data={"outlet": factories.create_outlet().slug, "url": link})
    assert not draft.is_valid() or draft.validated_data["url"].startswith("https://")


def past_the_trigger(write):
    """Write what an older version took into the log."""
    triggers.remove()
    try:
        write()
    finally:
        triggers.install()


def test_an_old_bad_link_of_the_log_is_printed_as_no_link(client, admin_client):
    outlet = factories.create_outlet(domain="checker.example")
    claim = factories.create_claim()
    factories.create_citation(claim)

    def write():
        for publisher in (None, outlet):
            found = factories.create_verification(claim, publisher=publisher, url=BAD[0])
            Evidence.objects.create(
                verification=found, title="Record", url=BAD[0], archived_url=BAD[2]
            )

    past_the_trigger(write)

    pages = [claim.get_absolute_url(), "/corrections/", "/", "/claimreview.json"]
    pages += ["/corrections/feed.atom", "/v1alpha1/claims:search?query=statement"]
    for path in pages:
        response = client.get(path)
        assert response.status_code == 200
        said = response.getvalue().decode()
        assert 'href="javascript' not in said
        assert 'href="data:' not in said
        assert '"javascript' not in said
    admin = admin_client.get(f"/admin/factcheck/claim/{claim.pk}/change/").content.decode()
    assert 'href="javascript' not in admin


migration = import_module("factcheck.migrations.0020_links_are_web_addresses")


@pytest.fixture
def _unchecked(transactional_db):
    """The tables as they were before links were checked, without triggers as while migrating."""
    kept = [
        (model, constraint)
        for model in (Outlet, Claimant, Article, Citation)
        for constraint in model._meta.constraints
        if constraint.name.endswith("_is_web_address")
    ]
    is_sqlite = connection.vendor == "sqlite"

    def check(*, on):
        if is_sqlite:
            with connection.cursor() as cursor:
                cursor.execute(f"PRAGMA ignore_check_constraints = {'OFF' if on else 'ON'}")
            return
        with connection.schema_editor() as editor:
            for model, constraint in kept:
                (editor.add_constraint if on else editor.remove_constraint)(model, constraint)

    triggers.remove()
    check(on=False)
    yield
    # A test that failed may have left some.
    with connection.schema_editor() as editor:
        migration.remove_bad_links(apps, editor)
    check(on=True)
    triggers.install()


@pytest.mark.usefixtures("_unchecked")
def test_the_migration_removes_bad_links_and_keeps_them_in_the_history(capsys):
    outlet = factories.create_outlet()
    Outlet.objects.filter(pk=outlet.pk).update(homepage=BAD[0])
    claimant = factories.create_claimant(same_as=BAD[2])
    article = factories.create_article(url=BAD[3])
    claim = factories.create_claim()
    good = factories.create_citation(claim, outlet, date_text="2021", url="https://x.example/")
    citation = factories.create_citation(claim, outlet, date_text="2021", url=BAD[0])
    bare = factories.create_citation(claim, outlet, date_text="2022")
    same = factories.create_citation(claim, outlet, date_text="2022", url=BAD[0])
    entry = factories.create_verification(claim, url=BAD[0])

    with connection.schema_editor() as editor:
        migration.remove_bad_links(apps, editor)

    for row in (outlet, claimant, article, good, citation, bare, same, entry):
        row.refresh_from_db()
    assert (outlet.homepage, claimant.same_as, article.url, citation.url) == ("", "", "", "")
    assert (good.url, bare.url) == ("https://x.example/", "")
    # Without its link it would be the other citation once more.
    assert same.url == f"http://removed.invalid/{same.pk}"
    assert entry.url == BAD[0]
    newest, old = outlet.history.order_by("-history_id")[:2]
    assert (newest.homepage, old.homepage) == ("", BAD[0])
    assert newest.history_change_reason == "a link that was no web address was removed"
    said = capsys.readouterr().out
    assert f"Outlet {outlet.slug}: the link 'javascript:alert(1)' was removed" in said
    assert "Verification: 1 records keep a link in url" in said
