"""The positions widget in a real browser: keyboard, mouse, and attnlab's numbers every time."""

import numpy as np
import pytest

from attnlab.chapters.positions.widget import PositionsWidget
from tests.browser.on_page import WIDGET, drag, embedded_state, knob, number, press, pull, value_of


def check(page, **traits) -> None:
    """All that is shown is what the widget gives for these traits."""
    expected = PositionsWidget(**traits)
    widget = page.locator(WIDGET).first
    assert number(page, "similarity") == pytest.approx(expected.similarity, abs=1e-6)
    cosines = np.exp(1j * np.deg2rad([number(page, "fastest"), number(page, "slowest")]))
    hands = expected.hands @ [1, 1j]  # (2, pairs): complex numbers
    between = hands[1] / hands[0]
    np.testing.assert_allclose(cosines, between[[0, -1]], atol=1e-6)
    for row, kind in enumerate(("key", "query")):
        shown = widget.locator(f".attn-hand-{kind}:visible").evaluate_all(
            "hands => hands.map(h => [+h.dataset.pair, ...h.dataset.hand.split(' ').map(Number)])"
        )
        assert len(shown) == min(6, expected.d_model // 2)
        for pair, x, y in shown:
            assert (x, y) == pytest.approx(expected.hands[row, int(pair)], abs=1e-6)
    canvas = widget.locator(".attn-code canvas")
    shape = canvas.evaluate("c => [c.height, c.width]")
    assert shape == [expected.d_model, len(expected.code)]
    opacity = canvas.evaluate(
        "c => Array.from(c.getContext('2d').getImageData(0, 0, c.width, c.height).data)"
        ".filter((_, i) => i % 4 === 3)"
    )
    code = np.array(opacity).reshape(shape).T / 127.5 - 1  # (n, d_model)
    np.testing.assert_allclose(code, expected.code, atol=0.01)  # 256 shades
    sentence = page.locator(".attn-sentence").first.text_content()
    query = expected.position + expected.distance
    assert f"at {expected.position}, the query at {query}." in sentence


def test_by_keyboard(open_widget):
    opened = open_widget("positions")
    page = opened.page
    state = embedded_state(page, PositionsWidget)
    check(page, **state)
    press(page, "position", Home=1, PageUp=3, ArrowRight=2, ArrowLeft=1)
    state["position"] = 31
    check(page, **state)
    press(page, "distance", End=1, PageDown=2, ArrowUp=1)
    state["distance"] = 19
    check(page, **state)
    press(page, "d_model", Home=1)
    state["d_model"] = 2
    check(page, **state)
    press(page, "d_model", PageUp=3, ArrowRight=1)
    state["d_model"] = 28
    check(page, **state)
    assert not opened.errors and not opened.foreign


def test_by_mouse_and_back(open_widget):
    opened = open_widget("positions", viewport={"width": 1280, "height": 1400})
    page = opened.page
    start = embedded_state(page, PositionsWidget)
    for name, share in (("position", 0.9), ("distance", 0.1), ("d_model", 1.0)):
        drag(page, name, share)
    moved = {name: int(value_of(page, name)) for name in start}
    assert moved["position"] > 80 and moved["distance"] < 6 and moved["d_model"] == 64
    check(page, **moved)
    page.get_by_role("button", name="Reset").first.click()
    check(page, **start)
    assert not opened.errors and not opened.foreign


def test_to_move_both_leaves_what_is_between_them(open_widget):
    page = open_widget("positions").page
    names = ("similarity", "fastest", "slowest")
    before = [number(page, name) for name in names]
    press(page, "position", End=1)
    assert [number(page, name) for name in names] == pytest.approx(before, abs=1e-9)


KEY, QUERY = 0, 1  # which handle


def test_key_and_query_are_dragged_along_the_curve(open_widget):
    page = open_widget("positions", viewport={"width": 1280, "height": 1400}).page
    state = embedded_state(page, PositionsWidget)
    (key, y), (query, _) = knob(page, KEY), knob(page, QUERY)
    place = (query - key) / state["distance"]  # pixels
    pull(page, knob(page, QUERY), query + 12 * place)
    state["distance"] += 12
    check(page, **state)
    pull(page, knob(page, KEY), key + 30 * place)
    state["position"] += 30
    check(page, **state)
    assert knob(page, QUERY)[0] == pytest.approx(query + 42 * place, abs=1)  # it went along
    page.mouse.click(key - 10 * place, y)
    state["position"] -= 40
    check(page, **state)
    assert value_of(page, "position") == state["position"]
    pull(page, knob(page, QUERY), key - 100 * place)  # the query never stands before the key
    check(page, **{**state, "distance": 0})


def test_key_and_query_are_dragged_on_their_codes(open_widget):
    page = open_widget("positions", viewport={"width": 1280, "height": 1400}).page
    state = embedded_state(page, PositionsWidget)
    key, query = knob(page, KEY)[0], knob(page, QUERY)[0]
    place = (query - key) / state["distance"]
    box = page.locator(".attn-code").bounding_box()
    middle = box["y"] + box["height"] / 2
    pull(page, (query, middle), query + 7 * place)
    check(page, **{**state, "distance": state["distance"] + 7})
    pull(page, (key, middle), key + 50 * place)
    check(page, **{**state, "distance": state["distance"] + 7, "position": state["position"] + 50})
