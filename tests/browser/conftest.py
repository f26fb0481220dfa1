"""A real Chromium on a live server. Locally a missing browser skips; in CI it fails."""

import os
import shutil
from urllib.parse import quote

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from django.utils import timezone
from playwright.sync_api import expect

from tests import factories
from tests.paths import ROOT
from tests.public_pages import PAGES
from tests.track_records import create_record

os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")  # Playwright runs a loop of its own

expect.set_options(timeout=20_000)  # of a busy machine: what never comes fails all the same

TOO_WIDE = "document.documentElement.scrollWidth - innerWidth"
ARTEFACTS = ROOT / ".artefacts"
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def pytest_collection_modifyitems(items):
    for item in items:
        if "browser" in item.path.parts:
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.django_db(transaction=True))


@pytest.fixture(scope="session")
def browser():
    path = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    if not path:
        said = "needs Chromium: install it (Debian: apt-get install chromium) or set CHROMIUM"
        if os.environ.get("CI"):
            pytest.fail(said)
        pytest.skip(said)
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield found
        found.close()


@pytest.fixture
def sample(transactional_db, sample):
    from factcheck import search

    search.drain()


@pytest.fixture
def open_page(browser, live_server):
    """Return a function that opens a page; a console error or a policy breach fails the test."""
    problems = []
    contexts = []

    def open_(path="/", *, width=1280, scheme="light", script=True, missing=False):
        context = browser.new_context(
            base_url=live_server.url,
            viewport={"width": width, "height": 900},
            color_scheme=scheme,
            java_script_enabled=script,
        )
        contexts.append(context)
        page = context.new_page()
        page.on(
            "console",
            lambda said: (
                problems.append(f"{said.text} {said.location.get('url')}")
                if said.type == "error" and not missing
                else None
            ),
        )
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.goto(path)
        return page

    yield open_
    for context in contexts:
        context.close()
    assert problems == []


def faults(page, context=None):
    """Return what axe finds, each with its element; the size of targets is not in its defaults."""
    from axe_playwright_python.sync_playwright import Axe

    options = {
        "preload": False,  # its own style sheets are forbidden by the policy
        "rules": {"target-size": {"enabled": True}},
        "resultTypes": ["violations"],  # describing all that is right takes as long again
    }
    found = Axe().run(page, context=context, options=options).response["violations"]
    return [(fault["id"], node["html"]) for fault in found for node in fault["nodes"]]


@pytest.fixture
def log_in(open_page, sample):
    """Return a function that logs an editor in and opens a page of the admin."""
    # The flush after the last test took the groups away; migrating brings them back.
    call_command("migrate", verbosity=0)

    def as_(path="/admin/", name="desk", **options):
        if not User.objects.filter(username=name).exists():
            factories.create_editor(name, "Contributors", "Reviewers")
        page = open_page(f"/admin/login/?next={quote(path)}", **options)
        page.get_by_label("Username").fill(name)
        page.get_by_label("Password").fill("a long password")
        page.get_by_role("button", name="Log in").click()
        # A click does not wait for the page it leads to.
        expect(page.get_by_role("button", name="Log out")).to_be_visible()
        return page

    return as_


@pytest.fixture
def pages(sample):
    """Every page for people, and those of unusual states."""
    recorded = factories.create_outlet(name="The Recorded Outlet of a Rather Long Name, Limited")
    create_record(recorded, 9, 3, undecided=2)
    return [
        *(path for path in PAGES if path.endswith("/")),
        f"/claims/plan-to-admit-2000-refugees/?at={timezone.localdate()}",
        recorded.get_absolute_url(),
        "/claims/?outlet=tass&q=none",
        "/claims/?q=tokayev&outlet_name=a",
        "/claims/?outlet=nowhere&claimed_after=x",
        factories.retracted().get_absolute_url(),
    ]
