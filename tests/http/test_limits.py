"""How much may be sent, by whom, and what the manual's proxy lets through."""

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from rest_framework.authtoken.models import Token

from factcheck.admin import article_form, fact_check_import
from factcheck.models import Claim, Outlet
from factcheck.models.fields import reason_length, text_length
from factcheck.views.body_limit import MAX_ANONYMOUS_BYTES
from tests import factories
from tests.paths import ROOT

pytestmark = pytest.mark.django_db

SERVING = (ROOT / "docs" / "serving.md").read_text(encoding="utf-8")
LONG = "x" * 20_001


def test_the_manuals_proxy_takes_what_the_forms_take():
    [megabytes] = re.findall(r"client_max_body_size (\d+)m;", SERVING)
    [seconds] = re.findall(r"proxy_read_timeout (\d+)s;", SERVING)
    largest = max(fact_check_import.MAX_UPLOAD, article_form.MAX_UPLOAD)

    # A form holds other fields beside the file: letters of up to four bytes.
    assert int(megabytes) * 2**20 >= largest + 4 * fact_check_import.MAX_TEXT
    assert int(seconds) >= 300
    assert f"{fact_check_import.MAX_UPLOAD // 1_000_000} MB in *Import fact-checks*" in SERVING
    assert f"{article_form.MAX_UPLOAD // 1_000_000} MB in *Add from article*" in SERVING
    assert f"{MAX_ANONYMOUS_BYTES // 1_000_000} MB | 413" in SERVING
    for header in ("Host", "X-Forwarded-For", "X-Forwarded-Proto"):
        assert f"proxy_set_header {header} " in SERVING


def test_the_manual_says_the_lengths_of_texts():
    for validator in (text_length, reason_length):
        assert f"{validator.limit_value:,} characters" in SERVING


class Unread:
    """A body that must not be read."""

    def read(self, *args):
        raise AssertionError("the body was read")

    readline = read


@pytest.mark.parametrize("path", ["/admin/login/", "/ru/admin/login/", "/claims/", "/admin/"])
def test_a_stranger_is_refused_a_large_body_before_it_is_read(path):
    response = Client(enforce_csrf_checks=True).generic(
        "POST",
        path,
        content_type="multipart/form-data; boundary=x",
        **{"CONTENT_LENGTH": str(MAX_ANONYMOUS_BYTES + 1), "wsgi.input": Unread()},
    )

    assert response.status_code == 413
    assert "error-page" in response.content.decode()


def test_an_editor_may_send_a_large_file(reviewer):
    browser = Client()
    browser.force_login(reviewer)
    upload = SimpleUploadedFile("reviews.csv", b"x" * (MAX_ANONYMOUS_BYTES + 1))

    response = browser.post("/admin/factcheck/claim/import/", {"upload": upload, "stage": "draft"})

    assert response.status_code == 200


@pytest.mark.parametrize("length", ["", "x", "-1", "٣"])
def test_a_length_that_is_none_is_no_fault_of_ours(length):
    response = Client().generic("POST", "/admin/login/", CONTENT_LENGTH=length)

    assert response.status_code in {200, 400, 413}


@pytest.mark.parametrize("name", ["text", "native_text", "source_text"])
def test_the_api_names_a_text_that_is_too_long(client, contributor, name):
    sent = {"text": "A statement.", "native_language": "kk", name: LONG}

    token = Token.objects.create(user=contributor)

    response = client.post(
        "/api/v1/claims/",
        sent,
        content_type="application/json",
        headers={"Authorization": f"Bearer {token.key}"},
    )

    assert response.status_code == 400
    assert response.json()["errors"][name] == [
        "This text has 20001 characters. Shorten it to 20000 or fewer."
    ]
    assert not Claim.objects.exists()


def test_the_form_says_how_much_too_long_a_text_is(admin_client):
    page = admin_client.post(
        "/admin/factcheck/outlet/add/",
        {
            "name": "X",
            "kind": "other",
            "control": "unknown",
            "note": LONG,
            "aliases-TOTAL_FORMS": "0",
            "aliases-INITIAL_FORMS": "0",
        },
    )

    assert "This text has 20001 characters." in page.content.decode()
    # A browser would cut off what is pasted, and say nothing.
    assert 'maxlength="20000"' not in page.content.decode()
    assert not Outlet.objects.exists()


def test_a_long_text_that_came_by_an_importer_stays():
    claim = factories.create_claim(text=LONG)

    assert Claim.objects.get(pk=claim.pk).text == LONG
