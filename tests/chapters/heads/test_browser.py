"""The heads widget in a real browser: torch's numbers for every layer, with heads on and off."""

import json
from functools import cache

import numpy as np
import pytest

from attnlab.chapters.heads.models import SentenceAnswerer, TableAnswerer
from attnlab.chapters.heads.widget import HEADS, TASK, HeadsWidget
from tests.browser.made import filled
from tests.browser.on_page import WIDGET, control, drag, embedded_state, number, press


@cache
def widget_of(packed: str) -> HeadsWidget:
    """The widget in Python, with the layers that are in the page."""
    models, layers = json.loads(packed), []
    for name in ("tables", "neighbors", "ends"):
        by_heads = models[name]
        (_, (_, d_model), _) = by_heads["1"]["tensors"][0]
        made = {}
        for h in HEADS:
            blank = (
                TableAnswerer(TASK, d_model, h)
                if name == "tables"
                else SentenceAnswerer(d_model, h)
            )
            made[h] = filled(blank, by_heads[str(h)])
        layers.append(made)
    return HeadsWidget(*layers)


@cache
def packed_in(store: str) -> str:
    """The layers in the state of a page's widgets."""
    states = json.loads(store)["state"].values()
    return json.dumps(
        next(m["state"]["_models"] for m in states if "tables" in m["state"].get("_models", ()))
    )


def check(page, **traits) -> None:
    """All that is shown is what the widget gives for these traits."""
    store = page.locator('script[type="application/vnd.jupyter.widget-state+json"]')
    w = widget_of(packed_in(store.text_content()))
    w.set_trait("off", ())
    for name, value in traits.items():
        w.set_trait(name, value)
    widget = page.locator(WIDGET).first
    cells = widget.locator(".attn-heads > div:not([hidden]) rect[data-weight]")
    weights = cells.evaluate_all("cells => cells.map(cell => +cell.dataset.weight)")
    # The page rounds the parameters that were rounded once more: no more than its last digits.
    np.testing.assert_allclose(weights, w.weights.ravel(), atol=1e-6)
    answers = widget.locator("[data-answer]").evaluate_all("all => all.map(a => +a.dataset.answer)")
    assert answers == w.answers.ravel().tolist()
    assert number(page, "d_k") == w.d_k
    assert number(page, "right") == pytest.approx(w.right, abs=1e-9)
    assert number(page, "all_right") == pytest.approx(w.all_right, abs=1e-9)
    on = widget.locator(".attn-heads > div:not([hidden]) input")
    shown = on.evaluate_all("inputs => inputs.map(input => input.checked)")
    assert shown == [i not in w.off for i in range(w.n_heads)]
    gray = widget.locator(".attn-heads > div:not([hidden]) svg")
    assert gray.evaluate_all("maps => maps.map(map => map.dataset.off === 'false')") == shown


def start_of(page) -> dict:
    return embedded_state(page, HeadsWidget)


def test_by_keyboard(open_widget):
    opened = open_widget("heads")
    page = opened.page
    state = start_of(page)
    check(page, **state)
    press(page, "n_heads", End=1)
    state["n_heads"] = 8
    check(page, **state)
    press(page, "head_2", Space=1)
    press(page, "head_7", Space=1)
    state["off"] = (2, 7)
    check(page, **state)
    press(page, "n_heads", ArrowLeft=2)
    state["n_heads"] = 2  # the heads that are off are not there
    check(page, **state)
    press(page, "n_heads", Home=1, ArrowUp=2)
    state["n_heads"] = 4
    check(page, **state)
    assert "of which 3 are on" in page.locator(".attn-sentence").first.text_content()
    assert not opened.errors and not opened.foreign


def test_by_mouse_and_back(open_widget):
    opened = open_widget("heads", viewport={"width": 1280, "height": 1600})
    page = opened.page
    start = start_of(page)
    drag(page, "n_heads", 0.35)
    check(page, **{**start, "n_heads": 2})
    page.get_by_label("words: my neighbors").first.check()
    control(page, "head_1").click()
    another = page.get_by_role("button", name="Another example").first
    another.click()
    another.click()
    state = {"n_heads": 2, "task": "neighbors", "off": (1,), "example": start["example"] + 2}
    check(page, **state)
    page.get_by_label("words: the ends").first.check()
    check(page, **{**state, "task": "ends"})
    page.get_by_role("button", name="Reset").first.click()
    check(page, **start)
    assert not opened.errors and not opened.foreign


def test_the_slider_stays_where_it_is(open_widget):
    page = open_widget("heads").page
    place = """slider => slider.getBoundingClientRect().top
      - slider.closest(".attn-widget").getBoundingClientRect().top"""
    press(page, "n_heads", Home=1)
    top = control(page, "n_heads").evaluate(place)
    press(page, "n_heads", End=1)
    assert control(page, "n_heads").evaluate(place) == pytest.approx(top, abs=0.01)
