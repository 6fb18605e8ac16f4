"""The widgets of decoding in a real browser: beams, draws and bars are those of attnlab."""

import json
import re
from functools import cache

import numpy as np
import pytest

from attnlab.chapters.decoding.drawing import DrawingWidget
from attnlab.chapters.decoding.widget import NAMES, TOPIC_WORDS, WORDS, BeamsWidget
from attnlab.models.transformer import Transformer
from attnlab.tasks.vocabulary import EOS
from tests.browser.made import filled
from tests.browser.on_page import drag, embedded_state, number, press, value_of

# No motion: what is measured stands where it is to stay.
STILL = {"reduced_motion": "reduce"}


@cache
def widgets_of(packed: str) -> tuple[BeamsWidget, DrawingWidget]:
    """The widgets in Python, with the model that is in the page."""
    held = json.loads(packed)
    shapes = {name: shape for name, shape, _ in held["tensors"]}
    d_model, d_ff = shapes["encoder.layers.0.feed_forward.contract.weight"]
    model = Transformer(
        len(TOPIC_WORDS), len(WORDS), d_model=d_model, n_heads=held["n_heads"],
        n_layers=held["n_layers"], d_ff=d_ff, norm=held["norm"],
    )  # fmt: skip
    beams = BeamsWidget(filled(model, held))
    return beams, DrawingWidget(beams)


def in_python(page) -> tuple[BeamsWidget, DrawingWidget]:
    """The widgets in Python, set as those of the page are."""
    store = page.locator('script[type="application/vnd.jupyter.widget-state+json"]')
    states = json.loads(store.text_content())["state"].values()
    (packed,) = [one["state"]["_model"] for one in states if "_model" in one["state"]]
    both = widgets_of(json.dumps(packed))
    for w, kind in zip(both, (BeamsWidget, DrawingWidget), strict=True):
        for name, value in embedded_state(page, kind).items():
            w.set_trait(name, value)
    return both


def part(page, kind: str):
    """The widget in which such a thing is."""
    return page.locator(".attn-widget", has=page.locator(kind)).first


def read_all(place, selector: str, name: str) -> list[float]:
    found = place.locator(selector)
    return found.evaluate_all(f"all => all.map(one => +one.dataset.{name})")


# Where lines of one row cross: their ends stand in another order than their beginnings.
CROSSINGS = """tree => {
  const lines = [...tree.querySelectorAll(".attn-branch[d]")].map(line =>
    line.getAttribute("d").match(/-?[\\d.]+/g).map(Number));
  const rows = Map.groupBy(lines, line => line[1]);
  let crossings = 0;
  for (const row of rows.values())
    for (const [a, , , , , , b] of row)
      for (const [c, , , , , , d] of row) if ((a - c) * (b - d) < 0) crossings += 1;
  return [lines.length, crossings];
}"""


def check_beams(page, w: BeamsWidget) -> None:
    """All that is shown is what the widget gives."""
    beams, widget = w._beams(), part(page, ".attn-tree")
    assert number(page, "log_p") == pytest.approx(beams[0][1], abs=1e-6)
    assert number(page, "score") == pytest.approx(beams[0][2], abs=1e-6)
    texts = [text for text, _, _ in w.hypotheses]
    counts = [len(text.replace("■", "").split()) for text in texts]
    assert number(page, "words") == counts[0]
    rows = ".attn-list tbody tr:not([hidden])"
    assert read_all(widget, f"{rows} [data-beam=n]", "value") == counts
    for name, at in (("logP", 1), ("score", 2)):
        shown = read_all(widget, f"{rows} [data-beam={name}]", "value")
        assert shown == pytest.approx([beam[at] for beam in beams], abs=1e-6)
    shown = widget.locator(f"{rows} label").all_text_contents()
    assert [text.removesuffix("…").strip() for text in shown] == texts
    in_tree = read_all(widget, ".attn-beam", "logP")
    for _, log_p, _ in beams:
        assert np.abs(np.array(in_tree) - log_p).min() < 1e-6
    assert widget.locator(".attn-tree").evaluate(CROSSINGS) == [len(in_tree) - 1, 0]


def test_steps_beams_and_penalty(open_widget):
    opened = open_widget("decoding", **STILL)
    page = opened.page
    w, _ = in_python(page)
    check_beams(page, w)
    step = page.get_by_role("button", name="Step").first
    step.click()
    step.click()
    w.steps += 2
    check_beams(page, w)
    press(page, "steps", Home=1)
    press(page, "steps", PageUp=1, ArrowRight=1)
    press(page, "beams", PageUp=1)
    w.steps, w.beams = 5, w.beams + 4
    check_beams(page, w)
    drag(page, "length_penalty", 0.7)
    w.length_penalty = value_of(page, "length_penalty")
    assert 1 <= w.length_penalty <= 1.8
    page.locator('select[data-name="topic"]').first.select_option("tea")
    w.topic = "tea"
    check_beams(page, w)
    page.get_by_role("button", name="Reset").first.click()
    check_beams(page, in_python(page)[0])
    assert not opened.errors and not opened.foreign


def test_one_looks_at_a_beam_by_key_and_by_mouse(open_widget):
    opened = open_widget("decoding", **STILL)
    page = opened.page
    w, _ = in_python(page)
    widget = part(page, ".attn-tree")
    words = widget.locator(".attn-sentence")
    rows = widget.locator(".attn-list tbody tr:not([hidden])")
    rows.first.locator("input").focus()
    page.keyboard.press("ArrowDown")
    assert f"Number 2 of {w.beams} is “{w.hypotheses[1][0].replace('■', '').strip()}”" in (
        words.text_content()
    )
    last = widget.locator(".attn-beam[data-alive=true]").last
    followed = last.get_attribute("data-log-p")
    last.locator(".attn-area").click()
    (chosen,) = read_all(widget, ".attn-list tr[data-chosen=true] [data-beam=logP]", "value")
    assert chosen == pytest.approx(float(followed), abs=1e-9)
    line = widget.locator(".attn-branch[data-chosen=true]")
    assert line.count() == w.steps
    assert not opened.errors and not opened.foreign


# Left, right, top and bottom of those that say something.
BOXES = """all => all.filter(each => each.textContent).map(each => {
  const { left, right, top, bottom } = each.getBoundingClientRect();
  return [left, right, top, bottom];
})"""


@pytest.mark.parametrize("width", [390, 1280])
def test_a_wide_beam_can_be_read(open_widget, width):
    page = open_widget("decoding", viewport={"width": width, "height": 844}, **STILL).page
    w, _ = in_python(page)
    press(page, "beams", End=1)
    press(page, "steps", End=1)
    w.beams, w.steps = 32, 12
    check_beams(page, w)
    tree = page.locator(".attn-tree")
    box = tree.bounding_box()
    words = tree.locator("text").evaluate_all(BOXES)
    assert min(left for left, *_ in words) >= box["x"] - 8
    assert max(right for _, right, *_ in words) <= box["x"] + box["width"] + 8
    assert np.diff(sorted(top for *_, top, _ in words)).min() > 12  # no word stands on another
    rows = page.locator(".attn-list tbody tr").evaluate_all(BOXES)
    assert min(bottom - top for *_, top, bottom in rows) >= 24
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def check_drawing(page, w: DrawingWidget) -> None:
    """All that is shown is what the widget gives."""
    widget = part(page, ".attn-drawings")
    assert number(page, "right") == w.right
    assert number(page, "different") == w.different
    assert number(page, "kept") == (w.probabilities > 0).sum()
    rows = widget.locator(".attn-drawings label:not([hidden])")
    said = rows.locator(".attn-said").all_text_contents()
    marks = rows.locator(".attn-mark").all_text_contents()
    last = w.sentences[-10:]
    assert said == [text for text, _ in last]
    assert marks == ["✓" if right else "✗" for _, right in last]
    bars = read_all(widget, "rect[data-p]", "p")
    row = w._tokens()[min(w.sentence, w.drawn) - 1]
    drawn = row[min(w.word, len(row)) - 1]
    name = "■" if drawn == EOS else NAMES[drawn]
    assert widget.locator("[data-drawn=true] text").first.text_content() == name
    kept = np.sort(w.probabilities)[::-1][: len(bars) - 1]  # the last may be what was drawn
    assert np.sort(bars)[::-1][: len(kept)] == pytest.approx(kept, abs=1e-6)
    counts = rf"{w.right or 'None'} of {w.drawn} (is|are) right"
    assert re.search(counts, widget.locator(".attn-sentence").text_content())


def test_ten_more_sentences_are_drawn_and_counted(open_widget):
    opened = open_widget("decoding.drawing", **STILL)
    page = opened.page
    _, w = in_python(page)
    check_drawing(page, w)
    more = page.get_by_role("button", name="Draw ten more")
    more.click()
    more.focus()
    page.keyboard.press("Enter")
    w.drawn, w.sentence = 30, 21
    check_drawing(page, w)
    page.get_by_role("button", name="Draw ten others").click()
    w.drawn, w.sentence, w.seed = 10, 1, 1
    check_drawing(page, w)
    for _ in range(9):
        more.click()
    w.drawn, w.sentence = 100, 91
    check_drawing(page, w)
    assert more.is_disabled()
    part(page, ".attn-drawings").get_by_role("button", name="Reset").click()
    check_drawing(page, in_python(page)[1])
    assert not opened.errors and not opened.foreign


def test_knobs_cut_words_and_change_what_is_drawn(open_widget):
    opened = open_widget("decoding.drawing", **STILL)
    page = opened.page
    _, w = in_python(page)
    for name, share in (("top_p", 0.55), ("temperature", 0.6)):
        drag(page, name, share)
        w.set_trait(name, value_of(page, name))
        check_drawing(page, w)
    press(page, "top_k", Home=1, PageUp=1)
    w.top_k = 5
    check_drawing(page, w)
    assert number(page, "kept") <= 5
    page.locator('select[data-name="topic"]').last.select_option("books")
    w.topic = "books"
    check_drawing(page, w)
    assert not opened.errors and not opened.foreign


def test_one_looks_into_a_sentence_word_by_word(open_widget):
    opened = open_widget("decoding.drawing", **STILL)
    page = opened.page
    _, w = in_python(page)
    widget = part(page, ".attn-drawings")
    widget.locator(".attn-drawings input").first.focus()
    page.keyboard.press("ArrowDown")
    w.sentence, w.word = 2, 1
    check_drawing(page, w)
    widget.locator(".attn-token").nth(2).click()
    w.word = 3
    check_drawing(page, w)
    widget.locator(".attn-token").nth(1).focus()
    page.keyboard.press("Enter")
    w.word = 2
    check_drawing(page, w)
    first = w.sentences[1][0].split()[0]
    assert f"After “{first}”" in widget.locator(".attn-sentence").text_content()
    assert not opened.errors and not opened.foreign


def test_both_widgets_of_a_page_speak_with_one_model(open_widget):
    page = open_widget("decoding").page
    store = page.locator('script[type="application/vnd.jupyter.widget-state+json"]').text_content()
    assert store.count('"tensors"') == 1
    assert page.locator(".attn-tree").count() == page.locator(".attn-drawings").count() == 1
