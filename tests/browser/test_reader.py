"""A reader's way through the site, without JavaScript and with it, and what axe says."""

import re

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from factcheck import search
from tests import factories
from tests.browser.conftest import ARTEFACTS
from tests.test_pages import PAGES
from tests.test_provenance import create_record


@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
def test_from_home_by_a_filter_to_a_claim_and_its_outlet(open_page, sample, script):
    page = open_page("/", script=script)

    page.get_by_role("link", name="Claims", exact=True).click()
    expect(page.get_by_role("heading", name="40 claims")).to_be_visible()
    page.get_by_label("State-controlled outlets only").check()
    page.get_by_role("button", name="Apply filters").click()
    expect(page).to_have_url(re.compile("basis=state_only"))
    page.get_by_role("link", name="Kazakhstan is worried by the growing violence").click()

    expect(page.get_by_text("1 citation · 1 outlet · 1 independent")).to_be_visible()
    page.get_by_role("link", name="Twitter.com/TokayevKZ").first.click()
    expect(page.get_by_role("heading", name="Who owns it")).to_be_visible()
    expect(page.get_by_text("State of Kazakhstan (Government)")).to_be_visible()


def test_a_chip_removes_itself(open_page, sample):
    page = open_page("/claims/?outlet=tass&status=unverified")

    page.get_by_role("link", name="Remove the filter Status").click()

    expect(page.get_by_role("heading", name="6 claims")).to_be_visible()
    assert "outlet=tass" in page.url


@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
def test_words_typed_in_any_script_are_searched_marked_and_narrowed(open_page, sample, script):
    search.drain()
    page = open_page("/", script=script)

    page.get_by_role("searchbox").fill("ТЕНГРИНЬЮС Токаева")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="for “ТЕНГРИНЬЮС Токаева”")).to_be_visible()
    expect(page.locator(".claim mark", has_text="Tokayev").first).to_be_visible()
    page.get_by_label("Order").select_option("relevance")
    page.get_by_label("Find an outlet").fill("акорд")
    page.get_by_role("button", name="Apply filters").click()
    expect(page.locator("#field-outlet input[type=checkbox]")).to_have_count(1)
    page.get_by_label("Akorda.kz").check()
    page.get_by_role("button", name="Apply filters").click()
    expect(page.get_by_role("link", name="Remove the filter Outlet: Akorda.kz")).to_be_visible()
    expect(page).to_have_url(re.compile("sort=relevance"))
    page.get_by_role("link", name="Clear all filters").click()

    expect(page.get_by_role("searchbox")).to_have_value("ТЕНГРИНЬЮС Токаева")
    page.get_by_role("searchbox").fill("Tangrinews Tokaev")
    page.keyboard.press("Enter")
    page.get_by_role("link", name="Tengrinews Tokaev").click()
    expect(page.locator(".claim mark", has_text="Tokayev").first).to_be_visible()


def test_the_first_key_reaches_the_content(open_page, sample):
    page = open_page("/claims/")

    page.keyboard.press("Tab")
    page.keyboard.press("Enter")

    assert page.evaluate("document.activeElement.id") == "main"


@pytest.mark.parametrize("width", [1280, 360])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_page_fits_and_has_no_fault_that_axe_finds(open_page, sample, width, scheme):
    from axe_playwright_python.sync_playwright import Axe

    ARTEFACTS.mkdir(exist_ok=True)
    recorded = factories.create_outlet()
    create_record(recorded, 9, 3, undecided=2)
    retracted = factories.retracted().get_absolute_url()
    page = open_page("/", width=width, scheme=scheme)
    pages = [path for path in PAGES if path.endswith("/")]
    extra = [
        f"/claims/plan-to-admit-2000-refugees/?at={timezone.localdate()}",
        recorded.get_absolute_url(),
        "/claims/?outlet=tass&q=none",
        "/claims/?q=tokaev&outlet_name=a",
        "/claims/?outlet=nowhere&claimed_after=x",
        retracted,
    ]
    for number, path in enumerate([*pages, *extra]):
        page.goto(path)
        wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        page.screenshot(path=ARTEFACTS / f"{number:02}-{width}-{scheme}.png", full_page=True)
        assert wide <= 0, f"{path} is {wide} px too wide"
        found = Axe().run(page).response["violations"]
        assert [(fault["id"], fault["nodes"][0]["html"]) for fault in found] == [], path


def test_a_page_that_is_not_there_has_no_fault_that_axe_finds(open_page, transactional_db):
    from axe_playwright_python.sync_playwright import Axe

    page = open_page("/nowhere/", missing=True)

    expect(page.get_by_role("heading", name="Not found")).to_be_visible()
    assert Axe().run(page).response["violations"] == []
