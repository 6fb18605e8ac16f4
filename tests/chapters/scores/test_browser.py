"""The scores widget in a real browser: keys, mouse, finger, and attnlab's numbers every time."""

import math

import pytest

from attnlab.chapters.scores.widget import NAMES, ScoresWidget
from attnlab.functional.softmax import entropy
from tests.browser.on_page import WIDGET, drag, embedded_state, number, press, value_of


def check(page, **traits) -> None:
    """All that is shown is what the widget gives for these traits."""
    expected = ScoresWidget(**traits)
    widget = page.locator(WIDGET).first
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
    for (x, y), key in zip(drawn(widget), expected.places, strict=True):
        assert (x, y) == pytest.approx(key, abs=0.01)
    assert widget.locator('input[data-name="key"]:checked').get_attribute("value") == expected.key
    if any(expected.query):
        sentence = page.locator(f"{WIDGET} .attn-sentence").first.text_content()
        assert f"{expected.winner} gets" in sentence


def drawn(widget) -> list[tuple[float, float]]:
    """Where the keys are, read back from where they are drawn."""
    side = float(widget.locator(".attn-plane svg").get_attribute("height"))
    discs = widget.locator(".attn-share").evaluate_all(
        "all => all.map(disc => [disc.cx.baseVal.value, disc.cy.baseVal.value])"
    )
    return [(4.5 * x / side - 2.25, 2.25 - 4.5 * y / side) for x, y in discs]


def moved(keys, name: str, place) -> list:
    """The keys, with one of them elsewhere."""
    return [place if each == name else key for each, key in zip(NAMES, keys, strict=True)]


def drag_in_plane(page, start, end) -> None:
    page.mouse.move(*place(page, *start))
    page.mouse.down()
    page.mouse.move(*place(page, *end), steps=6)
    page.mouse.up()


def choose(page, function: str) -> None:
    page.locator(f'{WIDGET} input[value="{function}"]').first.check()


def place(page, x: float, y: float) -> tuple[float, float]:
    """Where on the screen the plane has this point."""
    box = page.locator(".attn-plane svg").first.bounding_box()
    return (
        box["x"] + box["width"] * (x + 2.25) / 4.5,
        box["y"] + box["height"] * (2.25 - y) / 4.5,
    )


def query_shown(page) -> tuple[float, float]:
    widget = page.locator(WIDGET).first
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
    check(page, **{**start, "function": "additive", "query": (-2, 1.85)})
    handle = page.locator(".attn-asker").first
    handle.focus()
    for key, times in (("ArrowRight", 30), ("ArrowDown", 24), ("ArrowUp", 2)):
        for _ in range(times):
            page.keyboard.press(key)
    state = {**start, "function": "additive", "query": (-0.5, 0.75)}
    check(page, **state)
    choose(page, "bilinear")
    state["function"] = "bilinear"
    check(page, **state)
    page.locator(f"{WIDGET} .attn-more summary").first.press("Enter")
    page.locator(f'{WIDGET} input[data-name="key"]:checked').first.press("ArrowRight")
    press(page, "key_1", Home=1, PageUp=2)
    press(page, "key_2", End=1, ArrowDown=5)
    state |= {"key": "B", "places": moved(start["places"], "B", (-1, 1.75))}
    check(page, **state)
    assert not opened.errors and not opened.foreign


def test_at_the_origin_all_keys_fit_alike(open_widget):
    page = open_widget("scores").page
    choose(page, "dot")
    press(page, "query_1", Home=1, PageUp=4)
    press(page, "query_2", Home=1, PageUp=4)
    check(page, query=(0, 0))
    sentence = page.locator(f"{WIDGET} .attn-sentence").first.text_content()
    assert sentence == "By the dot score, all keys fit this query alike."


def test_by_mouse_and_back(open_widget):
    opened = open_widget("scores", viewport={"width": 1280, "height": 1400})
    page = opened.page
    start = embedded_state(page, ScoresWidget)
    page.locator(".attn-plane").first.scroll_into_view_if_needed()
    drag_in_plane(page, start["query"], (-1.6, -0.4))
    dragged = query_shown(page)
    assert dragged == pytest.approx((-1.6, -0.4), abs=0.03)
    check(page, **{**start, "query": dragged})
    page.mouse.move(*place(page, 0, 1))  # the button is up: nothing follows
    assert query_shown(page) == dragged
    choose(page, "scaled")
    drag(page, "query_1", 0.75)
    assert value_of(page, "query_1") == pytest.approx(1, abs=0.1)
    check(page, **{**start, "function": "scaled", "query": query_shown(page)})
    page.get_by_role("button", name="Reset").first.click()
    check(page, **start)
    assert not opened.errors and not opened.foreign


def test_a_key_is_dragged_and_none_by_a_click(open_widget):
    opened = open_widget("scores", viewport={"width": 1280, "height": 1400})
    page = opened.page
    start = embedded_state(page, ScoresWidget)
    page.locator(".attn-plane").first.scroll_into_view_if_needed()
    page.mouse.click(*place(page, *start["places"][3]))
    check(page, **{**start, "key": "D"})
    drag_in_plane(page, start["places"][4], (1.5, -0.75))
    moved_to = drawn(page.locator(WIDGET).first)[4]
    assert moved_to == pytest.approx((1.5, -0.75), abs=0.03)
    state = {**start, "key": "E", "places": moved(start["places"], "E", moved_to)}
    check(page, **state)
    drag_in_plane(page, start["query"], (-0.6, 1.6))  # from A, where the query lies on top, to C
    state["query"] = query_shown(page)
    check(page, **state)
    drag_in_plane(page, start["places"][0], (2.2, -2.2))  # now A is free; the plane's edge holds it
    state |= {"key": "A", "places": moved(state["places"], "A", (2, -2))}
    check(page, **state)
    page.get_by_role("button", name="Reset").first.click()
    check(page, **start)
    assert not opened.errors and not opened.foreign


def test_by_finger(open_widget):
    opened = open_widget("scores", viewport={"width": 390, "height": 844}, has_touch=True)
    page = opened.page
    start = embedded_state(page, ScoresWidget)
    page.locator(".attn-plane").first.scroll_into_view_if_needed()
    page.touchscreen.tap(*place(page, 1.2, -1.0))
    tapped = query_shown(page)
    assert tapped == pytest.approx((1.2, -1.0), abs=0.03)
    check(page, **{**start, "query": tapped})
    page.touchscreen.tap(*place(page, 0.4, -1.5))  # where E is
    check(page, **{**start, "query": tapped, "key": "E"})
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
