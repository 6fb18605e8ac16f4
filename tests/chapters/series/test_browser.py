"""The series widget in a browser: its numbers are Python's, all digits."""

import json

import pytest

from attnlab.chapters.series.models import Forecaster
from attnlab.chapters.series.widget import METHODS, SeriesWidget
from tests.browser.made import filled
from tests.browser.on_page import WIDGET, control, drag, embedded_state, height_from, number, press


def check(page, **traits) -> None:
    """All that is shown is what the widget gives for these traits, with the page's models."""
    store = page.locator('script[type="application/vnd.jupyter.widget-state+json"]')
    states = json.loads(store.text_content())["state"].values()
    models = next(s["state"]["_models"] for s in states if "phi" in s["state"].get("_models", {}))
    packed = models["attention"]
    attention = filled(Forecaster(48, 12, patch=packed["patch"]), packed)
    w = SeriesWidget(attention, models["phi"], models["weights"], **traits)
    for name in METHODS:
        shown = number(page, f"error_{name}")
        assert shown == pytest.approx(w.errors[name], abs=1e-6, nan_ok=True)
    said = sentence(page)
    known = len(w.truth)
    assert ("The series ends in December 2010" in said) == (known < 12)
    assert ("nobody can say" in said) == (known == 0)
    assert ("is in another order" in said) == (w.shuffled and known > 0)


def sentence(page) -> str:
    return page.locator(f"{WIDGET} .attn-sentence").first.text_content()


def start_of(page) -> int:
    """The slider names a month; its place is the start."""
    return int(control(page, "start").input_value())


def test_by_keyboard(open_widget):
    opened = open_widget("series")
    page = opened.page
    state = embedded_state(page, SeriesWidget)
    check(page, **state)
    press(page, "start", PageDown=1, ArrowRight=2)
    state["start"] += -12 + 2
    check(page, **state)
    press(page, "shuffled", Space=1)
    state["shuffled"] = True
    check(page, **state)
    press(page, "start", End=1)
    state["start"] = 684
    check(page, **state)
    press(page, "start", ArrowLeft=1)
    state["start"] = 683
    check(page, **state)
    assert "one of the twelve months can be compared" in sentence(page)
    press(page, "start", ArrowLeft=4)
    state["start"] = 679
    check(page, **state)
    assert "5 of the twelve months can be compared" in sentence(page)
    press(page, "start", Home=1)
    state["start"] = 0
    check(page, **state)
    assert not opened.errors and not opened.foreign


def test_by_mouse_and_back(open_widget):
    opened = open_widget("series", viewport={"width": 1280, "height": 1600})
    page = opened.page
    start = embedded_state(page, SeriesWidget)
    drag(page, "start", 0.25)
    state = {**start, "start": start_of(page)}
    assert 130 < state["start"] < 210
    check(page, **state)
    control(page, "shuffled").click()
    state["shuffled"] = True
    check(page, **state)
    strip = page.locator(f"{WIDGET} svg.attn-strip").first.bounding_box()
    middle = strip["y"] + strip["height"] / 2
    page.mouse.move(strip["x"] + 0.5 * strip["width"], middle)
    page.mouse.down()
    page.mouse.move(strip["x"] + 0.7 * strip["width"], middle, steps=4)
    page.mouse.up()
    state["start"] = start_of(page)
    assert 440 < state["start"] < 540
    check(page, **state)
    page.mouse.click(strip["x"] + strip["width"] - 1, middle)  # the window stays on the series
    state["start"] = start_of(page)
    assert state["start"] == 684
    check(page, **state)
    page.get_by_role("button", name="Reset").first.click()
    check(page, **start)
    assert not opened.errors and not opened.foreign


def test_picture_and_slider_share_a_phones_screen(open_widget):
    page = open_widget("series", viewport={"width": 390, "height": 700}).page
    assert height_from(page, "svg", "start") < 400
