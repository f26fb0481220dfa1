"""The language of a claim or an article: chosen by its name, stored as its code."""

import re

import pytest
from django.conf.locale import LANG_INFO
from django.utils import translation

from factcheck.admin.languages import LanguageField
from factcheck.models import Article, Claim
from tests.admin_forms import ADD, ARTICLE_TEXT, errors, every_admin_form, form, press

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        *(("English", "en"), ("english ", "en"), ("en", "en"), ("английский", "en")),
        *(("Қазақ", "kk"), ("Kazakh", "kk"), ("Русский", "ru"), ("kk-Latn", "kk-Latn")),
        ("ps", "ps"),  # which the list does not have
    ],
)
def test_a_language_is_known_by_its_names_and_its_code(client, reviewer, typed, code):
    client.force_login(reviewer)

    response = client.post(ADD, form(language=typed, native_language=typed))

    assert response.status_code == 302, errors(response)
    claim = Claim.objects.get()
    assert (claim.language, claim.native_language) == (code, code)


@pytest.mark.parametrize("typed", ["Englisch", "English!", "e", "no such language"])
def test_an_unknown_language_is_refused_in_plain_words(client, reviewer, typed):
    client.force_login(reviewer)

    said = errors(client.post(ADD, form(language=typed)))

    assert f"No language is called “{typed}”. Choose one of the list." in said
    assert not Claim.objects.exists()


@pytest.mark.parametrize("language", ["en", "ru", "kk"])
def test_what_a_form_shows_of_a_language_is_read_as_the_same(language):
    field = LanguageField()
    with translation.override(language):
        for code in (*LANG_INFO, "ps", ""):
            assert field.clean(field.prepare_value(code) or "en") == (code or "en")
            assert not field.has_changed(code, field.prepare_value(code))


def test_every_language_in_a_form_of_the_admin_is_chosen_by_name(rf):
    found = {
        (model, name)
        for model, one in every_admin_form(rf)
        for name, field in one.fields.items()
        if type(field) is LanguageField
    }

    assert found == {(Claim, "language"), (Claim, "native_language"), (Article, "language")}


def test_a_form_offers_languages_by_name(client, reviewer):
    client.force_login(reviewer)

    page = client.get(f"/ru{ADD}").content.decode()

    field = re.search(r'<input[^>]*name="language"[^>]*>', page)[0]
    assert 'value="Английский"' in field or 'value="английский"' in field
    offered = re.search(r'list="([\w-]+)"', field)[1]
    assert f'<datalist id="{offered}">' in page
    assert page.count("<datalist") == 2


def test_an_article_s_language_is_chosen_by_name(client, contributor, sample):
    client.force_login(contributor)
    address = "/admin/factcheck/article/from-article/"

    preview = client.post(address, {"text": ARTICLE_TEXT, "title": "Trade", "language": "Russian"})
    assert 'value="Russian"' in preview.content.decode()
    press(client, preview)

    assert Article.objects.get(title="Trade").language == "ru"
