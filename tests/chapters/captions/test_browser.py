"""The captions widget in a browser: what it says and weighs is what torch does."""

import json

import numpy as np
import pytest

from attnlab.chapters.captions.models import Eyes, Speaker
from attnlab.chapters.captions.widget import CaptionsWidget
from attnlab.widgets.base import END
from tests.browser.made import filled
from tests.browser.on_page import (
    WIDGET,
    control,
    drag,
    embedded_state,
    finger,
    height_from,
    number,
    press,
    value_of,
)


def expected(page, **state) -> CaptionsWidget:
    """The widget in Python, with the model that is in the page."""
    store = page.locator('script[type="application/vnd.jupyter.widget-state+json"]')
    states = json.loads(store.text_content())["state"].values()
    (packed,) = (model["state"]["_model"] for model in states if "_model" in model["state"])
    return CaptionsWidget(filled(Speaker(Eyes(), "self"), packed), **state)


def check(page, **state) -> str:
    """All that is shown is what the widget gives for these traits; returns the sentence."""
    w = expected(page, **state)
    widget = page.locator(WIDGET).first
    tokens = widget.locator(".attn-token").all_text_contents()
    assert [token for token in tokens if token != END] == w.said
    looked = min(w.word, len(tokens) - 1)
    pressed = [b.get_attribute("aria-pressed") for b in widget.locator(".attn-token").all()]
    assert pressed.index("true") == looked
    weights = widget.locator(".attn-cell").evaluate_all("all => all.map(x => +x.dataset.weight)")
    np.testing.assert_allclose(weights, w.shown[looked], rtol=1e-6, atol=1e-6)
    for name, which in (("in-solid", w.chosen), ("in-dashed", 1 - w.chosen)):
        assert number(page, name) == pytest.approx(w.in_boxes[looked, which], abs=1e-6)
    sentence = widget.locator(".attn-sentence").text_content()
    tie = abs(w.down[1] - w.down[0]) == abs(w.across[1] - w.across[0])
    is_right = w.said == w.wanted
    assert ("as far apart down as across" in sentence) == tie
    assert ("The caption is right." in sentence) == (is_right and not tie)
    assert (f"it should say {' '.join(w.wanted)}." in sentence) == (not is_right and not tie)
    return sentence


def test_by_keyboard(open_widget):
    opened = open_widget("captions")
    page = opened.page
    state = embedded_state(page, CaptionsWidget)
    assert "Training never had these two digits together." in check(page, **state)
    press(page, "digits", PageUp=1, ArrowRight=1)
    state["digits"] = [8, 7]
    check(page, **state)
    press(page, "down", End=1)
    state["down"] = [16, state["down"][1]]
    check(page, **state)
    press(page, "across", Home=1)
    state["across"] = [0, state["across"][1]]
    check(page, **state)
    other = page.locator(WIDGET).first.get_by_role("button", name="Other digit")
    other.focus()
    other.press("Enter")
    state["chosen"] = 1
    press(page, "digits", Home=1, ArrowUp=2)
    state["digits"] = [8, 2]
    assert "never had" in check(page, **state)  # two and eight sum to ten
    token = page.locator(WIDGET).first.locator(".attn-token").last
    token.focus()
    token.press("Enter")
    state["word"] = page.locator(WIDGET).first.locator(".attn-token").count() - 1
    assert "Here the caption ends" in check(page, **state)
    press(page, "backwards", Space=1)
    state["backwards"] = True
    check(page, **state)
    assert not opened.errors and not opened.foreign


def carry(page, digit: int, right: int, down: int) -> None:
    """Drag a digit by so many of the picture's pixels, which are ten of the screen's."""
    box = page.locator(f'.attn-digit[data-digit="{digit}"]').first.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 5 * right, y + 5 * down)
    page.mouse.move(x + 10 * right, y + 10 * down)
    page.mouse.up()


def test_by_mouse_and_back(open_widget):
    opened = open_widget("captions", viewport={"width": 1280, "height": 1600})
    page = opened.page
    start = embedded_state(page, CaptionsWidget)
    state = {name: value for name, value in start.items()}
    page.locator(WIDGET).first.scroll_into_view_if_needed()
    (y0, y1), (x0, x1) = start["down"], start["across"]
    carry(page, 1, right=3, down=-2)
    state |= {"chosen": 1, "down": [y0, y1 - 2], "across": [x0, x1 + 3]}
    check(page, **state)
    carry(page, 1, right=-40, down=0)  # no farther than the edge
    state["across"] = [x0, 0]
    check(page, **state)
    carry(page, 1, right=x0, down=y0 - y1 + 2)  # on the other one
    state |= {"down": [y0, y0], "across": [x0, x0]}
    assert "The boxes overlap, which training never showed." in check(page, **state)
    page.locator(WIDGET).first.locator(".attn-token").nth(1).hover()
    state["word"] = 1
    check(page, **state)
    page.get_by_role("button", name="Another hand").first.click()
    state["hand"] = start["hand"] + 1
    check(page, **state)
    control(page, "backwards").click()
    state["backwards"] = True
    drag(page, "down", 0.9)
    state["down"] = [y0, int(value_of(page, "down"))]
    assert state["down"][1] > 12
    check(page, **state)
    page.locator(WIDGET).first.get_by_role("button", name="Reset").click()
    check(page, **start)
    assert not opened.errors and not opened.foreign


def test_a_digit_is_dragged_by_finger(open_widget):
    phone = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
    page = open_widget("captions", **phone).page
    state = embedded_state(page, CaptionsWidget)
    paper, digit = page.locator(".attn-paper").first, page.locator('.attn-digit[data-digit="1"]')
    paper.evaluate("node => node.scrollIntoView({ block: 'center', behavior: 'instant' })")
    scrolled, box = page.evaluate("scrollY"), digit.first.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    finger(page, [(x + 10 * i, y - 20 * i) for i in range(5)])  # four pixels across, eight up
    assert page.evaluate("scrollY") == scrolled
    (y0, y1), (x0, x1) = state["down"], state["across"]
    check(page, **{**state, "chosen": 1, "down": [y0, y1 - 8], "across": [x0, x1 + 4]})


def test_picture_and_words_share_a_phones_screen_with_a_slider(open_widget):
    page = open_widget("captions", viewport={"width": 390, "height": 844}).page
    assert height_from(page, ".attn-token", "across") < 640
    drawn = page.locator(WIDGET).first.locator(".attn-paper").bounding_box()
    assert drawn["x"] >= 0 and drawn["x"] + drawn["width"] <= 390
