"""The scaling widget in a real browser: its numbers, read at full precision, are attnlab's."""

import pytest

from attnlab.chapters.scaling.widget import ScalingWidget
from tests.browser.on_page import (
    control,
    drag,
    embedded_state,
    knob,
    number,
    press,
    pull,
    value_of,
)


def check_scaling(page, **traits) -> None:
    expected = ScalingWidget(**traits)
    bars = page.locator("[data-weight]").evaluate_all("bars => bars.map(b => +b.dataset.weight)")
    assert bars == pytest.approx(sorted(expected.weights, reverse=True), abs=1e-6)
    assert number(page, "largest") == pytest.approx(expected.weights.max(), abs=1e-6)
    assert number(page, "entropy_ratio") == pytest.approx(expected.entropy_ratio, abs=1e-6)
    assert number(page, "jacobian_norm") == pytest.approx(expected.jacobian_norm, abs=1e-6)
    sentence = page.locator(".attn-sentence").first.text_content()
    assert sentence.startswith(f"At dk = {expected.d_k} with")


def test_scaling_by_keyboard_gives_attnlabs_numbers(open_widget):
    opened = open_widget("scaling")
    page = opened.page
    start = embedded_state(page, ScalingWidget)
    check_scaling(page, **start)
    if start["scaled"]:
        press(page, "scaled", Space=1)
    press(page, "d_k", Home=1)
    check_scaling(page, d_k=1, scaled=False, query=start["query"])
    press(page, "d_k", PageUp=5, ArrowRight=6, ArrowDown=1)
    check_scaling(page, d_k=37, scaled=False, query=start["query"])
    press(page, "d_k", End=1)
    check_scaling(page, d_k=512, scaled=False, query=start["query"])
    press(page, "scaled", Space=1)
    check_scaling(page, d_k=512, scaled=True, query=start["query"])
    press(page, "d_k", PageDown=3, ArrowUp=1)
    check_scaling(page, d_k=65, scaled=True, query=start["query"])
    assert not opened.errors and not opened.foreign


def test_scaling_by_mouse_and_back(open_widget):
    opened = open_widget("scaling", viewport={"width": 1280, "height": 1400})
    page = opened.page
    start = embedded_state(page, ScalingWidget)
    drag(page, "d_k", 0.9)
    d_k = int(value_of(page, "d_k"))
    assert 200 < d_k < 350  # 2 to the power of 9 · 0.9, give or take the handle's width
    check_scaling(page, **{**start, "d_k": d_k})
    control(page, "scaled").click()
    page.get_by_role("button", name="Another query").first.click()
    changed = {"scaled": not start["scaled"], "query": start["query"] + 1}
    check_scaling(page, d_k=d_k, **changed)
    page.get_by_role("button", name="Reset").first.click()
    check_scaling(page, **start)
    assert not opened.errors and not opened.foreign


def test_the_handle_on_the_curve_is_dragged_and_clicked_to_a_width(open_widget):
    page = open_widget("scaling", viewport={"width": 1280, "height": 1400}).page
    start = embedded_state(page, ScalingWidget)
    x, y = knob(page)
    left, right = ends_of_the_curve(page)
    octave = (right - left) / 9
    pull(page, (x, y), x + 2 * octave)
    d_k = int(value_of(page, "d_k"))
    assert d_k == pytest.approx(4 * start["d_k"], rel=0.01)  # to a pixel, a hundredth of its width
    check_scaling(page, **{**start, "d_k": d_k})
    page.mouse.click(left + 3 * octave, y)  # away from the handle
    assert value_of(page, "d_k") == 8
    assert knob(page)[0] == pytest.approx(left + 3 * octave, abs=1)
    check_scaling(page, **{**start, "d_k": 8})
    pull(page, knob(page), right + 200)  # beyond the end, and back to the other
    check_scaling(page, **{**start, "d_k": 512})
    pull(page, knob(page), left - 200)
    check_scaling(page, **{**start, "d_k": 1})
    page.get_by_role("button", name="Reset").first.click()
    assert knob(page)[0] == pytest.approx(x, abs=1)


def ends_of_the_curve(page) -> tuple[float, float]:
    """Where the widths 1 and 512 stand on the screen."""
    box = page.locator(".attn-grip-across").first.bounding_box()
    reach = 12  # beyond each end the pointer is taken too
    return box["x"] + reach, box["x"] + box["width"] - reach


def test_the_mean_curves_tell_nothing_of_widths_that_nobody_tried(open_widget):
    page = open_widget("scaling", viewport={"width": 1280, "height": 1400}).page
    curves = page.locator(".attn-entropy")
    assert curves.evaluate_all("all => all.map(one => one.getAttribute('d'))") == ["", ""]
    left, right = ends_of_the_curve(page)
    octave = (right - left) / 9
    pull(page, knob(page), left + 6 * octave)  # from 16 to 64
    for curve in (curves.nth(0), curves.nth(1)):
        box = curve.bounding_box()
        assert box["x"] == pytest.approx(left + 4 * octave, abs=2)
        assert box["x"] + box["width"] == pytest.approx(left + 6 * octave, abs=2)
    page.get_by_role("button", name="Reset").first.click()  # what was seen has been seen
    assert curves.nth(0).bounding_box()["width"] == pytest.approx(2 * octave, abs=4)


def test_a_click_moves_at_once_for_whoever_wants_no_motion(open_widget):
    page = open_widget("scaling", reduced_motion="reduce").page
    duration = page.locator(".attn-knob").evaluate("k => getComputedStyle(k).transitionDuration")
    assert duration == "0s"
