"""A reader's way through the site, without JavaScript and with it, and what axe says."""

import contextlib
import re

import pytest
from playwright.sync_api import Error, expect

from factcheck import search
from tests.browser.conftest import ARTEFACTS, TOO_WIDE, faults


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


def hold_first(page):
    """Hold the first list that is asked for; return a list that has its route then."""
    held = []
    page.route(
        re.compile(r"/claims/\?"),
        lambda route: route.continue_() if held else held.append(route),
    )
    return held


def test_a_choice_made_while_the_one_before_is_on_its_way_is_not_lost(open_page, sample):
    page = open_page("/claims/")
    held = hold_first(page)
    for label in ("Disputed", "Mixed"):
        page.get_by_label(re.compile(f"^{label}")).check()
    with contextlib.suppress(Error):  # it may have been given up
        held[0].continue_()

    for label in ("Disputed", "Mixed"):
        link = page.get_by_role("link", name=f"Remove the filter Status: {label}")
        expect(link).to_be_visible()
        expect(page.get_by_label(re.compile(f"^{label}"))).to_be_checked()


def test_enter_asks_for_a_list_once_and_again_after_a_failure(open_page, sample):
    page = open_page("/claims/", missing=True)
    asked = []
    page.on("request", lambda request: asked.append(request.url) if "?" in request.url else None)
    page.route(re.compile("/claims/[?]q=Kabul"), lambda route: route.abort())

    page.get_by_role("searchbox").fill("Tokayev")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="for “Tokayev”")).to_be_visible()
    page.wait_for_load_state("networkidle")
    assert [url.partition("?")[2] for url in asked] == ["q=Tokayev"]

    for _time in range(2):
        with page.expect_request(re.compile("q=Kabul")):
            page.get_by_role("searchbox").fill("Kabul")
            page.keyboard.press("Enter")
        page.wait_for_load_state("networkidle")
    page.unroute_all()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="for “Kabul”")).to_be_visible()


def test_a_choice_and_back_while_the_answer_is_on_its_way_shows_what_is_chosen(open_page, sample):
    page = open_page("/claims/")
    held = hold_first(page)
    page.get_by_label(re.compile("^Disputed")).check()
    for _time in range(2):
        page.get_by_label(re.compile("^Mixed")).click()
    held[0].continue_()

    expect(page.get_by_role("link", name="Remove the filter Status: Disputed")).to_be_visible()
    expect(page.get_by_role("link", name="Remove the filter Status: Mixed")).to_have_count(0)


def test_a_filter_applies_at_once_and_keeps_the_readers_place(open_page, sample):
    page = open_page("/claims/")
    page.emulate_media(reduced_motion="reduce")  # the focus scrolls at once
    places = [page.get_by_label("TASS"), page.locator("#result-count"), page.get_by_label("Order")]
    places[0].focus()
    before = [place.bounding_box() for place in places]

    page.keyboard.press("Space")

    expect(page.get_by_role("heading", name="6 claims")).to_be_visible()
    after = [place.bounding_box() for place in places]
    assert [(one["x"], one["y"]) for one in after] == [(one["x"], one["y"]) for one in before]
    expect(page).to_have_url(re.compile(r"/claims/\?outlet=tass$"))
    expect(page).to_have_title(re.compile("6 claims"))
    expect(page.get_by_label("TASS")).to_be_focused()
    expect(page.locator("#announced")).to_have_text("6 claims")
    expect(page.get_by_role("link", name="Remove the filter Outlet: TASS")).to_be_visible()

    # What was unfolded stays so; counts are those of the new list.
    page.locator("summary", has_text="Topic").click()
    page.locator("#choices-topic input").first.check()
    expect(page).to_have_url(re.compile(r"topic="))
    expect(page.locator("#field-topic")).to_have_attribute("open", "")
    page.get_by_label("Order").select_option("oldest")
    expect(page).to_have_url(re.compile(r"sort=oldest"))
    expect(page.get_by_role("heading", name=re.compile(r"^\d claims?$"))).to_be_visible()

    page.go_back()
    expect(page).to_have_url(re.compile(r"topic=[\w-]+$"))
    expect(page.get_by_label("Order")).to_have_value("newest")
    page.go_back()
    expect(page.get_by_role("heading", name="6 claims")).to_be_visible()
    expect(page.get_by_label("TASS")).to_be_checked()


def test_a_slash_leads_to_the_search(open_page, sample):
    page = open_page("/outlets/")

    page.keyboard.press("/")
    page.keyboard.type("Токаев")
    page.keyboard.press("Enter")

    expect(page.get_by_role("heading", name="for “Токаев”")).to_be_visible()


@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
def test_the_language_changes_on_the_same_page_with_its_filters(open_page, sample, script):
    page = open_page("/claims/?outlet=tass", script=script, width=360)

    page.get_by_role("link", name="Русский").click()
    expect(page.get_by_role("heading", name="6 утверждений")).to_be_visible()
    page.get_by_role("link", name="Қазақша").click()
    expect(page.get_by_role("heading", name="6 мәлімдеме")).to_be_visible()
    page.locator(".claim h3 a").first.click()
    expect(page).to_have_url(re.compile("/kk/claims/"))
    page.get_by_role("link", name="English").click()
    expect(page.get_by_role("heading", name="What it rests on")).to_be_visible()


def test_a_claim_prints_without_what_only_a_screen_needs(open_page, sample):
    page = open_page("/claims/plan-to-admit-2000-refugees/")
    expect(page.locator(".print-only")).to_be_hidden()

    page.emulate_media(media="print")

    expect(page.get_by_role("heading", name="What it rests on")).to_be_visible()
    # Its permanent link goes with it.
    expect(page.get_by_text("plan-to-admit-2000-refugees/?at=").first).to_be_visible()
    for part in (
        "header.site nav",
        ".languages",
        ".site-search",
        "footer.site",
        ".related",
        ".cite",
    ):
        expect(page.locator(part)).to_be_hidden()


def test_the_first_key_reaches_the_content(open_page, sample):
    page = open_page("/claims/")

    page.keyboard.press("Tab")
    page.keyboard.press("Enter")

    assert page.evaluate("document.activeElement.id") == "main"


@pytest.mark.sqlite  # what a page looks like does not hang on the engine
@pytest.mark.parametrize(
    ("width", "scheme", "language"),
    [
        pytest.param(1280, "light", "", id="1280-light-en"),
        pytest.param(1280, "dark", "/kk", id="1280-dark-kk"),
        pytest.param(768, "light", "/ru", id="768-light-ru"),
        pytest.param(360, "dark", "", id="360-dark-en"),
        pytest.param(360, "light", "/ru", id="360-light-ru"),
    ],
)
def test_every_page_fits_and_has_no_fault_that_axe_finds(open_page, pages, width, scheme, language):
    ARTEFACTS.mkdir(exist_ok=True)
    page = open_page("/", width=width, scheme=scheme)
    for number, path in enumerate(pages):
        page.goto(f"{language}{path}")
        wide = page.evaluate(TOO_WIDE)
        page.screenshot(
            path=ARTEFACTS / f"{number:02}-{width}-{scheme}{language.replace('/', '-')}.png",
            full_page=True,
        )
        assert wide <= 0, f"{path} is {wide} px too wide"
        assert faults(page) == [], path


def test_pages_are_light(open_page, sample):
    """Of what is sent nothing is packed here: on the wire it is a quarter of that."""
    page = open_page("about:blank")
    answers = []
    page.on("response", lambda answer: answers.append(answer))

    for path in ("/", "/claims/", "/outlets/tass/", "/claims/plan-to-admit-2000-refugees/"):
        answers.clear()
        page.goto(path, wait_until="networkidle")
        sizes = [len(answer.body()) for answer in answers]
        assert len(sizes) >= 4
        assert max(sizes) < 100_000
        assert path != "/" or sum(sizes) < 100_000


def test_a_page_that_is_not_there_has_no_fault_that_axe_finds(open_page, transactional_db):
    page = open_page("/nowhere/", missing=True)

    expect(page.get_by_role("heading", name="Not found")).to_be_visible()
    assert faults(page) == []
