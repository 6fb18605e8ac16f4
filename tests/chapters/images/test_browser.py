"""The images widget in a browser: its numbers are Python's, all digits."""

import numpy as np
import pytest

from attnlab.chapters.images.widget import ImagesWidget
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

EMPTY = (0.0,) * 64


def state_of(page) -> dict:
    state = embedded_state(page, ImagesWidget)
    return {**state, "pixels": tuple(state["pixels"])}


def check(page, **state) -> None:
    """All that is shown is what the widget gives for these traits."""
    w = ImagesWidget(**state)
    widget = page.locator(WIDGET).first
    read, soft, gates = (
        (np.nan,) * 3 if w.empty
        else (w.probabilities.max(), w.by_softmax[w.copies - 1], w.by_gates[w.copies - 1])
    )  # fmt: skip
    for name, right in (("sure", read), ("by_softmax", soft), ("by_gates", gates)):
        assert number(page, name) == pytest.approx(right, abs=1e-6, nan_ok=True)
    ink = widget.locator(".attn-ink").evaluate_all("all => all.map(one => +one.dataset.ink)")
    pad = widget.locator(".attn-pad .attn-ink").evaluate_all(
        "all => all.map(one => +one.dataset.ink)"
    )
    np.testing.assert_allclose(pad, w.pixels)
    assert sorted(ink) == sorted([*w.pixels, *w.read.ravel()])
    bars = widget.locator("[data-digit]").evaluate_all("all => all.map(one => one.dataset.p)")
    if w.empty:
        assert bars == [""] * 10
    else:
        np.testing.assert_allclose([float(p) for p in bars], w.probabilities, atol=1e-6)
    sentence = widget.locator(".attn-sentence").text_content()
    if w.empty:
        assert sentence == "Nothing is drawn, so there is nothing to read and nothing to count."
    else:
        begins = "Trained on shuffled pixels, the patches" if w.shuffled else "The patches"
        assert sentence.startswith(f"{begins} read a {w.digit}, ")


def on_pad(page, *keys: str) -> None:
    page.locator(".attn-pad").first.focus()
    for key in keys:
        page.keyboard.press(key)


def test_by_keyboard(open_widget):
    opened = open_widget("images")
    page = opened.page
    state = state_of(page)
    check(page, **state)
    press(page, "copies", End=1)
    state["copies"] = 4
    check(page, **state)
    press(page, "shuffled", Space=1)
    state["shuffled"] = True
    check(page, **state)
    on_pad(page, *["ArrowUp"] * 9, *["ArrowLeft"] * 9, "Space")
    ink = 0.0 if state["pixels"][0] > 0.5 else 1.0
    state["pixels"] = (ink, *state["pixels"][1:])
    check(page, **state)
    page.get_by_role("button", name="Clear").first.press("Enter")
    state["pixels"] = EMPTY
    check(page, **state)
    on_pad(page, "ArrowDown", "ArrowDown", "ArrowRight", "Space")
    state["pixels"] = tuple(float(i == 17) for i in range(64))
    check(page, **state)
    assert not opened.errors and not opened.foreign


def test_by_mouse_and_back(open_widget):
    opened = open_widget("images", viewport={"width": 1280, "height": 1600})
    page = opened.page
    start = state_of(page)
    page.get_by_role("button", name="Stamp a 7").first.click()
    state = {**start, "pixels": ImagesWidget().example(7)}
    check(page, **state)
    control(page, "shuffled").click()
    state["shuffled"] = True
    check(page, **state)
    drag(page, "copies", 0.6)
    state["copies"] = int(value_of(page, "copies"))
    assert state["copies"] in (2, 3)
    check(page, **state)
    page.get_by_role("button", name="Clear").first.click()
    box = page.locator(".attn-paper").first.bounding_box()
    x, y, cell = box["x"], box["y"], box["width"] / 8
    page.mouse.move(x + 2.5 * cell, y + 1.5 * cell)
    page.mouse.down()
    page.mouse.move(x + 2.5 * cell, y + 4.5 * cell, steps=12)
    page.mouse.up()
    drawn = (8 + 2, 16 + 2, 24 + 2, 32 + 2)
    state["pixels"] = tuple(float(i in drawn) for i in range(64))
    check(page, **state)
    page.get_by_role("button", name="Reset").first.click()
    check(page, **start)
    assert not opened.errors and not opened.foreign


def test_picture_and_slider_share_a_phones_screen(open_widget):
    page = open_widget("images", viewport={"width": 390, "height": 700}).page
    assert height_from(page, "svg", "copies") < 400


def test_a_finger_draws_and_scrolls_nothing(open_widget):
    phone = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
    page = open_widget("images", **phone).page
    state, pad = state_of(page), page.locator(".attn-pad").first
    page.get_by_role("button", name="Clear").first.click()
    pad.evaluate("node => node.scrollIntoView({ block: 'center', behavior: 'instant' })")
    scrolled, box = page.evaluate("scrollY"), pad.bounding_box()
    side = box["width"] / 8
    x, y = box["x"] + 2.5 * side, box["y"] + 1.5 * side  # the third pixel of the second row
    finger(page, [(x, y + i * side) for i in range(5)])
    assert page.evaluate("scrollY") == scrolled
    drawn = {8 * row + 2 for row in range(1, 6)}
    check(page, **{**state, "pixels": tuple(float(i in drawn) for i in range(64))})
