"""The memory widget in a browser: its numbers are Python's, all digits."""

import json

import numpy as np
import pytest

from attnlab.chapters.memory.models import Policy
from attnlab.chapters.memory.widget import KINDS, MemoryWidget
from tests.browser.made import filled
from tests.browser.on_page import (
    WIDGET,
    drag,
    embedded_state,
    height_from,
    number,
    press,
    value_of,
)


def check(page, **state) -> None:
    """All that is shown is what the widget in Python gives, with the policies of the page."""
    store = page.locator('script[type="application/vnd.jupyter.widget-state+json"]')
    states = [each["state"] for each in json.loads(store.text_content())["state"].values()]
    packed = next(each["_policies"] for each in states if "_policies" in each)
    width = packed["gru"]["tensors"][0][1][1]
    policies = [filled(Policy(kind, d_model=width), packed[kind]) for kind in KINDS]
    w = MemoryWidget(*policies, **state)
    widget = page.locator(WIDGET).first
    for name in ("on_sign", "right_attention", "right_gru", "collected"):
        assert number(page, name) == pytest.approx(getattr(w, name), abs=1e-6, nan_ok=True)
    bars = widget.locator(".attn-bar")
    weights = bars.evaluate_all("bars => bars.map(bar => +bar.dataset.weight)")
    np.testing.assert_allclose(weights, w.weights, atol=1e-6)


def sentence(page) -> str:
    return page.locator(f"{WIDGET} .attn-sentence").first.text_content()


def press_button(page, name: str) -> None:
    page.locator(WIDGET).first.get_by_role("button", name=name).click()


def test_a_walk_with_buttons_and_arrow_keys(open_widget):
    opened = open_widget("memory")
    page = opened.page
    start = embedded_state(page, MemoryWidget)
    check(page, **start)
    press_button(page, "Another maze")
    state = {**start, "maze": start["maze"] + 1, "at": 0}
    check(page, **state)
    press(page, "length", Home=1)
    press(page, "length", ArrowRight=2)
    state["length"] = 2
    check(page, **state)
    assert sentence(page).startswith("You are at the door, and the sign says left.")
    press_button(page, "Forward")
    page.keyboard.press("ArrowRight")  # with a button in focus the arrows walk: into the wall
    check(page, **state | {"at": 2, "bumps": 1})
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowUp")  # there is a wall behind the junction, too
    check(page, **state | {"at": 3, "bumps": 2})
    press_button(page, "Turn left")
    check(page, **state | {"at": 3, "bumps": 2, "turned": "left"})
    assert sentence(page).startswith("Right: you get 1.")
    press_button(page, "Turn right")  # the walk is over
    check(page, **state | {"at": 3, "bumps": 2, "turned": "left"})
    page.locator(WIDGET).first.get_by_label("→ right").check()
    check(page, **state | {"at": 3, "bumps": 2, "turned": "left", "sign": "right"})
    assert sentence(page).startswith("Wrong: that costs 1.")
    press_button(page, "Reset")
    check(page, **start)
    assert not opened.errors and not opened.foreign


def test_sliders_by_keys_and_mouse(open_widget):
    opened = open_widget("memory", viewport={"width": 1280, "height": 1400})
    page = opened.page
    state = embedded_state(page, MemoryWidget)
    press(page, "length", End=1)
    press(page, "at", Home=1, PageUp=3, ArrowLeft=1)
    state |= {"length": 80, "at": 29}
    check(page, **state)
    drag(page, "at", 1.0)
    state["at"] = 81
    check(page, **state)
    drag(page, "length", 0.5)
    state["length"] = int(value_of(page, "length"))
    assert 35 <= state["length"] <= 45
    check(page, **state)
    press(page, "length", Home=1)
    check(page, **state | {"length": 0})
    assert sentence(page).startswith("A maze of length 0 has no corridor")
    assert not opened.errors and not opened.foreign


def test_picture_and_buttons_share_a_phones_screen(open_widget):
    page = open_widget("memory", viewport={"width": 390, "height": 700}).page
    assert height_from(page, "svg", "length") < 500
