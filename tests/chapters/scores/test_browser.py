"""The scores widget in a real browser: keys, mouse, finger, and attnlab's numbers every time."""

import math

import pytest

from attnlab.chapters.scores.widget import ScoresWidget
from attnlab.functional.softmax import entropy
from tests.browser.on_page import drag, embedded_state, number, press, value_of


def check(page, **traits) -> None:
    """All that is shown is what the widget gives for these traits."""
    expected = ScoresWidget(**traits)
    widget = page.locator(".attn-widget").first
    discs = widget.locator(".attn-share")
    for name, values in (("weight", expected.weights), ("score", expected.scores)):
        shown = discs.evaluate_all(f"discs => discs.map(d => +d.dataset.{name})")
        assert shown == pytest.approx(values, abs=1e-6)
    assert number(page, "score") == pytest.approx(expected.scores.max(), abs=1e-6)
    assert number(page, "largest") == pytest.approx(expected.weights.max(), abs=1e-6)
    in_effect = math.exp(float(entropy(expected.weights)))
    assert number(page, "keys_in_effect") == pytest.approx(in_effect, abs=1e-6)
    chosen = widget.locator('input[data-name="function"]:checked').get_attribute("value")
    assert chosen == expected.function
    for i in (0, 1):
        slider = widget.locator(f'input[data-name="query_{i + 1}"]')
        shown = slider.get_attribute("aria-valuetext").replace("−", "-")
        assert float(shown) == pytest.approx(expected.query[i], abs=0.006)
    if any(expected.query):
        assert f"{expected.winner} gets" in page.locator(".attn-sentence").first.text_content()


def choose(page, function: str) -> None:
    page.locator(f'.attn-widget input[value="{function}"]').first.check()


def place(page, x: float, y: float) -> tuple[float, float]:
    """Where on the screen the plane has this point."""
    box = page.locator(".attn-plane svg").first.bounding_box()
    return (
        box["x"] + box["width"] * (x + 2.25) / 4.5,
        box["y"] + box["height"] * (2.25 - y) / 4.5,
    )


def query_shown(page) -> tuple[float, float]:
    widget = page.locator(".attn-widget").first
    texts = [
        widget.locator(f'input[data-name="query_{i}"]').get_attribute("aria-valuetext")
        for i in (1, 2)
    ]
    return tuple(float(text.replace("−", "-")) for text in texts)


def test_by_keyboard(open_widget):
    opened = open_widget("scores")
    page = opened.page
    start = embedded_state(page, ScoresWidget)
    check(page, **start)
    press(page, "query_1", Home=1)
    press(page, "query_2", End=1, ArrowDown=3)
    check(page, **{**start, "query": (-2, 1.85)})
    choose(page, "additive")
    check(page, function="additive", query=(-2, 1.85))
    handle = page.locator(".attn-asker").first
    handle.focus()
    for key, times in (("ArrowRight", 30), ("ArrowDown", 24), ("ArrowUp", 2)):
        for _ in range(times):
            page.keyboard.press(key)
    check(page, function="additive", query=(-0.5, 0.75))
    choose(page, "bilinear")
    check(page, function="bilinear", query=(-0.5, 0.75))
    assert not opened.errors and not opened.foreign


def test_at_the_origin_all_keys_fit_alike(open_widget):
    page = open_widget("scores").page
    choose(page, "dot")
    press(page, "query_1", Home=1, PageUp=4)
    press(page, "query_2", Home=1, PageUp=4)
    check(page, function="dot", query=(0, 0))
    sentence = page.locator(".attn-sentence").first.text_content()
    assert sentence == "By the dot score, all keys fit this query alike."


def test_by_mouse_and_back(open_widget):
    opened = open_widget("scores", viewport={"width": 1280, "height": 1400})
    page = opened.page
    start = embedded_state(page, ScoresWidget)
    page.locator(".attn-plane").first.scroll_into_view_if_needed()
    page.mouse.move(*place(page, *start["query"]))
    page.mouse.down()
    page.mouse.move(*place(page, -1.6, -0.4), steps=6)
    page.mouse.up()
    dragged = query_shown(page)
    assert dragged == pytest.approx((-1.6, -0.4), abs=0.03)
    check(page, **{**start, "query": dragged})
    page.mouse.move(*place(page, 0, 1))  # the button is up: nothing follows
    assert query_shown(page) == dragged
    choose(page, "scaled")
    drag(page, "query_1", 0.75)
    assert value_of(page, "query_1") == pytest.approx(1, abs=0.1)
    check(page, function="scaled", query=query_shown(page))
    page.get_by_role("button", name="Reset").first.click()
    check(page, **start)
    assert not opened.errors and not opened.foreign


def test_by_finger(open_widget):
    opened = open_widget("scores", viewport={"width": 390, "height": 844}, has_touch=True)
    page = opened.page
    start = embedded_state(page, ScoresWidget)
    page.locator(".attn-plane").first.scroll_into_view_if_needed()
    page.touchscreen.tap(*place(page, 0.4, -1.5))
    tapped = query_shown(page)
    assert tapped == pytest.approx((0.4, -1.5), abs=0.03)
    check(page, **{**start, "query": tapped})
    assert not opened.errors and not opened.foreign


def test_the_field_is_drawn_and_follows(open_widget):
    page = open_widget("scores").page
    picture = "canvas => canvas.toDataURL()"
    canvas = page.locator(".attn-plane canvas").first
    seen = set()
    for function in ("dot", "scaled", "bilinear", "additive"):
        choose(page, function)
        seen.add(canvas.evaluate(picture))
    press(page, "query_1", ArrowLeft=4)
    seen.add(canvas.evaluate(picture))
    assert len(seen) == 5
