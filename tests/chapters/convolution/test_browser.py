"""The convolution widget in a real browser: keyboard, mouse, and attnlab's numbers."""

import pytest

from attnlab.chapters.convolution.widget import ConvolutionWidget
from tests.browser.on_page import control, drag, embedded_state, knob, number, press, value_of


def check(page, **traits) -> None:
    """All that is shown is what the widget gives for these traits."""
    expected = ConvolutionWidget(**traits)
    shares = page.locator("[data-share]").evaluate_all("bars => bars.map(b => +b.dataset.share)")
    assert shares == pytest.approx(expected.influence.tolist(), abs=1e-6)
    assert number(page, "field") == expected.field
    assert number(page, "width") == pytest.approx(expected.width, abs=1e-6)
    assert number(page, "weakest") == pytest.approx(expected.weakest, rel=1e-6)
    sentence = page.locator(".attn-sentence").first.text_content()
    seen = (expected.influence > 0).sum()
    assert sentence.startswith(f"Output {expected.output} can see {seen} inputs")


def test_by_keyboard(open_widget):
    opened = open_widget("convolution")
    page = opened.page
    state = embedded_state(page, ConvolutionWidget)
    check(page, **state)
    press(page, "output", Home=1, ArrowRight=3, PageUp=1)
    state["output"] = 11
    check(page, **state)
    press(page, "layers", End=1, ArrowLeft=1)
    state["layers"] = 7
    check(page, **state)
    press(page, "kernel", ArrowUp=1)
    state["kernel"] += 2
    check(page, **state)
    press(page, "doubling", Space=1)
    state["doubling"] = not state["doubling"]
    check(page, **state)
    assert not opened.errors and not opened.foreign


def position(page, i: int) -> tuple[float, float]:
    """Where output i stands on the screen."""
    box = page.locator(".attn-node").nth(i).bounding_box()
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def test_by_mouse_and_back(open_widget):
    opened = open_widget("convolution", viewport={"width": 1280, "height": 1400})
    page = opened.page
    start = embedded_state(page, ConvolutionWidget)
    page.locator(".attn-grip").first.scroll_into_view_if_needed()
    page.mouse.click(*position(page, 50))
    check(page, **{**start, "output": 50})
    assert knob(page) == pytest.approx(position(page, 50), abs=1)
    page.mouse.move(*position(page, 50))
    page.mouse.down()
    page.mouse.move(*position(page, 7), steps=5)
    page.mouse.up()
    check(page, **{**start, "output": 7})
    page.mouse.move(*position(page, 40))  # no button is held: nothing is chosen
    check(page, **{**start, "output": 7})
    drag(page, "layers", 1.0)
    control(page, "doubling").click()
    check(page, **{**start, "output": 7, "layers": 8, "doubling": not start["doubling"]})
    page.get_by_role("button", name="Reset").first.click()
    check(page, **start)
    assert not opened.errors and not opened.foreign


def test_on_a_phone_a_finger_finds_every_output(open_widget):
    page = open_widget("convolution", viewport={"width": 390, "height": 844}, has_touch=True).page
    page.locator(".attn-grip").first.scroll_into_view_if_needed()
    page.touchscreen.tap(*position(page, 20))
    assert value_of(page, "output") == pytest.approx(20, abs=1)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
