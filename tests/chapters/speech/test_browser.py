"""The speech widget in a browser: what it draws and counts is what torch's models give."""

import json

import numpy as np
import pytest

from attnlab.chapters.speech.models import Marker, Speller
from attnlab.chapters.speech.sound import whisper
from attnlab.chapters.speech.widget import SpeechWidget
from tests.browser.made import filled
from tests.browser.on_page import control, drag, embedded_state, number, press, value_of

# It keeps the sound in place of playing it.
KEEP_SOUND = """() => {
  window.heard = [];
  AudioBufferSourceNode.prototype.stop = () => {};
  AudioBufferSourceNode.prototype.start = function () {
    window.heard.push(Array.from(this.buffer.getChannelData(0)));
  };
}"""


def expected(page, **traits) -> SpeechWidget:
    """The widget in Python, with the models that are in the page."""
    store = page.locator('script[type="application/vnd.jupyter.widget-state+json"]')
    states = json.loads(store.text_content())["state"].values()
    packed = next(s["state"]["_models"] for s in states if "ctc" in s["state"].get("_models", {}))
    width = next(shape[0] for name, shape, _ in packed["ctc"]["tensors"] if name == "ear.conv.bias")
    kinds = {"forwards": Speller, "backwards": Speller, "ctc": Marker}
    models = [filled(kind(width), packed[name]) for name, kind in kinds.items()]
    return SpeechWidget(*models, **traits)


def of_speech(page):
    return page.locator(".attn-widget", has=page.locator("canvas.attn-looked"))


def opacities(canvas) -> np.ndarray:
    """What a canvas shows, by row, from 0 to 1."""
    height, width = canvas.evaluate("c => [c.height, c.width]")
    data = canvas.evaluate(
        "c => Array.from(c.getContext('2d').getImageData(0, 0, c.width, c.height).data)"
    )
    return np.array(data).reshape(height, width, 4)[..., 3] / 255


def check(page, **traits) -> None:
    w = expected(page, **traits)
    widget = of_speech(page)
    for name in ("mistakes_speller", "mistakes_ctc", "inside"):
        assert number(page, name) == getattr(w, name)
    shown = opacities(widget.locator("canvas.attn-bands"))
    frames = w.frames
    np.testing.assert_allclose(shown[::-1, : len(frames)], frames.T, atol=0.003)
    shares = w.weights / w.weights.max(axis=1, keepdims=True)
    looked = opacities(widget.locator("canvas.attn-looked"))
    np.testing.assert_allclose(looked, shares, atol=0.003)
    runs = widget.locator(".attn-run").count()
    changes = [mark for i, mark in enumerate(w.path) if mark and (i == 0 or mark != w.path[i - 1])]
    assert runs == len(changes)
    said = widget.locator(".attn-sentence").text_content()
    if w.length:
        listed = " ".join(map(str, w.written)) or "nothing"
        assert f"The speller writes {listed}, CTC writes " in said
    else:
        assert said.startswith("Nothing is said")


def test_by_keys_and_keypad(open_widget):
    opened = open_widget("speech", viewport={"width": 1280, "height": 1400})
    page, widget = opened.page, of_speech(opened.page)
    state = embedded_state(page, SpeechWidget)
    check(page, **state)
    digits, n = list(state["digits"]), state["length"]
    widget.get_by_role("button", name="7", exact=True).click()
    digits[n] = 7
    check(page, **{**state, "digits": tuple(digits), "length": n + 1})
    for _ in range(n + 3):  # more often than there are digits
        widget.get_by_role("button", name="Take the last digit back").click()
    check(page, **{**state, "digits": tuple(digits), "length": 0})
    press(page, "pause", End=1)
    check(page, **{**state, "digits": tuple(digits), "length": 0, "pause": 12})
    widget.get_by_role("button", name="Reset").click()
    check(page, **state)
    press(page, "pause", Home=1, ArrowRight=1)
    check(page, **{**state, "pause": 1})
    assert not opened.errors and not opened.foreign


def test_writing_backwards(open_widget):
    opened = open_widget("speech")
    state = embedded_state(opened.page, SpeechWidget)
    of_speech(opened.page).get_by_label("backwards").check()
    check(opened.page, **{**state, "writes": "backwards"})
    assert not opened.errors and not opened.foreign


def test_typing(open_widget):
    opened = open_widget("speech")
    page, widget = opened.page, of_speech(opened.page)
    state = embedded_state(page, SpeechWidget)
    sentence = widget.locator(".attn-sentence")
    field = control(page, "digits")
    field.fill("77, 7")
    digits = (7, 7, 7, *state["digits"][3:])
    check(page, **{**state, "digits": digits, "length": 3})
    field.fill("seven")
    assert "There is no digit in what you typed" in sentence.text_content()
    field.fill("7 and 5")
    assert "all else that you typed is left out" in sentence.text_content()
    field.fill("75")
    assert sentence.text_content().startswith("2 digits are said.")
    field.fill("0123456789012345678")
    assert "At most 16 digits can be said" in sentence.text_content()
    field.blur()
    assert field.input_value() == "0123456789012345"
    check_numbers(page, expected(page, **{**state, "digits": tuple(i % 10 for i in range(16)),
                                          "length": 16}))  # fmt: skip
    field.fill("")
    check(page, **{**state, "digits": tuple(i % 10 for i in range(16)), "length": 0})
    assert not opened.errors and not opened.foreign


def check_numbers(page, w) -> None:
    for name in ("mistakes_speller", "mistakes_ctc", "inside"):
        assert number(page, name) == getattr(w, name)


def test_by_mouse(open_widget):
    opened = open_widget("speech", viewport={"width": 1280, "height": 1400})
    start = embedded_state(opened.page, SpeechWidget)
    drag(opened.page, "pause", 0.7)
    pause = int(value_of(opened.page, "pause"))
    assert 6 <= pause <= 10
    check(opened.page, **{**start, "pause": pause})
    assert not opened.errors and not opened.foreign


def test_what_is_heard_is_the_whisper_of_the_frames(open_widget):
    opened = open_widget("speech")
    page, widget = opened.page, of_speech(opened.page)
    state = embedded_state(page, SpeechWidget)
    page.evaluate(KEEP_SOUND)
    field = control(page, "digits")
    field.fill("7")
    widget.get_by_role("button", name="Hear it").click()
    (sound,) = page.evaluate("window.heard")
    w = expected(page, **{**state, "digits": (7, *state["digits"][1:]), "length": 1})
    np.testing.assert_allclose(sound, whisper(w.frames) / 2, atol=1e-5)
    page.evaluate("window.AudioContext = undefined")
    widget.get_by_role("button", name="Hear it").click()  # one is there already
    assert len(page.evaluate("window.heard")) == 2
    assert not opened.errors and not opened.foreign


def test_a_browser_without_sound_says_so(open_widget):
    opened = open_widget("speech")
    page, widget = opened.page, of_speech(opened.page)
    page.evaluate("window.AudioContext = undefined")
    widget.get_by_role("button", name="Hear it").click()
    assert widget.locator(".attn-sentence").text_content() == "This browser plays no sound."
    assert not opened.errors


@pytest.mark.parametrize("length", [1, 4, 16])
def test_pictures_and_keypad_fit_on_one_screen_of_a_phone(open_widget, length):
    page = open_widget("speech", viewport={"width": 390, "height": 844}).page
    widget = of_speech(page)
    control(page, "digits").fill("5" * length)
    top = widget.locator(".attn-keypad").bounding_box()["y"]
    pause = control(page, "pause").bounding_box()
    header = page.locator(".site-header").bounding_box()["height"]
    assert pause["y"] + pause["height"] - top <= 844 - header
    assert widget.evaluate("w => w.scrollWidth <= w.clientWidth")
