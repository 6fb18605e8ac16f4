"""The translation widget in a browser: what it writes and weighs is what torch does."""

import json

import numpy as np
import pytest

from attnlab.chapters.translation import numbers
from attnlab.chapters.translation.widget import TranslationWidget
from attnlab.models.transformer import Transformer
from attnlab.widgets.base import END
from tests.browser.made import filled
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

PHONE = {"width": 390, "height": 844}


def expected(page, **state) -> TranslationWidget:
    """The widget in Python, with the model that is in the page."""
    store = page.locator('script[type="application/vnd.jupyter.widget-state+json"]')
    states = json.loads(store.text_content())["state"].values()
    (packed,) = (model["state"]["_model"] for model in states if "_model" in model["state"])
    model = Transformer(
        len(numbers.SRC), len(numbers.TGT), d_model=64, n_heads=4, n_layers=1, d_ff=128, dropout=0.0
    )
    return TranslationWidget(filled(model, packed), **state)


def check(page, **state) -> str:
    """All that is shown is what the widget gives for these traits; returns the sentence."""
    w = expected(page, **state)
    widget = page.locator(WIDGET).first
    tokens = widget.locator(".attn-token").all_text_contents()
    assert "".join(token for token in tokens if token != END) == w.output
    looked = min(w.step, len(tokens)) - 1
    pressed = [b.get_attribute("aria-pressed") for b in widget.locator(".attn-token").all()]
    assert pressed.index("true") == looked
    shown = widget.locator("[data-weight]").evaluate_all("all => all.map(x => +x.dataset.weight)")
    np.testing.assert_allclose(np.reshape(shown, w.weights.shape), w.weights, atol=1e-6)
    assert number(page, "weight") == pytest.approx(w.weights[looked].max(), abs=1e-6)
    sentence = widget.locator(".attn-sentence").text_content()
    assert ("which is right" in sentence) == w.right
    assert (f"it should be {w.wanted}." in sentence) != w.right
    assert ("no number of nine digits" in sentence) == (w.number >= 10**8)
    return sentence


def test_typing_and_keys(open_widget):
    opened = open_widget("translation")
    page = opened.page
    state = embedded_state(page, TranslationWidget)
    check(page, **state)
    for typed, value in (("7", 7), ("10,010,000", 10_010_000), (" 99 999 999 ", 99_999_999)):
        control(page, "number").fill(typed)
        state["number"] = value
        check(page, **state)
    press(page, "step", Home=1, ArrowRight=1)
    state["step"] = 2
    check(page, **state)
    press(page, "step", End=1)
    state["step"] = 24
    assert "Where it ends" in check(page, **state)
    assert not opened.errors and not opened.foreign


def test_what_is_no_number_is_told_and_not_taken(open_widget):
    opened = open_widget("translation")
    page = opened.page
    state = embedded_state(page, TranslationWidget)
    field = control(page, "number")
    for typed in ("0", "1000000000", "-3", "1.5", "twelve"):
        field.fill(typed)
        told = f"Expected a whole number from 1 to 999,999,999, got “{typed}”"
        assert check(page, **state).startswith(told)
    field.fill("")
    assert check(page, **state).startswith("Type a whole number")
    field.blur()
    assert field.input_value() == f"{state['number']:,}"
    assert "Type" not in check(page, **state)
    assert not opened.errors


def test_by_mouse_and_back(open_widget):
    opened = open_widget("translation", viewport={"width": 1280, "height": 1600})
    page = opened.page
    start = embedded_state(page, TranslationWidget)
    state = dict(start)
    page.get_by_role("button", name="Times ten").first.click()
    state["number"] *= 10
    check(page, **state)
    page.get_by_role("button", name="Times ten").first.click()
    page.get_by_role("button", name="Times ten").first.click()
    state["number"] *= 100
    assert "nine digits" in check(page, **state)
    page.get_by_role("button", name="Times ten").first.click()  # too large: from the start
    state["number"] = 1
    check(page, **state)
    page.get_by_role("button", name="Another").first.click()
    state["number"] = int(control(page, "number").input_value().replace(",", ""))
    page.locator(WIDGET).first.locator(".attn-token").first.click()
    state["step"] = 1
    check(page, **state)
    drag(page, "step", 0.2)
    state["step"] = int(value_of(page, "step"))
    assert state["step"] > 2
    check(page, **state)
    page.locator(WIDGET).first.get_by_role("button", name="Reset").click()
    check(page, **start)
    assert not opened.errors and not opened.foreign


def test_answer_and_map_share_a_phones_screen_with_the_field(open_widget):
    page = open_widget("translation", viewport=PHONE).page
    assert height_from(page, ".attn-token", "step") < 640
    drawn = page.locator(WIDGET).first.locator("svg").last.bounding_box()
    assert drawn["x"] >= 0 and drawn["x"] + drawn["width"] <= 390
