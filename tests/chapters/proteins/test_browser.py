"""The proteins widget in a browser: its numbers are Python's, all digits."""

import pytest

from attnlab.chapters.proteins.widget import METHODS, ProteinsWidget
from tests.browser.on_page import WIDGET, control, drag, embedded_state, height_from, number, press


def check(page, **state) -> None:
    """All that is shown is what the widget gives for these traits."""
    for method in METHODS:
        share = ProteinsWidget(**{**state, "method": method}).right
        assert number(page, method) == pytest.approx(share, abs=1e-6)
    w = ProteinsWidget(**state)
    widget = page.locator(WIDGET).first
    marks = widget.locator(".attn-mark")
    shown = marks.evaluate_all("marks => marks.map(mark => mark.dataset)")
    assert [tuple(map(int, mark["pair"].split("-"))) for mark in shown] == w.strongest
    kinds = [mark["kind"] for mark in shown]
    assert kinds.count("contact") == round(14 * w.right)
    assert kinds.count("indirect") == w.indirect
    sentence = widget.locator(".attn-sentence").text_content()
    assert str(round(14 * w.right)) in sentence or sentence.startswith("All of its 14")


def test_by_keyboard(open_widget):
    opened = open_widget("proteins")
    page = opened.page
    state = embedded_state(page, ProteinsWidget)
    check(page, **state)
    press(page, "sequences", End=1)
    state["sequences"] = 10_000
    check(page, **state)
    press(page, "sequences", PageDown=1, ArrowLeft=1)
    state["sequences"] = 300
    check(page, **state)
    press(page, "sequences", Home=1, ArrowLeft=1)
    state["sequences"] = 30
    check(page, **state)
    press(page, "by_chain", Space=1)
    state["by_chain"] = True
    check(page, **state)
    press(page, "method", ArrowRight=1)
    state["method"] = "inverse"
    check(page, **state)
    assert not opened.errors and not opened.foreign


def test_by_mouse_and_back(open_widget):
    opened = open_widget("proteins", viewport={"width": 1280, "height": 1600})
    page = opened.page
    start = embedded_state(page, ProteinsWidget)
    drag(page, "sequences", 0.8)
    said = control(page, "sequences").get_attribute("aria-valuetext")
    assert said == "3,000"
    state = {**start, "sequences": 3000}
    check(page, **state)
    widget = page.locator(WIDGET).first
    widget.get_by_label("attention").click()
    state["method"] = "attention"
    control(page, "by_chain").click()
    state["by_chain"] = True
    check(page, **state)
    page.get_by_role("button", name="Reset").first.click()
    check(page, **start)
    assert not opened.errors and not opened.foreign


def test_picture_and_slider_share_a_phones_screen(open_widget):
    page = open_widget("proteins", viewport={"width": 390, "height": 700}).page
    assert height_from(page, "svg", "sequences") < 400
