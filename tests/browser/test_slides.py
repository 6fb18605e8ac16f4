"""Every deck from the disk, slide by slide; widgets by mouse and keys; notes; the deck on paper."""

import pytest
from playwright.sync_api import expect

from attnbook.slides.deck import write, write_shared
from attnbook.slides.page import Page
from tests.browser.fixtures import ROOT
from tests.browser.on_page import page_of
from tests.browser.test_paper import CHAPTERS

SITE = ROOT / "_build" / "html"
READY = "globalThis.Reveal?.isReady()"
SMALLEST = 0.65  # of its size: what is made smaller than that can't be read from the last row
# Shows each slide, and says of what sticks out of its place or of the slide, and of what is small.
LOOK = """async (smallest) => {
  const CLIPPED = ".katex-mathml, .katex-mathml *, .katex svg *"; // of what is drawn, or read aloud
  const frame = () => new Promise((shown) => requestAnimationFrame(shown));
  const found = [];
  for (const [number, section] of Reveal.getSlides().entries()) {
    Reveal.slide(number);
    for (let k = 0; k < 3; k++) await frame();
    const slide = section.querySelector(".slide");
    const within = (part, place) => {
      const [a, b] = [part.getBoundingClientRect(), place.getBoundingClientRect()];
      if (a.width === 0 || a.height === 0 || !part.checkVisibility()) return;
      const out = Math.max(b.left - a.left, b.top - a.top, a.right - b.right, a.bottom - b.bottom);
      if (out > 1) found.push([number + 1, part.localName, part.getAttribute("class"), out]);
    };
    for (const part of slide.querySelectorAll(`*:not(${CLIPPED})`)) within(part, slide);
    for (const place of slide.querySelectorAll(".fit")) {
      const piece = place.firstElementChild;
      within(piece, place);
      const scale = new DOMMatrix(getComputedStyle(piece).transform).a;
      if (scale < smallest) found.push([number + 1, "small", scale]);
    }
    const views = 'script[type$="widget-view+json"]';
    const [wanted, drawn] = [views, ".attn-widget"].map((each) => slide.querySelectorAll(each));
    if (wanted.length !== drawn.length) found.push([number + 1, "without its widget"]);
  }
  return found;
}"""


@pytest.fixture
def show(visit, tmp_path):
    """`show("heads")` opens the chapter's deck from the disk, as a beamer shows it."""

    def open_deck(chapter: str, anchor: str = ""):
        write_shared(ROOT / "node_modules" / "reveal.js", tmp_path)
        deck = write(Page(SITE, SITE / page_of(chapter)), tmp_path)
        screen = {"width": 1280, "height": 720}
        still = {"viewport": screen, "reduced_motion": "reduce"}  # nothing is on its way
        opened = visit(deck.as_uri() + anchor, tmp_path.as_uri(), **still)
        opened.page.wait_for_function(READY)
        return opened

    return open_deck


def go_to(page, kind: str):
    """Show the first slide of a kind, which comes back."""
    page.evaluate("kind => Reveal.slide(Reveal.getSlides().findIndex(s => s.matches(kind)))", kind)
    return page.locator("section.present")


def number(page) -> int:
    return page.evaluate("Reveal.getIndices().h")


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_no_slide_overflows_and_none_asks_for_anything_else(show, chapter):
    opened = show(chapter)
    assert opened.page.evaluate(LOOK, SMALLEST) == []
    assert (opened.errors, opened.foreign) == ([], [])


def test_a_bet_is_made_by_mouse_and_keys_and_drawn_into_its_answer(show):
    opened = show("heads")
    page = opened.page
    bet = go_to(page, ".prediction")
    track = bet.locator(".attn-track").first.bounding_box()
    page.mouse.click(track["x"] + track["width"] / 2, track["y"] + track["height"] / 2)
    handle = bet.get_by_role("slider").nth(1)
    expect(handle).to_have_attribute("aria-valuenow", "0.5")
    before = number(page)
    page.keyboard.press("ArrowRight")
    expect(handle).not_to_have_attribute("aria-valuenow", "0.5")
    assert number(page) == before  # a widget has the keys while it has the focus
    last = bet.locator(".attn-track").last.bounding_box()
    page.mouse.click(last["x"] + last["width"] / 4, last["y"] + last["height"] / 2)
    bet.get_by_role("button", name="Commit").click()
    bet.get_by_role("link", name="See it in the figure").click()
    expect(page.locator("section.present svg.guess")).to_be_visible()
    expect(page.locator("section.present .verdict")).to_be_visible()
    assert number(page) > before
    assert page.evaluate(LOOK, SMALLEST) == []
    assert (opened.errors, opened.foreign) == ([], [])


def test_a_presenters_keys_turn_the_slide_wherever_the_focus_is(show):
    page = show("heads").page
    widget = go_to(page, ".widget")
    at = number(page)
    widget.locator("input").first.focus()
    page.keyboard.press("ArrowRight")
    assert number(page) == at
    page.keyboard.press("PageDown")
    assert number(page) == at + 1
    page.keyboard.press("ArrowLeft")
    assert number(page) == at  # nothing had the focus any more
    widget.locator("input").first.focus()
    page.keyboard.press("Escape")
    page.keyboard.press("ArrowRight")
    assert number(page) == at + 1


def test_what_is_dragged_follows_the_pointer_at_any_size(show):
    page = show("ten-minutes").page
    widget = page.locator("section.present")
    page.evaluate("Reveal.slide(Reveal.getSlides().findLastIndex(s => s.matches('.widget')))")
    query = widget.locator("svg circle[aria-label]").last
    box = query.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x - 60, y + 40, steps=4)
    page.mouse.up()
    moved = query.bounding_box()
    assert moved["x"] + moved["width"] / 2 == pytest.approx(x - 60, abs=4)
    assert moved["y"] + moved["height"] / 2 == pytest.approx(y + 40, abs=4)


def test_a_lecture_begins_without_the_guesses_of_the_one_before(show):
    page = show("heads").page
    go_to(page, ".prediction").get_by_role("button", name="Show me the result").click()
    page.reload()
    page.wait_for_function(READY)
    expect(go_to(page, ".prediction")).to_contain_text("Shown without a guess.")
    with page.context.expect_page() as opened:
        page.evaluate("open(location.href, '_blank', 'noopener')")
    later = opened.value
    later.wait_for_function(READY)
    expect(go_to(later, ".prediction").get_by_role("button", name="Commit")).to_be_visible()


def test_the_key_s_shows_the_notes_which_turn_with_the_slides(show):
    opened = show("heads", "#/3")
    page = opened.page
    with page.context.expect_page() as window:
        page.keyboard.press("s")
    notes = window.value.locator(".speaker-controls-notes .value")
    expect(notes).to_contain_text("This is multi-head attention.")
    assert notes.locator("math").count() > 0
    page.keyboard.press("ArrowRight")
    expect(notes).to_contain_text("Now a task whose difficulty we know.")
    assert (opened.errors, opened.foreign) == ([], [])


def test_a_row_of_a_map_is_chosen_where_it_is_pressed(show):
    page = show("transformer").page
    rows = go_to(page, ".widget").locator("svg.attn-map")
    names = rows.locator("text.attn-of-query")
    for row in (3, 2):
        name = names.nth(row - 1).bounding_box()
        box = rows.bounding_box()
        page.mouse.click(box["x"] + box["width"] / 2, name["y"] + name["height"] / 2)
        expect(rows).to_have_attribute("aria-valuenow", str(row))
