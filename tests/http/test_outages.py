"""A database that is busy or away: 503 with what was typed, and no false word about the form."""

import os
import re
import sqlite3
import subprocess
import sys
import threading

import pytest
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.db import (
    DataError,
    IntegrityError,
    InterfaceError,
    OperationalError,
    ProgrammingError,
    connection,
    transaction,
)
from django.test import Client

from factcheck.http import outages
from factcheck.models import Claim, Outlet
from tests import factories
from tests.admin_forms import ADD, SUBMISSION_KEY, change_page, fields_sent_again, form

TYPED = "The dam was closed."
OUTLET = {
    "name": "The Dam Daily",
    "kind": "newspaper",
    "control": "private",
    "country": "KZ",
    "domain": "dam.example",
    **{f"aliases-{name}_FORMS": 0 for name in ("TOTAL", "INITIAL", "MIN_NUM")},
    "aliases-MAX_NUM_FORMS": 1000,
}


def raised(kind, cause):
    error = kind(str(cause))
    error.__cause__ = cause
    return error


def sqlite_error(code):
    error = sqlite3.OperationalError("whatever is said")
    error.sqlite_errorcode = code
    return raised(OperationalError, error)


def postgresql_error(state, kind=OperationalError):
    psycopg = pytest.importorskip("psycopg")
    error = psycopg.OperationalError("whatever is said")
    error.sqlstate = state
    return raised(kind, error)


@pytest.mark.parametrize("code", [5, 6, 261, 517, 10, 266, 13, 14])
def test_a_busy_full_or_absent_file_is_an_outage(code):
    assert outages.is_outage(sqlite_error(code))


@pytest.mark.parametrize(
    "state",
    ["08006", "40001", "40P01", "53300", "55P03", "57014", "57P01", "57P03", "58030", None],
)
def test_a_lock_a_time_out_and_a_restart_are_outages(state):
    assert outages.is_outage(postgresql_error(state))


def test_a_transaction_that_an_outage_broke_is_one():
    broken = transaction.TransactionManagementError("the transaction is broken")
    broken.__cause__ = postgresql_error("57014")

    assert outages.is_outage(broken)
    assert outages.is_outage(InterfaceError("connection already closed"))


@pytest.mark.parametrize(
    "error",
    [
        sqlite_error(1),
        OperationalError("no such table: factcheck_claim"),
        ProgrammingError("syntax error"),
        IntegrityError("UNIQUE constraint failed"),
        DataError("value too long"),
        InterfaceError("bad parameter or other API misuse"),
        transaction.TransactionManagementError("broken by hand"),
        ValueError("no database at all"),
        None,
    ],
    ids=repr,
)
def test_a_fault_of_ours_is_no_outage(error):
    assert not outages.is_outage(error)


def test_what_postgresql_says_of_our_sql_is_no_outage():
    assert not outages.is_outage(postgresql_error("42P01", ProgrammingError))
    assert not outages.is_outage(postgresql_error("54001"))


@pytest.fixture
def away(monkeypatch):
    """Let every query of a page fail, as that of a server that restarts."""

    def fail(execute, *args):
        raise OperationalError("database is locked")

    def switch(path):
        def work(*args, **kwargs):
            with connection.execute_wrapper(fail):
                connection.cursor().execute("SELECT 1")

        monkeypatch.setattr(path, work)

    return switch


@pytest.mark.django_db
def test_a_page_that_the_database_does_not_serve_is_answered_with_503(client, away):
    away("factcheck.views.pages.filter_panel.tally")

    response = client.get("/")

    assert response.status_code == 503
    assert int(response["Retry-After"]) > 0
    assert "Try again in a minute" in response.content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/api/v1/claims/", "application/problem+json"),
        ("/v1alpha1/claims:search?query=x", "application/json"),
    ],
)
def test_a_program_gets_503_as_json(client, away, path, kind):
    away("factcheck.exports.google_factcheck.claims_search")
    away("factcheck.filters.claims.ClaimFilter.page")

    response = client.get(path)

    assert (response.status_code, response["Content-Type"]) == (503, kind)
    assert "Retry-After" in response
    assert "503" in response.content.decode()


@pytest.mark.django_db
def test_a_form_that_could_not_be_saved_is_given_back(client, reviewer, away, monkeypatch):
    client.force_login(reviewer)
    with monkeypatch.context():
        away("factcheck.admin.claims.ClaimAdmin.save_related")
        response = client.post(ADD, form(text=TYPED, _submission=SUBMISSION_KEY))

    assert response.status_code == 503
    assert "Nothing was saved" in response.content.decode()
    assert fields_sent_again(response)["text"] == [TYPED]
    assert not Claim.objects.exists()
    monkeypatch.undo()
    client.post(ADD, fields_sent_again(response))
    assert Claim.objects.get().text == TYPED


@pytest.mark.django_db
def test_what_a_save_would_have_said_is_not_told_after_it_failed(client, reviewer, away):
    client.force_login(reviewer)
    away("factcheck.admin.claims.ClaimAdmin.response_post_save_add")

    client.post(ADD, form(text=TYPED))

    assert "was added successfully" not in client.get("/admin/").content.decode()


@pytest.mark.django_db
def test_the_page_asks_no_database(client, reviewer, monkeypatch, django_assert_num_queries):
    from django.test import RequestFactory

    request = RequestFactory().post(ADD, form(text=TYPED))
    with django_assert_num_queries(0):
        response = outages.outage_response(request, OperationalError("database is locked"))

    assert fields_sent_again(response)["text"] == [TYPED]


@pytest.mark.django_db
def test_a_session_that_cannot_be_read_is_answered_with_503(client, reviewer, away):
    client.force_login(reviewer)
    client.raise_request_exception = False
    away("django.contrib.sessions.backends.db.SessionStore.load")

    assert client.get("/admin/").status_code == 503
    response = client.post(ADD, form(text=TYPED))
    assert (response.status_code, fields_sent_again(response)["text"]) == (503, [TYPED])


@pytest.mark.django_db
def test_a_session_that_cannot_be_saved_is_answered_with_503(client, reviewer, away):
    factories.create_editor("one", "Contributors")
    client.raise_request_exception = False
    away("django.contrib.sessions.backends.db.SessionStore.save")

    response = client.post("/admin/login/", {"username": "one", "password": "a long password"})

    assert response.status_code == 503


@pytest.mark.django_db
def test_a_fault_of_ours_is_still_answered_with_500(client, monkeypatch):
    def fail(*args, **kwargs):
        raise OperationalError("no such table: factcheck_claim")

    monkeypatch.setattr("factcheck.views.pages.filter_panel.tally", fail)
    client.raise_request_exception = False

    assert client.get("/").status_code == 500


# A connection that is cut while a form is checked


def cut(execute, sql, params, many, context):
    if "_check" in sql and "EXISTS" in sql:
        raise OperationalError("database is locked")
    return execute(sql, params, many, context)


@pytest.fixture
def cutting(db):
    with connection.execute_wrapper(cut):
        yield


def test_a_lost_connection_is_not_told_as_a_violated_constraint(cutting):
    with pytest.raises(OperationalError):
        Claim(text=TYPED, import_ref="here").full_clean()


def test_a_violated_constraint_is_still_told_as_one(db):
    factories.create_claim(import_ref="here")

    with pytest.raises(ValidationError, match="claim_import_ref_unique"):
        Claim(text=TYPED, import_ref="here").full_clean()


def test_the_api_answers_503_where_it_told_of_a_duplicate(client, reviewer, cutting):
    from rest_framework.authtoken.models import Token

    bearer = f"Bearer {Token.objects.create(user=reviewer).key}"
    sent = {"text": TYPED}

    response = client.post(
        "/api/v1/claims/", sent, content_type="application/json", headers={"authorization": bearer}
    )

    assert response.status_code == 503, response.content
    assert response.json()["status"] == 503


def test_a_form_is_given_back_where_it_told_of_a_duplicate(client, reviewer, cutting):
    client.force_login(reviewer)

    response = client.post("/admin/factcheck/outlet/add/", OUTLET)

    assert response.status_code == 503
    assert fields_sent_again(response)["name"] == ["The Dam Daily"]


# How long a page waits


@pytest.fixture
def database(monkeypatch):
    found = {"ENGINE": "django.db.backends.postgresql", "OPTIONS": {"options": "-c jit=off"}}
    monkeypatch.setattr(settings, "DATABASES", {"default": found})
    return found


def test_the_server_waits_for_a_lock_for_some_seconds(database):
    outages.limit_waits()

    options = database["OPTIONS"]["options"]
    assert "lock_timeout=10s" in options
    assert "statement_timeout=" in options
    assert "idle_in_transaction_session_timeout=" in options
    # The last of two counts: what the operator says.
    assert options.endswith("-c jit=off")


def test_the_server_waits_for_sqlite_shorter_than_a_proxy_does(database):
    database |= {"ENGINE": "django.db.backends.sqlite3", "OPTIONS": {"timeout": 30}}
    outages.limit_waits()

    assert database["OPTIONS"]["timeout"] == 20


def test_commands_wait_as_long_as_it_takes():
    # In a process of its own: another test may have imported what serves.
    asked = (
        "import django; django.setup()\n"
        "from django.conf import settings; print(settings.DATABASES['default']['OPTIONS'])"
    )
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "factcheck.settings"}
    run = subprocess.run(
        [sys.executable, "-c", asked], env=environment, capture_output=True, text=True, check=True
    )

    assert "lock_timeout" not in run.stdout
    assert "'timeout': 30" in run.stdout or "jit=off" in run.stdout


@pytest.fixture
def other(transactional_db):
    """A second connection to the same database, as of a shell that somebody left open."""
    call_command("migrate", verbosity=0)
    found = connection.copy()
    yield found
    found.close()


@pytest.mark.postgresql
def test_a_forgotten_lock_stops_no_reader_and_gives_each_form_back(other):
    claim = factories.create_claim(text="The dam was opened.")
    desk = factories.create_editor("desk", "Contributors", "Reviewers")
    answers, page = [], change_page(claim)

    def save():
        client = Client()
        client.force_login(desk)
        try:
            with connection.cursor() as cursor:
                cursor.execute("SET lock_timeout = '300ms'")
            sent = {**fields, "text": TYPED, "change_reason": "Clearer."}
            answers.append(client.post(page, sent))
        finally:
            connection.close()

    client = Client()
    client.force_login(desk)
    fields = {
        name: value
        for name, value in form(text="x").items()
        if name != "slug" and not name.startswith("proposals-0")
    }
    fields["proposals-TOTAL_FORMS"] = 0
    other.set_autocommit(False)
    with other.cursor() as cursor:
        cursor.execute("SELECT 1 FROM factcheck_claim WHERE id = %s FOR UPDATE", [claim.pk])
    threads = [threading.Thread(target=save) for _ in range(10)]
    for thread in threads:
        thread.start()
    assert Client().get("/").status_code == 200
    for thread in threads:
        thread.join()

    assert [answer.status_code for answer in answers] == [503] * 10
    assert all(fields_sent_again(answer)["text"] == [TYPED] for answer in answers)
    other.rollback()
    again = client.post(page, fields_sent_again(answers[0]))
    assert again.status_code == 302, re.findall(r"errorlist.*?</ul>", again.content.decode(), re.S)
    claim.refresh_from_db()
    assert claim.text == TYPED


@pytest.mark.postgresql
def test_a_connection_that_is_killed_while_a_form_is_checked(other):
    def kill(execute, sql, *rest):
        if "_check" in sql and "EXISTS" in sql:
            pid = connection.connection.info.backend_pid
            with other.cursor() as cursor:
                cursor.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])
        return execute(sql, *rest)

    client = Client()
    client.force_login(factories.create_editor("desk", "Contributors", "Reviewers"))
    with connection.execute_wrapper(kill):
        response = client.post("/admin/factcheck/outlet/add/", OUTLET)

    assert response.status_code == 503
    assert "most likely not saved" in response.content.decode()
    connection.close()
    client.post("/admin/factcheck/outlet/add/", fields_sent_again(response))
    assert Outlet.objects.get().name == "The Dam Daily"


def test_two_clicks_at_once_make_one_record(transactional_db):
    call_command("migrate", verbosity=0)
    desk = factories.create_editor("desk", "Contributors", "Reviewers")
    clients = [Client() for _ in range(4)]
    for client in clients:
        client.force_login(desk)
    answers, start = [], threading.Barrier(len(clients))

    def save(client):
        try:
            start.wait()
            answers.append(
                client.post(ADD, form(text=TYPED, _submission=SUBMISSION_KEY)).status_code
            )
        finally:
            connection.close()

    threads = [threading.Thread(target=save, args=[client]) for client in clients]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert answers == [302] * len(clients)
    assert Claim.objects.count() == 1
