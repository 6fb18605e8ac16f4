"""The Transformer widget in a real browser: it writes what torch does, and refuses what it must."""

import json
from datetime import date

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
    const n = written.querySelectorAll("[data-token]").length;
    if (n !== counts.at(-1)) counts.push(n);
  };
  new MutationObserver(count).observe(written, { childList: true });
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


@pytest.fixture
def in_torch():
    """The widget in Python, with the models that are in the page."""

    def make(page) -> TransformerWidget:
        store = page.locator('script[type="application/vnd.jupyter.widget-state+json"]')
        states = json.loads(store.text_content())["state"].values()
        held = [model["state"] for model in states if "heads_off" in model["state"]]
        packed = held[0]["_models"]
        models = [model_of(packed[name]) for name in ("translation", "dates")]
        return TransformerWidget(*models, DATES, **embedded_state(page, TransformerWidget))

    return make


def check(page, w: TransformerWidget, *, kind: str = "cross", head: int = 0) -> None:
    """All that is shown is what the widget gives."""
    widget = page.locator(WIDGET).first
    steps = min(w.step, len(w.output_tokens))
    shown = widget.locator("[data-token]")
    assert shown.evaluate_all("spans => spans.map(s => s.dataset.token)") == w.output_tokens[:steps]
    probabilities = widget.locator("[data-probability]").evaluate_all(
        "parts => parts.map(part => +part.dataset.probability)"
    )
    assert probabilities == pytest.approx(w.probabilities.max(axis=1)[:steps], abs=1e-6)
    weights = w.weights[kind] if head == 0 else w.weights[kind][head - 1 : head]
    weights = weights.mean(axis=0)  # (n, m)
    if kind != "encoder":
        weights = weights[:steps, : steps if kind == "decoder" else None]
    cells = widget.locator("rect[data-weight]")
    found = cells.evaluate_all("cells => cells.map(cell => +cell.dataset.weight)")
    assert found == pytest.approx(weights.ravel(), abs=1e-6)


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
