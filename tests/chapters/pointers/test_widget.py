"""The pointers widget: its model on the page is torch's, any name is taken, and no other input."""

import json

import numpy as np
import pytest
import torch

from attnlab.chapters.pointers.journeys import N_NEW, REQUESTS, UNTRAINED, Journeys
from attnlab.chapters.pointers.widget import LONGEST_NAME, PointersWidget
from attnlab.models.pointer import PointerGenerator
from attnlab.tasks.vocabulary import EOS, UNK
from tests.widgets.node import ROOMS, SHARED, Result, in_node
from tests.widgets.refusals import refusing

JOURNEYS = Journeys(("Ghana", "Peru"), ("Fiji",))
OUR_MATH = ROOMS / "pointers" / "mathematics.js"
NAMES = ["Peru", "Atlantis", "中国", "New Zealand", "<unk>", "to"]


def model(seed=0, **options):
    torch.manual_seed(seed)
    sizes = {"n_new": N_NEW, "unk": UNK, "d_model": 7} | options
    return PointerGenerator(len(JOURNEYS.vocabulary), **sizes)


def widget(**options):
    return PointersWidget(model(), JOURNEYS, **options)


def in_browser(w):
    _, steps = in_node(
        ("unpack", w._model),
        ("speak", Result(0), w._source[0].tolist(), N_NEW, w._constants["marks"]),
        modules=[SHARED / "packing.js", OUR_MATH],
    )
    return steps


@pytest.mark.parametrize("request_", [*REQUESTS, UNTRAINED])
@pytest.mark.parametrize("seed", range(3))
def test_the_browser_computes_what_torch_does(seed, request_):
    start, end = np.random.default_rng(seed).choice(NAMES, 2)
    w = PointersWidget(model(seed), JOURNEYS, request=request_, start=start, end=end)
    steps = in_browser(w)
    assert [step["word"] for step in steps] == w._written[0].tolist()
    gates = [step["gate"] for step in steps]
    np.testing.assert_allclose(gates, w.gates, rtol=1e-9)
    weights = [step["weights"] for step in steps]
    np.testing.assert_allclose(weights, w.weights, rtol=1e-9, atol=1e-9)
    found = [step["probabilities"] for step in steps]
    expected = w._said.probabilities[0].numpy()
    np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(np.max(found, axis=1), w.probabilities, rtol=1e-9)
    np.testing.assert_allclose(np.sum(found, axis=1), 1)


@pytest.mark.parametrize("name", NAMES)
def test_a_name_is_one_word_whatever_it_is_made_of(name):
    w = widget(start=name, end="Fiji")
    assert w.words == ["i", "want", "to", "go", "from", name, "to", "Fiji"]
    assert w.weights.shape == (len(w.gates), 8)


def test_a_model_that_always_points_at_one_place():
    pointing = model()
    with torch.no_grad():
        pointing.gate.bias.fill_(-50.0)
        pointing.score.w.zero_()  # every place alike
    w = PointersWidget(pointing, JOURNEYS, start="Oz", end="Oz")
    assert w.reply[0] == "to" or w.reply[0] == "Oz"  # the two words with two places
    assert not w.right
    np.testing.assert_allclose(w.weights, 1 / 8)
    np.testing.assert_allclose(w.probabilities, 2 / 8, rtol=1e-6)


def test_a_reply_that_ends_at_once():
    silent = model()
    with torch.no_grad():
        silent.read_out.bias[EOS] = 100.0
        silent.gate.bias.fill_(50.0)
    w = PointersWidget(silent, JOURNEYS)
    assert w.reply == [] and not w.right
    assert len(w.gates) == 1


def test_the_page_holds_little():
    big = Journeys(tuple(f"name{i}" for i in range(118)), ("Fiji",))
    speaker = PointerGenerator(len(big.vocabulary), n_new=N_NEW, unk=UNK, d_model=32)
    assert len(json.dumps(PointersWidget(speaker, big)._model)) < 70_000


NO_NAME = f"must be a name of 1 to {LONGEST_NAME} characters; got"
ONE_OF = f"request must be one of {', '.join([*REQUESTS, UNTRAINED])}"
test_bad_input_is_refused_when_made_and_when_set = refusing(
    widget,
    [
        ("start", "", f"start {NO_NAME} ''"),
        ("end", "   ", f"end {NO_NAME} '   '"),
        ("start", "x" * 200, f"start {NO_NAME} '{'x' * 200}'"),
        ("end", 7, f"end {NO_NAME} 7"),
        ("step", 10, "step must be a whole number from 0 to 9; got 10"),
        ("request", "hello", f"{ONE_OF}; got 'hello'"),
    ],
)  # fmt: skip


def test_spaces_around_a_name_are_left_out():
    assert widget(start="  Oz ").start == "Oz"


def test_other_models_are_refused():
    with pytest.raises(ValueError, match=r"= \('general', \d+, 2\), got \('dot', \d+, 2\)"):
        PointersWidget(model(attend="dot"), JOURNEYS)
    with pytest.raises(ValueError, match=r"n_new = .*, got \('general', \d+, 3\)"):
        PointersWidget(model(n_new=3), JOURNEYS)


def test_the_front_end_is_one_module():
    source = widget()._esm
    assert source.count("export default") == 1
    assert "import" not in [line.split(" ")[0] for line in source.splitlines()]
    assert "https:" not in source
