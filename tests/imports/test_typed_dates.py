"""Dates as people type them: what is read, and what is asked rather than guessed."""

from datetime import date

import pytest
from django.utils import translation
from django.utils.formats import date_format
from hypothesis import given
from hypothesis import strategies as st

from factcheck.forms.date_fields import date_in_words
from factcheck.imports.typed_dates import (
    AmbiguousDateError,
    DateError,
    ImpossibleDateError,
    SeveralDatesError,
    UnreadableDateError,
    parse_typed_date,
)
from factcheck.text.dates import is_date_text

DAYS = st.dates(date(1000, 1, 1), date(9999, 12, 31))
LANGUAGES = st.sampled_from(["en", "ru", "kk"])
KNOWN = st.one_of(
    DAYS.map(date.isoformat),
    DAYS.map(lambda day: f"{day:%Y-%m}"),
    DAYS.map(lambda day: f"{day:%Y}"),
    DAYS.map(lambda day: f"--{day:%m-%d}"),
)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("", ""),
        ("  ", ""),
        ("2022-08-20", "2022-08-20"),
        ("2022-8-5", "2022-08-05"),
        ("2022/05/07", "2022-05-07"),
        ("2022.05.07", "2022-05-07"),
        ("20 August 2022", "2022-08-20"),
        ("August 20, 2022", "2022-08-20"),
        ("20 Aug 2022", "2022-08-20"),
        ("20-Aug-2022", "2022-08-20"),
        ("Sept. 5, 2022", "2022-09-05"),
        ("20th of August 2022", "2022-08-20"),
        ("Saturday, 20 August 2022", "2022-08-20"),
        ("20.08.2022", "2022-08-20"),
        ("05.07.2022", "2022-07-05"),
        ("5.7.22", "2022-07-05"),
        ("20. 08. 2022 г.", "2022-08-20"),
        ("25/12/2022", "2022-12-25"),
        ("12/25/2022", "2022-12-25"),
        ("07/07/2022", "2022-07-07"),
        ("25-12-2022", "2022-12-25"),
        ("20 августа 2022 г.", "2022-08-20"),
        ("20-го августа 2022 года", "2022-08-20"),
        ("суббота, 20 августа 2022", "2022-08-20"),
        ("2022 ж. 20 тамыз", "2022-08-20"),
        ("2022 жылғы 20 тамыз", "2022-08-20"),
        ("20 тамыз 2022", "2022-08-20"),
        ("2022-08", "2022-08"),
        ("08/2022", "2022-08"),
        ("August 2022", "2022-08"),
        ("август 2022 г.", "2022-08"),
        ("2022 ж. тамыз", "2022-08"),
        ("2022", "2022"),
        ("2022 г.", "2022"),
        ("--08-20", "--08-20"),
        ("20 August", "--08-20"),
        ("August 20", "--08-20"),
        ("20.08", "--08-20"),
        ("29 February", "--02-29"),
        ("5 March 1868", "1868-03-05"),
        (" 20\u00a0August\u202f2022\n", "2022-08-20"),
        ("２０２２-０８-２０", "2022-08-20"),
        ("٢٠٢٢-٠٨-٢٠", "2022-08-20"),
        ("2022–08–20", "2022-08-20"),
    ],
)
def test_what_is_read(typed, meant):
    assert parse_typed_date(typed) == meant
    assert parse_typed_date(typed.upper()) == meant


@pytest.mark.parametrize(
    ("typed", "readings"),
    [
        ("05/07/2022", ["2022-07-05", "2022-05-07"]),
        ("05-07-2022", ["2022-07-05", "2022-05-07"]),
        ("05 07 2022", ["2022-07-05", "2022-05-07"]),
        ("5/7/22", ["2022-07-05", "2022-05-07"]),
        ("5/7", ["--07-05", "--05-07"]),
        ("12/22", ["--12-22", "2022-12"]),
        ("25/12/22", ["2022-12-25", "2025-12-22"]),
        # Neither is a newsroom's usual century.
        ("15.03.68", ["2068-03-15", "1968-03-15"]),
    ],
)
def test_what_can_be_two_dates_is_asked(typed, readings):
    with pytest.raises(AmbiguousDateError) as error:
        parse_typed_date(typed)

    assert error.value.readings == readings


@pytest.mark.parametrize(
    ("typed", "error"),
    [
        ("31.02.2022", ImpossibleDateError),
        ("12.25.2022", ImpossibleDateError),
        ("2022-13-05", ImpossibleDateError),
        ("30/02/2022", ImpossibleDateError),
        ("29 Feb 2022", ImpossibleDateError),
        ("August 32", ImpossibleDateError),
        ("--02-30", ImpossibleDateError),
        ("0000", ImpossibleDateError),
        ("soon", UnreadableDateError),
        ("May", UnreadableDateError),
        ("20", UnreadableDateError),
        ("20 Aug 22", UnreadableDateError),
        ("05.07-2022", UnreadableDateError),
        ("2022-08-20T10:00", UnreadableDateError),
        # The raised number is a footnote's.
        ("20 August 202²", UnreadableDateError),
        ("15–17 August 2022", SeveralDatesError),
        ("Aug 30 - Sep 2, 2022", SeveralDatesError),
    ],
)
def test_what_is_not_one_date_is_refused(typed, error):
    with pytest.raises(error):
        parse_typed_date(typed)


@given(KNOWN, LANGUAGES)
def test_what_a_page_prints_is_read_as_what_was_printed(known, language):
    assert parse_typed_date(known) == known
    with translation.override(language):
        assert parse_typed_date(date_in_words(known)) == known


@given(DAYS, LANGUAGES)
def test_a_date_in_the_short_form_of_a_language_is_read(day, language):
    with translation.override(language):
        assert parse_typed_date(date_format(day, "SHORT_DATE_FORMAT")) == day.isoformat()


@given(DAYS, st.sampled_from("/- "), st.booleans())
def test_numbers_without_an_order_are_never_guessed(day, mark, is_month_first):
    first, second = (day.month, day.day) if is_month_first else (day.day, day.month)
    typed = mark.join((f"{first:02}", f"{second:02}", f"{day:%Y}"))

    if day.day > 12 or day.day == day.month:
        assert parse_typed_date(typed) == day.isoformat()
    else:
        with pytest.raises(AmbiguousDateError) as error:
            parse_typed_date(typed)
        assert set(error.value.readings) == {f"{day:%Y-%m-%d}", f"{day:%Y-%d-%m}"}


@given(st.text(max_size=80) | st.text("0123456789./- мaйaugг", max_size=20))
def test_whatever_is_typed_is_a_date_text_or_an_error_of_dates(typed):
    try:
        found = parse_typed_date(typed)
    except DateError:
        return
    assert is_date_text(found)
    assert parse_typed_date(found) == found
