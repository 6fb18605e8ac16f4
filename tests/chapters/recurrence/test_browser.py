"""The recurrence widget in a real browser: its numbers, read at full precision, are attnlab's."""

import pytest

from attnlab.chapters.recurrence.widget import RecurrenceWidget
from tests.browser.on_page import (
    control,
    drag,
    embedded_state,
    knob,
    number,
    press,
    pull,
    value_of,
)


def check_recurrence(page, **traits) -> None:
    expected = RecurrenceWidget(**traits)
    assert number(page, "gradient") == pytest.approx(expected.gradient, rel=1e-6)
    assert number(page, "attention_even") == pytest.approx(1 / (expected.lag + 1), abs=1e-6)
    sentence = page.locator(".attn-sentence").first.text_content()
    assert f" at gain {expected.gain:.2f}, " in sentence


def test_recurrence_by_keyboard_gives_attnlabs_numbers(open_widget):
    opened = open_widget("recurrence")
    page = opened.page
    start = embedded_state(page, RecurrenceWidget)
    check_recurrence(page, **start)
    if start["tanh"]:
        press(page, "tanh", Space=1)
    press(page, "lag", Home=1)
    press(page, "gain", Home=1)
    check_recurrence(page, lag=0, gain=0.5, tanh=False)
    press(page, "lag", PageUp=7, ArrowRight=3)
    press(page, "gain", PageUp=6, ArrowUp=3)
    check_recurrence(page, lag=73, gain=1.13, tanh=False)
    press(page, "tanh", Space=1)
    check_recurrence(page, lag=73, gain=1.13, tanh=True)
    press(page, "lag", End=1)
    press(page, "gain", End=1, ArrowLeft=1)
    check_recurrence(page, lag=200, gain=1.49, tanh=True)
    assert not opened.errors and not opened.foreign


def test_recurrence_by_mouse_and_back(open_widget):
    opened = open_widget("recurrence", viewport={"width": 1280, "height": 1400})
    page = opened.page
    start = embedded_state(page, RecurrenceWidget)
    drag(page, "lag", 0.75)
    drag(page, "gain", 0.25)
    lag, gain = int(value_of(page, "lag")), value_of(page, "gain")
    assert 140 < lag < 160 and 0.7 < gain < 0.8
    control(page, "tanh").click()
    check_recurrence(page, lag=lag, gain=gain, tanh=not start["tanh"])
    page.get_by_role("button", name="Reset").first.click()
    check_recurrence(page, **start)
    assert not opened.errors and not opened.foreign


CHAIN, CURVE = 0, 1  # which handle


@pytest.mark.parametrize("handle", [CHAIN, CURVE])
def test_a_handle_is_dragged_and_clicked_to_a_lag(open_widget, handle):
    page = open_widget("recurrence", viewport={"width": 1280, "height": 1400}).page
    start = embedded_state(page, RecurrenceWidget)
    x, y = knob(page, handle)
    band = page.locator(".attn-band").bounding_box()  # from lag 0 to 200
    step = band["width"] / 200
    pull(page, (x, y), x + 60 * step)
    assert value_of(page, "lag") == start["lag"] + 60
    check_recurrence(page, **{**start, "lag": start["lag"] + 60})
    page.mouse.click(band["x"] + 20 * step, y)
    assert value_of(page, "lag") == 20
    for each in (CHAIN, CURVE):  # they move together
        assert knob(page, each)[0] == pytest.approx(band["x"] + 20 * step, abs=1)
    check_recurrence(page, **{**start, "lag": 20})
    pull(page, knob(page, handle), band["x"] - 200)
    check_recurrence(page, **{**start, "lag": 0})
