"""Three languages: every word translated, addresses of their own, days and numbers as written."""

import os
import re
import shutil
from collections import Counter
from datetime import date
from pathlib import Path

import django
import polib
import pytest
from django.apps import apps
from django.conf import settings as django_settings
from django.core.management import call_command
from django.utils import translation
from django.utils.formats import date_format, number_format

from factcheck.formatting import format_date_text
from tests import factories
from tests.catalogues import CATALOGUES, DJANGO_CATALOGUES
from tests.paths import ROOT
from tests.public_pages import PAGES

PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%[sd%]|{\w*}|</?\w+[^>]*>")
HUMAN = [path for path in PAGES if path.endswith(("/", ".atom"))]


def seen(entry):
    """Return what a reader sees for an entry of a catalogue, by all catalogues."""
    if entry.msgid_plural:
        return translation.ngettext(entry.msgid, entry.msgid_plural, 1)
    if entry.msgctxt:
        return translation.pgettext(entry.msgctxt, entry.msgid)
    return translation.gettext(entry.msgid)


def language_of(path):
    return path.parent.parent.name


def name_of(path):
    return f"{path.parents[2].name}-{language_of(path)}"


@pytest.fixture
def sources(tmp_path, monkeypatch, settings):
    """A copy of the sources, whose strings may be collected."""
    if not shutil.which("xgettext"):
        said = "needs GNU gettext: install it (Debian: apt-get install gettext)"
        if os.environ.get("CI"):
            pytest.fail(said)
        pytest.skip(said)
    needless = shutil.ignore_patterns("__pycache__", "static", "migrations")
    shutil.copytree(ROOT / "factcheck", tmp_path / "factcheck", ignore=needless)
    monkeypatch.chdir(tmp_path)
    settings.LOCALE_PATHS = [tmp_path / "factcheck" / "locale"]
    return tmp_path


def test_every_string_is_translated(sources):
    languages = [language_of(path) for path in CATALOGUES]
    call_command("makemessages", locale=languages, no_location=True, no_wrap=True,
                 no_obsolete=True, verbosity=0)  # fmt: skip

    missing = []
    for path in CATALOGUES:
        language = language_of(path)
        catalogue = polib.pofile(sources / path.relative_to(ROOT))
        with translation.override(language):
            missing += [
                (language, entry.msgid)
                for entry in catalogue
                # What is Django's own may be translated there.
                if not entry.translated() and seen(entry) == entry.msgid
            ]
    assert languages == ["kk", "ru"]
    assert missing == []


def entries(paths):
    """Return each entry's context and text, and whether it is translated."""
    return [
        ((entry.msgctxt, entry.msgid), entry.translated())
        for path in paths
        if path.exists()
        for entry in polib.pofile(path)
    ]


def of_django(language):
    """Return the catalogues of Django itself and of its applications that are installed."""
    folders = [
        Path(django.__file__).parent / "conf",
        *(Path(app.path) for app in apps.get_app_configs() if app.name.startswith("django.")),
    ]
    return [folder / "locale" / language / "LC_MESSAGES" / "django.po" for folder in folders]


@pytest.mark.parametrize("language", ["kk", "ru"])
def test_every_string_of_django_is_translated_by_django_or_here(language):
    """After an upgrade of Django, add what is missing to factcheck/locale_django."""
    ours = [path for path in (*CATALOGUES, *DJANGO_CATALOGUES) if language_of(path) == language]
    found = entries([*of_django(language), *ours])
    translated = {text for text, is_translated in found if is_translated}

    missing = {text for text, _is_translated in entries(of_django("en"))} - translated
    assert missing == set()
    with translation.override("kk"):
        assert translation.gettext("Skip to main content") == "Негізгі мазмұнға өту"


@pytest.mark.parametrize("path", [*CATALOGUES, *DJANGO_CATALOGUES], ids=name_of)
def test_a_translation_keeps_what_is_put_into_it(path):
    for entry in polib.pofile(path):
        forms = entry.msgstr_plural.values() or [entry.msgstr]
        wanted = {
            frozenset(Counter(PLACEHOLDER.findall(text)).items())
            for text in (entry.msgid, entry.msgid_plural)
            if text
        }
        for form in filter(None, forms):
            found = frozenset(Counter(PLACEHOLDER.findall(form)).items())
            assert found in wanted, entry.msgid


@pytest.mark.parametrize("path", [*CATALOGUES, *DJANGO_CATALOGUES], ids=name_of)
def test_what_is_compiled_is_what_is_written(path):
    def words(catalogue):
        return {
            (entry.msgctxt, entry.msgid): entry.msgstr or list(entry.msgstr_plural.values())
            for entry in catalogue
            if entry.msgstr or any(entry.msgstr_plural.values())
        }

    compiled = polib.mofile(path.with_suffix(".mo"))
    assert words(compiled) == words(polib.pofile(path)), "run python -m tests.catalogues"


@pytest.mark.parametrize("language", ["ru", "kk"])
@pytest.mark.parametrize("path", HUMAN)
def test_every_page_stands_in_every_language(client, sample, path, language):
    response = client.get(f"/{language}{path}")
    html = response.getvalue().decode()

    assert response.status_code == 200
    assert response["Content-Language"] == language
    if path.endswith("/"):
        assert f'<html lang="{language}">' in html
        assert f'hreflang="en" href="http://127.0.0.1:8000{path}"' in html
        # Its own links stay in its language.
        inner = re.findall(r'href="(/(?!static)[^"?#]*/)"', html)
        others = {f"/{code}" for code, _name in django_settings.LANGUAGES} - {f"/{language}"}
        strays = [
            link
            for link in inner
            if not link.startswith(f"/{language}/") and link != path and link[:3] not in others
        ]
        assert [link for link in strays if not link.startswith("/api/")] == []


def test_english_stands_without_a_prefix_whatever_the_browser_asks_for(client, sample):
    response = client.get("/claims/", headers={"Accept-Language": "ru,kk;q=0.9"})

    assert response.status_code == 200
    assert '<html lang="en">' in response.content.decode()
    assert client.get("/en/claims/").status_code == 404


def test_the_switch_stays_on_the_page_and_keeps_its_filters(client, sample):
    html = client.get("/ru/claims/?status=true&q=tokayev").content.decode()

    for prefix in ("", "/ru", "/kk"):
        assert f'<a href="{prefix}/claims/?status=true&amp;q=tokayev" lang=' in html


@pytest.mark.parametrize(
    ("language", "day", "as_month", "undated", "number"),
    [
        ("en", "3 September 2021", "September 2021", "3 September, year unknown", "1,234,567.5"),
        ("ru", "3 сентября 2021 г.", "Сентябрь 2021 г.", "3 сентября", "1 234 567,5"),
        ("kk", "2021 ж. 3 қыркүйек", "2021 ж. қыркүйек", "3 қыркүйек", "1 234 567,5"),
    ],
)
def test_days_and_numbers_are_written_as_readers_write_them(
    language, day, as_month, undated, number
):
    with translation.override(language):
        assert date_format(date(2021, 9, 3)) == day
        assert format_date_text("2021-09") == as_month
        assert format_date_text("--09-03").startswith(undated)
        assert number_format(1234567.5) == number.replace(" ", "\xa0")


@pytest.mark.parametrize(
    ("n", "said"),
    [(1, "1 утверждение"), (2, "2 утверждения"), (5, "5 утверждений"), (21, "21 утверждение")],
)
def test_russian_counts_in_its_own_forms(client, db, n, said):
    for number in range(n):
        factories.create_claim(text=f"Claim {number}")

    assert said in client.get("/ru/claims/").content.decode()


def test_a_claims_record_for_machines_is_one_in_all_languages(client, sample):
    def record(prefix):
        html = client.get(f"{prefix}/claims/plan-to-admit-2000-refugees/").content.decode()
        return re.search(r'<script type="application/ld\+json">(.*?)</script>', html)[1]

    assert record("") == record("/ru") == record("/kk")


def test_sitemaps_name_each_page_in_each_language(client, sample):
    found = client.get("/sitemap-claims.xml").content.decode()

    claims = len(set(re.findall(r"<loc>(http://127.0.0.1:8000/claims/[^<]*)</loc>", found)))
    assert claims == 40
    assert found.count("<url>") == 3 * claims
    assert found.count('hreflang="kk"') == 3 * claims
    assert "<loc>http://127.0.0.1:8000/ru/claims/" in found
