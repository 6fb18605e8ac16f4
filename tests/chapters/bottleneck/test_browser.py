"""The bottleneck widget in a real browser: what its models write is what torch's write."""

import json

import pytest

from attnlab.chapters.bottleneck.widget import BottleneckWidget
from attnlab.models.seq2seq import Seq2Seq
from tests.browser.made import filled
from tests.browser.on_page import control, drag, embedded_state, number, press, value_of


def expected(page, **traits) -> BottleneckWidget:
    """The widget in Python, with the models that are in the page."""
    store = page.locator('script[type="application/vnd.jupyter.widget-state+json"]')
    states = json.loads(store.text_content())["state"].values()
    packed = next(model["state"]["_models"] for model in states if "_models" in model["state"])
    models = []
    for name, attend in (("without", None), ("attending", "additive")):
        _, (_, d_model), _ = packed[name]["tensors"][0]
        blank = Seq2Seq(14, 14, d_model=d_model, attend=attend)
        models.append(filled(blank, packed[name]))
    return BottleneckWidget(*models, **traits)


def of_bottleneck(page):
    """The widget; predictions, which are widgets too, stand before it."""
    return page.locator(".attn-widget", has=page.locator("rect[data-weight]"))


def check(page, **traits) -> None:
    """All that is shown is what the widget gives for these traits."""
    w = expected(page, **traits)
    widget = of_bottleneck(page)
    cells = widget.locator("rect[data-weight]")
    weights = cells.evaluate_all("cells => cells.map(cell => +cell.dataset.weight)")
    assert weights == pytest.approx(w.weights.ravel(), abs=1e-6)
    check_rows(widget, w)
    for name in ("mistakes_without", "mistakes_attending"):
        assert number(page, name) == getattr(w, name)
    tops = w.weights[: w.length].argmax(axis=1)
    assert number(page, "on_truth") == sum(top == w.length - 1 - i for i, top in enumerate(tops))


def check_rows(widget, expected) -> None:
    """Each writer's digits stand below those that are wanted, and what is marked is a mistake."""
    rows = widget.locator("svg").first
    slots = rows.locator(".attn-digit").evaluate_all(
        "all => all.map(digit => [digit.textContent, digit.dataset.wrong === 'true'])"
    )
    lines = rows.locator(".attn-strike").evaluate_all(
        "all => all.map(line => line.getAttribute('visibility') === 'visible')"
    )
    length = len(slots) // 3
    of_row = [slice(r * length, (r + 1) * length) for r in range(3)]
    wanted, *written = ([text for text, _ in slots[row]] for row in of_row)
    assert "".join(wanted).replace("–", "") == expected.wanted + "■"
    for row, shown, says, count in zip(
        of_row[1:],
        written,
        (expected.written_without, expected.written_attending),
        (expected.mistakes_without, expected.mistakes_attending),
        strict=True,
    ):
        assert "".join(shown).replace("–", "").rstrip("■") == says
        wrong = [marked for _, marked in slots[row]]
        assert sum(wrong) == count
        assert wrong == [s not in ("", w) for w, s in zip(wanted, shown, strict=True)]
        struck = [marked and text != "–" for text, marked in slots[row]]
        assert lines[row] == struck


def test_by_keyboard(open_widget):
    opened = open_widget("bottleneck")
    page = opened.page
    state = embedded_state(page, BottleneckWidget)
    check(page, **state)
    press(page, "length", Home=1)
    check(page, **{**state, "length": 1})
    press(page, "length", PageUp=2, ArrowRight=2, ArrowDown=1)
    check(page, **{**state, "length": 10})
    press(page, "length", End=1)
    check(page, **{**state, "length": 16})
    assert not opened.errors and not opened.foreign


def test_typing_digits(open_widget):
    opened = open_widget("bottleneck")
    page = opened.page
    state = embedded_state(page, BottleneckWidget)
    field = control(page, "digits")
    field.fill("77a7 7")
    digits = (7, 7, 7, 7, *state["digits"][4:])
    check(page, digits=digits, length=4)
    field.fill("")  # nothing to read: what was there stays
    check(page, digits=digits, length=4)
    field.blur()
    assert field.input_value() == "7777"
    field.fill("0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7")  # two more than can be read
    check(page, digits=tuple(i % 10 for i in range(16)), length=16)
    page.get_by_role("button", name="Reset").first.click()
    check(page, **state)
    assert not opened.errors and not opened.foreign


def test_by_mouse_and_back(open_widget):
    opened = open_widget("bottleneck", viewport={"width": 1280, "height": 1400})
    page = opened.page
    start = embedded_state(page, BottleneckWidget)
    drag(page, "length", 0.3)
    length = int(value_of(page, "length"))
    assert 4 <= length <= 7
    check(page, **{**start, "length": length})
    before = control(page, "digits").input_value()
    page.get_by_role("button", name="Other digits").first.click()
    typed = control(page, "digits").input_value()
    assert typed != before and len(typed) == length and typed.isdigit()
    page.get_by_role("button", name="Reset").first.click()
    check(page, **start)
    assert not opened.errors and not opened.foreign


def test_the_slider_stays_where_it_is(open_widget):
    page = open_widget("bottleneck").page
    # within the widget: the page may still be scrolling, smoothly, to what has the focus
    place = """slider => slider.getBoundingClientRect().top
      - slider.closest(".attn-widget").getBoundingClientRect().top"""
    press(page, "length", Home=1)
    top = control(page, "length").evaluate(place)
    press(page, "length", End=1)
    assert control(page, "length").evaluate(place) == pytest.approx(top, abs=0.01)


def test_what_is_written_and_the_slider_fit_on_one_screen_of_a_phone(open_widget):
    page = open_widget("bottleneck", viewport={"width": 390, "height": 844}).page
    widget = of_bottleneck(page)
    top = widget.bounding_box()["y"]
    slider = control(page, "length").bounding_box()
    header = page.locator(".site-header").bounding_box()["height"]
    assert slider["y"] + slider["height"] - top <= 844 - header
