"""The widgets of decoding in a real browser: beams and bars are those of attnlab."""

import json
import math

import numpy as np
import pytest

from attnlab.chapters.decoding.costs import CostWidget
from attnlab.chapters.decoding.widget import TOPIC_WORDS, WORDS, DecodingWidget
from attnlab.models.transformer import Transformer
from tests.browser.made import filled
from tests.browser.on_page import control, drag, embedded_state, number, press


def model_of(page) -> Transformer:
    """The model that is in the page."""
    store = page.locator('script[type="application/vnd.jupyter.widget-state+json"]')
    states = json.loads(store.text_content())["state"].values()
    packed = next(one["state"]["_model"] for one in states if "_model" in one["state"])
    shapes = {name: shape for name, shape, _ in packed["tensors"]}
    d_model, d_ff = shapes["encoder.layers.0.feed_forward.contract.weight"]
    model = Transformer(
        len(TOPIC_WORDS), len(WORDS), d_model=d_model, n_heads=packed["n_heads"],
        n_layers=packed["n_layers"], d_ff=d_ff, norm=packed["norm"],
    )  # fmt: skip
    return filled(model, packed)


def check(page, model, **traits) -> None:
    """All that is shown is what the widget gives for these traits."""
    w = DecodingWidget(model, **traits)
    beams = w._beams()
    assert number(page, "log_p") == pytest.approx(beams[0][1], abs=1e-6)
    assert number(page, "score") == pytest.approx(beams[0][2], abs=1e-6)
    assert number(page, "kept") == (w.probabilities > 0).sum()
    widget = page.locator(".attn-widget").first
    shown = widget.locator(".attn-beam").evaluate_all("all => all.map(one => +one.dataset.logP)")
    last = shown[-len(beams) :]
    assert last == pytest.approx([log_p for _, log_p, _ in beams], abs=1e-6)
    bars = widget.locator("rect[data-p]").evaluate_all("all => all.map(one => +one.dataset.p)")
    if bars:
        kept = np.sort(w.probabilities)[::-1][: len(bars)]
        assert np.sort(bars)[::-1] == pytest.approx(kept, abs=1e-6)
    else:
        assert not w.probabilities.any()
    text, mark = w.hypotheses[0][0], "■"
    assert text.replace(mark, "").strip() in widget.locator(".attn-sentence").text_content()


def test_steps_beams_and_penalty(open_widget):
    opened = open_widget("decoding")
    page = opened.page
    start, model = embedded_state(page, DecodingWidget), model_of(page)
    check(page, model, **start)
    step = page.get_by_role("button", name="Step").first
    step.click()
    step.click()
    check(page, model, **{**start, "steps": start["steps"] + 2})
    press(page, "steps", Home=1)
    press(page, "steps", PageUp=1, ArrowRight=1)
    press(page, "beams", PageUp=1)
    drag(page, "length_penalty", 0.7)
    penalty = float(control(page, "length_penalty").get_attribute("aria-valuetext"))
    assert 1 <= penalty <= 1.8
    check(page, model, **{**start, "steps": 5, "beams": 4, "length_penalty": penalty})
    page.locator('select[data-name="topic"]').first.select_option("tea")
    now = {**start, "steps": 5, "beams": 4, "length_penalty": penalty, "topic": "tea"}
    check(page, model, **now)
    page.get_by_role("button", name="Reset").first.click()
    check(page, model, **start)
    assert not opened.errors and not opened.foreign


def test_knobs_cut_words(open_widget):
    opened = open_widget("decoding")
    page = opened.page
    start, model = embedded_state(page, DecodingWidget), model_of(page)
    for name, share in (("top_p", 0.55), ("top_k", 0.1), ("temperature", 0.6)):
        drag(page, name, share)
        start[name] = float(control(page, name).get_attribute("aria-valuetext"))
        start["top_k"] = int(start["top_k"])
        check(page, model, **start)
    widget = page.locator(".attn-widget").first
    assert number(page, "kept") < len(WORDS)
    cut = widget.locator('.attn-token[data-kept="false"]').count()
    assert cut == max(0, 8 - number(page, "kept"))
    assert not opened.errors and not opened.foreign


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
    opened = open_widget("decoding.costs")
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
