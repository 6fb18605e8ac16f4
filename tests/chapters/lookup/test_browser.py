"""The look-up widget in a real browser: keyboard, mouse, and attnlab's numbers in every state."""

import numpy as np
import pytest

from attnlab.chapters.lookup.widget import MAX_X, MAX_Y, LookupWidget
from tests.browser.on_page import (
    WIDGET,
    control,
    drag,
    embedded_state,
    number,
    press,
    value_of,
)


def check(page, **traits) -> None:
    """All that is shown is what the widget gives for these traits."""
    expected = LookupWidget(**traits)
    widget = page.locator(WIDGET).first
    bars = widget.locator("[data-weight]").evaluate_all("bars => bars.map(b => +b.dataset.weight)")
    assert bars == pytest.approx(expected.weights, abs=1e-6)
    assert number(page, "context") == pytest.approx(expected.context, abs=1e-6)
    assert number(page, "error_left_out") == pytest.approx(expected.error_left_out, abs=1e-6)
    assert number(page, "error_kept_in") == pytest.approx(expected.error_kept_in, abs=1e-6)
    sentence = widget.locator(".attn-sentence").text_content()
    assert sentence.startswith(f"At q = {expected.query:.2f} with σ = {expected.width:.2f}, ")
    assert f"{expected.keys_in_effect:.1f} of 12 points" in sentence
    keys, values = places(page)
    assert keys == pytest.approx(expected.x, abs=0.01)
    assert values == pytest.approx(expected.y, abs=0.01)
    check_products(widget, expected)


def check_products(widget, expected) -> None:
    """A box for each point, as wide as its weight and as high as its value; a line at their sum."""
    products = widget.locator("[data-product]").evaluate_all(
        "all => all.map(b => +b.dataset.product)"
    )
    assert products == pytest.approx(expected.weights * np.array(expected.y), abs=1e-6)
    boxes = widget.locator(".attn-product").evaluate_all(
        "all => all.map(b => ['x', 'y', 'width', 'height'].map(name => b[name].baseVal.value))"
    )
    grid = widget.locator(".attn-grid").evaluate_all(
        "all => all.map(line => line.y1.baseVal.value)"
    )
    low, zero, high = grid[-3:]
    unit = (low - high) / (2 * MAX_Y)
    whole = sum(width for *_, width, _ in boxes)
    left = min(x for x, *_ in boxes)
    for j in np.argsort(expected.x, kind="stable"):
        x, y, width, height = boxes[j]
        assert (x, width / whole) == pytest.approx((left, expected.weights[j]), abs=0.01)
        far = y if expected.y[j] > 0 else y + height
        assert (zero - far) / unit == pytest.approx(expected.y[j], abs=1e-6)
        left += width
    line = widget.locator(".attn-sum").evaluate("line => new DOMMatrix(line.style.transform).f")
    assert (zero - line) / unit == pytest.approx(expected.context, abs=1e-4)  # CSS has six digits


def places(page) -> tuple[list[float], list[float]]:
    """The keys and the values of the points, read back from where they are drawn."""
    left, right, top, bottom = frame(page)
    dots = page.locator(".attn-point").evaluate_all(
        "dots => dots.map((dot) => [dot.cx.baseVal.value, dot.cy.baseVal.value])"
    )
    keys = [MAX_X * (x - left) / (right - left) for x, _ in dots]
    values = [MAX_Y - 2 * MAX_Y * (y - top) / (bottom - top) for _, y in dots]
    return keys, values


def frame(page) -> list[float]:
    """The pixels of the plane's edges, within the picture."""
    return page.locator(f"{WIDGET} .attn-sweep").first.evaluate(
        """field => {
          const { x, y, width, height } = field.getBBox();
          return [x, x + width, y, y + height];
        }"""
    )


def changed(row, j: int, value) -> tuple:
    return (*row[:j], value, *row[j + 1 :])


def drag_from(page, start, end) -> None:
    page.mouse.move(*start)
    page.mouse.down()
    page.mouse.move(*end, steps=5)
    page.mouse.up()


def on_screen(page, k: float, v: float) -> tuple[float, float]:
    field = page.locator(f"{WIDGET} .attn-sweep").first.bounding_box()
    return (
        field["x"] + field["width"] * k / MAX_X,
        field["y"] + field["height"] * (MAX_Y - v) / (2 * MAX_Y),
    )


def test_by_keyboard(open_widget):
    opened = open_widget("lookup")
    page = opened.page
    state = embedded_state(page, LookupWidget)
    check(page, **state)
    press(page, "width", Home=1)
    check(page, **{**state, "width": 0.05})
    press(page, "width", PageUp=3, ArrowLeft=5)
    state["width"] = 0.35
    press(page, "query", End=1, PageDown=2, ArrowRight=1)
    state["query"] = 5.05
    check(page, **state)
    page.locator(f"{WIDGET} .attn-more summary").first.press("Enter")
    press(page, "point", Home=1, ArrowRight=2)
    press(page, "key", Home=1, PageUp=3)
    press(page, "value", End=1, ArrowDown=4)
    state |= {"point": 2, "x": changed(state["x"], 2, 1.5), "y": changed(state["y"], 2, 1.8)}
    check(page, **state)
    assert not opened.errors and not opened.foreign


def test_by_mouse_and_back(open_widget):
    opened = open_widget("lookup", viewport={"width": 1280, "height": 1400})
    page = opened.page
    start = embedded_state(page, LookupWidget)
    drag(page, "width", 0.25)
    state = {**start, "width": value_of(page, "width")}
    page.locator(f"{WIDGET} .attn-sweep").first.scroll_into_view_if_needed()
    page.mouse.click(*on_screen(page, 4.5, -1.7))  # away from all points
    state["query"] = value_of(page, "query")
    assert state["query"] == pytest.approx(4.5, abs=0.02)
    check(page, **state)
    drag_from(page, on_screen(page, 4.5, -1.7), on_screen(page, 1.5, -1.2))
    state["query"] = value_of(page, "query")
    assert state["query"] == pytest.approx(1.5, abs=0.02)
    check(page, **state)
    page.mouse.click(*on_screen(page, start["x"][9], start["y"][9]))
    state["point"] = 9
    check(page, **state)  # a click has moved nothing
    j = 6
    drag_from(page, on_screen(page, start["x"][j], start["y"][j]), on_screen(page, 0.7, -1.5))
    page.locator(f"{WIDGET} .attn-more summary").first.click()
    key = value_of(page, "key")
    value = -float(control(page, "value").get_attribute("aria-valuetext").lstrip("−"))
    assert (key, value) == pytest.approx((0.7, -1.5), abs=0.02)
    state |= {"point": j, "x": changed(state["x"], j, key), "y": changed(state["y"], j, value)}
    check(page, **state)
    page.locator(WIDGET).get_by_role("button", name="Reset").click()
    check(page, **start)
    assert not opened.errors and not opened.foreign


def test_a_point_stays_on_the_plane(open_widget):
    page = open_widget("lookup", viewport={"width": 1280, "height": 1400}).page
    start = embedded_state(page, LookupWidget)
    page.locator(f"{WIDGET} .attn-sweep").first.scroll_into_view_if_needed()
    x, y = on_screen(page, MAX_X, MAX_Y)
    drag_from(page, on_screen(page, start["x"][9], start["y"][9]), (x + 30, y - 30))
    moved = {"x": changed(start["x"], 9, MAX_X), "y": changed(start["y"], 9, MAX_Y)}
    check(page, **{**start, **moved, "point": 9})
