"""The demo command: the first run sets up, the second changes nothing."""

import re

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command

from factcheck import editing
from factcheck.models import (
    Article,
    Citation,
    Claim,
    Claimant,
    Outlet,
    OutletAlias,
    Owner,
    Topic,
    Verification,
)
from tests import factories, oracle
from tests.conftest import FIXTURES

pytestmark = pytest.mark.django_db


@pytest.fixture
def demo(capsys):
    def run():
        call_command("demo", "--no-server")
        return capsys.readouterr().out

    return run


def test_the_first_run_loads_the_sample_and_prints_a_password_that_works(demo, client):
    out = demo()

    assert "40 claims" in out
    assert "Loaded" in out
    password = re.search(r"Editor: editor +password: (\S+)", out).group(1)
    assert client.login(username="editor", password=password)
    assert client.get("/admin/factcheck/claim/add/").status_code == 200
    oracle.assert_all_right()


def test_the_second_run_changes_nothing(demo):
    demo()
    password = User.objects.get().password

    out = demo()

    assert "Loaded 0 rows" in out
    assert "password:" not in out.replace("a new password:", "")
    assert User.objects.get().password == password


def test_no_edit_is_undone(demo):
    demo()
    claim = Claim.objects.get(slug="trade-first-half-2021")
    claim.text = "Edited"
    claim.save()
    renamed = Claim.objects.get(slug="imports-from-afghanistan")
    renamed.slug = "renamed"
    renamed.save()
    # Published, it can only be retracted; its slug tells that it is known.
    gone = Claim.objects.get(slug="raisins-lead-afghan-imports")
    editing.retract(claim=gone, by=User.objects.get(username="editor"), reason="A duplicate.")
    Citation.objects.filter(claim__slug="trade-first-half-2021").first().delete()
    OutletAlias.objects.get(name="Tengri News").delete()
    Topic.objects.get(slug="trade").delete()
    before = [list(model.objects.values()) for model in (Claim, Citation, OutletAlias, Topic)]

    out = demo()

    assert "Loaded 0 rows" in out
    assert [
        list(model.objects.values()) for model in (Claim, Citation, OutletAlias, Topic)
    ] == before


def test_a_database_that_is_in_use_keeps_its_own_rows_and_log(demo):
    factories.create_verification()
    own = factories.create_outlet(slug="tass", name="Our own description")

    demo()

    own.refresh_from_db()
    assert own.name == "Our own description"
    assert list(Verification.objects.order_by("number").values_list("number", flat=True)) == [
        *range(1, 49)  # its own, the six of the sample, and what 41 public claims say
    ]
    assert Outlet.objects.count() == 16


def test_rows_that_loaddata_wrote_and_editors_renamed_are_known(demo):
    call_command("loaddata", *FIXTURES, verbosity=0)
    models = (Owner, Outlet, Claimant, Topic, Article, Claim)
    for model in models:
        for row in model.objects.all():
            model.objects.filter(pk=row.pk).update(slug=f"renamed-{row.slug}")
    before = [list(model.objects.order_by("pk").values()) for model in models]

    out = demo()

    assert "Loaded 0 rows" in out
    assert [list(model.objects.order_by("pk").values()) for model in models] == before


def test_an_outlet_that_is_here_by_its_domain_is_not_made_again(demo):
    factories.create_outlet(slug="agency", name="The Agency", domain="tass.ru")

    demo()

    assert not Outlet.objects.filter(slug="tass").exists()


@pytest.mark.parametrize("port", ["0", "70000"])
def test_a_bad_port_is_refused(db, port):
    with pytest.raises(CommandError, match="--port"):
        call_command("demo", "--port", port)
