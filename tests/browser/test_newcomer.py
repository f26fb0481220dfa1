"""Whoever has never been here finds the answers that the product promises, with mouse or keys."""

import pytest
from playwright.sync_api import expect

# So many presses of the Tab key take less than half a minute.
_MOST_TABS = 70


def _by_mouse(page, name):
    return page.get_by_text(name, exact=True).locator("visible=true").first.click


def _by_keyboard(page, name):
    for _press in range(_MOST_TABS):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.innerText.trim()") == name:
            return lambda: page.keyboard.press("Enter")
    pytest.fail(f"“{name}” is further than {_MOST_TABS} presses of the Tab key")


@pytest.mark.parametrize("go", [_by_mouse, _by_keyboard])
@pytest.mark.parametrize("width", [360, 1280])
def test_a_newcomer_answers_five_questions(open_page, sample, go, width):
    def ask(*names, start="/"):
        page = open_page(start, width=width)
        for name in names:
            follow = go(page, name)
            with page.expect_navigation():
                follow()
        return page

    # Which claims rest only on state outlets?
    page = ask("Which claims rest on state-controlled outlets alone?")
    expect(page.get_by_role("heading", level=2).first).to_have_text("4 claims")

    # What was said on 3 September and by whom?
    page = ask("Claims", "3 September 2021")
    expect(page.locator(".claims .byline").first).to_contain_text("Kassym-Jomart Tokayev")
    days = page.locator(".claims .byline time").all_inner_texts()
    assert days
    assert set(days) == {"3 September 2021"}

    # Which outlet stands alone most often?
    page = ask("Which outlet stands alone most often?")
    expect(page.locator("tbody th").first).to_have_text("Informburo.kz")

    # How do I cite this claim?
    page = open_page("/claims/plan-to-admit-2000-refugees/", width=width)
    go(page, "Cite this page")()
    expect(page.get_by_text("{{cite web")).to_be_visible()

    # Where is the data?
    page = ask("Data and API")
    expect(page.get_by_role("link", name="CSV")).to_be_visible()
    expect(page.get_by_role("heading", name="List claims")).to_be_visible()
