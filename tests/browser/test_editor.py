"""An editor's way from the log-in to a published claim, and what readers then see."""

import re

import pytest
from playwright.sync_api import expect

from factcheck.models import Claim, Outlet
from tests.browser.conftest import TOO_WIDE, faults


def choose(page, field, typed):
    """Pick the first answer of an autocomplete field."""
    page.locator(f".field-{field} .select2-selection").first.click()
    page.locator(".select2-search__field").last.press_sequentially(typed)
    page.locator(".select2-results__option--highlighted", has_text=typed).click()


def choose_outlet(page, place, typed):
    page.locator(f"#citations-{place} .field-outlet .select2-selection").click()
    page.locator(".select2-search__field").last.press_sequentially(typed)
    page.locator(".select2-results__option--highlighted", has_text=typed).click()


def test_from_log_in_to_a_claim_that_readers_see(open_page, log_in):
    page = log_in()

    page.get_by_role("link", name="Claims", exact=True).first.click()
    page.get_by_role("link", name="Add claim").first.click()
    page.get_by_label("Public statement").fill("The road to the border was reopened in autumn.")
    page.get_by_label("Claimed on").fill("2021-09-20")
    choose(page, "claimant", "Tokayev")
    choose_outlet(page, 0, "TASS")
    page.locator("#id_citations-0-date_text").fill("2021-09-20")
    choose_outlet(page, 1, "Tengrinews")
    page.locator("#id_citations-1-date_text").fill("2021-09-21")
    page.locator("#id_proposals-0-status").select_option("mostly_true")
    page.locator("#id_proposals-0-reason").fill("The notice says *October*.")
    page.locator("#id_proposals-0-evidence-0-title").fill("Notice of the reopening")
    page.locator("#id_proposals-0-evidence-0-url").fill("https://example.org/notice")
    page.get_by_role("button", name="Save and publish").click()
    expect(page.get_by_text("The notice says October.")).to_be_visible()
    page.get_by_role("button", name="Approve the finding and publish").click()

    expect(page.get_by_text("Published: The road to the border")).to_be_visible()
    claim = Claim.objects.get(text__startswith="The road")
    public = open_page(claim.get_absolute_url())
    expect(public.get_by_role("heading", name="Mostly true")).to_be_visible()
    expect(public.get_by_text("2 citations · 2 outlets · 2 independent")).to_be_visible()
    expect(public.get_by_role("link", name="Notice of the reopening")).to_be_visible()
    public.goto("/claims/?q=road+border")
    expect(public.get_by_role("heading", name="1 claim for")).to_be_visible()


def test_a_mistake_is_shown_at_its_field_and_nothing_is_lost(log_in):
    page = log_in("/admin/factcheck/claim/add/")
    page.get_by_label("Public statement").fill("A statement.")
    choose_outlet(page, 0, "TASS")
    page.locator("#id_citations-0-date_text").fill("in August")
    page.get_by_role("button", name="Save and publish").click()

    expect(page.get_by_text("Write it as 20 August 2021, 2021-08-20").first).to_be_visible()
    assert page.locator("#id_citations-0-date_text").input_value() == "in August"
    assert "TASS" in page.locator("#citations-0 .select2-selection").first.inner_text()


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (360, "dark")])
def test_the_admin_has_no_fault_that_axe_finds_but_the_framework_s(log_in, width, scheme):
    """What is left is in markup that we do not write, and hinders nobody who uses it."""
    claim = Claim.objects.get(slug="plan-to-admit-2000-refugees").pk
    outlet = Outlet.objects.get(slug="tass").pk
    page = log_in(width=width, scheme=scheme)
    left = {
        "label-title-only": "searchbar",  # its label is a picture with a name
        "empty-table-header": 'class="original"',
        "list": "select2-selection__rendered",
    }
    for path in (
        "/",
        "/factcheck/claim/",
        "/factcheck/claim/add/",
        f"/factcheck/claim/{claim}/change/",
        "/factcheck/outlet/",
        f"/factcheck/outlet/{outlet}/change/",
        "/factcheck/verification/",
        "/password_change/",
    ):
        page.goto(f"/admin{path}")
        found = faults(page)
        assert [one for one in found if left.get(one[0], "?") not in one[1]] == [], path
        assert page.evaluate(TOO_WIDE) <= 0, path


def test_the_first_page_of_the_admin_has_none(open_page, transactional_db):
    page = open_page("/admin/login/")

    assert faults(page) == []


@pytest.mark.parametrize("width", [1500, 360])
def test_the_page_that_readers_will_see_follows_the_form(log_in, width):
    claim = Claim.objects.get(slug="plan-to-admit-2000-refugees")
    page = log_in(f"/admin/factcheck/claim/{claim.pk}/change/", width=width)
    page.locator("#preview summary").click()
    shown = page.frame_locator("#preview iframe")
    expect(shown.get_by_role("heading", name=claim.text)).to_be_visible()

    page.get_by_label("Public statement").fill("Words that nobody has saved.")
    expect(shown.get_by_role("heading", name="Words that nobody has saved.")).to_be_visible()
    page.locator("#id_language").fill("")
    expect(shown.get_by_text("Language: This field is required.")).to_be_visible()
    page.locator("#id_language").fill("en")
    expect(shown.get_by_text("No known claimant")).to_be_visible()
    # The admin's own widget, which tells its own library alone.
    choose(page, "claimant", "Tokayev")
    expect(shown.get_by_role("link", name="Kassym-Jomart Tokayev").first).to_be_visible()

    assert page.evaluate(TOO_WIDE) <= 0
    claim.refresh_from_db()
    assert claim.text != "Words that nobody has saved."
    assert claim.claimant is None


def test_the_admin_changes_its_language_on_the_same_page(log_in):
    page = log_in("/admin/factcheck/outlet/?q=tass")

    page.get_by_role("link", name="Қазақша").click()

    expect(page).to_have_url(re.compile(r"/kk/admin/factcheck/outlet/\?q=tass$"))
    expect(page.get_by_role("link", name="TASS", exact=True)).to_be_visible()
