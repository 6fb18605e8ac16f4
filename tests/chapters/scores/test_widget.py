"""The scores widget: what it computes, refuses and prints, and its mathematics in the browser."""

import itertools
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
    np.testing.assert_allclose(w.scores_at(np.array(w.places)[:2]), expected[:2], atol=1e-12)
    np.testing.assert_allclose(w.weights, softmax(expected), atol=1e-12)
    assert w.winner == "ABCDEF"[int(expected.argmax())]


@pytest.mark.parametrize("function", FUNCTIONS)
def test_the_browser_gives_the_same_scores(function):
    for query in ((0.9, 0.3), (-2.0, 1.35), (0.0, 0.0)):
        w = ScoresWidget(function=function, query=query)
        call = ("scoresOf", function, query, list(w.places), w._constants["fixed"])
        agree(in_node(call, modules=[ROOMS / "scores" / "mathematics.js"])[0], w.scores)


def test_keys_can_be_moved():
    w = ScoresWidget(places=np.arange(12).reshape(6, 2) / 12, key="C")
    assert w.places[5] == (10 / 12, 11 / 12)
    np.testing.assert_allclose(w.scores, np.array(w.places) @ w.query)
    assert ScoresWidget().places == tuple(map(tuple, scores.KEYS.tolist()))  # as it was


def test_what_readers_are_asked_to_see():
    """The answers below the widget that hold no measured number."""
    axis = np.arange(-1.95, 2, 0.1)
    dot = ScoresWidget()
    for dot.query in itertools.product(axis, axis):
        assert dot.winner in "BCDE"
    assert ScoresWidget(function="bilinear").winner == "C"
    turned = ScoresWidget(function="bilinear").scores
    agree(turned, 1.5 * ScoresWidget(query=(-0.3, 0.9)).scores)  # by a quarter, counterclockwise
    additive = ScoresWidget(function="additive")
    for name, additive.query in zip("ABCDEF", scores.KEYS, strict=True):
        assert additive.winner == name
    plane = np.array(list(itertools.product(axis, axis)))
    for additive.query in ((0, 0), (2, 2)):
        assert np.abs(additive.scores_at(plane)).max() <= 6  # 1.5 for each unit

    q, (b, *_) = np.array([0.9, 0.3]), scores.KEYS[1:]
    for along in (-0.5, 0, 1.5):  # anywhere on the line through B, at right angles to the query
        for short, winner in ((0.98, "B"), (1.02, "A")):
            place = short * b + along * np.array([-q[1], q[0]])
            assert ScoresWidget(places=[place, *scores.KEYS[1:]]).winner == winner


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
        ("places", [(0, 0)] * 5, f"places must be 6 values; got {[(0, 0)] * 5}"),
        ("places", [(0, 0), (0, 0, 0)] * 3, "places[1] must be 2 values; got (0, 0, 0)"),
        (
            "places",
            [*[(0, 0)] * 5, (0, -3)],
            "places[5][1] must be a number from -2.0 to 2.0; got -3",
        ),
        ("key", "G", "key must be one of A, B, C, D, E, F; got 'G'"),
        ("key", 0, "key must be one of A, B, C, D, E, F; got 0"),
    ],
)


def test_repr_has_all_inputs():
    w = ScoresWidget(function="additive", query=[1, -1], places=[(0, 1)] * 6, key="F")
    assert repr(w) == (
        "ScoresWidget(function='additive', query=(1.0, -1.0), places=((0.0, 1.0), (0.0, 1.0), "
        "(0.0, 1.0), (0.0, 1.0), (0.0, 1.0), (0.0, 1.0)), key='F')"
    )
