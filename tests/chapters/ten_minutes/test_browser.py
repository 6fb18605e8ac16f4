"""The ten minutes' widget in a browser: torch's weights, an arc for each, and a word that turns."""

import json

import numpy as np
import pytest

from attnlab.chapters.ten_minutes.models import LastWordAsks
from attnlab.chapters.ten_minutes.sentences import ADJECTIVES
from attnlab.chapters.ten_minutes.widget import TenMinutesWidget
from tests.browser.made import filled

THICKEST = 16
# Where an arc ends, in pixels of the page, and the word it leads to.
ENDS = """() => [...document.querySelectorAll(".attn-asks")][0].querySelectorAll("path").values()
  .map(line => {
    const end = line.getPointAtLength(line.getTotalLength());
    const box = line.ownerSVGElement.getBoundingClientRect();
    return [box.x + end.x, box.y + end.y];
  }).toArray()"""


def check(page, **state) -> TenMinutesWidget:
    """All that is shown is what the widget gives for these traits; returns that widget."""
    store = page.locator('script[type="application/vnd.jupyter.widget-state+json"]')
    models = json.loads(store.text_content())["state"].values()
    packed = next(m["state"]["_model"] for m in models if "adjective" in m["state"])
    w = TenMinutesWidget(filled(LastWordAsks(), packed), **state)
    widget = page.locator(".attn-widget").first
    weights = widget.locator("data").evaluate_all("all => all.map(each => +each.value)")
    np.testing.assert_allclose(weights, w.weights, atol=1e-6)
    said = widget.locator(".attn-said").all_text_contents()
    assert [word.lower() for word in said] == w.words
    widths = widget.locator("path").evaluate_all(
        "all => all.map(p => parseFloat(p.style.strokeWidth))"
    )
    np.testing.assert_allclose(widths, THICKEST * w.weights, atol=0.0051)
    sentence = widget.locator(".attn-sentence").text_content()
    assert f"The model says: the {w.answer} is too {w.adjective}." in sentence
    shown = widget.locator("select").evaluate_all("all => all.map(each => each.value)")
    assert shown == [w.adjective, w.animal, w.place]
    return w


def test_by_keyboard(open_widget):
    opened = open_widget("ten_minutes")
    page = opened.page
    check(page)
    word = page.locator(".attn-asking").first
    word.focus()
    page.keyboard.press("ArrowDown")
    check(page, adjective=ADJECTIVES[1])
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowUp")
    check(page, adjective=ADJECTIVES[-1])
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    assert check(page, adjective="wide").answer == "street"
    page.locator('input[data-name="place_first"]').first.focus()
    page.keyboard.press("Space")
    check(page, adjective="wide", place_first=True)
    assert not opened.errors and not opened.foreign


def test_by_mouse_and_back(open_widget):
    opened = open_widget("ten_minutes", viewport={"width": 1280, "height": 1400})
    page = opened.page
    page.locator(".attn-asking").first.click()
    check(page, adjective="wide")
    page.locator(".attn-asking").first.click()
    assert check(page).answer == "animal"
    chosen = {"adjective": "hungry", "animal": "duck", "place": "valley"}
    for name, word in chosen.items():
        page.locator(f'select[data-name="{name}"]').first.select_option(word)
    check(page, **chosen)
    sentence = page.locator(".attn-sentence").first
    assert "never met “hungry” said of “duck”" in sentence.text_content()
    page.get_by_role("button", name="Reset").first.click()
    check(page)
    assert not opened.errors and not opened.foreign


@pytest.mark.parametrize("width", [1280, 390])
def test_arcs_end_at_their_words_and_stay_in_the_picture(open_widget, width):
    page = open_widget("ten_minutes", viewport={"width": width, "height": 900}).page
    for place_first in (False, True):
        if place_first:
            page.locator('input[data-name="place_first"]').first.check()
            page.locator('select[data-name="animal"]').first.select_option("hedgehog")
            page.locator('select[data-name="adjective"]').first.select_option("slippery")
        words = [word.bounding_box() for word in page.locator(".attn-read").all()]
        for (x, y), box in zip(page.evaluate(ENDS), words, strict=True):
            assert box["x"] - 2 <= x <= box["x"] + box["width"] + 2
            assert min(abs(y - box["y"]), abs(y - box["y"] - box["height"])) <= 2
        folded = page.locator(".attn-asks").first.get_attribute("data-folded")
        assert folded == ("true" if width == 390 else "false")
        frame = page.locator(".attn-widget").first.bounding_box()
        for line in page.locator(".attn-asks path").all():
            assert line.bounding_box()["y"] > frame["y"] + 10


def test_nothing_moves_for_those_who_want_it_so(open_widget):
    page = open_widget("ten_minutes", reduced_motion="reduce").page
    moving = page.locator(".attn-asks :is(path, .attn-said)")
    durations = moving.evaluate_all("all => all.map(e => getComputedStyle(e).transitionDuration)")
    assert set(durations) == {"0s"}
