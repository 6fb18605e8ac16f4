"""The masks widget in a real browser: keyboard, mouse, and attnlab's numbers in every state."""

import json

import numpy as np
import pytest

from attnlab.chapters.masks.widget import MasksWidget
from tests.browser.on_page import WIDGET, control, drag, embedded_state, number, press


def cells(page):
    return page.locator(WIDGET).first.locator(".attn-cell")


def model_of(page) -> tuple[list[str], list[list[float]]]:
    """The tokens and the scores that the page holds."""
    store = page.locator('script[type="application/vnd.jupyter.widget-state+json"]')
    states = json.loads(store.text_content())["state"].values()
    read = next(one["state"]["_read"] for one in states if "_read" in one["state"])
    return read["tokens"], read["scores"]


def check(page, **traits) -> None:
    """All that is shown is what the widget gives for these traits."""
    expected = MasksWidget(*model_of(page), **traits)
    shown = cells(page).evaluate_all(
        "cells => cells.map(c => [+c.dataset.weight, c.dataset.sees === 'true', "
        "c.dataset.may === 'true', c.getAttribute('aria-selected') === 'true'])"
    )
    weights, sees, may, selected = (np.array(x).reshape(8, 8) for x in zip(*shown, strict=True))
    np.testing.assert_allclose(weights, expected.weights, atol=1e-6)
    assert (sees == expected.mask).all() and (selected == expected.mask).all()
    assert (may == expected.rule).all()
    assert number(page, "leak") == pytest.approx(expected.leak, abs=1e-6)
    assert number(page, "open") == expected.mask.sum()
    assert number(page, "blind") == (~expected.mask.any(axis=1)).sum()


def sentence(page) -> str:
    return page.locator(f"{WIDGET} .attn-sentence").first.text_content()


def test_by_keyboard(open_widget):
    opened = open_widget("masks")
    page = opened.page
    state = embedded_state(page, MasksWidget)
    check(page, **state)
    press(page, "length", ArrowRight=2, ArrowLeft=3)
    state["length"] = 5
    check(page, **state)
    press(page, "window", Home=1, PageUp=1)
    state["window"] = 4
    check(page, **state)
    press(page, "causal", Space=1)
    state["causal"] = not state["causal"]
    check(page, **state)
    cells(page).first.focus()
    for key in ("ArrowDown", "ArrowDown", "End", "ArrowRight", "ArrowLeft", "Enter"):
        page.keyboard.press(key)
    state["flips"] = [(2, 6)]
    check(page, **state)
    assert "query 2 sees key 6, which is padding" in sentence(page)
    page.keyboard.press("Space")
    state["flips"] = []
    check(page, **state)
    assert sentence(page).endswith("Nothing leaks: no pair is open that the rule forbids.")
    assert not opened.errors and not opened.foreign


def value(page, name: str) -> int:
    return int(control(page, name).get_attribute("aria-valuetext"))


def test_the_page_shows_the_model_that_the_chapter_has_trained(open_widget):
    page = open_widget("masks").page
    tokens, _ = model_of(page)
    text = "".join(tokens)
    said = f"The model that was trained with the mask reads “{text}”."
    assert sentence(page).startswith(said)
    printed = page.locator(".cell_output", has_text="input:").first.text_content()
    assert text.replace("␣", " ") in printed  # the piece that the chapter begins with


def test_one_cell_at_a_time_is_in_the_order_of_the_tabulator(open_widget):
    page = open_widget("masks").page
    cells(page).nth(8 * 3 + 1).click()
    indices = cells(page).evaluate_all("cells => cells.map(c => c.tabIndex)")
    assert indices.count(0) == 1 and indices[8 * 3 + 1] == 0
    page.keyboard.press("ArrowUp")
    label = page.evaluate("document.activeElement.getAttribute('aria-label')")
    tokens, _ = model_of(page)
    assert label.startswith(f"query 2 {tokens[2]}, key 1 {tokens[1]}: ")


def test_by_mouse_and_back(open_widget):
    opened = open_widget("masks", viewport={"width": 1280, "height": 1400})
    page = opened.page
    start = embedded_state(page, MasksWidget)
    cells(page).nth(7).click()  # the first query, the last key
    cells(page).nth(8 * 4 + 1).click()  # an allowed pair
    state = {**start, "flips": [(0, 7), (4, 1)]}
    check(page, **state)
    assert "leaks: query 0 sees key 7, which is padding" in sentence(page)
    drag(page, "length", 1.0)
    state["length"] = 8
    check(page, **state)
    assert "query 0 sees key 7, which is in the future" in sentence(page)
    control(page, "causal").click()
    drag(page, "window", 0.3)
    state |= {"causal": False, "window": value(page, "window")}
    check(page, **state)
    page.get_by_role("button", name="Reset").first.click()
    check(page, **start)
    assert not opened.errors and not opened.foreign


def test_words_that_see_nothing(open_widget):
    page = open_widget("masks").page
    state = embedded_state(page, MasksWidget)
    press(page, "window", Home=1)
    check(page, **{**state, "window": 1})
    assert "2 places see nothing: their weights are all 0." in sentence(page)


def test_on_a_phone_a_finger_can_hit_each_pair(open_widget):
    page = open_widget("masks", viewport={"width": 390, "height": 844}).page
    box = cells(page).first.bounding_box()
    assert box["width"] >= 24 and box["height"] >= 24  # WCAG 2.2, success criterion 2.5.8
