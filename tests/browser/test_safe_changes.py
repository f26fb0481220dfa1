"""With real keys: an import that is taken back, a proposed change, an owner that moves counts."""

import json

from playwright.sync_api import expect

from factcheck.models import Claim, ImportBatch, Outlet, SuggestedChange
from tests import factories
from tests.browser.conftest import TOO_WIDE, faults
from tests.fact_checks import review


def choose_owner(page, typed):
    page.locator(".field-owner .select2-selection").click()
    page.locator(".select2-search__field").last.press_sequentially(typed)
    page.locator(".select2-results__option--highlighted", has_text=typed).wait_for()
    page.keyboard.press("Enter")


def test_an_import_is_reviewed_and_its_taking_back_asks_first(log_in):
    page = log_in("/admin/factcheck/claim/import/")
    page.get_by_label("or its text").fill(json.dumps([review(1), review(2)]))
    page.get_by_label("Only look").uncheck()
    page.get_by_role("button", name="Read it").press("Enter")

    page.get_by_role("link", name="Review this import or take it back").press("Enter")
    expect(page.get_by_text("2 drafts that were never public")).to_be_visible()
    assert faults(page) == []
    page.get_by_role("link", name="List its claims").press("Enter")
    expect(page.get_by_role("link", name="Statement number 1")).to_be_visible()
    page.goto(f"/admin/factcheck/importbatch/{ImportBatch.objects.get().pk}/change/")
    page.get_by_role("link", name="Take back…").press("Enter")
    expect(page.get_by_text("2 drafts, with their citations")).to_be_visible()
    assert faults(page) == []
    page.get_by_role("link", name="Keep it").press("Enter")
    expect(page.get_by_text("2 drafts that were never public")).to_be_visible()
    assert Claim.objects.filter(stage="draft").count() == 2


def test_a_contributor_proposes_and_a_reviewer_applies(log_in):
    factories.create_editor("aida", "Contributors")
    kursiv = Outlet.objects.get(slug="kursiv")
    page = log_in(f"/admin/factcheck/outlet/{kursiv.pk}/change/", "aida", width=390)
    page.locator("#id_name").fill("Kursiv Media")
    page.locator("#id_change_reason").fill("It was renamed.")
    page.get_by_role("button", name="Propose this change").press("Enter")
    expect(page.get_by_text("Your change was sent to the reviewers.")).to_be_visible()
    kursiv.refresh_from_db()
    assert kursiv.name == "Kursiv.kz"

    page = log_in("/admin/", width=390)
    page.get_by_role("link", name="Proposed changes of outlets and people").press("Enter")
    page.get_by_role("link", name="Kursiv.kz").press("Enter")
    expect(page.get_by_role("button", name="Apply this change")).to_be_visible()
    assert page.evaluate(TOO_WIDE) <= 0
    assert faults(page) == []
    page.get_by_role("button", name="Apply this change").press("Enter")

    expect(page.get_by_text("The change was applied.")).to_be_visible()
    kursiv.refresh_from_db()
    assert kursiv.name == "Kursiv Media"
    assert SuggestedChange.objects.get().state == "applied"


def test_a_new_owner_asks_before_it_moves_public_counts(log_in):
    kursiv = Outlet.objects.get(slug="kursiv")
    page = log_in(f"/admin/factcheck/outlet/{kursiv.pk}/change/")
    page.locator("#id_note").fill("Typed before.")
    choose_owner(page, "State of Kazakhstan")
    page.get_by_role("button", name="Save", exact=True).press("Enter")

    expect(page.get_by_text("public claims lose an independent source.")).to_be_visible()
    page.get_by_role("button", name="Go back").first.press("Enter")
    expect(page.get_by_role("button", name="Save anyway")).to_have_count(0)
    expect(page.locator("#id_note")).to_have_value("Typed before.")
    page.get_by_role("button", name="Save", exact=True).press("Enter")
    page.locator("#id_change_reason").fill("The state bought it.")
    page.get_by_role("button", name="Save anyway").last.press("Enter")

    expect(page.get_by_text("was changed successfully")).to_be_visible()
    kursiv.refresh_from_db()
    assert (kursiv.owner.name, kursiv.note) == ("State of Kazakhstan", "Typed before.")
