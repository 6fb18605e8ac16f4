"""The widgets of self-attention in a real browser: words moved by keyboard and mouse, and costs."""

import math

import numpy as np
import pytest

from attnlab.chapters.self_attention.costs import CostWidget
from attnlab.chapters.self_attention.widget import SelfAttentionWidget
from tests.browser.on_page import WIDGET, control, embedded_state, number, press


def words(page):
    return page.locator(WIDGET).first.locator(".attn-word")


def check(page, **traits) -> None:
    """All that is shown is what the widget gives for these traits."""
    expected = SelfAttentionWidget(**traits)
    assert tuple(words(page).all_text_contents()) == expected.words
    place = np.argsort(expected.order)  # cells keep their words, and change places
    weights = page.locator("[data-weight]").evaluate_all("all => all.map(c => +c.dataset.weight)")
    in_first_order = expected.weights[np.ix_(place, place)]
    np.testing.assert_allclose(np.reshape(weights, (6, 6)), in_first_order, atol=1e-6)
    bars = page.locator("[data-context]").evaluate_all("all => all.map(b => +b.dataset.context)")
    np.testing.assert_allclose(np.reshape(bars, (6, 4)), expected.contexts[place], atol=1e-6)
    assert number(page, "error") == pytest.approx(expected.error, abs=1e-6)
    assert number(page, "weight_error") == pytest.approx(expected.weight_error, abs=1e-6)


def sentence(page) -> str:
    return page.locator(".attn-sentence").first.text_content()


def test_by_keyboard(open_widget):
    opened = open_widget("self_attention")
    page = opened.page
    start = embedded_state(page, SelfAttentionWidget)
    check(page, **start)
    assert "the first order" in sentence(page)
    words(page).nth(1).focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    check(page, order=(0, 2, 3, 1, 4, 5))
    focused = page.evaluate("document.activeElement.getAttribute('aria-label')")
    assert focused == "dog, place 4 of 6; arrow keys move it"  # it is held while it moves
    assert "only places changed" in sentence(page)
    page.keyboard.press("End")
    page.keyboard.press("ArrowRight")  # there is nothing further right
    check(page, order=(0, 2, 3, 4, 5, 1))
    press(page, "places", Space=1)
    check(page, order=(0, 2, 3, 4, 5, 1), places=True)
    assert "weights of two words are others" in sentence(page)
    assert not opened.errors and not opened.foreign


def test_by_mouse_and_back(open_widget):
    opened = open_widget("self_attention", viewport={"width": 1280, "height": 1400})
    page = opened.page
    start = embedded_state(page, SelfAttentionWidget)
    words(page).nth(0).scroll_into_view_if_needed()
    middles = [
        (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        for box in (word.bounding_box() for word in words(page).all())
    ]
    page.mouse.move(*middles[5])
    page.mouse.down()
    page.mouse.move(*middles[2], steps=8)
    held = words(page).evaluate_all("all => all.map(word => word.hasAttribute('data-held'))")
    assert held == [False, False, True, False, False, False]  # it is lifted where it has come to
    page.mouse.up()
    assert page.locator("[data-held]").count() == 0
    page.mouse.move(*middles[0])  # let go of, it stays
    check(page, order=(0, 1, 5, 2, 3, 4))
    page.get_by_role("button", name="Swap dog and man").first.click()
    check(page, order=(0, 5, 1, 2, 3, 4))
    control(page, "places").click()
    check(page, order=(0, 5, 1, 2, 3, 4), places=True)
    page.get_by_role("button", name="Reset").first.click()
    check(page, **start)
    assert not opened.errors and not opened.foreign


def test_weights_glide_with_their_words(open_widget):
    page = open_widget("self_attention").page
    dog_for_man = page.locator("[data-weight]").nth(6 * 1 + 5)
    before = dog_for_man.get_attribute("style"), dog_for_man.text_content()
    page.get_by_role("button", name="Swap dog and man").first.click()
    after = dog_for_man.get_attribute("style"), dog_for_man.text_content()
    assert after[0] != before[0] and after[1] == before[1]
    assert dog_for_man.get_attribute("data-changed") == "false"
    control(page, "places").click()
    assert dog_for_man.get_attribute("data-changed") == "true"


def test_on_a_phone_a_finger_can_hit_each_word(open_widget):
    page = open_widget("self_attention", viewport={"width": 390, "height": 844}).page
    for word in words(page).all():
        box = word.bounding_box()
        assert box["width"] >= 24 and box["height"] >= 24  # WCAG 2.2, success criterion 2.5.8
        assert word.evaluate("word => word.scrollWidth <= word.clientWidth")  # all of it is there


READ = """bar => {
  const ticks = [...bar.parentNode.querySelectorAll("[data-exponent]")];
  const { x, width } = bar;
  return {
    ticks: ticks.map((tick) => [+tick.dataset.exponent, tick.x.baseVal[0].value]),
    end: x.baseVal.value + width.baseVal.value,
    value: +bar.dataset.cost,
  };
}"""


def bar_ends_at_its_value(bar) -> None:
    read = bar.evaluate(READ)
    exponents, places = zip(*read["ticks"], strict=True)
    slope, start = np.polyfit(exponents, places, 1)
    assert read["end"] == pytest.approx(slope * math.log10(read["value"]) + start, abs=0.5)


def test_costs(open_widget):
    opened = open_widget("self_attention.costs")
    page = opened.page
    page.locator('data[data-name="multiplications"]').wait_for()

    def check_costs(**traits):
        w = CostWidget(**traits)
        assert number(page, "multiplications") == w.multiplications["together"]
        assert number(page, "numbers") == w.numbers["together"]
        assert number(page, "milliseconds") == w.milliseconds["attention"]
        bars = page.locator("[data-cost]")
        shown = bars.evaluate_all("bars => bars.map(bar => +bar.dataset.cost)")
        all_costs = (w.multiplications, w.numbers, w.milliseconds)
        assert shown == [cost for costs in all_costs for cost in costs.values()]
        for bar in bars.all():  # its end stands where the axis has its value
            bar_ends_at_its_value(bar)

    start = embedded_state(page, CostWidget)
    check_costs(**start)
    ticks = page.locator("[data-exponent]").all_text_contents()
    assert ticks[:4] == ["10⁴", "10⁶", "10⁸", "10¹⁰"]
    assert ticks[-3:] == ["0.01", "1", "100"]
    press(page, "n", ArrowRight=1)
    press(page, "d", Home=1)
    press(page, "d", PageUp=1)
    press(page, "h", End=1)
    check_costs(n=2 * start["n"], d=64, h=16)
    page.locator(".attn-widget", has=page.locator('[data-name="numbers"]')).get_by_role(
        "button", name="Reset"
    ).click()
    check_costs(**start)
    assert not opened.errors and not opened.foreign
