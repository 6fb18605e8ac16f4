"""The map as a reader sees it: at a desk and on a phone, in the light, in the dark, on paper."""

import pytest

from tests.browser.fixtures import ROOT
from tests.browser.test_diagrams import CONTRASTS, TEXTS
from tests.browser.test_pages import PHONE

SITE = ROOT / "_build" / "html"
WIDTHS = "all => all.map(bow => getComputedStyle(bow).strokeWidth)"


@pytest.fixture
def page(visit, address_of):
    """`page()` opens the map."""

    def open_page(**context):
        home = address_of(SITE, "http")
        opened = visit(home + "book/map.html", home, **context)
        opened.page.evaluate("document.fonts.ready.then(() => true)")
        return opened.page

    return open_page


@pytest.mark.parametrize("context", [PHONE, {"viewport": {"width": 1280, "height": 900}}])
def test_every_chapter_is_a_box_that_can_be_read_and_hit(page, context):
    opened = page(**context)
    assert opened.evaluate(TEXTS) == []
    assert opened.evaluate("document.documentElement.scrollWidth") == context["viewport"]["width"]
    boxes = opened.locator(".diagram a").all()
    listed = [path for path in ROOT.glob("book/*/*.md") if "{chapter-times}" in path.read_text()]
    assert len(boxes) == len(listed)
    for box in boxes:
        size = box.bounding_box()
        assert size and size["height"] >= 24 and size["width"] >= 200


def test_it_can_be_read_in_the_light_and_in_the_dark(page):
    opened = page()
    for theme in ("light", "dark"):
        opened.evaluate("theme => document.documentElement.dataset.theme = theme", theme)
        assert [pair for pair in opened.evaluate(CONTRASTS) if pair[1] < 4.5] == []


def test_what_a_chapter_builds_on_stands_out_when_it_is_pointed_at_or_focused(page):
    opened = page()
    chapter = opened.locator(".diagram .chapter").filter(has_text="Self-attention")
    bows, link = chapter.locator(".bow"), chapter.locator("a")
    usual = bows.evaluate_all(WIDTHS)
    assert len(usual) == 2
    link.hover()
    wide = bows.evaluate_all(WIDTHS)
    assert all(
        float(now[:-2]) > float(before[:-2]) for now, before in zip(wide, usual, strict=True)
    )
    opened.mouse.move(5, 5)
    assert bows.evaluate_all(WIDTHS) == usual
    opened.keyboard.press("Tab")  # from now on, focus shows
    link.focus()
    assert bows.evaluate_all(WIDTHS) == wide
    opened.keyboard.press("Enter")
    opened.wait_for_url("**/self-attention.html")


def test_a_click_on_a_box_opens_its_chapter(page):
    opened = page(**PHONE)
    opened.locator(".diagram a").filter(has_text="Softmax").click()
    opened.wait_for_url("**/softmax.html")


def test_answers_are_folded_until_they_are_asked_for(page):
    opened = page()
    fold = opened.locator(".skip details").first
    answer = fold.locator("p").first
    assert not answer.is_visible()
    fold.locator("summary").focus()
    opened.keyboard.press("Enter")
    assert answer.is_visible()
