"""Two editors in two browsers: nobody overwrites unseen, nobody approves alone."""

from playwright.sync_api import expect

from factcheck.models import Claim, Merge, Outlet, Verification


def claim_page(slug="embassy-in-kabul-stays-open"):
    return f"/admin/factcheck/claim/{Claim.objects.get(slug=slug).pk}/change/"


def save(page):
    page.get_by_role("button", name="Save and continue editing").first.click()


def test_the_second_of_two_editors_is_told_and_then_saves_knowingly(log_in):
    first, second = log_in(claim_page(), "aida"), log_in(claim_page(), "timur")
    first.get_by_label("Public statement").fill("Kazakhstan kept its embassy in Kabul open.")
    first.get_by_label("Reason of the change").fill("Shorter.")
    save(first)
    expect(first.get_by_text("was changed successfully")).to_be_visible()

    second.get_by_label("Public statement").fill("The embassy in Kabul was not closed.")
    second.locator("#id_citations-0-title").fill("A title")
    second.get_by_label("Reason of the change").fill("Clearer.")
    save(second)

    said = second.locator(".errorlist.nonfield").first
    expect(said).to_contain_text("aida changed this while you edited it")
    expect(said).to_contain_text("became “Kazakhstan kept its embassy in Kabul open.”")
    assert second.get_by_label("Public statement").input_value().startswith("The embassy")
    assert second.locator("#id_citations-0-title").input_value() == "A title"
    assert Claim.objects.filter(text__startswith="Kazakhstan kept").exists()

    save(second)
    expect(second.get_by_text("was changed successfully")).to_be_visible()
    assert Claim.objects.get(slug="embassy-in-kabul-stays-open").text.startswith("The embassy")


def test_with_the_rule_of_two_nobody_approves_their_own_finding(log_in, settings):
    settings.FACTCHECK_REQUIRE_SECOND_APPROVER = True
    page = claim_page()
    before = Verification.objects.count()
    first = log_in(page, "aida")
    approve = "Save and approve…"
    expect(first.get_by_role("button", name=approve)).to_have_count(0)
    first.locator("#id_proposals-0-status").select_option("true")
    first.locator("#id_proposals-0-reason").fill("No evidence needed: the ministry said so.")
    save(first)
    assert Verification.objects.count() == before
    expect(first.get_by_role("button", name=approve)).to_have_count(0)

    second = log_in(page, "timur")
    second.get_by_role("button", name=approve).click()
    second.get_by_role("button", name="Approve", exact=True).click()

    expect(second.get_by_text("1 finding is now in the public log.")).to_be_visible()
    entry = Verification.objects.last()
    assert (entry.reviewer.username, entry.approved_by.username) == ("aida", "timur")


def test_without_it_one_person_does_both_in_two_steps(log_in):
    before = Verification.objects.count()
    page = log_in(claim_page(), "aida")
    page.locator("#id_proposals-0-status").select_option("true")
    page.locator("#id_proposals-0-reason").fill("No evidence needed: the ministry said so.")
    save(page)
    expect(page.get_by_text("was changed successfully")).to_be_visible()
    assert Verification.objects.count() == before
    page.get_by_role("button", name="Save and approve…").click()
    expect(page.get_by_text("the ministry said so.")).to_be_visible()
    page.get_by_role("button", name="Approve", exact=True).click()

    expect(page.get_by_text("1 finding is now in the public log.")).to_be_visible()
    assert Verification.objects.count() == before + 1


def test_an_outlet_is_merged_and_brought_back_from_the_desk(log_in):
    page = log_in("/admin/", "aida")
    expect(page.get_by_role("heading", name="What waits")).to_be_visible()
    page.get_by_role("link", name="Published, but unverified").click()
    expect(page.get_by_role("heading", name="Select claim to change")).to_be_visible()

    kursiv = Outlet.objects.get(slug="kursiv")
    page.goto(f"/admin/factcheck/outlet/{kursiv.pk}/change/")
    page.get_by_role("link", name="Merge…").click()
    page.locator(".select2-selection").click()
    page.locator(".select2-search__field").last.press_sequentially("Kapital")
    page.locator(".select2-results__option--highlighted", has_text="Kapital").click()
    page.get_by_role("button", name="See what would move").click()
    expect(page.get_by_text("becomes a name of")).to_be_visible()
    page.get_by_role("button", name="Merge", exact=True).click()
    expect(page.get_by_text("is now a name of")).to_be_visible()

    page.get_by_role("link", name="Take it back").click()
    page.get_by_role("checkbox").nth(1).check()
    page.locator("select[name=action]").select_option("take_back")
    page.get_by_role("button", name="Run the selected action").or_(
        page.get_by_role("button", name="Go")
    ).first.click()
    expect(page.get_by_text("What this does to public claims")).to_be_visible()
    page.get_by_role("button", name="Take back anyway").click()
    expect(page.get_by_text("Taken back:")).to_be_visible()
    assert Merge.objects.get().undone_at
    kursiv.refresh_from_db()
    assert kursiv.merged_into is None


def test_a_form_is_walked_by_keyboard_and_its_fields_have_names(log_in):
    page = log_in(claim_page(), "aida")
    claimant = page.locator("#id_claimant + .select2").get_by_role("combobox", name="Claimant")
    claimant.click()
    expect(page.locator(".select2-search--dropdown").get_by_label("Claimant")).to_be_focused()
    page.keyboard.press("Escape")
    page.get_by_label("Public statement").focus()
    seen = set()
    for _ in range(60):
        page.keyboard.press("Tab")
        seen.add(page.evaluate("document.activeElement.id || document.activeElement.name || ''"))
    assert {"id_language", "id_is_quotation", "id_claimed_on"} <= seen
