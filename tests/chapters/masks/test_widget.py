"""The masks widget: what it computes and refuses, and its mathematics in the browser."""

import math

import numpy as np
import pytest

from attnlab.chapters.masks.widget import WORDS, MasksWidget, N, made_up_scores
from tests.widgets.node import ROOMS, agree, in_node
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
    scores = made_up_scores()  # a row and a column for each token, then for padding at each place
    real = np.arange(N) < w.length
    of_tokens = np.where(real, scores[:N, :N], scores[:N, N:])
    of_padding = np.where(real, scores[N:, :N], scores[N:, N:])
    powers = np.exp(np.where(real[:, None], of_tokens, of_padding)) * w.mask
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
        ("readWeights", w._read["scores"], w.mask, w.length),
        ("leakedShare", w.weights, w.rule),
        modules=[ROOMS / "masks" / "mathematics.js"],
    )
    assert (np.array(rule) == w.rule).all()
    agree(weights, w.weights)
    agree(leak, w.leak)


def test_it_shows_the_scores_that_it_is_given_and_says_whether_it_was():
    scores = np.arange(16 * 16).reshape(16, 16) % 7
    w = MasksWidget("abcdefgh", scores, length=8, causal=False)
    assert w._read["tokens"] == list("abcdefgh") and w._read["trained"]
    powers = np.exp(scores[:8, :8])
    np.testing.assert_allclose(w.weights, powers / powers.sum(1, keepdims=True), atol=1e-12)
    assert not MasksWidget()._read["trained"]


@pytest.mark.parametrize(
    ("tokens", "scores", "message"),
    [
        ("abc", np.zeros((16, 16)), "expected 8 tokens, got 3"),
        (WORDS, np.zeros((8, 8)), r"scores of shape \(16, 16\), all finite, got \(8, 8\)"),
        (WORDS, np.full((16, 16), np.nan), r"scores of shape \(16, 16\), all finite"),
    ],
)
def test_other_tokens_and_scores_are_refused(tokens, scores, message):
    with pytest.raises(ValueError, match=message):
        MasksWidget(tokens, scores)


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


def test_what_the_answers_say_of_windows_and_closed_pairs():
    """The folded answers below the widget: padding alone can see nothing."""
    w = MasksWidget()
    unseeing = {}
    for w.window in (3, 2, 1):
        unseeing[w.window] = np.flatnonzero(~w.mask.any(axis=1)).tolist()
    assert unseeing == {3: [], 2: [7], 1: [6, 7]} and w.length == 6
    open_row, closed_row = MasksWidget().weights[4], MasksWidget(flips=[(4, 1)]).weights[4]
    growth = np.delete(closed_row[:5] / open_row[:5], 1)
    np.testing.assert_allclose(growth, growth[0])
    assert growth[0] > 1 and MasksWidget(flips=[(4, 1)]).leak == 0


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
