"""The keys of a real keyboard in every form of the admin, and what its scripts do."""

import pytest
from django.contrib import admin
from django.contrib.auth.models import User
from django.core.management import call_command
from django.urls import reverse
from playwright.sync_api import expect

from factcheck import editing
from factcheck.models import (
    Citation,
    Claim,
    Claimant,
    ImportBatch,
    Outlet,
    Proposal,
    RatingLabel,
    SuggestedChange,
    Verification,
)
from tests import factories

# Fields of one line in forms that are posted, the admin's hidden ones aside.
FIELDS = """() => [...document.querySelectorAll("form[method=post] :is(input, select)")]
  .filter((field) => !["hidden", "submit", "button", "file"].includes(field.type))
  .filter((field) => field.offsetParent && !field.disabled && field.id !== "logout-form")
  .map((field, place) => { field.dataset.tried = place; return place; })"""


@pytest.fixture
def owner_of_all(log_in):
    """A superuser, who sees every form there is."""

    def open_(path, **options):
        call_command("migrate", verbosity=0)
        if not User.objects.filter(username="root").exists():
            User.objects.create_superuser("root", password="a long password")
        return log_in(path, "root", **options)

    return open_


def editable():
    admin.autodiscover()
    apps = {"factcheck", "auth"}
    return [
        model
        for model in admin.site._registry
        if model._meta.app_label in apps and model not in {Verification}
    ]


# They come about by what editors do.
NEVER_ADDED = {
    *("factcheck_citation", "factcheck_merge", "factcheck_importbatch"),
    "factcheck_suggestedchange",
}


def pages():
    """Return the names of the admin's forms, each with what its address is made of."""
    for model in editable():
        name = f"{model._meta.app_label}_{model._meta.model_name}"
        if name not in NEVER_ADDED:
            yield f"{name}_add", None
        if name not in {"factcheck_merge", "factcheck_proposal"}:
            yield f"{name}_change", model
        yield f"{name}_changelist", None
    yield "factcheck_proposal_change", Proposal
    yield "factcheck_proposal_approve", Proposal
    yield "factcheck_proposal_decline", Proposal
    yield "factcheck_claim_delete", "draft"
    for act in ("submit", "publish", "retract", "restore", "delete"):
        yield "factcheck_claim_act", act
    yield "factcheck_claim_import", None
    yield "factcheck_article_from_article", None
    yield "factcheck_outlet_import", None
    yield "factcheck_outlet_merge", Outlet
    yield "factcheck_claimant_merge", Claimant
    yield "factcheck_citation_reprints", None
    yield "auth_user_password_change", User
    yield "password_change", None


PAGES = list(pages())


def address(name, of):
    """Return the address of a form about rows that it can be about."""
    draft = Claim.objects.filter(stage="draft").first() or factories.create_claim(stage="draft")
    claims = {"retract": Claim.objects.filter(stage="published").first(), "restore": None}
    if name == "factcheck_claim_act":
        claim = claims.get(of, draft) or factories.retracted()
        return reverse(f"admin:{name}", args=[of]) + f"?ids={claim.pk}"
    if name == "factcheck_citation_reprints":
        return reverse(f"admin:{name}") + f"?ids={Citation.objects.first().pk}"
    if of == "draft":
        return reverse(f"admin:{name}", args=[draft.pk])
    if of is Proposal:
        return reverse(f"admin:{name}", args=[factories.create_proposal(draft).pk])
    if of is None:
        return reverse(f"admin:{name}")
    row = of._meta.default_manager.first() or create(of)
    path = reverse(f"admin:{name}", args=[row.pk])
    if name == "factcheck_outlet_merge":
        path += f"?winner={Outlet.objects.last().pk}"
    return path


def create(model):
    if model is RatingLabel:
        return RatingLabel.objects.create(label="False", status="false")
    if model is ImportBatch:
        return ImportBatch.objects.create(kind="fact_checks")
    if model is SuggestedChange:
        owner = User.objects.first()
        outlet = Outlet.objects.first()
        outlet.name = "Another name"
        return editing.suggest(row=outlet, by=owner)
    return model._meta.default_manager.create()


def counts():
    return {model: model._meta.default_manager.count() for model in editable()}


# A log-in takes longer than a page: each is for many of them.
_PARTS = 4


@pytest.mark.parametrize("part", range(_PARTS))
def test_enter_in_a_field_of_one_line_sends_no_form(owner_of_all, part):
    page = owner_of_all("/admin/")
    faults, sent = [], []
    page.on("request", lambda request: sent.append(request.url) if request.method == "POST" else 0)
    tried = 0
    for name, of in PAGES[part::_PARTS]:
        page.goto(address(name, of))
        before, url = counts(), page.url
        for place in page.evaluate(FIELDS):
            page.locator(f"[data-tried='{place}']").focus()
            page.keyboard.press("Enter")
            tried += 1
        page.wait_for_timeout(50)
        if sent or page.url != url or counts() != before:
            faults.append((name, of, list(sent), page.url))
            sent.clear()
    assert faults == []
    assert tried > 40


@pytest.mark.parametrize("path", ["claim/add/", "claim/import/", "article/from-article/"])
def test_without_a_script_enter_sends_no_form_either(log_in, path):
    page = log_in(f"/admin/factcheck/{path}", script=False)
    before, url = Claim.objects.count(), page.url
    sent = []
    page.on("request", lambda request: sent.append(request.url) if request.method == "POST" else 0)

    # In a date field or a tick box Chromium presses the first button that is enabled: it saves.
    typed = ":is([type=text], [type=url], [type=number])"
    for field in page.locator(f"#content form input{typed}").all():
        if field.is_visible():
            field.focus()
            page.keyboard.press("Enter")

    assert sent == []
    assert page.url == url
    assert Claim.objects.count() == before


def test_enter_still_does_what_it_does_elsewhere(open_page, log_in):
    page = log_in("/admin/factcheck/claim/")
    page.locator("#searchbar").fill("embassy")
    page.locator("#searchbar").press("Enter")
    page.wait_for_url("**/claim/?q=embassy")

    page.goto("/admin/factcheck/claim/add/")
    page.locator(".field-claimant .select2-selection").first.focus()
    page.keyboard.press("Enter")
    page.locator(".select2-search__field").last.press_sequentially("Tokayev")
    expect(page.locator(".select2-results__option--highlighted")).to_contain_text("Tokayev")
    page.keyboard.press("Enter")
    expect(page.locator(".field-claimant .select2-selection").first).to_contain_text("Tokayev")
    page.get_by_label("Public statement").fill("One line")
    page.get_by_label("Public statement").press("Enter")
    page.keyboard.type("and another.")
    assert page.get_by_label("Public statement").input_value() == "One line\nand another."
    page.get_by_role("button", name="Save and continue editing").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("was added successfully")).to_be_visible()
    assert Claim.objects.get(text__startswith="One line").stage == "draft"

    other = open_page("/admin/login/")
    other.get_by_label("Username").fill("desk")
    other.get_by_label("Password").fill("a long password")
    other.get_by_label("Password").press("Enter")
    expect(other.get_by_role("button", name="Log out")).to_be_visible()


def test_records_of_evidence_are_added_without_saving(log_in):
    claim = Claim.objects.get(slug="embassy-in-kabul-stays-open")
    page = log_in(f"/admin/factcheck/claim/{claim.pk}/change/")
    page.locator("#id_proposals-0-status").select_option("true")
    page.locator("#id_proposals-0-reason").fill("Five records say so.")
    for _ in range(3):
        page.get_by_role("button", name="Add a record").click()
    expect(page.locator("#id_proposals-0-evidence-4-title")).to_be_focused()
    for place in range(5):
        field = f"#id_proposals-0-evidence-{place}"
        page.locator(f"{field}-url").fill(f"https://example.org/{place}")
        page.locator(f"{field}-quote").fill(f"Line {place}\nof two")
    page.get_by_role("button", name="Save and continue editing").click()

    expect(page.locator("#proposals-0 .evidence-row")).to_have_count(7)
    urls = [record["url"] for record in claim.proposals.open().get().evidence]
    assert urls == [f"https://example.org/{place}" for place in range(5)]


@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
def test_a_mistake_in_a_folded_part_is_named_and_led_to(log_in, script):
    claim = Claim.objects.get(slug="embassy-in-kabul-stays-open")
    count = claim.citations.count()
    page = log_in(f"/admin/factcheck/claim/{claim.pk}/change/", script=script)
    folded = page.locator(f"#citations-{count - 1} details")
    folded.locator("summary").click()
    page.locator(f"#id_citations-{count - 1}-archived_url").fill("nonsense")
    page.get_by_role("button", name="Save", exact=True).click()

    link = page.locator(".mistakes a")
    expect(link).to_have_text(f"Citation #{count} · Archived copy")
    expect(page.locator(f"#citations-{count - 1} details")).to_have_attribute("open", "")
    link.click()
    field = page.locator(f"#id_citations-{count - 1}-archived_url")
    expect(field).to_be_in_viewport()
    if script:
        expect(field).to_be_focused()
