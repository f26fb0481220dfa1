"""The dump: what it holds, that it comes back the same, and what it keeps at home."""

import gzip
import hashlib
import json
import os
import subprocess
import sys

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from rest_framework.authtoken.models import Token

from factcheck import public_record, triggers
from factcheck.db import snapshots
from factcheck.exports import dump
from factcheck.models import Claim, Stage, Verification
from tests import factories
from tests.paths import ROOT

pytestmark = pytest.mark.django_db


def objects(folder):
    with gzip.open(folder / dump.ROWS) as file:
        return [json.loads(line) for line in file]


def emptied():
    """Take everything out of the database, so that what is loaded is all there is."""
    connection.check_constraints()  # PostgreSQL's deferred ones stand in the way
    triggers.remove()
    call_command("flush", interactive=False, verbosity=0)


@pytest.fixture
def world(sample, reviewer):
    """The sample, and one of everything that is nobody's business."""
    draft = factories.create_claim(slug="draft", stage=Stage.DRAFT, created_by=reviewer)
    factories.create_citation(draft, factories.create_outlet(slug="hidden", is_confirmed=False))
    factories.create_verification(draft)
    factories.create_proposal(draft, proposed_by=reviewer)
    public = factories.create_claim(
        slug="public", source_text="THE ARTICLE'S WORDS", created_by=reviewer, import_ref="REF"
    )
    factories.create_citation(public, note="A NOTE TO COLLEAGUES")
    factories.create_verification(
        public, reviewer=reviewer, approved_by=reviewer, evidence=["https://example.org/"]
    )
    # Its number comes before that of the row it is merged into.
    merged = factories.create_outlet(slug="merged")
    merged.merged_into = factories.create_outlet(slug="into")
    merged.save()
    factories.retracted(slug="gone")
    public_record.begin_missing()


def test_the_public_dump_holds_what_readers_see_and_nothing_else(world, tmp_path):
    about = dump.write(tmp_path)
    found = objects(tmp_path)
    said = json.dumps(found, ensure_ascii=False)

    slugs = {one["fields"]["slug"] for one in found if one["model"] == "factcheck.claim"}
    assert slugs == set(Claim.objects.public().values_list("slug", flat=True))
    assert {"public", "gone"} <= slugs
    for private in ("ARTICLE'S WORDS", "NOTE TO", "REF", "draft", "hidden", "reviewer", "password"):
        assert private not in said, private
    # Its address leads to the other, for readers too.
    outlets = {one["fields"]["slug"]: one["fields"] for one in found if "domain" in one["fields"]}
    assert outlets["merged"]["merged_into"] == ["into"]
    rows = about["resources"][0]["rows"]
    assert rows["factcheck.verification"] == Verification.objects.public().count()
    assert sum(rows.values()) == len(found)


def test_files_are_described_with_licence_size_and_digest(world, tmp_path, settings):
    settings.FACTCHECK_DATA_LICENSE = "https://creativecommons.org/licenses/by/4.0/"
    dump.write(tmp_path)

    about = json.loads((tmp_path / dump.ABOUT).read_bytes())
    assert about["licenses"] == [{"path": settings.FACTCHECK_DATA_LICENSE}]
    assert {one["path"] for one in about["resources"]} == {dump.ROWS, dump.TABLE}
    for resource in about["resources"]:
        body = (tmp_path / resource["path"]).read_bytes()
        assert resource["bytes"] == len(body)
        assert resource["hash"] == f"sha256:{hashlib.sha256(body).hexdigest()}"
    assert len(list(tmp_path.iterdir())) == 3


@pytest.mark.parametrize("is_private", [False, True])
def test_a_dump_comes_back_as_it_was(world, tmp_path, is_private):
    dump.write(tmp_path / "first", is_private=is_private)
    emptied()
    call_command("import_fixtures", str(tmp_path / "first" / dump.ROWS), verbosity=0)
    dump.write(tmp_path / "second", is_private=is_private)

    assert objects(tmp_path / "second") == objects(tmp_path / "first")
    for name in (dump.ROWS, *(() if is_private else (dump.TABLE,))):
        first, second = ((tmp_path / one / name).read_bytes() for one in ("first", "second"))
        assert first == second, name
    if is_private:
        assert list(Verification.objects.values_list("number", flat=True).order_by("number")) == (
            list(range(1, Verification.objects.count() + 1))
        )
        assert Claim.objects.filter(slug="draft", created_by__username="reviewer").exists()


def test_the_private_dump_holds_no_password_and_no_token(world, reviewer, tmp_path):
    token = Token.objects.create(user=reviewer)
    dump.write(tmp_path, is_private=True)
    said = json.dumps(objects(tmp_path))

    assert token.key not in said
    assert reviewer.password not in said
    (account,) = (one for one in objects(tmp_path) if one["model"] == "auth.user")
    assert account["fields"]["password"] == "!"
    assert account["fields"]["groups"] == [["Contributors"], ["Reviewers"]]


@pytest.mark.django_db(transaction=True)
def test_a_dump_is_of_one_state_while_others_write(tmp_path):
    factories.create_claim(slug="before")
    with snapshots.snapshot():
        assert Claim.objects.count() == 1
        write = "from tests import factories as f; f.create_claim(slug='meanwhile')"
        environment = _environment()
        subprocess.run(
            [sys.executable, "-c", f"import django; django.setup(); {write}"],
            cwd=ROOT, env=environment, check=True,
        )  # fmt: skip
        assert Claim.objects.count() == 1
    assert Claim.objects.count() == 2


def _environment():
    name = connection.settings_dict["NAME"]
    url = f"sqlite:///{name}"
    if connection.vendor == "postgresql":
        url = os.environ["DATABASE_URL"].rsplit("/", 1)[0] + f"/{name}"
    return os.environ | {"DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "factcheck.settings"}


def test_a_folder_that_cannot_be_written_is_said_on_one_line(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(CommandError, match="file"):
        call_command("dump", str(tmp_path / "file"))
