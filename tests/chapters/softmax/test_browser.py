"""The softmax widget in a real browser: keyboard, mouse, and attnlab's numbers in every state."""

import pytest

from attnlab.chapters.softmax.widget import SoftmaxWidget
from tests.browser.on_page import control, drag, embedded_state, number, press, value_of


def check(page, **traits) -> None:
    """All that is shown is what the widget gives for these traits."""
    expected = SoftmaxWidget(**traits)
    widget = page.locator(".attn-widget").first
    bars = widget.locator("[data-weight]").evaluate_all("bars => bars.map(b => +b.dataset.weight)")
    assert bars == pytest.approx(expected.weights, abs=1e-6)
    scores = widget.locator("[data-score]").evaluate_all("bars => bars.map(b => +b.dataset.score)")
    for score, logit, bias, may in zip(
        scores, expected.logits, expected.biases, expected.mask, strict=True
    ):
        assert score == (pytest.approx(logit + bias) if may else -float("inf"))
    assert number(page, "own") == pytest.approx(expected.weights[expected.key], abs=1e-6)
    assert number(page, "largest") == pytest.approx(expected.weights.max(), abs=1e-6)
    assert number(page, "keys_in_effect") == pytest.approx(expected.keys_in_effect, abs=1e-6)
    assert chosen(page) == expected.key


def chosen(page) -> int:
    widget = page.locator(".attn-widget").first
    return int(widget.locator('input[data-name="key"]:checked').get_attribute("value"))


def sentence(page) -> str:
    return page.locator(".attn-sentence").first.text_content()


def changed(row, key: int, value) -> tuple:
    return (*row[:key], value, *row[key + 1 :])


def test_by_keyboard(open_widget):
    opened = open_widget("softmax")
    page = opened.page
    state = embedded_state(page, SoftmaxWidget)
    check(page, **state)
    press(page, "temperature", Home=1)
    state["temperature"] = 0.1
    check(page, **state)
    press(page, "temperature", PageUp=3, ArrowRight=2, ArrowDown=1)
    state["temperature"] = 0.9
    check(page, **state)
    page.locator(".attn-widget").first.locator('input[data-name="key"]:checked').focus()
    page.keyboard.press("ArrowRight")
    state["key"] += 1
    check(page, **state)
    press(page, "bias", PageUp=2, ArrowLeft=3)
    state["biases"] = changed(state["biases"], state["key"], 1.7)
    check(page, **state)
    press(page, "mask", Space=1)
    state["mask"] = changed(state["mask"], state["key"], False)
    check(page, **state)
    assert f"key {state['key']} is masked" in sentence(page)
    assert not opened.errors and not opened.foreign


def test_all_keys_masked(open_widget):
    opened = open_widget("softmax")
    page = opened.page
    state = embedded_state(page, SoftmaxWidget)
    for key in range(6):
        page.locator(".attn-widget").first.locator('input[data-name="key"]').nth(key).check()
        press(page, "mask", Space=1)
    check(page, **{**state, "key": 5, "mask": (False,) * 6})
    assert sentence(page) == "Every key is masked: no key is read, and all weights are 0."
    assert not opened.errors and not opened.foreign


def test_by_mouse_and_back(open_widget):
    opened = open_widget("softmax", viewport={"width": 1280, "height": 1400})
    page = opened.page
    start = embedded_state(page, SoftmaxWidget)
    columns = page.locator(".attn-widget").first.locator(".attn-column")
    columns.nth(4).click()  # in the picture of the scores
    check(page, **{**start, "key": 4})
    columns.nth(6 + 3).click()  # in the picture of the weights
    drag(page, "temperature", 0.25)
    drag(page, "bias", 0.75)
    temperature = value_of(page, "temperature")
    bias = value_of(page, "bias")
    assert 0.25 < temperature < 0.4 and 1.7 < bias < 2.3
    state = {**start, "key": 3, "temperature": temperature}
    state["biases"] = changed(start["biases"], 3, bias)
    check(page, **state)
    control(page, "mask").click()
    state["mask"] = changed(start["mask"], 3, False)
    check(page, **state)
    page.get_by_role("button", name="Reset").first.click()
    check(page, **start)
    assert not opened.errors and not opened.foreign
