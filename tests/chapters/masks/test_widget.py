"""The masks widget: what it computes and refuses, and its mathematics in the browser."""

import math

import numpy as np
import pytest

from attnlab.chapters.masks.widget import MasksWidget, N, queries_and_keys
from tests.widgets.node import MATH, ROOMS, agree, in_node
from tests.widgets.refusals import refusing

STATES = [
    {},
    {"length": 8, "causal": False},
    {"length": 3, "window": 2},
    {"length": 1, "window": 1, "causal": False},
    {"length": 6, "flips": ((0, 7), (2, 2), (5, 0), (7, 7))},
    {"length": 1, "flips": tuple((i, 0) for i in range(N))},
]


@pytest.mark.parametrize("state", STATES)
def test_weights_and_leak_are_those_of_the_formula(state):
    w = MasksWidget(**state)
    q, k = queries_and_keys()
    powers = np.exp(q @ k.T / 2) * w.mask
    totals = powers.sum(axis=1, keepdims=True)
    weights = powers / np.where(totals == 0, 1, totals)
    np.testing.assert_allclose(w.weights, weights, atol=1e-12)
    seeing = w.mask.any(axis=1).sum()
    assert w.leak == pytest.approx((weights * ~w.rule).sum() / max(seeing, 1))


@pytest.mark.parametrize("state", STATES)
def test_the_browser_gives_the_same(state):
    w = MasksWidget(**state)
    settings = {"length": w.length, "causal": w.causal, "window": w.window}
    rule, weights, leak = in_node(
        ("maskRule", N, settings),
        ("maskedWeights", *queries_and_keys(), w.mask),
        ("leakedShare", w.weights, w.rule),
        modules=[MATH, ROOMS / "masks" / "mathematics.js"],
    )
    assert (np.array(rule) == w.rule).all()
    agree(weights, w.weights)
    agree(leak, w.leak)


def test_the_browser_draws_the_same_queries_and_keys():
    sent = MasksWidget()._constants
    call = ("normalRows", 2 * len(sent["words"]), sent["d_k"], sent["seed"])
    agree(in_node(call)[0], np.concatenate(queries_and_keys()))


@pytest.mark.parametrize("i", range(N))
@pytest.mark.parametrize("j", range(N))
def test_a_pair_is_open_if_every_part_of_the_rule_opens_it(i, j):
    w = MasksWidget(length=5, causal=True, window=3)
    assert w.rule[i, j] == (j < 5 and 0 <= i - j < 3)
    w.causal = False
    assert w.rule[i, j] == (j < 5 and abs(i - j) < 3)


def test_a_flip_departs_from_the_rule_and_a_second_one_returns():
    w = MasksWidget(length=8)
    assert w.leak == 0
    w.flips = [(0, 7), (3, 0)]
    assert w.mask[0, 7] and not w.mask[3, 0] and (w.mask != w.rule).sum() == 2
    assert w.leak == pytest.approx(w.weights[0, 7] / 8)
    w.flips = []
    assert (w.mask == w.rule).all()


def test_flips_are_sorted_and_each_is_there_once():
    w = MasksWidget(flips=[[3, 1], (0, 7), np.array([3, 1])])
    assert w.flips == ((0, 7), (3, 1))


test_bad_input_is_refused_when_made_and_when_set = refusing(
    MasksWidget,
    [
        ("length", 0, "length must be a whole number from 1 to 8; got 0"),
        ("length", -1, "length must be a whole number from 1 to 8; got -1"),
        ("length", 10**6, "length must be a whole number from 1 to 8; got 1000000"),
        ("window", math.nan, "window must be a whole number from 1 to 8; got nan"),
        ("window", 9, "window must be a whole number from 1 to 8; got 9"),
        ("causal", 1, "causal must be True or False; got 1"),
        ("flips", 3, "flips must be pairs (i, j) of whole numbers from 0 to 7; got 3"),
        ("flips", [(0, 8)],
         "flips must be pairs (i, j) of whole numbers from 0 to 7; got [(0, 8)]"),
        ("flips", [(0, -1)],
         "flips must be pairs (i, j) of whole numbers from 0 to 7; got [(0, -1)]"),
        ("flips", [(0, 1.5)],
         "flips must be pairs (i, j) of whole numbers from 0 to 7; got [(0, 1.5)]"),
        ("flips", ((1, 2, 3),),
         "flips must be pairs (i, j) of whole numbers from 0 to 7; got ((1, 2, 3),)"),
    ],
)  # fmt: skip


def test_repr_has_all_inputs():
    assert repr(MasksWidget(flips=[(1, 2)])) == (
        "MasksWidget(length=6, causal=True, window=8, flips=((1, 2),))"
    )
