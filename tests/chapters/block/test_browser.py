"""The block widget in a real browser: keyboard, mouse, and attnlab's numbers in every state."""

import numpy as np
import pytest

from attnlab.chapters.block.widget import BlockWidget
from tests.browser.on_page import control, drag, embedded_state, number, press


def check(page, **traits) -> None:
    """All that is shown is what the widget gives for these traits."""
    expected = BlockWidget(**traits)
    assert number(page, "diversity") == pytest.approx(expected.diversity, rel=1e-6, abs=1e-9)
    assert number(page, "cosine") == pytest.approx(expected.cosines.min(), abs=1e-6)
    assert number(page, "size") == pytest.approx(expected.size, rel=1e-6)
    shown = page.locator("[data-cosine]").evaluate_all("cells => cells.map(c => +c.dataset.cosine)")
    np.testing.assert_allclose(np.reshape(shown, (8, 8)), expected.cosines, atol=1e-6)
    assert control(page, "depth").get_attribute("aria-valuetext") == str(expected.depth)


def sentence(page) -> str:
    return page.locator(".attn-sentence").first.text_content()


def choose_norm(page, norm: str):
    return page.locator(f'input[data-name="norm"][value="{norm}"]').first


def test_block_by_keyboard_gives_attnlabs_numbers(open_widget):
    opened = open_widget("block")
    page = opened.page
    state = embedded_state(page, BlockWidget)
    check(page, **state)
    press(page, "depth", ArrowRight=2)
    check(page, **{**state, "depth": 3})
    assert "little is left to tell tokens apart" in sentence(page)
    press(page, "depth", End=1, PageDown=1, ArrowLeft=1)
    check(page, **{**state, "depth": 19})
    assert "one and the same, but for rounding" in sentence(page)
    press(page, "residual", Space=1)
    choose_norm(page, "none").focus()
    page.keyboard.press("ArrowRight")
    state |= {"depth": 19, "residual": True, "norm": "post"}
    check(page, **state)
    page.keyboard.press("ArrowRight")
    press(page, "feed_forward", Space=1)
    check(page, **{**state, "norm": "pre", "feed_forward": True})
    assert "the tokens still differ" in sentence(page)
    assert not opened.errors and not opened.foreign


def test_block_by_mouse_and_back(open_widget):
    opened = open_widget("block", viewport={"width": 1280, "height": 1400})
    page = opened.page
    start = embedded_state(page, BlockWidget)
    control(page, "residual").click()
    choose_norm(page, "post").check()
    drag(page, "depth", 0.5)
    depth = int(control(page, "depth").get_attribute("aria-valuetext"))
    assert 11 <= depth <= 13
    check(page, **{**start, "residual": True, "norm": "post", "depth": depth})
    control(page, "feed_forward").click()
    choose_norm(page, "none").check()
    check(page, **{**start, "residual": True, "depth": depth, "feed_forward": True})
    page.get_by_role("button", name="Reset").first.click()
    check(page, **start)
    assert not opened.errors and not opened.foreign


def test_the_depth_is_dragged_across_the_curve(open_widget):
    opened = open_widget("block", viewport={"width": 1280, "height": 1400})
    page = opened.page
    start = embedded_state(page, BlockWidget)
    grip = page.locator(".attn-grip-across").first
    grip.scroll_into_view_if_needed()
    box = grip.bounding_box()
    y = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + box["width"] / 4, y)
    page.mouse.down()
    check(page, **{**start, "depth": 6})
    page.mouse.move(box["x"] + 0.75 * box["width"], y, steps=5)
    page.mouse.up()
    check(page, **{**start, "depth": 18})
    assert not opened.errors and not opened.foreign


MOTION = "node => getComputedStyle(node).transitionDuration"


def test_what_a_key_moves_is_seen_to_move_but_not_what_is_dragged(open_widget):
    page = open_widget("block").page
    point, slider = page.locator(".attn-point").first, control(page, "depth")
    press(page, "depth", ArrowRight=1)
    assert point.evaluate(MOTION) == "0.25s"
    box = slider.bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.down()
    assert point.evaluate(MOTION) == "0s"
    page.mouse.up()
    control(page, "residual").click()
    assert point.evaluate(MOTION) == "0.25s"
    still = open_widget("block", reduced_motion="reduce").page
    press(still, "depth", ArrowRight=1)
    assert still.locator(".attn-point").first.evaluate(MOTION) == "0s"


def test_on_a_phone_the_two_pictures_stand_side_by_side(open_widget):
    page = open_widget("block", viewport={"width": 390, "height": 844}).page
    plane, first = (page.locator(c).first.bounding_box() for c in (".attn-frame", "[data-cosine]"))
    assert plane["y"] == pytest.approx(first["y"], abs=1.5)
    assert first["x"] > plane["x"] + plane["width"] and plane["width"] > 120
