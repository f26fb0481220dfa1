"""*Import fact-checks* in the admin: look, import, mend what was refused."""

import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from factcheck.models import Claim, Verification
from tests.admin_forms import send
from tests.fact_checks import review

URL = "/admin/factcheck/claim/import/"
BAD = {"@type": "ClaimReview", "url": "https://checkers.example/2", "claimReviewed": ""}
TABLE = "statement,link,verdict\nA road was built,https://checkers.example/9,Five bananas\n"


@pytest.fixture
def page(client, reviewer):
    client.force_login(reviewer)
    return client


def test_a_contributor_may_not(client, contributor):
    client.force_login(contributor)

    assert client.get(URL).status_code == 403
    assert b"Import fact-checks" not in client.get("/admin/factcheck/claim/").content


def test_a_reviewer_gets_there_from_the_desk_and_the_list(page):
    for start in ("/admin/", "/admin/factcheck/claim/"):
        assert f'href="{URL}"' in page.get(start).content.decode()
    assert 'name="is_dry" id="id_is_dry" checked' in page.get(URL).content.decode()


def test_looking_tells_all_and_keeps_nothing(page):
    html = send(page, json.dumps([review(), BAD]), is_dry="on").content.decode()

    assert "Dry run: nothing was saved" in html
    assert "Record 2: claimReviewed: This field is missing or empty. Fill it in." in html
    assert "&quot;_refused&quot;" in html
    assert not Claim.objects.exists()
    assert not Verification.objects.exists()


def test_what_is_good_is_imported_and_the_refused_can_be_mended(page):
    html = send(page, json.dumps([review(), BAD])).content.decode()

    assert "Imported" in html
    assert Claim.objects.get().stage == "published"
    mended = json.dumps({**BAD, "claimReviewed": "A bridge was built"})
    assert "Imported" in send(page, mended, stage="draft").content.decode()
    assert set(Claim.objects.values_list("stage", flat=True)) == {"published", "draft"}


def test_a_table_in_a_file_is_read_by_its_columns(page):
    upload = SimpleUploadedFile("found.csv", TABLE.encode())
    html = send(page, upload=upload, columns="claim=statement,url=link,label=verdict")

    assert "“Five bananas”: 1" in html.content.decode()
    assert Verification.objects.get(kind="finding").label == "Five bananas"


def test_a_table_of_a_spreadsheet_is_read_in_its_encoding(page):
    table = "claim,url\nДорога построена,https://checkers.example/9\n".encode("windows-1251")
    said = send(page, upload=SimpleUploadedFile("found.csv", table)).content.decode()
    assert "The table is not in the encoding UTF-8. Choose its encoding, or save" in said
    assert not Claim.objects.exists()

    send(page, upload=SimpleUploadedFile("found.csv", table), encoding="windows-1251")
    assert Claim.objects.get().text == "Дорога построена"


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        pytest.param({}, "Choose a file, or paste its text.", id="nothing"),
        pytest.param({"text": "x", "columns": "claim"}, "Write field=column.", id="a bad mapping"),
        pytest.param(
            {"text": "x", "stage": "retracted"}, "valid choice", id="a stage of no import"
        ),
        pytest.param(
            {"text": "[{", "upload": SimpleUploadedFile("a.json", b"{}")}, "not both", id="both"
        ),
    ],
)
def test_what_cannot_be_done_is_said_at_its_field(page, fields, said):
    answer = send(page, **fields)

    assert said in answer.content.decode()
    assert "report" not in answer.context


def test_a_file_that_ends_in_the_middle_keeps_what_came_before(page):
    html = send(page, f"[{json.dumps(review())}, {{").content.decode()

    assert "errornote" in html
    assert Claim.objects.count() == 1


def test_nothing_of_a_record_is_shown_as_markup(page):
    html = send(page, json.dumps({**BAD, "author": "<script>alert(1)</script>"})).content.decode()

    assert "<script>alert" not in html
