"""The softmax widget: what it computes, refuses and prints, and its mathematics in the browser."""

import math

import numpy as np
import pytest

from attnlab.chapters.softmax.widget import LOGITS, SoftmaxWidget
from attnlab.functional.softmax import softmax
from tests.widgets.node import agree, in_node
from tests.widgets.refusals import refusing

BIASES = (0.5, -1.0, 0.0, 4.0, -4.0, 0.0)
STATES = [
    {},
    {"temperature": 0.1},
    {"temperature": 10, "biases": BIASES},
    {"mask": (False, True, True, False, True, True), "biases": BIASES},
    {"mask": (False,) * 5 + (True,)},
    {"mask": (False,) * 6},
]


@pytest.mark.parametrize("state", STATES)
def test_weights_are_the_softmax_of_what_is_set(state):
    w = SoftmaxWidget(**state)
    kept = np.array(state.get("mask", (True,) * 6))
    scores = (np.array(LOGITS) + state.get("biases", 0)) / state.get("temperature", 1)
    powers = np.exp(scores) * kept
    total = powers.sum() or 1.0
    np.testing.assert_allclose(w.weights, powers / total, atol=1e-12)


@pytest.mark.parametrize("state", STATES)
def test_the_browser_gives_the_same_weights(state):
    w = SoftmaxWidget(**state)
    call = ("steeredSoftmax", list(w.logits), list(w.biases), list(w.mask), w.temperature)
    agree(in_node(call)[0], w.weights)


def test_keys_in_effect():
    assert SoftmaxWidget(logits=(1,) * 6).keys_in_effect == pytest.approx(6)
    assert SoftmaxWidget(mask=(True,) + (False,) * 5).keys_in_effect == pytest.approx(1)
    assert SoftmaxWidget(mask=(False,) * 6).keys_in_effect == 0


def test_what_readers_are_asked_to_see():
    """The answers below the widget that hold no measured number."""
    for temperature in (0.1, 1, 10):
        w = SoftmaxWidget(temperature=temperature, biases=(0, 0, 0, 2, 0, 0))
        assert w.weights[3] == pytest.approx(w.weights[0])
    agree(SoftmaxWidget(biases=(1,) * 6).weights, SoftmaxWidget().weights)
    ratios = SoftmaxWidget(mask=(False,) + (True,) * 5).weights[1:] / SoftmaxWidget().weights[1:]
    assert ratios == pytest.approx(ratios[0]) and ratios[0] > 1
    for bias in (-4, 0, 4):
        alone = SoftmaxWidget(mask=(False, True, *(False,) * 4), biases=(0, bias, 0, 0, 0, 0))
        assert alone.weights[1] == 1


def test_rows_are_taken_from_lists_and_arrays():
    w = SoftmaxWidget(logits=np.arange(6) / 2)
    w.biases, w.mask = [1, 0, 0, 0, 0, 0], np.arange(6) < 2
    assert w.logits == (0.0, 0.5, 1.0, 1.5, 2.0, 2.5)
    assert w.mask == (True, True, False, False, False, False)
    agree(w.weights[:2], softmax(np.array([1.0, 0.5])))


test_bad_input_is_refused_when_made_and_when_set = refusing(
    SoftmaxWidget,
    [
        ("temperature", 0, "temperature must be a number from 0.1 to 10.0; got 0"),
        ("temperature", -1.0, "temperature must be a number from 0.1 to 10.0; got -1.0"),
        ("temperature", math.nan, "temperature must be a number from 0.1 to 10.0; got nan"),
        (
            "biases",
            [0, 0, math.inf, 0, 0, 0],
            "biases[2] must be a number from -4.0 to 4.0; got inf",
        ),
        ("biases", [0, 0], "biases must be 6 values; got [0, 0]"),
        ("biases", 1.0, "biases must be 6 values; got 1.0"),
        ("logits", "123456", "logits must be 6 values; got '123456'"),
        ("mask", [1, 1, 1, 1, 1, 0], "mask[0] must be True or False; got 1"),
        ("mask", None, "mask must be 6 values; got None"),
        ("key", 6, "key must be a whole number from 0 to 5; got 6"),
    ],
)


def test_repr_has_all_inputs():
    assert repr(SoftmaxWidget(temperature=2)) == (
        "SoftmaxWidget(logits=(2.0, 1.0, 0.5, 0.0, -1.0, -3.0), temperature=2.0, "
        "biases=(0.0, 0.0, 0.0, 0.0, 0.0, 0.0), mask=(True, True, True, True, True, True), key=1)"
    )
