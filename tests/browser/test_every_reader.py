"""What a page owes whoever reads it: at any width, by keyboard, enlarged, in their own colours."""

import pytest
from playwright.sync_api import expect

from tests import factories
from tests.test_pages import PAGES
from tests.test_provenance import create_record

CLAIM = "/claims/plan-to-admit-2000-refugees/"
# Text that its box cuts off, or that a picture's edge does; what moved after it was shown.
CUT_OFF = """() => {
  const found = [];
  for (const one of document.querySelectorAll("main *, header *, footer *")) {
    const style = getComputedStyle(one);
    if (one.closest(".hidden, .skip, svg, select, input, pre") || !one.textContent.trim()) continue;
    const hides = /hidden|clip/.test(style.overflowX + style.overflowY);
    if (hides && (one.scrollWidth > one.clientWidth + 1 || one.scrollHeight > one.clientHeight + 1))
      found.push(`${one.tagName}.${one.className}: ${one.textContent.trim().slice(0, 60)}`);
  }
  for (const text of document.querySelectorAll("svg.chart text")) {
    const { x, width } = text.getBBox(), room = text.ownerSVGElement.viewBox.baseVal.width;
    if (x < -1 || x + width > room + 1)
      found.push(`picture: ${text.textContent} at ${x}, ${width} wide`);
  }
  return found;
}"""
TOO_WIDE = "document.documentElement.scrollWidth - innerWidth"
SHIFTED = """() => new Promise((done) => {
  let sum = 0;
  const watch = new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) sum += entry.value;
  });
  watch.observe({ type: "layout-shift", buffered: true });
  requestAnimationFrame(() => requestAnimationFrame(() => done(sum)));
})"""
# What the Tab key should reach: of radio buttons and the like there are none.
CONTROLS = """() => [...document.querySelectorAll(
  "a[href], button, input, select, textarea, summary, [tabindex='0']")]
  .filter((one) => one.checkVisibility({ visibilityProperty: true, contentVisibilityAuto: true })
    && !one.disabled && one.type !== "hidden").length"""
FOCUSED = """() => {
  const one = document.activeElement, box = one.getBoundingClientRect();
  const style = getComputedStyle(one);
  if (one === document.body) return null;
  one.dataset.walked = (Number(one.dataset.walked) || 0) + 1;
  return {
    what: one.outerHTML.slice(0, 120),
    isNew: one.dataset.walked === "1",
    name: (one.getAttribute("aria-label") || one.labels?.[0]?.textContent
      || one.textContent || one.title || "").trim(),
    outline: style.outlineStyle === "none" ? 0 : parseFloat(style.outlineWidth),
    isSeen: box.width > 0 && box.bottom > 0 && box.top < innerHeight
      && box.right > 0 && box.left < innerWidth,
  };
}"""


@pytest.fixture
def pages(sample):
    """Every page for people, and those of unusual states."""
    recorded = factories.create_outlet(name="The Recorded Outlet of a Rather Long Name, Limited")
    create_record(recorded, 9, 3, undecided=2)
    return [
        *(path for path in PAGES if path.endswith("/")),
        recorded.get_absolute_url(),
        "/claims/?outlet=tass&q=none",
        "/claims/?outlet=nowhere&claimed_after=x",
        factories.retracted().get_absolute_url(),
    ]


@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
@pytest.mark.parametrize("language", ["", "/ru", "/kk"], ids=["en", "ru", "kk"])
def test_every_page_shows_all_its_text_at_any_width(open_page, pages, language, script):
    if not script and language:
        pytest.skip("the same words by the same templates")
    page = open_page(f"{language}/", script=script)
    faults = []
    for path in pages:
        page.set_viewport_size({"width": 1280, "height": 900})
        page.goto(f"{language}{path}")
        if script and page.evaluate(SHIFTED) > 0.01:
            faults.append((path, "moved after it was shown"))
        # The narrowest is what a window of 1280 is at 400 %; 640 is at 200 %.
        for width in (320, 360, 640, 768, 1280):
            page.set_viewport_size({"width": width, "height": 900})
            if (wide := page.evaluate(TOO_WIDE)) > 0:
                faults.append((path, width, f"{wide} px too wide"))
            faults += [(path, width, cut) for cut in page.evaluate(CUT_OFF)]
    assert faults == []


def test_text_may_be_set_wider_and_looser(open_page, pages):
    """WCAG 1.4.12: nothing is lost when a reader spaces letters, words and lines."""
    page = open_page("/", width=360)
    faults = []
    for path in pages:
        page.goto(f"/ru{path}")
        page.evaluate("""() => {
          const sheet = new CSSStyleSheet();
          sheet.replaceSync(`* { line-height: 1.5 !important; letter-spacing: 0.12em !important;
            word-spacing: 0.16em !important; } p { margin-bottom: 2em !important; }
            svg, svg * { letter-spacing: normal !important; word-spacing: normal !important; }`);
          document.adoptedStyleSheets = [sheet];
        }""")
        if (wide := page.evaluate(TOO_WIDE)) > 0:
            faults.append((path, f"{wide} px too wide"))
        faults += [(path, cut) for cut in page.evaluate(CUT_OFF)]
    assert faults == []


@pytest.mark.parametrize("width", [1280, 360])
@pytest.mark.parametrize(
    "path", ["/", "/claims/?outlet=tass", CLAIM, "/outlets/", "/outlets/tengrinews/", "/api/"]
)
def test_the_tab_key_reaches_every_control_in_sight_and_named(open_page, sample, path, width):
    page = open_page(path, width=width)
    page.emulate_media(reduced_motion="reduce")  # in sight at once
    controls = page.evaluate(CONTROLS)

    walked = []
    for _press in range(controls + 5):
        page.keyboard.press("Tab")
        found = page.evaluate(FOCUSED)
        if found is None or not found["isNew"]:
            break
        walked.append(found)

    assert len(walked) == controls > 5
    assert [one["what"] for one in walked if not one["name"]] == []
    assert [one["what"] for one in walked if one["outline"] < 2] == []
    assert [one["what"] for one in walked if not one["isSeen"]] == []


def test_a_list_is_narrowed_by_keyboard_alone_and_nothing_jumps(open_page, sample):
    page = open_page("/claims/")
    page.emulate_media(reduced_motion="reduce")
    box = page.get_by_label("TASS")
    places = [box, page.locator("#result-count"), page.get_by_label("Order")]
    box.focus()
    before = [place.bounding_box() for place in places]

    page.keyboard.press("Space")
    expect(page.get_by_role("heading", name="6 claims")).to_be_visible()

    after = [place.bounding_box() for place in places]
    assert [(one["x"], one["y"]) for one in after] == [(one["x"], one["y"]) for one in before]
    expect(box).to_be_focused()


def test_nothing_moves_for_whom_movement_harms(open_page, pages):
    page = open_page("/")
    page.emulate_media(reduced_motion="reduce")
    for path in pages:
        page.goto(path)
        assert page.evaluate("getComputedStyle(document.documentElement).scrollBehavior") == "auto"
        assert page.evaluate("document.getAnimations().length") == 0
        assert page.evaluate("""() => [...document.querySelectorAll("*")].filter((one) =>
          getComputedStyle(one).transitionDuration !== "0s"
          || getComputedStyle(one).animationName !== "none").length""") == 0  # fmt: skip


@pytest.mark.parametrize("path", ["/", CLAIM, "/articles/kazakhstan-afghanistan-2021/"])
def test_the_readers_own_colours_leave_pictures_their_meaning(open_page, sample, path):
    page = open_page(path)
    page.emulate_media(forced_colors="active")

    # Parts of a picture are told apart by colour, as are the keys beside it: those stay.
    for part in (".bar", ".key"):
        kept = page.evaluate(
            """(part) => [...document.querySelectorAll(part)].map((one) => getComputedStyle(
                 one, part === ".key" ? "::before" : null).forcedColorAdjust)""",
            part,
        )
        assert set(kept) <= {"none"}
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    assert page.evaluate(FOCUSED)["outline"] >= 2


def test_a_claim_prints_on_two_pages_at_most_with_its_links(open_page, sample):
    page = open_page(CLAIM)

    pdf = page.pdf(format="A4")

    assert pdf.count(b"/Type /Page\n") <= 2
    assert b"/URI" in pdf
