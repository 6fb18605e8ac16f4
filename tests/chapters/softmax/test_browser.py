"""The softmax widget in a real browser: keyboard, mouse, and attnlab's numbers in every state."""

import pytest

from attnlab.chapters.softmax.widget import SoftmaxWidget
from tests.browser.on_page import WIDGET, control, drag, embedded_state, number, press, value_of


def check(page, **traits) -> None:
    """All that is shown is what the widget gives for these traits."""
    expected = SoftmaxWidget(**traits)
    widget = page.locator(WIDGET).first
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
    widget = page.locator(WIDGET).first
    return int(widget.locator('input[data-name="key"]:checked').get_attribute("value"))


def sentence(page) -> str:
    return page.locator(f"{WIDGET} .attn-sentence").first.text_content()


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
    page.locator(WIDGET).first.locator('input[data-name="key"]:checked').focus()
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
        page.locator(WIDGET).first.locator('input[data-name="key"]').nth(key).check()
        press(page, "mask", Space=1)
    check(page, **{**state, "key": 5, "mask": (False,) * 6})
    assert sentence(page) == "Every key is masked: no key is read, and all weights are 0."
    assert not opened.errors and not opened.foreign


def test_by_mouse_and_back(open_widget):
    opened = open_widget("softmax", viewport={"width": 1280, "height": 1400})
    page = opened.page
    start = embedded_state(page, SoftmaxWidget)
    columns = page.locator(WIDGET).first.locator(".attn-column")
    columns.nth(4).click(position={"x": 9, "y": 9})  # in the picture of the scores, beside the bar
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


def end_of(page, key: int) -> tuple[float, float]:
    """Where on the screen the bar of a key's score ends."""
    box = page.locator(WIDGET).first.locator(".attn-hold").nth(key).bounding_box()
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def pull(page, key: int, by: float) -> None:
    """Drag a bar by its end, downwards if `by` is above 0."""
    x, y = end_of(page, key)
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x, y + by, steps=6)
    page.mouse.up()


@pytest.mark.parametrize("key", [1, 4])  # above 0 and below
def test_a_bar_is_dragged(open_widget, key):
    opened = open_widget("softmax", viewport={"width": 1280, "height": 1400})
    page = opened.page
    start = embedded_state(page, SoftmaxWidget)
    page.locator(".attn-column").first.scroll_into_view_if_needed()
    page.mouse.click(*end_of(page, key))
    check(page, **{**start, "key": key})  # a click has moved nothing
    unit = per_unit(page)
    for by in (-2.5, 1.2):
        before = end_of(page, key)[1]
        pull(page, key, by * unit)
        assert end_of(page, key)[1] - before == pytest.approx(by * unit, abs=0.06 * unit)
    bias = value_of(page, "bias")
    assert bias == pytest.approx(1.3)
    state = {**start, "key": key, "biases": changed(start["biases"], key, bias)}
    check(page, **state)
    pull(page, key, -20 * unit)  # far beyond the picture
    check(page, **{**state, "biases": changed(start["biases"], key, 4)})
    assert not opened.errors and not opened.foreign


# Only what has been painted knows where a finger must not scroll.
TO_MIDDLE = """async (it) => {
  it.scrollIntoView({ behavior: "instant", block: "center" });
  for (let frame = 0; frame < 3; frame += 1)
    await new Promise((next) => requestAnimationFrame(next));
}"""


def test_a_bar_is_dragged_by_finger(open_widget):
    phone = {"viewport": {"width": 390, "height": 844}, "has_touch": True}
    page = open_widget("softmax", **phone).page
    start = embedded_state(page, SoftmaxWidget)
    page.locator(f"{WIDGET} svg").first.evaluate(TO_MIDDLE)
    scrolled, unit = page.evaluate("scrollY"), per_unit(page)
    finger = page.context.new_cdp_session(page)
    x, y = end_of(page, 2)
    for kind, down in (("touchStart", 0), *(("touchMove", step) for step in (10, 20, 30))):
        points = [{"x": x, "y": y + down}]
        finger.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
    finger.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    assert page.evaluate("scrollY") == scrolled
    bias = -float(control(page, "bias").get_attribute("aria-valuetext").lstrip("−"))
    assert bias == pytest.approx(-30 / unit, abs=0.06)
    check(page, **{**start, "key": 2, "biases": changed(start["biases"], 2, bias)})


def per_unit(page) -> float:
    """The pixels of a score of 1."""
    lines = page.locator(f"{WIDGET} svg").first.locator(".attn-grid")
    low, high = lines.first.bounding_box()["y"], lines.last.bounding_box()["y"]
    return (low - high) / 16


def test_a_masked_bar_says_so_and_stays(open_widget):
    page = open_widget("softmax", viewport={"width": 1280, "height": 1400}).page
    start = embedded_state(page, SoftmaxWidget)
    page.locator(".attn-column").first.scroll_into_view_if_needed()
    place = end_of(page, start["key"])
    press(page, "mask", Space=1)
    said = page.locator(f"{WIDGET} svg").first.locator("text").all_text_contents()
    assert said.count("masked") == said.count("−∞") == 1
    page.mouse.move(*place)
    page.mouse.down()
    page.mouse.move(place[0], place[1] - 60, steps=4)
    page.mouse.up()
    check(page, **{**start, "mask": changed(start["mask"], start["key"], False)})
