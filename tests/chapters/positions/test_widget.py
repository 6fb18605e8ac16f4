"""The positions widget: what it computes and refuses, and its mathematics in the browser."""

import math

import numpy as np
import pytest

from attnlab.chapters.positions import widget as positions
from attnlab.chapters.positions.widget import PositionsWidget
from attnlab.functional.positions import sinusoidal_encoding
from tests.widgets.node import ROOMS, agree, in_node
from tests.widgets.refusals import refusing

MODULE = ROOMS / "positions" / "mathematics.js"
STATES = [
    {},
    {"d_model": 2, "position": 0, "distance": 0},
    {"d_model": 64, "position": 99, "distance": 28},
    {"d_model": 14, "position": 37, "distance": 1},
]


@pytest.mark.parametrize("state", STATES)
def test_similarity_and_hands_are_those_of_the_formula(state):
    w = PositionsWidget(**state)
    turns = 10_000.0 ** (-np.arange(0, w.d_model, 2) / w.d_model)
    assert w.similarity == pytest.approx(np.cos(turns * w.distance).mean(), abs=1e-12)
    for place, hands in zip((w.position, w.position + w.distance), w.hands, strict=True):
        expected = np.stack([np.cos(place * turns), np.sin(place * turns)], axis=-1)
        np.testing.assert_allclose(hands, expected, atol=1e-12)


@pytest.mark.parametrize("state", STATES)
def test_the_browser_gives_the_same(state):
    w = PositionsWidget(**state)
    sent = w._constants
    code, turns, similarities = in_node(
        ("sinusoidalCode", sent["n"], w.d_model, sent["base"]),
        ("frequencies", w.d_model, sent["base"]),
        ("codeSimilarities", w.code, w.position),
        modules=[MODULE],
    )
    agree(code, sinusoidal_encoding(positions.N, w.d_model))
    agree(similarities, w.similarities)
    place = w.position + w.distance
    agree(np.stack([np.cos(place * np.array(turns)), np.sin(place * np.array(turns))], -1),
          w.hands[1])  # fmt: skip


test_bad_input_is_refused_when_made_and_when_set = refusing(
    PositionsWidget,
    [
        ("d_model", 0, "d_model must be a whole number from 2 to 64; got 0"),
        ("d_model", 7, "d_model must be even; got 7"),
        ("d_model", 10**6, "d_model must be a whole number from 2 to 64; got 1000000"),
        ("position", -1, "position must be a whole number from 0 to 99; got -1"),
        ("position", 2.5, "position must be a whole number from 0 to 99; got 2.5"),
        ("distance", math.nan, "distance must be a whole number from 0 to 28; got nan"),
        ("distance", True, "distance must be a whole number from 0 to 28; got True"),
    ],
)


def test_repr_has_all_inputs():
    w = PositionsWidget(d_model=8, position=3, distance=2)
    assert repr(w) == "PositionsWidget(d_model=8, position=3, distance=2)"
