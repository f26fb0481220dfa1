"""A dry run reports what the import would do, and nobody waits for it."""

import io
import re
import shutil
import threading
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import DEFAULT_DB_ALIAS, OperationalError, connection, connections, transaction

from factcheck import data_version, editing
from factcheck.imports import dry_run
from factcheck.imports.fact_checks import importer
from factcheck.models import Claim, Outlet, OutletAlias
from tests import factories
from tests.benchmarks.generator import World
from tests.fact_checks import feed, review

pytestmark = pytest.mark.django_db(transaction=True)
FIXTURES = ["outlets", "kazakhstan_afghanistan_2021"]
SAMPLES = Path("fixtures")


def said(command, *paths, **options):
    """Return what a command reports, without the seconds that it took."""
    out, err = io.StringIO(), io.StringIO()
    try:
        call_command(command, *map(str, paths), stdout=out, stderr=err, **options)
        is_dry = "Dry run: nothing was saved." in out.getvalue()
        assert is_dry == bool(options.get("dry_run"))
    except CommandError as error:
        err.write(str(error))
    found = f"{out.getvalue()}{err.getvalue()}"
    return [
        re.sub(r"in [0-9.]+ s.*", "", line)
        for line in found.splitlines()
        if not line.startswith(("Dry run: ", "The refused are in", "This is import "))
    ]


def rows():
    """Return how many rows every table has."""
    with connection.cursor() as cursor:
        names = connection.introspection.table_names(cursor)
        found = {}
        for name in names:
            cursor.execute(f"SELECT count(*) FROM {name}")
            found[name] = cursor.fetchone()[0]
    return found


def in_a_thread(job):
    """Do a job by another connection; return whether it could be done."""
    done = []

    def work():
        try:
            job()
            done.append(True)
        finally:
            connections.close_all()

    thread = threading.Thread(target=work)
    thread.start()
    thread.join(60)
    return bool(done)


@contextmanager
def watched():
    """Yield what this thread says to the live database meanwhile."""
    found = []

    def note(execute, sql, *rest):
        found.append(sql)
        return execute(sql, *rest)

    with connections[DEFAULT_DB_ALIAS].execute_wrapper(note):
        yield found


@pytest.fixture
def editors(monkeypatch):
    """Let editors write while each chunk of a dry run is being written; return what they could."""
    by = factories.create_editor("desk", "Contributors", "Reviewers")
    claim, outlet, owner = factories.create_claim(), factories.create_outlet(), None
    owner = factories.create_owner()
    could = []
    record_changes = data_version.record_changes

    def edit():
        editing.approve(proposal=factories.create_proposal(claim), by=by)
        factories.create_citation(claim, outlet, url=f"https://x.example/{len(could)}")
        outlet.owner = None if outlet.owner else owner
        outlet.save()
        Claim.objects.filter(import_ref__gt="").update(paragraph=len(could))

    def recorded(*args, **options):
        record_changes(*args, **options)
        if not could or could[-1]:
            could.append(in_a_thread(edit))

    @contextmanager
    def begin():
        with monkeypatch.context() as patch:
            patch.setattr(data_version, "record_changes", recorded)
            yield could

    return begin


def test_editors_write_while_a_dry_run_of_fact_checks_writes_a_chunk(editors, tmp_path):
    path = feed(tmp_path / "r.jsonl", *map(review, range(150)))
    said("import_claims", path)
    path = feed(tmp_path / "new.jsonl", *(review(n, claimReviewed=f"N{n}") for n in range(300)))

    with editors() as could, watched() as live:
        assert "150 created, 0 unchanged, 150 superseded" in "".join(
            said("import_claims", path, dry_run=True)
        )

    assert could
    assert all(could)
    assert [sql for sql in live if not sql.startswith(("SELECT", "PRAGMA"))] == []
    assert Claim.objects.count() == 151


def test_editors_write_while_a_dry_run_of_fixtures_writes_a_chunk(editors, tmp_path):
    path = tmp_path / "world.jsonl"
    World(60).write(path)
    said("import_fixtures", path)

    with editors() as could, watched() as live:
        said("import_fixtures", path, dry_run=True)

    assert could
    assert all(could)
    assert [sql for sql in live if not sql.startswith(("SELECT", "PRAGMA"))] == []


def test_a_short_file_is_looked_at_without_a_copy(tmp_path, monkeypatch):
    monkeypatch.setattr(importer, "on_database_copy", None)
    path = feed(tmp_path / "r.jsonl", *map(review, range(importer._MAX_ROLLED_BACK)))

    dry = said("import_claims", path, dry_run=True)

    assert not Claim.objects.exists()
    assert dry == said("import_claims", path)


def files_of_fact_checks(folder):
    """Yield files, and how they are to be read: samples, many, one address again and again, bad."""
    columns = "claim=statement,url=link,label=verdict,claimant=said by,reviewed=checked"
    yield SAMPLES / "sample_claimreview.json", ""
    yield SAMPLES / "sample_reviews.csv", columns
    yield feed(folder / "many.jsonl", *map(review, range(260))), ""
    road, bridge = "A road was built", "A bridge fell down"
    same = [
        review(1, claimReviewed=road, datePublished="2021-09-01"),
        review(1, claimReviewed=road, datePublished="2021-09-05"),
        review(1, claimReviewed=road, datePublished="2021-09-01"),
        review(1, claimReviewed=bridge),
        review(900, author={"name": "Someone else"}),
    ]
    others = list(map(review, range(40)))
    yield feed(folder / "again.jsonl", *others, *same, *others, *same), ""
    bad = [review(2, url=""), {"x": 1}, review(3, datePublished="no day", reviewRating={})]
    yield feed(folder / "bad.jsonl", review(1000), *bad), ""


@pytest.mark.parametrize("few", [0, 10**6], ids=["on a copy", "taken back"])
def test_a_dry_run_of_fact_checks_reports_what_the_import_does(few, tmp_path, monkeypatch):
    monkeypatch.setattr(importer, "_MAX_ROLLED_BACK", few)
    options = {"refused": str(tmp_path / "refused")}
    for path, columns in [*files_of_fact_checks(tmp_path)] * 2:
        before = rows()
        dry = said("import_claims", path, map=columns, dry_run=True, **options)
        assert rows() == before
        assert dry == said("import_claims", path, map=columns, **options)
    assert Claim.objects.count() > 260


def test_a_dry_run_of_fixtures_reports_what_the_import_does(tmp_path):
    world, bad = tmp_path / "world.jsonl", tmp_path / "bad.json"
    World(60).write(world)
    bad.write_text('[{"model": "factcheck.claim", "fields": {"slug": "x", "topics": [["x"]]}}]')
    # The last ones: two logs whose numbers are the same.
    for paths in ([bad], ["rating_labels"], [world], [world, "outlets"], [world], FIXTURES):
        before = rows()
        dry = said("import_fixtures", *paths, dry_run=True)
        assert rows() == before
        assert dry == said("import_fixtures", *paths)
    assert Claim.objects.count() >= 60


def test_the_connection_of_a_dry_run_never_becomes_one_to_the_live_tables():
    with dry_run.on_database_copy():
        factories.create_outlet()
        connection.close()
        with pytest.raises(OperationalError, match="was lost"):
            Outlet.objects.count()
    assert not Outlet.objects.exists()


def test_within_a_transaction_a_dry_run_is_taken_back():
    with transaction.atomic():
        factories.create_outlet(name="Before")
        with dry_run.on_database_copy():
            factories.create_outlet(name="Within")
        assert Outlet.objects.get().name == "Before"


@pytest.mark.sqlite
def test_a_dry_run_that_has_no_room_for_a_copy_says_so(monkeypatch, tmp_path):
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: shutil._ntuple_diskusage(9, 9, 0))

    with pytest.raises(CommandError, match=r"The copy takes \d+ MB, and .* has 0 MB left"):
        call_command("import_fixtures", *FIXTURES, dry_run=True)


def test_only_looking_at_outlets_writes_nothing_to_the_live_database(client, admin_client):
    import tablib

    from factcheck.admin.outlet_spreadsheet import OutletResource

    owner = factories.create_owner()
    table = tablib.Dataset(headers=["slug", "name", "owner", "aliases"])
    for number in range(3):
        table.append([f"o{number}", f"Outlet {number}", owner.slug, f"Name {number}; Other"])
    with watched() as live:
        dry = OutletResource().import_data(table, dry_run=True)

    assert [sql for sql in live if not sql.startswith(("SELECT", "PRAGMA"))] == []
    assert not Outlet.objects.exists()
    real = OutletResource().import_data(table)
    assert dry.totals == real.totals
    assert [row.diff for row in dry.rows] == [row.diff for row in real.rows]
    assert OutletAlias.objects.filter(name="Other").count() == 1
