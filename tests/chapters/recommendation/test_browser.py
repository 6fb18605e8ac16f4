"""The recommendation widget in a browser: its numbers are attnlab's, all digits."""

import pytest

from attnlab.chapters.recommendation.widget import RecommendationWidget
from tests.browser.on_page import drag, embedded_state, number, press, value_of


def check(page, n: int) -> None:
    size = RecommendationWidget(n=n).size
    assert number(page, "size") == pytest.approx(size, abs=1e-6)
    sentence = page.locator(".attn-sentence").first.text_content()
    assert sentence.startswith(f"The mean of {n} numbers ")


def test_by_keyboard(open_widget):
    opened = open_widget("recommendation")
    check(opened.page, **embedded_state(opened.page, RecommendationWidget))
    press(opened.page, "n", Home=1)
    check(opened.page, 1)
    press(opened.page, "n", PageUp=2, ArrowRight=3)
    check(opened.page, 24)
    assert not opened.errors and not opened.foreign


def test_by_mouse_and_back(open_widget):
    opened = open_widget("recommendation", viewport={"width": 1280, "height": 1400})
    start = embedded_state(opened.page, RecommendationWidget)
    drag(opened.page, "n", 0.5)
    n = int(value_of(opened.page, "n"))
    assert 40 < n < 60
    check(opened.page, n)
    opened.page.get_by_role("button", name="Reset").first.click()
    check(opened.page, **start)
    assert not opened.errors and not opened.foreign
