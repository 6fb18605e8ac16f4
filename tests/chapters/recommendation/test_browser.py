"""The recommendation widget in a browser: its numbers are Python's, all digits."""

import json

import numpy as np

from attnlab.chapters.recommendation.models import Recommender, WeightedCounts
from attnlab.chapters.recommendation.watching import N_ITEMS
from attnlab.chapters.recommendation.widget import RecommendationWidget
from tests.browser.made import filled
from tests.browser.on_page import WIDGET, embedded_state, height_from

METHODS = ("decay", "weights", "attention")


def check(page, **state) -> None:
    """All that is shown is what the widget in Python gives, with the models of the page."""
    store = page.locator('script[type="application/vnd.jupyter.widget-state+json"]')
    states = [each["state"] for each in json.loads(store.text_content())["state"].values()]
    packed = next(each["_models"] for each in states if "_models" in each)
    attention = filled(Recommender("attention", N_ITEMS), packed["attention"])
    weighted = filled(WeightedCounts(np.eye(N_ITEMS)), packed["weighted"])
    w = RecommendationWidget(attention, weighted, **state)
    widget = page.locator(WIDGET).first
    for kind, method in (("attn-bar", "weights"), ("attn-decay", "decay")):
        bars = widget.locator(f".{kind}").evaluate_all("all => all.map(x => +x.dataset.weight)")
        np.testing.assert_allclose(bars, w.weights(method), atol=1e-6)
    for place, method in enumerate(METHODS):
        shown = widget.locator(".attn-expected ol").nth(place).locator("li")
        items = shown.evaluate_all("all => all.map(x => +x.dataset.item)")
        chances = shown.locator("data").evaluate_all("all => all.map(x => +x.value)")
        np.testing.assert_allclose(chances, w.chances(method)[items], atol=1e-6)
        assert items[:1] == [item for item in [w.expects(method)] if item is not None]


def sentence(page) -> str:
    return page.locator(f"{WIDGET} .attn-sentence").first.text_content()


def press_button(page, name: str) -> None:
    page.locator(WIDGET).first.get_by_role("button", name=name, exact=True).click()


def test_series_are_watched_by_mouse_and_keys(open_widget):
    opened = open_widget("recommendation")
    page = opened.page
    start = embedded_state(page, RecommendationWidget)
    history = [*start["history"]]
    check(page, **start)
    press_button(page, "Watch C3")
    page.keyboard.press("Enter")  # it has the focus, and has become the next episode
    history += [22, 23]
    check(page, history=history)
    assert sentence(page).startswith(f"After {len(history)} evenings")
    press_button(page, "Take back")
    check(page, history=history[:-1])
    page.locator(WIDGET).first.get_by_label("shuffle").check()
    check(page, history=history[:-1], shuffled=True)
    assert sentence(page).startswith("The methods are told of the same episodes in another order.")
    press_button(page, "Reset")
    check(page, **start)
    assert not opened.errors and not opened.foreign


def test_nothing_watched_a_series_to_its_end_and_a_full_history(open_widget):
    opened = open_widget("recommendation")
    page = opened.page
    press_button(page, "Clear")
    check(page, history=())
    assert sentence(page).startswith("Nobody has watched anything")
    for episode in range(10):
        press_button(page, f"Watch X{episode + 1}")
    check(page, history=tuple(range(230, 240)))
    over = page.locator(WIDGET).first.get_by_role("button", name="Series X is over")
    assert over.is_disabled()
    for episode in range(10):
        press_button(page, f"Watch B{episode + 1}")
    check(page, history=(*range(230, 240), *range(10, 20)))
    assert "take one back to go on" in sentence(page)
    assert page.locator(WIDGET).first.get_by_role("button", name="Watch A1").is_disabled()
    press_button(page, "Take back")
    assert page.locator(WIDGET).first.get_by_role("button", name="Watch A1").is_enabled()
    assert not opened.errors and not opened.foreign


def test_picture_and_buttons_share_a_phones_screen(open_widget):
    page = open_widget("recommendation", viewport={"width": 390, "height": 700}).page
    assert height_from(page, "svg", "shuffled") < 620
