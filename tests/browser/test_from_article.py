"""From a pasted article to published claims, as an editor does it."""

import re

import pytest
from playwright.sync_api import expect

from factcheck.models import Article, Claim
from tests.browser.conftest import ARTEFACTS, TOO_WIDE, faults
from tests.paths import ROOT

SAMPLE = ROOT / "fixtures" / "sample_article.txt"
HARD = (
    "Kabul Falls\n\nTrade grew (Fresh Wire, Radio Azatyk, TASS, August 16; , August 20).\n\n"
    "Nobody cites this line (SCO) here. The end (RBC, July 9"
)
# What axe may not find: faults of Django's own page around ours.
OURS = "#content"


def paste(page, text, published=""):
    page.goto("/admin/factcheck/claim/")
    page.get_by_role("link", name="Add from article").click()
    page.get_by_label("The article").fill(text)
    page.get_by_label("Published").fill(published)
    page.get_by_role("button", name="Read it").click()


@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
def test_from_a_pasted_article_to_published_claims(open_page, log_in, script):
    page = log_in(script=script)
    paste(page, SAMPLE.read_text(encoding="utf-8"))
    expect(page.locator(".summary")).to_have_text(
        re.compile(
            r"17\s+statements\s+·\s+7\s+citation groups\s+·\s+24\s+citations\s+·\s+16\s+outlets"
        )
    )
    expect(page.locator("mark.group")).to_have_count(7)
    expect(page.locator(".badge.known")).to_have_count(24)

    for number in range(1, 18):
        statement = page.get_by_label(f"Statement {number}", exact=True)
        statement.fill(f"What is said in sentence {number}, put in our own words.")
    page.get_by_role("button", name="Import what is ticked").click()

    expect(page.get_by_text("New: 17 draft claims, with 64 citations")).to_be_visible()
    expect(page.get_by_text("17 claims", exact=True)).to_be_visible()
    for box in page.locator("#result_list tbody input[type=checkbox]").all():
        box.check()
    page.get_by_label("Action:").select_option("publish_claims")
    page.get_by_role("button", name="Go").click()
    expect(page.get_by_text("17 claims will be published.")).to_be_visible()
    page.get_by_role("button", name="Publish", exact=True).click()

    expect(page.get_by_text("17 claims were published.")).to_be_visible()
    article = Article.objects.get(title="Kazakhstan Keeps Its Distance From Kabul")
    assert set(article.claims.values_list("stage", flat=True)) == {"published"}
    claim = Claim.objects.get(text__contains="sentence 7")
    public = open_page(claim.get_absolute_url(), script=script)
    rests = public.get_by_role("region", name="What it rests on")
    expect(rests.get_by_text("6 citations · 5 outlets · 5 independent")).to_be_visible()
    expect(public.get_by_text("Later, 135 people")).to_have_count(0)

    # A second time there is nothing to do.
    paste(page, SAMPLE.read_text(encoding="utf-8"))
    expect(page.get_by_text("A claim already:")).to_have_count(17)
    page.get_by_role("button", name="Import what is ticked").click()
    expect(page.get_by_text("New: 0 draft claims, with 0 citations")).to_be_visible()


def test_unedited_sentences_are_not_published(log_in):
    page = log_in()
    paste(page, "Trade grew (TASS, August 16).", "2021-09")
    page.get_by_label("Title").fill("Trade")
    page.get_by_role("button", name="Import what is ticked").click()
    page.get_by_role("link", name="Trade grew.").click()
    page.get_by_role("button", name="Save and publish").click()

    expect(page.locator(".mistakes")).to_contain_text("This is the article's own sentence.")
    page.get_by_label("Public statement").fill("More was sold than a year before.")
    page.get_by_role("button", name="Save and publish").click()
    page.get_by_role("button", name="Publish", exact=True).click()
    expect(page.get_by_text("Published: More was sold")).to_be_visible()


@pytest.mark.parametrize("width", [1280, 360])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_both_pages_fit_and_have_no_fault_that_axe_finds(log_in, width, scheme):
    ARTEFACTS.mkdir(exist_ok=True)
    page = log_in(width=width, scheme=scheme)
    page.goto("/admin/factcheck/article/from-article/")
    for name, button in (("paste", "Read it"), ("preview", "Import what is ticked")):
        expect(page.get_by_role("button", name=button)).to_be_visible()
        wide = page.evaluate(TOO_WIDE)
        page.screenshot(path=ARTEFACTS / f"{name}-{width}-{scheme}.png", full_page=True)
        assert wide <= 0, f"{name} is {wide} px too wide"
        assert faults(page, OURS) == [], name
        if name == "paste":
            page.get_by_label("The article").fill(HARD)
            page.get_by_role("button", name=button).click()
