"""Fixtures that every test may use."""

import json
import os
from pathlib import Path

import hypothesis
import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction
from django.utils import translation

from factcheck import public_record
from factcheck.imports.bulk.chunk import Chunk
from factcheck.models import Change, Claim, Epoch, Verification
from tests import factories

# A machine that is busy with a browser is no fault of the code.
hypothesis.settings.register_profile("house", deadline=None)
hypothesis.settings.load_profile("house")

# Their assertions show what differs, as those of tests do.
pytest.register_assert_rewrite("tests.sql_facets", "tests.oracle")

FIXTURES = ["outlets", "kazakhstan_afghanistan_2021"]


def pytest_collection_modifyitems(items):
    from django.conf import settings

    on_postgresql = "postgresql" in settings.DATABASES["default"]["ENGINE"]
    for item in items:
        if item.get_closest_marker("postgresql") and not on_postgresql:
            reason = "needs PostgreSQL: set DATABASE_URL=postgres://user@host/name"
            item.add_marker(pytest.mark.skip(reason=reason))
        if item.get_closest_marker("sqlite") and on_postgresql:
            item.add_marker(pytest.mark.skip(reason="of SQLite alone"))


@pytest.fixture(scope="session")
def django_db_modify_db_settings(tmp_path_factory):
    """Keep SQLite's test database in a file: browser tests read it from another thread."""
    from django.conf import settings

    if "sqlite" in settings.DATABASES["default"]["ENGINE"]:
        folder: Path = tmp_path_factory.mktemp("database")
        settings.DATABASES["default"]["TEST"]["NAME"] = str(folder / "test.sqlite3")
    elif worker := os.environ.get("PYTEST_XDIST_WORKER"):
        settings.DATABASES["default"]["TEST"]["NAME"] = f"test_factcheck_{worker}"


@pytest.fixture(autouse=True)
def _empty_the_log_after_a_test(request):
    """Let the test flush through the append-only triggers; post_migrate puts them back."""
    marker = request.node.get_closest_marker("django_db")
    is_flushed = marker is not None and marker.kwargs.get("transaction")
    if not is_flushed and not {"transactional_db", "live_server"} & set(request.fixturenames):
        yield
        return
    # Set up first, and so torn down after this fixture.
    request.getfixturevalue("transactional_db")
    yield
    from factcheck import triggers

    triggers.remove()


@pytest.fixture(autouse=True)
def _no_caches():
    """Empty all caches: the last test's transaction was rolled back, its settings are gone."""
    from factcheck import caches

    caches.clear_all()


@pytest.fixture(autouse=True)
def _in_english(settings):
    """A request leaves its language with the thread; the next one sets its own, a test may not."""
    translation.activate(settings.LANGUAGE_CODE)


@pytest.fixture(autouse=True)
def _no_lockout(settings):
    settings.AXES_ENABLED = False


@pytest.fixture(autouse=True)
def _quick_passwords(settings):
    """Hash a password in no time: it is the guesser who is to be kept waiting, not the tests."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def loaded(db):
    """The sample article's claims, as loaddata loads them."""
    from factcheck import search

    call_command("loaddata", *FIXTURES, verbosity=0)
    # A test's transaction is never committed.
    search.drain()


@pytest.fixture(scope="session")
def _written():
    """The INSERTs of what `loaded` wrote, so that it is parsed and compiled once a session."""
    return []


@pytest.fixture
def sample(db, _written, request):
    """The rows of `loaded`, written in bulk: the triggers see no difference, the clock does."""
    if not _written:
        with transaction.atomic():
            request.getfixturevalue("loaded")
            rows = _rows_in_order()
            transaction.set_rollback(True)

        def note(execute, sql, params, many, context):
            if sql.startswith("INSERT"):
                _written.append((sql, params))
            return execute(sql, params, many, context)

        with transaction.atomic(), connection.execute_wrapper(note):
            for model, those in rows:
                model.objects.bulk_create(those)
        return
    with transaction.atomic(), connection.cursor() as cursor:
        for sql, params in _written:
            cursor.execute(sql, params)


def _rows_in_order():
    """Every row of ours with its model, those first that others point to."""
    models = [*apps.get_app_config("factcheck").get_models(), Claim.topics.through]
    for model in (Change, Epoch):  # the database's own
        models.remove(model)
    ready = []
    while len(ready) < len(models):
        for model in models:
            needs = {field.related_model for field in model._meta.fields if field.is_relation}
            if model not in ready and needs & set(models) - {model} <= set(ready):
                ready.append(model)
    return [(model, list(model.objects.all())) for model in ready]


@pytest.fixture
def contributor(db):
    return factories.create_editor("contributor", "Contributors")


@pytest.fixture
def reviewer(db):
    return factories.create_editor("reviewer", "Contributors", "Reviewers")


@pytest.fixture
def vendor(db):
    return connection.vendor


@pytest.fixture
def recorded(monkeypatch):
    """Return the claims on which a public record was left, with its reason and editor."""
    found, really = [], public_record.record_changes

    def record(claim_ids, *, reason, by=None, **options):
        last = Verification.objects.all().next_number()
        count = really(claim_ids, reason=reason, by=by, **options)
        new = Verification.objects.filter(number__gte=last, kind="recount")
        if ids := {entry.claim_id for entry in new if _is_moved(entry)}:
            found.append((ids, reason, by))
        return count

    monkeypatch.setattr(public_record, "record_changes", record)
    return found


def _is_moved(entry):
    """Return whether a record has other numbers of outlets or sources than the one before."""
    before = Verification.objects.filter(
        claim=entry.claim, number__lt=entry.number, content__isnull=False
    ).latest("number")
    was, now = before.content["counts"], entry.content["counts"]
    return any(was[name] != now[name] for name in ("outlets", "independent"))


@pytest.fixture
def write(tmp_path):
    def write_(data, name="feed.json"):
        path = tmp_path / name
        if not isinstance(data, str | bytes):
            data = json.dumps(data)
        path.write_bytes(data if isinstance(data, bytes) else data.encode())
        return path

    return write_


@pytest.fixture
def rejecting(monkeypatch):
    """Let the database reject every claim that reads “Rejected”."""
    insert = Chunk.insert

    def reject(self, instances):
        if any(getattr(instance, "text", "") == "Rejected" for instance in instances):
            raise IntegrityError("no")
        insert(self, instances)

    monkeypatch.setattr(Chunk, "insert", reject)
