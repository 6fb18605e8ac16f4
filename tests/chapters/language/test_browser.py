"""The language widget in a browser: its numbers are Python's, all digits."""

import json

import pytest

from attnlab.chapters.language.widget import LanguageWidget
from attnlab.models.language import LanguageModel
from tests.browser.made import filled
from tests.browser.on_page import WIDGET, control, drag, embedded_state, height_from, number, press


def reader(packed: dict, causal: bool) -> LanguageModel:
    """The model that is in the page."""
    shapes = {name: shape for name, shape, _ in packed["tensors"]}
    d_ff, d_model = shapes["encoder.layers.0.feed_forward.expand.weight"]
    model = LanguageModel(
        26, d_model=d_model, n_heads=packed["n_heads"], n_layers=packed["n_layers"], d_ff=d_ff,
        causal=causal,
    )  # fmt: skip
    filled(model, packed)
    return model


def check(page, **traits) -> None:
    """All that is shown is what the widget gives for these traits, with the page's models."""
    store = page.locator('script[type="application/vnd.jupyter.widget-state+json"]')
    states = json.loads(store.text_content())["state"].values()
    models = next(
        s["state"]["_models"] for s in states if "masked" in s["state"].get("_models", {})
    )
    w = LanguageWidget(reader(models["causal"], True), reader(models["masked"], False), **traits)
    place = ord(w.hidden) - ord("a")
    for name, p in w.guesses.items():
        assert number(page, name) == pytest.approx(p[place], abs=1e-6)
    shown = page.locator(f"{WIDGET} .attn-letters").first
    assert shown.locator("mark").text_content() == w.hidden
    assert shown.locator("i").text_content() == w.continued
    assert shown.text_content() == w.text + w.continued
    said = sentence(page)
    assert f"The hidden letter is {w.hidden}." in said
    assert f"The reader of both sides says {w.best['masked']} (" in said


def sentence(page) -> str:
    return page.locator(f"{WIDGET} .attn-sentence").first.text_content()


def test_by_keyboard(open_widget):
    opened = open_widget("language")
    page = opened.page
    state = embedded_state(page, LanguageWidget)
    check(page, **state)
    press(page, "place", ArrowRight=2, PageUp=1)
    state["place"] += 7
    check(page, **state)
    press(page, "after", Home=1)
    state["after"] = 0
    check(page, **state)
    assert "it tries no letters behind the gap" in sentence(page)
    press(page, "after", End=1)
    state["after"] = 4
    check(page, **state)
    control(page, "text").fill("Hello, Python World")
    state["text"] = "hellopythonworld"
    check(page, **state)
    press(page, "place", End=1)  # behind the end of this text: its last letter
    state["place"] = 31
    check(page, **state)
    assert "Your text has 16 letters; the last one is hidden." in sentence(page)
    page.get_by_role("button", name="Go on otherwise").first.press("Enter")
    state["draw"] += 1
    check(page, **state)
    assert not opened.errors and not opened.foreign


@pytest.mark.parametrize(
    ("typed", "count"), [("", 0), ("short", 5), ("привет, дорогой мир", 0), ("x" * 200, 200)]
)
def test_other_texts_are_told_and_not_taken(open_widget, typed, count):
    page = open_widget("language").page
    state = embedded_state(page, LanguageWidget)
    control(page, "text").fill(typed)
    assert f"8 to 32 letters from a to z, and you have {count};" in sentence(page)
    control(page, "text").blur()
    assert control(page, "text").input_value() == state["text"]
    check(page, **state)
    assert "you have" not in sentence(page)


def test_by_mouse_and_back(open_widget):
    opened = open_widget("language", viewport={"width": 1280, "height": 1600})
    page = opened.page
    start = embedded_state(page, LanguageWidget)
    drag(page, "place", 0.8)
    place = int(control(page, "place").get_attribute("aria-valuetext"))
    assert 22 < place < 28
    check(page, **start | {"place": place})
    drag(page, "after", 0.98)
    check(page, **start | {"place": place, "after": 4})
    page.get_by_role("button", name="Reset").first.click()
    check(page, **start)
    assert not opened.errors and not opened.foreign


def test_bars_and_slider_share_a_phones_screen(open_widget):
    page = open_widget("language", viewport={"width": 390, "height": 700}).page
    assert height_from(page, ".attn-letters", "after") < 480
