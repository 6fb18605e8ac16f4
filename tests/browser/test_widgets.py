"""Widgets in a real browser: on a page made here and in the built book, by http and from disk.

A widget's numbers are read from the page at full precision and compared with attnlab's.
"""

import pytest

from attnlab.chapters.recurrence.widget import RecurrenceWidget
from attnlab.chapters.scaling.widget import ScalingWidget
from tests.browser.on_page import WIDGETS, control, drag, embedded_state, number, press, value_of


def check_scaling(page, **traits) -> None:
    expected = ScalingWidget(**traits)
    bars = page.locator("[data-weight]").evaluate_all("bars => bars.map(b => +b.dataset.weight)")
    assert bars == pytest.approx(sorted(expected.weights, reverse=True), abs=1e-6)
    assert number(page, "largest") == pytest.approx(expected.weights.max(), abs=1e-6)
    assert number(page, "entropy_ratio") == pytest.approx(expected.entropy_ratio, abs=1e-6)
    assert number(page, "jacobian_norm") == pytest.approx(expected.jacobian_norm, abs=1e-6)
    sentence = page.locator(".attn-sentence").first.text_content()
    assert sentence.startswith(f"At dk = {expected.d_k} with")


def check_recurrence(page, **traits) -> None:
    expected = RecurrenceWidget(**traits)
    assert number(page, "gradient") == pytest.approx(expected.gradient, rel=1e-6)
    assert number(page, "attention_even") == pytest.approx(1 / (expected.lag + 1), abs=1e-6)
    sentence = page.locator(".attn-sentence").first.text_content()
    assert f" at gain {expected.gain:.2f}, " in sentence


def test_scaling_by_keyboard_gives_attnlabs_numbers(open_widget):
    opened = open_widget("scaling")
    page = opened.page
    start = embedded_state(page, ScalingWidget)
    check_scaling(page, **start)
    if start["scaled"]:
        press(page, "scaled", Space=1)
    press(page, "d_k", Home=1)
    check_scaling(page, d_k=1, scaled=False, query=start["query"])
    press(page, "d_k", PageUp=5, ArrowRight=6, ArrowDown=1)
    check_scaling(page, d_k=37, scaled=False, query=start["query"])
    press(page, "d_k", End=1)
    check_scaling(page, d_k=512, scaled=False, query=start["query"])
    press(page, "scaled", Space=1)
    check_scaling(page, d_k=512, scaled=True, query=start["query"])
    press(page, "d_k", PageDown=3, ArrowUp=1)
    check_scaling(page, d_k=65, scaled=True, query=start["query"])
    assert not opened.errors and not opened.foreign


def test_scaling_by_mouse_and_back(open_widget):
    opened = open_widget("scaling", viewport={"width": 1280, "height": 1400})
    page = opened.page
    start = embedded_state(page, ScalingWidget)
    drag(page, "d_k", 0.9)
    d_k = int(value_of(page, "d_k"))
    assert 200 < d_k < 350  # 2 to the power of 9 · 0.9, give or take the handle's width
    check_scaling(page, **{**start, "d_k": d_k})
    control(page, "scaled").click()
    page.get_by_role("button", name="Another query").first.click()
    changed = {"scaled": not start["scaled"], "query": start["query"] + 1}
    check_scaling(page, d_k=d_k, **changed)
    page.get_by_role("button", name="Reset").first.click()
    check_scaling(page, **start)
    assert not opened.errors and not opened.foreign


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


@pytest.mark.parametrize("name", ["block", "decoding", "heads", "scores", "transformer"])
def test_the_page_offers_what_a_trait_takes(open_widget, name):
    page = open_widget(name).page
    limits = WIDGETS[name]()._constants["limits"]
    choices = {trait: each["values"] for trait, each in limits.items() if "values" in each}
    for trait, values in choices.items():
        widget = page.locator(".attn-widget").first
        offered = widget.locator(f'input[data-name="{trait}"], select[data-name="{trait}"] option')
        assert offered.evaluate_all("all => all.map(each => each.value)") == list(values)
    assert choices


@pytest.mark.parametrize("name", WIDGETS)
def test_a_phone_needs_no_sideways_scroll(open_widget, name):
    page = open_widget(name, viewport={"width": 390, "height": 844}).page
    widget = page.locator(".attn-widget").first
    for part in (widget, *widget.locator(":scope > *").all()):
        box = part.bounding_box()
        assert box["x"] >= 0 and box["x"] + box["width"] <= 390
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


CONTRAST = """(widget) => {
  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const light = (color) => {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = color;
    canvas.fillRect(0, 0, 1, 1);
    const linear = [...canvas.getImageData(0, 0, 1, 1).data].map((byte) => {
      const c = byte / 255;
      return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2];
  };
  const paper = light(getComputedStyle(widget).backgroundColor);
  const words = [...widget.querySelectorAll("span, data, button, p, text, .attn-bar")];
  const ratios = words.map((node) => {
    const style = getComputedStyle(node);
    const ink = light(node instanceof SVGElement ? style.fill : style.color);
    return (Math.max(ink, paper) + 0.05) / (Math.min(ink, paper) + 0.05);
  });
  return { paper, worst: Math.min(...ratios) };
}"""


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("name", WIDGETS)
def test_words_and_bars_stand_out_from_the_paper(open_widget, name, theme):
    page = open_widget(name).page
    page.evaluate("theme => { document.documentElement.dataset.theme = theme }", theme)
    measured = page.locator(".attn-widget").first.evaluate(CONTRAST)
    assert (measured["paper"] > 0.5) == (theme == "light")
    assert measured["worst"] >= 4.5  # WCAG 2.2, success criterion 1.4.3


@pytest.mark.parametrize("scheme", ["http", "file"])
def test_several_widgets_on_one_page(visit, address_of, made, scheme):
    home = address_of(made, scheme)
    opened = visit(home + "several.html", home)
    page = opened.page
    page.locator(".attn-widget data[value]").nth(8).wait_for()
    assert page.locator(".attn-widget").count() == 3
    assert page.locator("style").count() == 2  # one for each kind
    control(page, "d_k").press("Home")
    sentences = page.locator(".attn-sentence").all_text_contents()
    assert sentences[0] == sentences[1]  # two views of one widget move together
    assert sentences[0].startswith("At dk = 1 ")
    assert "open the notebook" in page.locator(".attn-notice").text_content()
    assert not opened.errors and not opened.foreign
