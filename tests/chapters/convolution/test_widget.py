"""The convolution widget: what it computes and refuses, and its mathematics in the browser."""

import math

import numpy as np
import pytest

from attnlab.chapters.convolution.widget import ConvolutionWidget, N
from attnlab.nn.convolution import effective_width, expected_influence, receptive_field
from tests.widgets.node import ROOMS, agree, in_node
from tests.widgets.refusals import refusing

CONVOLUTION = ROOMS / "convolution" / "mathematics.js"
STATES = [
    {},
    {"layers": 1, "kernel": 7, "output": 0},
    {"layers": 8, "output": 60},
    {"layers": 5, "doubling": True},
    {"layers": 8, "doubling": True, "kernel": 5, "output": 3},
]


@pytest.mark.parametrize("state", STATES)
def test_the_browser_counts_the_same_paths(state):
    w = ConvolutionWidget(**state)
    settings = {"layers": w.layers, "doubling": w.doubling}
    (dilations,) = in_node(("dilationsOf", settings), modules=[CONVOLUTION])
    assert dilations == w.dilations
    levels, field, spread = in_node(
        ("pathShares", w._constants["n"], w.output, dilations, w.kernel),
        ("receptiveField", dilations, w.kernel),
        ("spread", w.influence),
        modules=[CONVOLUTION],
    )
    agree(levels[-1], w.influence)
    assert field == w.field
    agree(spread["width"], w.width)
    agree(spread["mean"], w.influence @ np.arange(N))
    for depth, shares in enumerate(levels[1:], start=1):
        upper = dilations[-depth:]
        agree(shares, expected_influence(N, w.output, dilations=upper, kernel=w.kernel))


def test_it_shows_what_attnlab_computes():
    w = ConvolutionWidget(layers=3, kernel=5, doubling=True, output=30)
    assert w.dilations == [1, 2, 4]
    assert w.field == receptive_field(dilations=[1, 2, 4], kernel=5) == (w.influence > 0).sum()
    expected = expected_influence(N, 30, dilations=[1, 2, 4], kernel=5)
    np.testing.assert_array_equal(w.influence, expected)
    assert w.width == effective_width(expected)
    assert w.weakest == pytest.approx(float(expected[expected > 0].min() / expected.max()))


def test_at_an_end_the_field_on_paper_reaches_beyond():
    w = ConvolutionWidget(layers=4, output=1)
    assert w.field == 9 and np.flatnonzero(w.influence).tolist() == [0, 1, 2, 3, 4, 5]


test_bad_input_is_refused_when_made_and_when_set = refusing(
    ConvolutionWidget,
    [
        ("kernel", 4, "kernel must be odd; got 4"),
        ("kernel", 1, "kernel must be a whole number from 3 to 7; got 1"),
        ("layers", 0, "layers must be a whole number from 1 to 8; got 0"),
        ("layers", -1, "layers must be a whole number from 1 to 8; got -1"),
        ("layers", 10**6, "layers must be a whole number from 1 to 8; got 1000000"),
        ("output", 65, "output must be a whole number from 0 to 64; got 65"),
        ("output", math.nan, "output must be a whole number from 0 to 64; got nan"),
        ("doubling", 1, "doubling must be True or False; got 1"),
    ],
)


def test_repr_has_all_inputs():
    assert repr(ConvolutionWidget(layers=5)) == (
        "ConvolutionWidget(kernel=3, layers=5, doubling=False, output=32)"
    )
