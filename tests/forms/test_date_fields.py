"""Dates in forms, filters and the API: one reader, which never guesses and cuts nothing."""

import re
from datetime import date
from html import unescape

import pytest
from django import forms
from django.contrib.admin.forms import AdminAuthenticationForm
from django.contrib.admin.models import LogEntry
from django.db import models
from django.urls import reverse
from rest_framework.authtoken.models import Token

from factcheck.admin.article_form import SourceForm
from factcheck.admin.date_inputs import FullDateInput, PartialDateInput
from factcheck.admin.evidence import EvidenceField
from factcheck.admin.fact_check_import import ReviewsForm
from factcheck.forms.date_fields import FullDateField, PartialDateField
from factcheck.models import Article, Citation, Claim, Proposal
from factcheck.models.fields import DateTextField
from tests import factories
from tests.admin_forms import ADD, RECORD, change_page, errors, every_admin_form, form, opened

pytestmark = pytest.mark.django_db

QUESTION = (
    "Did you mean 5 July 2022 or 7 May 2022? Write the month as a word or the date as 2022-07-05."
)


def test_every_date_in_a_form_of_the_admin_is_read_by_the_one_reader(rf):
    found = set()
    for model, one in every_admin_form(rf):
        for name, field in one.fields.items():
            column = next((f for f in model._meta.fields if f.name == name), None)
            if isinstance(column, models.DateField) and not isinstance(
                column, models.DateTimeField
            ):
                assert type(field) is FullDateField, (model, name)
                assert type(field.widget) is FullDateInput, (model, name)
                found.add(name)
            elif isinstance(column, DateTextField):
                assert type(field) is PartialDateField, (model, name)
                assert type(field.widget) is PartialDateInput, (model, name)
                found.add(name)
            else:
                assert not isinstance(field, forms.DateField), (model, name)
    assert found == {"claimed_on", "recheck_on", "date_text", "date_end", "published_text"}


def test_no_input_of_a_form_cuts_what_is_typed(rf):
    pages = [one for _model, one in every_admin_form(rf)]
    assert len(pages) >= 12

    for one in (*pages, SourceForm(), ReviewsForm(), AdminAuthenticationForm()):
        assert "maxlength" not in one.as_div(), one


def test_no_input_of_the_preview_cuts_what_is_typed(client, contributor, sample):
    client.force_login(contributor)
    text = "It was so (, August 20; Fresh Wire, TASS, August 21)."
    page = client.post(reverse("admin:factcheck_article_from_article"), {"text": text})

    assert "which outlet?" in page.content.decode()
    assert "maxlength" not in page.content.decode()


def test_what_is_too_long_is_named_with_its_length(client, reviewer):
    client.force_login(reviewer)

    said = errors(client.post(ADD, form(slug="s" * 131, claimed_on="2022-08-20 " * 10)))

    assert "Ensure this value has at most 120 characters (it has 131)." in said
    assert "it has 109 characters; 60 are allowed" in said


@pytest.mark.parametrize("language", ["", "/ru", "/kk"])
@pytest.mark.parametrize(
    "typed",
    ["20 August 2022", "August 20, 2022", "20.08.2022", "20 августа 2022 г.", "2022 ж. 20 тамыз"],
)
def test_a_date_is_read_whatever_the_language_of_the_page(client, reviewer, language, typed):
    client.force_login(reviewer)
    citation = {"outlet": factories.create_outlet().pk, "date_text": typed, "date_end": typed}

    client.post(f"{language}{ADD}", form(claimed_on=typed, recheck_on=typed, citations=[citation]))

    claim, day = Claim.objects.get(), date(2022, 8, 20)
    assert (claim.claimed_on, claim.recheck_on) == (day, day)
    cited = claim.citations.get()
    assert (cited.date_text, cited.published_on, cited.date_end) == ("2022-08-20", day, day)


@pytest.mark.parametrize("typed", ["05/07/2022", "05-07-2022", "5/7/22"])
def test_a_date_that_can_be_two_is_asked_for_and_not_guessed(client, reviewer, typed):
    client.force_login(reviewer)
    outlet = factories.create_outlet().pk

    for fields in (
        {"claimed_on": typed},
        {"recheck_on": typed},
        {"citations": [{"outlet": outlet, "date_text": typed}]},
        {"citations": [{"outlet": outlet, "date_text": "2022", "date_end": typed}]},
    ):
        page = client.post(ADD, form(**fields))
        assert QUESTION in errors(page)
        assert f'value="{typed}"' in page.content.decode()
    assert not Claim.objects.exists()


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("August 2022", "“August 2022” is only a part of one. Write it as 20 August 2021"),
        ("20 August", "“20 August, year unknown” is only a part of one."),
        ("31.02.2022", "There is no such date."),
        ("15–17 August 2022", "These are several dates. Write one date."),
    ],
)
def test_a_field_for_a_full_date_says_what_is_missing(client, reviewer, typed, said):
    client.force_login(reviewer)

    assert said in errors(client.post(ADD, form(claimed_on=typed)))


def test_a_citation_keeps_a_date_as_far_as_it_is_known(client, reviewer):
    client.force_login(reviewer)
    outlet = factories.create_outlet().pk
    typed = ["20 August", "август 2022 г.", "2022", ""]

    client.post(ADD, form(citations=[{"outlet": outlet, "date_text": text} for text in typed]))

    found = Citation.objects.order_by("position").values_list("date_text", flat=True)
    assert list(found) == ["--08-20", "2022-08", "2022", ""]


def test_a_form_says_in_words_which_date_it_holds(client, reviewer):
    client.force_login(reviewer)
    claim = factories.create_claim(claimed_on=date(2022, 8, 20))
    factories.create_citation(claim, date_text="--08-05")

    path = change_page(claim)

    def words(language):
        page = client.get(f"{language}{path}").content.decode()
        found = re.findall(
            r'name="([\w-]+)"[^>]*>\s*<span class="date-in-words"[^>]*>([^<]+)<', page
        )
        assert 'value="2022-08-20"' in page
        return dict(found)

    assert words("") == {
        "claimed_on": "20 August 2022",
        "citations-0-date_text": "5 August, year unknown",
    }
    assert words("/ru")["claimed_on"] == "20 августа 2022 г."
    assert words("/kk")["claimed_on"] == "2022 ж. 20 тамыз"


def test_the_same_date_in_other_words_is_no_change(client, reviewer):
    client.force_login(reviewer)
    claim = factories.create_claim(claimed_on=date(2022, 8, 20))
    citation = factories.create_citation(claim, date_text="2022-08")

    data = opened(client, change_page(claim)) | {
        "claimed_on": "20 August 2022",
        "citations-0-date_text": "август 2022",
    }
    response = client.post(change_page(claim), data)

    assert response.status_code == 302, errors(response)
    assert "laimed" not in LogEntry.objects.get().get_change_message()
    assert citation.history.count() == 1
    # Another date is one.
    moved = {"citations-0-date_text": "сентябрь 2022", "change_reason": "The report is later."}
    client.post(change_page(claim), data | moved)
    citation.refresh_from_db()
    assert (citation.date_text, citation.history.count()) == ("2022-09", 2)


def test_an_article_and_a_citation_have_the_same_dates_on_their_own_pages(client, reviewer):
    client.force_login(reviewer)
    article, citation = factories.create_article(), factories.create_citation()

    for row, changes in (
        (article, {"published_text": "10 сентября 2021 г."}),
        (citation, {"date_text": "20 August 2021", "date_end": "22 августа 2021"}),
    ):
        address = reverse(f"admin:factcheck_{row._meta.model_name}_change", args=[row.pk])
        sent = opened(client, address) | changes | {"change_reason": "The date was wrong."}
        response = client.post(address, sent)
        assert response.status_code == 302, errors(response)
        row.refresh_from_db()

    assert article.published_on == date(2021, 9, 10)
    assert (citation.date_text, citation.date_end) == ("2021-08-20", date(2021, 8, 22))
    assert Article.objects.get().published_text == "2021-09-10"


def test_evidence_has_the_same_dates(client, reviewer):
    client.force_login(reviewer)
    proposal = {"status": "false", "reason": "So."}

    refused = client.post(
        ADD, form(proposal=proposal, evidence=[RECORD, RECORD | {"accessed_on": "05/07/2022"}])
    )
    assert f"Record 2: {QUESTION}" in errors(refused)
    assert 'value="05/07/2022"' in refused.content.decode()

    client.post(ADD, form(proposal=proposal, evidence=[RECORD | {"accessed_on": "5 июля 2022"}]))
    found = Proposal.objects.get()
    assert found.evidence == [RECORD | {"accessed_on": "2022-07-05"}]
    shown = client.get(change_page(found.claim)).content.decode()
    assert '<span class="date-in-words" aria-live="polite">5 July 2022</span>' in shown
    assert not EvidenceField().has_changed(
        found.evidence, [RECORD | {"accessed_on": "5 July 2022"}]
    )
    assert EvidenceField().has_changed(found.evidence, [RECORD | {"accessed_on": "July"}])


@pytest.mark.parametrize(
    ("path", "asked", "answer"),
    [
        ("/admin", {"text": "20.08.2022"}, {"words": "20 August 2022"}),
        ("/ru/admin", {"text": "August 20, 2022"}, {"words": "20 августа 2022 г."}),
        ("/kk/admin", {"text": "20 августа"}, {"words": "20 тамыз, жылы белгісіз"}),
        ("/admin", {"text": "2022", "kind": "known"}, {"words": "2022"}),
        ("/admin", {"text": "05/07/2022", "kind": "day"}, {"problem": QUESTION}),
        ("/admin", {"text": "20 August", "kind": "year"}, {"problem": "Write the year as well."}),
        ("/admin", {"text": "2022", "kind": "nonsense"}, {"words": "2022"}),
        ("/admin", {}, {"words": ""}),
    ],
)
def test_a_page_s_script_is_told_how_a_date_is_read(client, reviewer, path, asked, answer):
    client.force_login(reviewer)

    assert client.get(f"{path}/read-date/", asked).json() == answer


def test_dates_are_read_for_editors_alone(client):
    assert client.get("/admin/read-date/", {"text": "2022"}).status_code == 302


def test_the_api_reads_the_same_dates(client, contributor):
    token = Token.objects.create(user=contributor)

    def post(path, data):
        bearer = {"Authorization": f"Bearer {token.key}"}
        return client.post(path, data, content_type="application/json", headers=bearer)

    draft = {"text": "It was so.", "claimed_on": "20 августа 2022 г."}
    made = post("/api/v1/claims/", draft)
    assert made.json()["claimed_on"] == "2022-08-20"
    asked = post("/api/v1/claims/", draft | {"claimed_on": "05/07/2022"})
    assert asked.json()["errors"] == {"claimed_on": [QUESTION]}

    address = f"/api/v1/claims/{made.json()['slug']}/citations/"
    citation = {"outlet": factories.create_outlet().slug, "date_text": "20 August"}
    cited = post(address, citation)
    assert cited.json()["citations"][0]["date_text"] == "--08-20"
    bad = citation | {"date_text": "2022-08-20", "date_end": "August 2022"}
    assert "only a part of one" in str(post(address, bad).json()["errors"])


def test_the_filters_read_the_same_dates_and_their_addresses_stay_as_they_are(client):
    early, late = (factories.create_claim(claimed_on=date(2022, month, 20)) for month in (7, 9))

    page = client.get("/claims/", {"claimed_after": "20 августа 2022 г.", "claimed_before": ""})

    html = unescape(page.content.decode())
    assert late.text in html
    assert f">{early.text}<" not in html
    assert 'value="2022-08-20"' in html
    assert "августа" not in html
    asked = client.get("/claims/", {"claimed_after": "05/07/2022"}).content.decode()
    assert QUESTION in asked
    assert 'value="05/07/2022"' in asked
