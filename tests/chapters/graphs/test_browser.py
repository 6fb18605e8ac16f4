"""The graphs widget in a browser: its numbers are Python's, all digits."""

import numpy as np
import pytest

from attnlab.chapters.graphs.widget import GraphsWidget
from tests.browser.on_page import (
    WIDGET,
    control,
    drag,
    embedded_state,
    height_from,
    number,
    press,
    value_of,
)


def check(page, **state) -> None:
    """All that is shown is what the widget gives for these traits."""
    w = GraphsWidget(**state)
    widget = page.locator(WIDGET).first
    for name in ("inside", "on_friends", "own_side"):
        assert number(page, name) == pytest.approx(getattr(w, name), abs=1e-6, nan_ok=True)
    links = widget.locator(".attn-link")
    weights = links.evaluate_all("links => links.map(link => +link.dataset.weight)")
    linked = w.edges[w.node]
    np.testing.assert_allclose(weights, w.weights[w.node][linked], atol=1e-6)
    friend = links.evaluate_all("links => links.map(link => link.dataset.friend === 'true')")
    assert friend == w.friends[w.node][linked].tolist()
    chosen = widget.locator('.attn-node[data-chosen="true"]')
    assert int(chosen.get_attribute("data-node")) == w.node
    sentence = widget.locator(".attn-sentence").text_content()
    if w.edges.any():
        assert sentence.startswith(f"Node {w.node} has ")
    else:
        assert sentence == "No node has a neighbor, so there is nothing to weigh."


def test_by_keyboard(open_widget):
    opened = open_widget("graphs")
    page = opened.page
    state = embedded_state(page, GraphsWidget)
    check(page, **state)
    press(page, "separation", End=1)
    state["separation"] = 4.0
    check(page, **state)
    shares = page.locator(WIDGET).first.locator("data").all_text_contents()
    assert shares[-1] == "100%"  # all 60 nodes: not “more than 99.99%”
    press(page, "separation", PageDown=2, ArrowLeft=1)
    state["separation"] = 1.5
    check(page, **state)
    press(page, "badges", Space=1)
    state["badges"] = True
    check(page, **state)
    press(page, "node", End=1, PageDown=1, ArrowLeft=2)
    state["node"] = 47
    check(page, **state)
    press(page, "degree", Home=1)
    state["degree"] = 0
    check(page, **state)
    press(page, "degree", ArrowRight=1)
    state["degree"] = 1
    check(page, **state)
    assert not opened.errors and not opened.foreign


def test_by_mouse_and_back(open_widget):
    opened = open_widget("graphs", viewport={"width": 1280, "height": 1600})
    page = opened.page
    start = embedded_state(page, GraphsWidget)
    drag(page, "separation", 0.75)
    state = {**start, "separation": value_of(page, "separation")}
    assert 2.5 <= state["separation"] <= 3.5
    check(page, **state)
    drag(page, "degree", 0.9)
    state["degree"] = int(value_of(page, "degree"))
    assert state["degree"] > 15
    check(page, **state)
    control(page, "badges").click()
    state["badges"] = True
    page.get_by_role("button", name="Another graph").first.click()
    state["graph"] = start["graph"] + 1
    check(page, **state)
    page.locator('.attn-node[data-node="40"]').first.click(force=True)
    chosen = page.locator('.attn-node[data-chosen="true"]').first
    state["node"] = int(chosen.get_attribute("data-node"))
    assert state["node"] != start["node"]
    check(page, **state)
    drag(page, "node", 0.2)
    state["node"] = int(value_of(page, "node"))
    check(page, **state)
    page.get_by_role("button", name="Reset").first.click()
    check(page, **start)
    assert not opened.errors and not opened.foreign


def test_picture_and_slider_share_a_phones_screen(open_widget):
    page = open_widget("graphs", viewport={"width": 390, "height": 700}).page
    assert height_from(page, "svg", "separation") < 400
