"""Guessing passwords locks out who guesses, not the editor whose name they know."""

from datetime import timedelta

import pytest
from axes.models import AccessAttempt
from django.db.models import F
from django.test import Client

from factcheck.http.login_lockout import (
    MAX_FAILURES_PER_ADDRESS,
    client_address,
    normalized_address,
)
from tests import factories

pytestmark = pytest.mark.django_db

LOGIN = "/admin/login/"
RIGHT = "a long password"
LIMIT = 8
STRANGER, OFFICE = "203.0.113.7", "198.51.100.20"


@pytest.fixture(autouse=True)
def _behind_a_proxy(settings):
    settings.AXES_ENABLED = True
    settings.REST_FRAMEWORK = {**settings.REST_FRAMEWORK, "NUM_PROXIES": 1}


@pytest.fixture
def editor(db):
    return factories.create_editor("editor", "Contributors")


def log_in(name, password="wrong", *, address=STRANGER, path=LOGIN, **headers):
    """Return the answer to a log-in that came through the proxy, in a browser of its own."""
    return Client().post(
        path,
        {"username": name, "password": password, "next": "/admin/"},
        headers={"X-Forwarded-For": address, **headers},
        REMOTE_ADDR="127.0.0.1",
    )


def guess(name, times, **options):
    return [log_in(name, **options).status_code for _time in range(times)]


def test_the_eighth_wrong_password_locks_out_who_guesses(editor):
    assert guess("editor", LIMIT) == [200] * (LIMIT - 1) + [429]
    assert log_in("editor", RIGHT).status_code == 429


def test_a_stranger_cannot_lock_out_an_editor_by_name(editor):
    guess("editor", 2 * LIMIT)

    assert log_in("editor", RIGHT, address=OFFICE).status_code == 302


def test_a_stranger_gains_nothing_by_headers_of_their_own(editor):
    """The proxy appends the client's address to what the client has sent, or replaces it."""
    spoofed = [f"198.51.100.{number}, {STRANGER}" for number in range(LIMIT)]
    answers = [log_in("editor", address=address).status_code for address in spoofed]

    assert answers[-1] == 429
    assert set(AccessAttempt.objects.values_list("ip_address", flat=True)) == {STRANGER}
    # Nor can they make failures count as the editor's own.
    for _time in range(LIMIT):
        log_in("editor", address=f"{OFFICE}, {STRANGER}")
    assert log_in("editor", RIGHT, address=OFFICE).status_code == 302


def test_without_a_proxy_the_header_is_anybodys(editor, settings):
    settings.REST_FRAMEWORK = {**settings.REST_FRAMEWORK, "NUM_PROXIES": 0}

    answers = [log_in("editor", address=f"198.51.100.{n}").status_code for n in range(LIMIT)]

    assert answers[-1] == 429


def test_one_password_on_many_names_is_stopped():
    names = [f"editor{number}" for number in range(30)]
    for name in names:
        factories.create_editor(name)

    answers = [log_in(name, "Spring2026").status_code for name in names]

    assert answers[: MAX_FAILURES_PER_ADDRESS - 1] == [200] * (MAX_FAILURES_PER_ADDRESS - 1)
    assert set(answers[MAX_FAILURES_PER_ADDRESS - 1 :]) == {429}
    # Not even the right password of the last one is tried.
    assert log_in(names[-1], RIGHT).status_code == 429
    assert log_in(names[-1], RIGHT, address=OFFICE).status_code == 302


def test_who_has_logged_in_from_an_address_is_not_locked_out_by_others_there(editor):
    """A newsroom shares one address, and so may a café."""
    factories.create_editor("newcomer")
    assert log_in("editor", RIGHT, address=OFFICE).status_code == 302

    for number in range(MAX_FAILURES_PER_ADDRESS):
        log_in(f"name{number}", address=OFFICE)

    assert log_in("newcomer", RIGHT, address=OFFICE).status_code == 429
    assert log_in("editor", RIGHT, address=OFFICE).status_code == 302
    # Their own mistakes count as ever.
    assert guess("editor", LIMIT, address=OFFICE)[-1] == 429


def test_an_own_account_does_not_clear_what_was_tried_on_others(editor):
    for number in range(MAX_FAILURES_PER_ADDRESS - 1):
        log_in(f"name{number}")
    log_in("editor", RIGHT)

    assert log_in("one-more").status_code == 429


def test_guessing_from_many_addresses_does_not_lock_out_the_editor(editor):
    assert log_in("editor", RIGHT, address=OFFICE).status_code == 302
    for number in range(40):
        for _time in range(3):
            log_in("editor", address=f"203.0.113.{number}")

    assert log_in("editor", RIGHT, address=OFFICE).status_code == 302


def test_addresses_of_one_ipv6_network_are_one_client(editor):
    answers = [log_in("editor", address=f"2001:db8:1:2::{n:x}").status_code for n in range(LIMIT)]

    assert answers[-1] == 429
    assert log_in("editor", RIGHT, address="2001:db8:1:3::1").status_code == 302


@pytest.mark.parametrize(
    ("address", "counted"),
    [
        pytest.param("203.0.113.7", "203.0.113.7", id="IPv4"),
        pytest.param("::ffff:203.0.113.7", "203.0.113.7", id="IPv4 in IPv6"),
        pytest.param("2001:DB8:1:2:3:4:5:6", "2001:db8:1:2::", id="IPv6"),
        pytest.param("fe80::1%eth0", "fe80::", id="of a zone"),
        pytest.param("unknown", None, id="no address"),
        pytest.param("", None, id="empty"),
    ],
)
def test_an_address_is_counted_by_what_one_client_has(address, counted):
    assert normalized_address(address) == counted


@pytest.mark.parametrize("header", ["", "unknown", "203.0.113.9, ", ",,,", "<script>"])
def test_a_header_without_an_address_counts_as_the_proxy(rf, header):
    request = rf.get("/", headers={"X-Forwarded-For": header}, REMOTE_ADDR="127.0.0.1")

    assert client_address(request) == "127.0.0.1"


def let_pass(**time):
    """Move what has failed so far into the past."""
    AccessAttempt.objects.update(attempt_time=F("attempt_time") - timedelta(**time))


def wait_of(response):
    """Return after how many minutes an answer says that log-in is possible again."""
    assert response.status_code == 429
    # A slow test has waited a part of it already.
    return round((int(response["Retry-After"]) + 15) / 60)


def test_a_lockout_ends_when_its_page_says(editor):
    guess("editor", LIMIT - 1)
    let_pass(minutes=5)
    assert wait_of(log_in("editor")) == 15
    let_pass(minutes=14)
    # Who goes on trying waits no longer for it.
    later = log_in("editor")
    assert wait_of(later) == 1
    assert "You can try again in 1 minute." in later.content.decode()
    let_pass(minutes=1)
    assert log_in("editor", RIGHT).status_code == 302


def test_many_names_are_tried_again_when_the_page_says(editor):
    log_in("the-first")
    let_pass(minutes=10)
    for number in range(MAX_FAILURES_PER_ADDRESS - 2):
        log_in(f"name{number}")
    # It is the first failure that is forgotten first.
    assert wait_of(log_in("one-more")) == 5
    let_pass(minutes=4)
    assert wait_of(log_in("editor", RIGHT)) == 1
    let_pass(minutes=1)
    assert log_in("editor", RIGHT).status_code == 302


@pytest.mark.parametrize("path", ["/admin/login/", "/ru/admin/login/", "/kk/admin/login/"])
def test_the_lockout_page_is_the_products_own(editor, settings, path):
    settings.FACTCHECK_CONTACT = "desk@facts.example"
    guess("editor", LIMIT)

    page = log_in("editor", path=path)

    said = page.content.decode()
    assert page.status_code == 429
    assert "error-page" in said
    assert 'href="mailto:desk@facts.example"' in said
    assert f'lang="{path.split("/")[1] if path[1] != "a" else "en"}"' in said


def test_without_a_contact_the_lockout_page_names_the_administrator(editor, settings):
    settings.FACTCHECK_CONTACT = ""
    guess("editor", LIMIT)

    assert "ask the administrator of this site" in log_in("editor").content.decode()


def test_who_is_logged_in_goes_on_working(editor):
    browser = Client()
    browser.force_login(editor)
    guess("editor", LIMIT, address="127.0.0.1")

    assert browser.get("/admin/").status_code == 200


@pytest.mark.parametrize("given", ["//evil.example/", "https://evil.example/", "javascript:x", ""])
def test_a_log_in_that_leads_elsewhere_ends_on_the_first_page_of_the_admin(editor, given):
    response = Client().post(LOGIN, {"username": "editor", "password": RIGHT, "next": given})

    assert (response.status_code, response["Location"]) == (302, "/admin/")


def test_the_limit_of_the_api_counts_an_ipv6_network_as_one_client(client, settings):
    settings.FACTCHECK_API_RATE = "2/min"
    answers = [
        client.get(
            f"/api/v1/claims/?q={number}",
            headers={"X-Forwarded-For": f"2001:db8:9:9::{number}"},
        ).status_code
        for number in range(3)
    ]

    assert answers == [200, 200, 429]
