"""Dates typed with real keys: the form says which date it understood, and cuts nothing."""

import pytest
from playwright.sync_api import expect

from factcheck.models import Claim
from tests.browser.conftest import TOO_WIDE, faults

ADD = "/admin/factcheck/claim/add/"
QUESTION = "Did you mean 5 July 2022 or 7 May 2022?"


def beside(page, field):
    return page.locator(f".dated:has(#id_{field}) .date-in-words")


def type_into(page, field, text):
    page.locator(f"#id_{field}").fill("")
    page.locator(f"#id_{field}").press_sequentially(text)


@pytest.mark.parametrize(
    ("language", "words"),
    [("", "20 August 2022"), ("/ru", "20 августа 2022 г."), ("/kk", "2022 ж. 20 тамыз")],
)
@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "dark")])
def test_a_date_is_read_while_it_is_typed(log_in, language, words, width, scheme):
    page = log_in(width=width, scheme=scheme)
    page.goto(f"{language}{ADD}")
    for field, text in (
        ("claimed_on", "20 August 2022"),
        ("citations-0-date_text", "August 20, 2022"),
        ("citations-1-date_text", "20 августа 2022 г."),
        ("proposals-0-evidence-0-accessed_on", "2022 ж. 20 тамыз"),
    ):
        type_into(page, field, text)
        assert page.locator(f"#id_{field}").input_value() == text
        expect(beside(page, field)).to_have_text(words)
    assert page.evaluate(TOO_WIDE) <= 0
    assert faults(page, ".dated") == []


def test_half_a_date_is_no_mistake_until_it_is_left(log_in):
    page = log_in(ADD)
    type_into(page, "claimed_on", "05/07/2022")
    expect(beside(page, "claimed_on")).to_have_text("")
    page.keyboard.press("Tab")
    expect(beside(page, "claimed_on")).to_contain_text(QUESTION)

    # What is typed next is read again, and an empty field says nothing.
    type_into(page, "claimed_on", "5 July 2022")
    expect(beside(page, "claimed_on")).to_have_text("5 July 2022")
    type_into(page, "claimed_on", "")
    expect(beside(page, "claimed_on")).to_have_text("")


@pytest.mark.parametrize("language", ["", "/ru", "/kk"])
def test_the_calendar_writes_what_is_read(log_in, language):
    page = log_in()
    page.goto(f"{language}{ADD}")
    type_into(page, "claimed_on", "2022-08-20")
    page.locator(".field-claimed_on .date-icon").click()
    box = page.locator(".calendarbox:visible")
    # It opens at the month of what stands there.
    expect(box.locator("caption")).to_contain_text("2022")
    box.get_by_role("link", name="5", exact=True).click()

    assert page.locator("#id_claimed_on").input_value() == "2022-08-05"
    expect(beside(page, "claimed_on")).to_contain_text("5 ")


def test_a_new_row_reads_its_date_too_and_an_unclear_one_is_asked_for_on_saving(log_in):
    page = log_in(ADD)
    page.get_by_label("Public statement").fill("The road was reopened.")
    page.get_by_text("Add another Citation").click()
    type_into(page, "citations-2-date_text", "20 August")
    expect(beside(page, "citations-2-date_text")).to_have_text("20 August, year unknown")

    type_into(page, "claimed_on", "05/07/2022")
    page.get_by_role("button", name="Save", exact=True).click()

    expect(page.locator(".field-claimed_on .errorlist")).to_contain_text(QUESTION)
    assert page.locator("#id_claimed_on").input_value() == "05/07/2022"
    assert not Claim.objects.filter(text="The road was reopened.").exists()


def test_without_a_script_the_saved_page_says_the_date_in_words(log_in):
    claim = Claim.objects.get(slug="plan-to-admit-2000-refugees").pk
    page = log_in(f"/admin/factcheck/claim/{claim}/change/", script=False)
    page.locator("#id_claimed_on").fill("20 августа 2021 г.")
    page.get_by_label("Reason of the change").fill("The date was missing.")
    page.get_by_role("button", name="Save and continue editing").click()

    expect(page.locator("#id_claimed_on")).to_have_value("2021-08-20")
    expect(beside(page, "claimed_on")).to_have_text("20 August 2021")
    expect(beside(page, "citations-0-date_text")).not_to_be_empty()


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "dark")])
def test_the_preview_of_an_article_reads_dates_while_they_are_typed(log_in, width, scheme):
    page = log_in("/admin/factcheck/article/from-article/", width=width, scheme=scheme)
    type_into(page, "published", "10 September 2021")
    expect(beside(page, "published")).to_have_text("10 September 2021")
    page.locator("#id_title").fill("Trade")
    page.locator("#id_text").fill("Trade grew (TASS, August 20; Fresh Wire, August 16).")
    page.get_by_role("button", name="Read it").click()

    first = page.locator(".citation-row").first
    expect(first.locator(".date-in-words")).to_have_text("20 August 2021")
    first.locator(".date").fill("")
    first.locator(".date").press_sequentially("Thursday, 19 August 2021")
    assert first.locator(".date").input_value() == "Thursday, 19 August 2021"
    expect(first.locator(".date-in-words")).to_have_text("19 August 2021")
    assert page.evaluate(TOO_WIDE) <= 0
