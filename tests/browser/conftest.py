"""A real Chromium on a live server. Locally a missing browser skips; in CI it fails."""

import os
import shutil
from pathlib import Path

import pytest

os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")  # Playwright runs a loop of its own

ARTEFACTS = Path(__file__).parent.parent.parent / ".artefacts"
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
