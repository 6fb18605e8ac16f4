"""The Transformer widget in a real browser: it writes what torch does, and refuses what it must."""

import json
from datetime import date
from functools import cache

import pytest

from attnlab.chapters.transformer.widget import TransformerWidget
from attnlab.models.transformer import Transformer
from attnlab.tasks.dates import Dates
from tests.browser.made import filled
from tests.browser.on_page import WIDGET, control, embedded_state, number

DATES = Dates(("en", "de", "zh"))
COUNT_TOKENS = """() => {
  const written = document.querySelector(".attn-written");
  window.counts = [];
  const count = () => {
    const n = written.querySelectorAll("[data-token]:not([hidden])").length;
    if (n !== counts.at(-1)) counts.push(n);
  };
  new MutationObserver(count).observe(written, { attributes: true, subtree: true });
}"""


def model_of(packed: dict) -> Transformer:
    """The model that a page holds."""
    shapes = {name: shape for name, shape, _ in packed["tensors"]}
    (src_vocab, d_model), (tgt_vocab, _) = (
        shapes[f"{side}_embedding.weight"] for side in ("src", "tgt")
    )
    model = Transformer(
        src_vocab, tgt_vocab, d_model=d_model, n_heads=packed["n_heads"], n_layers=1,
        d_ff=shapes["encoder.layers.0.feed_forward.expand.weight"][0], norm=packed["norm"],
    )  # fmt: skip
    if "to_logits.weight" not in shapes:
        model.to_logits.weight = model.tgt_embedding.weight
    return filled(model, packed)


@cache
def widget_of(packed: str) -> TransformerWidget:
    """The widget in Python, with the models that are in the page."""
    held = json.loads(packed)
    return TransformerWidget(*(model_of(held[name]) for name in ("translation", "dates")), DATES)


@cache
def answer_of(packed: str, task: str, source: str, heads_off: tuple, anyway: bool) -> tuple:
    """What torch gives, computed once: tokens, probabilities and weights."""
    w = widget_of(packed)
    w.task, w.source, w.heads_off, w.anyway = task, source, heads_off, anyway
    return w.output_tokens, w.probabilities, w.weights


@pytest.fixture
def in_torch():
    """The widget in Python, set as that of the page is."""

    def make(page) -> TransformerWidget:
        store = page.locator('script[type="application/vnd.jupyter.widget-state+json"]')
        states = json.loads(store.text_content())["state"].values()
        (packed,) = [m["state"]["_models"] for m in states if "heads_off" in m["state"]]
        w = widget_of(json.dumps(packed))
        for name, value in embedded_state(page, TransformerWidget).items():
            w.set_trait(name, value)
        return w

    return make


def check(page, w: TransformerWidget, *, kind: str = "cross", head: int = 0) -> None:
    """All that is shown is what the widget gives."""
    widget = page.locator(WIDGET).first
    packed = json.dumps(w._models)
    tokens, p, weights = answer_of(packed, w.task, w.source, tuple(w.heads_off), w.anyway)
    shown = widget.locator("[data-token]:not([hidden])")
    assert shown.evaluate_all("parts => parts.map(s => s.dataset.token)") == tokens
    pressed = shown.evaluate_all("parts => parts.map(s => s.ariaPressed === 'true')")
    assert pressed == [i == min(w.step, len(tokens)) for i in range(1, len(tokens) + 1)]
    probabilities = widget.locator("[data-probability]").evaluate_all(
        "parts => parts.map(part => +part.dataset.probability)"
    )
    assert probabilities == pytest.approx(p.max(axis=1), abs=1e-6)
    numbers = [head] if head else range(1, w._n_heads + 1)
    used = [h - 1 for h in numbers if f"{kind} {h}" not in w.heads_off]
    assert (
        widget.locator(".attn-map").get_attribute("data-off")
        == str(bool(tokens) and not used).lower()
    )
    expected = weights[kind][used or [h - 1 for h in numbers]].mean(axis=0)  # (n, m)
    cells = widget.locator("rect[data-weight]")
    found = cells.evaluate_all("cells => cells.map(cell => +cell.dataset.weight)")
    assert found == pytest.approx(expected.ravel(), abs=1e-6)


def sentence(page) -> str:
    return page.locator(WIDGET).first.locator(".attn-sentence").text_content()


def is_day(text: str) -> bool:
    try:
        return bool(date.fromisoformat(text))
    except ValueError:
        return False


def choose(page, name: str, value: str) -> None:
    page.locator(f'input[data-name="{name}"][value="{value}"]').first.check()


def test_typing(open_widget, in_torch):
    opened = open_widget("transformer")
    page = opened.page
    w = in_torch(page)
    check(page, w)
    for w.source in ("you drink milk", "My mother often reads books", "I love programming."):
        control(page, "source").fill(w.source)
        check(page, w)
        assert f"“{w.output}”" in sentence(page)
        assert ("not given the “.”" in sentence(page)) == w.source.endswith(".")
        assert "calendar" not in sentence(page)
    choose(page, "task", "dates")
    w.task = "dates"
    for w.source in ("Sonntag, 8. März 2026", "2026年3月8日星期日", "2/31/2026"):
        control(page, "source").fill(w.source)
        check(page, w)
        assert ("no day of the calendar" in sentence(page)) == (not is_day(w.output))
    page.get_by_role("button", name="Reset").first.click()
    check(page, in_torch(page))
    assert not opened.errors and not opened.foreign


@pytest.mark.parametrize("task", ["translation", "dates"])
def test_what_cannot_be_read(open_widget, in_torch, task):
    opened = open_widget("transformer")
    page = opened.page
    w = in_torch(page)
    w.task = task
    choose(page, "task", task)
    for w.source in ("", "   ", "I adore <b>tea</b>", "tea tea", "1/1/1111", "tea " * 30, "1" * 99):
        control(page, "source").fill(w.source)
        assert w.message and sentence(page) == w.message
        check(page, w)  # nothing is shown
    assert not opened.errors and not opened.foreign


def test_heads_by_keyboard(open_widget, in_torch):
    opened = open_widget("transformer")
    page = opened.page
    w = in_torch(page)
    off = []
    for kind, head in (("encoder", 1), ("decoder", 2), ("cross", 2)):
        choose(page, "kind", kind)
        page.locator(f'input[data-name="head-{head}"]').first.focus()
        page.keyboard.press("Space")
        off.append(f"{kind} {head}")
        w.heads_off = tuple(off)
        check(page, w, kind=kind)
        choose(page, "head", "1")
        check(page, w, kind=kind, head=1)
        choose(page, "head", "0")
    page.locator('input[data-name="head-2"]').first.focus()
    page.keyboard.press("Space")
    w.heads_off = tuple(off[:2])
    check(page, w)
    assert not opened.errors and not opened.foreign


def test_tokens_come_one_by_one(open_widget, in_torch):
    opened = open_widget("transformer")
    page = opened.page
    w = in_torch(page)
    page.evaluate(COUNT_TOKENS)
    page.get_by_role("button", name="Write it").first.click()
    page.wait_for_function(
        "n => counts.includes(1) && counts.at(-1) === n", arg=len(w.output_tokens)
    )
    assert page.evaluate("counts") == list(range(1, len(w.output_tokens) + 1))
    check(page, w)
    page.wait_for_timeout(500 * (12 - len(w.output_tokens)))
    control(page, "step").focus()
    page.keyboard.press("Home")
    w.step = 1
    check(page, w)
    assert not opened.errors and not opened.foreign


def test_whoever_goes_elsewhere_is_left_there(open_widget, in_torch):
    opened = open_widget("transformer")
    page = opened.page
    w = in_torch(page)
    page.get_by_role("button", name="Write it").first.click()
    page.wait_for_timeout(500)
    control(page, "step").focus()
    page.keyboard.press("End")
    page.keyboard.press("ArrowLeft")
    w.step = len(w.output_tokens) - 1
    check(page, w)
    page.wait_for_timeout(1000)
    check(page, w)
    assert not opened.errors and not opened.foreign


def test_the_largest_weight_of_what_is_shown(open_widget, in_torch):
    opened = open_widget("transformer")
    page = opened.page
    w = in_torch(page)
    control(page, "source").fill("I love programming")
    w.source, rows = "I love programming", len(w.output_tokens)
    for kind, shown in (("cross", slice(rows - 1, rows)), ("encoder", slice(None))):
        choose(page, "kind", kind)
        most = w.weights[kind].mean(axis=0)[shown].max()
        assert number(page, "largest_weight") == pytest.approx(most, abs=1e-6)
        assert kind in sentence(page)
    assert page.get_by_text("framed row").count() == 0
    page.get_by_role("button", name="Reset").first.click()
    check(page, in_torch(page))
    assert not opened.errors and not opened.foreign


def test_a_token_and_a_row_are_chosen_by_mouse_and_by_key(open_widget, in_torch):
    opened = open_widget("transformer", reduced_motion="reduce")
    page = opened.page
    w = in_torch(page)
    control(page, "source").fill("I love programming")
    w.source = "I love programming"
    widget = page.locator(WIDGET).first
    tokens, rows = widget.locator("[data-token]"), widget.locator(".attn-map")
    cross = w.weights["cross"].mean(axis=0)
    tokens.nth(1).click()
    w.step = 2
    check(page, w)
    assert number(page, "largest_weight") == pytest.approx(cross[1].max(), abs=1e-6)
    tokens.nth(0).focus()
    page.keyboard.press("Enter")
    w.step = 1
    check(page, w)
    rows.focus()
    for key in ("ArrowDown", "ArrowDown", "ArrowUp"):
        page.keyboard.press(key)
    w.step = 2
    check(page, w)
    assert rows.get_attribute("aria-valuetext") == w.output_tokens[1]
    box = widget.locator("rect[data-weight]").first.bounding_box()
    page.mouse.click(box["x"] + 3, box["y"] + 2.5 * box["height"])
    w.step = 3
    check(page, w)
    assert number(page, "largest_weight") == pytest.approx(cross[2].max(), abs=1e-6)
    choose(page, "kind", "encoder")  # of whose rows none is looked at yet
    rows.focus()
    page.keyboard.press("ArrowDown")
    encoder = w.weights["encoder"].mean(axis=0)
    assert number(page, "largest_weight") == pytest.approx(encoder[0].max(), abs=1e-6)
    assert "that of “I”" in sentence(page)
    assert not opened.errors and not opened.foreign


def test_heads_that_are_off_are_gray_and_it_is_said(open_widget, in_torch):
    opened = open_widget("transformer")
    page = opened.page
    w = in_torch(page)
    page.locator('input[data-name="head-2"]').first.focus()
    page.keyboard.press("Space")
    w.heads_off = ("cross 2",)
    check(page, w)  # the mean of the others
    assert "is off" not in sentence(page)
    choose(page, "head", "2")
    check(page, w, head=2)
    assert "Head 2 of cross-attention is off" in sentence(page)
    of = "label => getComputedStyle(label).color"
    choice = page.locator(WIDGET).first.locator('input[data-name="head"]')
    gray, ink = (choice.nth(h).locator("..").evaluate(of) for h in (2, 1))
    assert gray != ink
    choose(page, "head", "0")
    for h in (1, 3, 4):
        page.locator(f'input[data-name="head-{h}"]').first.uncheck()
    w.heads_off = ("cross 2", "cross 1", "cross 3", "cross 4")
    check(page, w)
    assert "All heads of cross-attention are off" in sentence(page)
    assert not opened.errors and not opened.foreign


def test_it_is_asked_anyway(open_widget, in_torch):
    opened = open_widget("transformer")
    page = opened.page
    w = in_torch(page)
    control(page, "source").fill("I adore tea")
    w.source = "I adore tea"
    assert sentence(page) == w.message
    control(page, "anyway").focus()
    page.keyboard.press("Space")
    w.anyway = True
    check(page, w)
    assert w.message in sentence(page) and f"“{w.output}”" in sentence(page)
    for w.source in ("tea tea", "i DRINK Books", "I love programming", ""):
        control(page, "source").fill(w.source)
        check(page, w)
        assert w.remark in sentence(page) and w.message in sentence(page)
    control(page, "anyway").click()
    w.anyway, w.source = False, "tea tea"
    control(page, "source").fill(w.source)
    check(page, w)
    assert not opened.errors and not opened.foreign


def test_what_stands_for_no_token_is_no_candidate(open_widget):
    page = open_widget("transformer").page
    control(page, "anyway").check()
    widget = page.locator(WIDGET).first
    for source in ("I love programming", "xyz xyz", "tea tea tea tea"):
        control(page, "source").fill(source)
        for token in widget.locator("[data-token]").all():
            token.click()
            names = widget.locator(".attn-digit").all_text_contents()
            assert len(names) == 5 and not any("<" in name for name in names)


def test_words_are_taken_from_those_that_it_knows(open_widget, in_torch):
    opened = open_widget("transformer")
    page = opened.page
    w = in_torch(page)
    widget = page.locator(WIDGET).first
    widget.locator(".attn-known summary").focus()
    page.keyboard.press("Enter")
    known = widget.locator(".attn-known")
    known.get_by_role("button", name="Empty the field").click()
    for word in ("the teacher", "drinks"):
        known.get_by_role("button", name=word, exact=True).click()
    milk = known.get_by_role("button", name="milk", exact=True)
    milk.focus()
    page.keyboard.press("Enter")
    assert control(page, "source").input_value() == "the teacher drinks milk"
    control(page, "source").evaluate("input => input.setSelectionRange(12, 18)")
    known.get_by_role("button", name="buys", exact=True).click()
    w.source = "the teacher buys milk"
    assert control(page, "source").input_value() == w.source
    check(page, w)
    choose(page, "task", "dates")
    known.get_by_role("button", name="2026年3月8日星期日").click()
    w.task, w.source = "dates", "2026年3月8日星期日"
    check(page, w)
    assert not opened.errors and not opened.foreign
