"""What a page owes whoever reads it: at any width, by keyboard, enlarged, in their own colours."""

import pytest

from tests.browser.conftest import TOO_WIDE

# What a page looks like does not hang on the engine: looking once is enough.
pytestmark = pytest.mark.sqlite

CLAIM = "/claims/plan-to-admit-2000-refugees/"
# Text that its box cuts off, or that a picture's edge does; what moved after it was shown.
CUT_OFF = """() => {
  const found = [];
  for (const one of document.querySelectorAll("main *, header *, footer *")) {
    const style = getComputedStyle(one);
    if (one.closest(".visually-hidden, .skip, svg, select, input, pre")) continue;
    if (!one.textContent.trim()) continue;
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


@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
@pytest.mark.parametrize("language", ["", "/ru", "/kk"], ids=["en", "ru", "kk"])
def test_every_page_shows_all_its_text_at_any_width(open_page, pages, language, script):
    page = open_page(f"{language}/", script=script)
    faults = []
    for path in pages:
        page.set_viewport_size({"width": 1280, "height": 900})
        page.goto(f"{language}{path}")
        # A busy machine may draw a table that has half arrived; what is ours comes each time.
        if script and page.evaluate(SHIFTED) > 0.01:
            page.reload()
            if (moved := page.evaluate(SHIFTED)) > 0.01:
                faults.append((path, f"moved by {moved} after it was shown"))
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


@pytest.mark.parametrize("part", [".bar", ".key::before"])
def test_the_readers_own_colours_leave_pictures_their_meaning(open_page, pages, part):
    """Parts of a picture are told apart by colour, as are the keys beside it: those stay."""
    page = open_page("/")
    page.emulate_media(forced_colors="active")
    kept = set()
    for path in pages:
        page.goto(path)
        kept |= set(page.evaluate("""(part) => {
          const [of, pseudo] = part.split("::");
          return [...document.querySelectorAll(`:is(rect, span)${of}`)].map(
            (one) => getComputedStyle(one, pseudo && `::${pseudo}`).forcedColorAdjust);
        }""", part))  # fmt: skip
        page.keyboard.press("Tab")
        page.keyboard.press("Tab")
        assert page.evaluate(FOCUSED)["outline"] >= 2, path
    assert kept == {"none"}


@pytest.mark.parametrize("language", ["", "/ru", "/kk"])
def test_a_claim_prints_on_one_page_with_its_links(open_page, sample, language):
    page = open_page(language + CLAIM)

    pdf = page.pdf(format="A4")

    assert pdf.count(b"/Type /Page\n") == 1
    assert b"/URI" in pdf
