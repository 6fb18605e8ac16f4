"""The scores widget: what it computes, refuses and prints, and its mathematics in the browser."""

import math

import numpy as np
import pytest

from attnlab.chapters.scores import widget as scores
from attnlab.chapters.scores.widget import ScoresWidget
from attnlab.functional.softmax import softmax
from tests.widgets.node import ROOMS, agree, in_node
from tests.widgets.refusals import refusing

FUNCTIONS = ("dot", "scaled", "bilinear", "additive")


def by_hand(function, q, k):
    x, y = q
    if function == "bilinear":
        x, y = -1.5 * y, 1.5 * x
    if function != "additive":
        return (x * k[0] + y * k[1]) / (math.sqrt(2) if function == "scaled" else 1)
    return sum(
        1.5 * (math.tanh(2 * (k[i] - q[i]) + 1) - math.tanh(2 * (k[i] - q[i]) - 1)) for i in (0, 1)
    )


@pytest.mark.parametrize("function", FUNCTIONS)
@pytest.mark.parametrize("query", [(0.9, 0.3), (-2.0, 1.35), (0.0, 0.0)])
def test_scores_weights_and_winner(function, query):
    w = ScoresWidget(function=function, query=query)
    expected = np.array([by_hand(function, query, key) for key in scores.KEYS])
    np.testing.assert_allclose(w.scores, expected, atol=1e-12)
    np.testing.assert_allclose(w.scores_at(w.places[:2]), expected[:2], atol=1e-12)
    np.testing.assert_allclose(w.weights, softmax(expected), atol=1e-12)
    assert w.winner == "ABCDEF"[int(expected.argmax())]


@pytest.mark.parametrize("function", FUNCTIONS)
def test_the_browser_gives_the_same_scores(function):
    for query in ((0.9, 0.3), (-2.0, 1.35), (0.0, 0.0)):
        w = ScoresWidget(function=function, query=query)
        sent = w._constants
        call = ("scoresOf", function, query, sent["keys"], sent["fixed"])
        agree(in_node(call, modules=[ROOMS / "scores" / "mathematics.js"])[0], w.scores)


def test_places_are_a_copy():
    w = ScoresWidget()
    w.places[:] = 0
    assert w.winner == "B"


test_bad_input_is_refused_when_made_and_when_set = refusing(
    ScoresWidget,
    [
        (
            "function",
            "cosine",
            "function must be one of dot, scaled, bilinear, additive; got 'cosine'",
        ),
        ("function", 1, "function must be one of dot, scaled, bilinear, additive; got 1"),
        ("query", (0, 2.5), "query[1] must be a number from -2.0 to 2.0; got 2.5"),
        ("query", (math.nan, 0), "query[0] must be a number from -2.0 to 2.0; got nan"),
        ("query", (1, 2, 3), "query must be 2 values; got (1, 2, 3)"),
        ("query", 1.0, "query must be 2 values; got 1.0"),
    ],
)


def test_repr_has_all_inputs():
    w = ScoresWidget(function="additive", query=[1, -1])
    assert repr(w) == "ScoresWidget(function='additive', query=(1.0, -1.0))"
