"""Folding, keys, slugs, addresses and dates, on generated input."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from factcheck.text.dates import full_date, is_date_text
from factcheck.text.name_keys import name_key
from factcheck.text.normalize import fold
from factcheck.text.slugs import new_ref, slugify
from factcheck.text.web_addresses import site_keys


@given(st.text())
def test_folding_is_total_and_stable(text):
    assert fold(fold(text)) == fold(text)
    assert name_key(name_key(text)) == name_key(text)


@given(st.text(alphabet="абвгдеёжзийқңғүұһәіABCdef -–.", max_size=40))
def test_case_makes_no_difference(text):
    assert fold(text.upper()) == fold(text.lower()) == fold(text)


@pytest.mark.parametrize(
    ("one", "other"),
    [("Ещё", "еще"), ("  a\tb\u00a0c\n", "a b c"), ("ＴＡＳＳ", "tass"), ("STRASSE", "straße")],
)
def test_what_folds_together(one, other):
    assert fold(one) == fold(other)


@pytest.mark.parametrize(("one", "other"), [("й", "и"), ("қ", "к"), ("ң", "н")])
def test_letters_with_their_own_sound_stay_apart(one, other):
    assert fold(one) != fold(other)


@given(st.text(max_size=300))
def test_a_slug_is_ascii_and_bounded(text):
    slug = slugify(text, max_length=30)

    assert len(slug) <= 30
    assert slug == "" or all(part.isalnum() and part.isascii() for part in slug.split("-"))


@given(st.text())
def test_reading_an_address_never_fails(text):
    assert all(key == key.casefold() for key in site_keys(text))


@pytest.mark.parametrize(
    ("address", "key"),
    [
        ("https://tengrinews.kz/a/b", "tengrinews.kz"),
        ("//WWW.Tengrinews.KZ:443/a", "tengrinews.kz"),
        ("user:pass@tengrinews.kz", "tengrinews.kz"),
        ("https://twitter.com/TokayevKZ/status/1", "twitter.com/tokayevkz"),
        ("x.com/TokayevKZ", "x.com/tokayevkz"),
        ("https://x.com/TokayevKZ/status/1", "twitter.com/tokayevkz"),
        ("https://t.me/s/rybar/1", "t.me/rybar"),
        ("t.me/rybar?before=1", "t.me/rybar"),
        ("youtube.com/channel/UCa", "youtube.com/channel/uca"),
        ("https://youtube.com/watch?v=1", "youtube.com/watch?v=1"),
        ("medium.com/@a/b", "medium.com/@a"),
        ("https://m.fresh.kz:8080?x=1#y", "fresh.kz"),
    ],
)
def test_an_address_gives_its_domain_and_account(address, key):
    assert key in site_keys(address)


@pytest.mark.parametrize("text", ["", "2021", "2021-08", "2021-08-20", "--08-20", "--02-29"])
def test_dates_as_known(text):
    assert is_date_text(text)


@pytest.mark.parametrize(
    "text",
    [
        "21",
        "2021-13",
        "2021-02-30",
        "--02-30",
        "2021-8-1",
        "0000",
        "2021-08-20 ",
        "2021-08-20\n",
        "-08-20",
        "August",
    ],
)
def test_no_dates(text):
    assert not is_date_text(text)
    assert full_date(text) is None


@given(st.dates())
def test_a_day_is_known_only_from_a_whole_date(day):
    text = day.isoformat()

    assert full_date(text) == day
    assert full_date(text[:7]) is None


def test_references_differ():
    assert len({new_ref() for _ in range(1000)}) == 1000
