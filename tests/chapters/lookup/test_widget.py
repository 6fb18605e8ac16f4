"""The look-up widget: what it computes, refuses and prints, and its mathematics in the browser."""

import math

import numpy as np
import pytest

from attnlab.chapters.lookup.widget import LookupWidget, X, Y
from tests.widgets.node import ROOMS, agree, in_node
from tests.widgets.refusals import refusing

STATES = [
    {},
    {"query": 0.0, "width": 0.05},
    {"query": 6, "width": 3},
    {"x": np.linspace(0, 6, 12), "y": np.linspace(2, -2, 12), "width": 0.31},
    {"x": (3.0,) * 12, "query": 1.0, "width": 0.05},  # all keys alike, and far from the query
    {"x": (0.0,) * 11 + (6.0,), "width": 0.05},  # one key far from all others
]


@pytest.mark.parametrize("state", STATES)
def test_context_is_the_mean_by_a_bell_around_the_query(state):
    w = LookupWidget(**state)
    square = (np.array(w.x) - w.query) ** 2
    bell = np.exp((square.min() - square) / (2 * w.width**2))
    np.testing.assert_allclose(w.weights, bell / bell.sum(), atol=1e-12)
    assert w.context == pytest.approx(bell @ np.array(w.y) / bell.sum(), abs=1e-12)


@pytest.mark.parametrize("width", [0.1, 0.35, 2.0])
def test_errors_are_those_of_look_ups_with_and_without_the_point(width):
    w = LookupWidget(width=width)
    x, y = np.array(X), np.array(Y)
    kept, left = [], []
    for i in range(12):
        bell = np.exp(-((x - x[i]) ** 2) / (2 * width**2))
        kept.append(bell @ y / bell.sum() - y[i])
        bell[i] = 0
        left.append(bell @ y / bell.sum() - y[i])
    assert w.error_kept_in == pytest.approx(np.sqrt(np.mean(np.square(kept))))
    assert w.error_left_out == pytest.approx(np.sqrt(np.mean(np.square(left))))


@pytest.mark.parametrize("state", STATES)
def test_the_browser_gives_the_same_numbers(state):
    w = LookupWidget(**state)
    x, y = list(w.x), list(w.y)
    weights, context, errors = in_node(
        ("gaussianWeights", w.query, x, w.width),
        ("gaussianLookUp", w.query, x, y, w.width),
        ("lookUpErrors", x, y, w.width),
        modules=[ROOMS / "lookup" / "mathematics.js"],
    )
    agree(weights, w.weights)
    agree(context, w.context)
    agree(errors["leftOut"], w.error_left_out)
    agree(errors["keptIn"], w.error_kept_in)


def test_the_points_are_noisy_readings_of_a_slow_wave():
    assert np.std(np.array(Y) - np.sin(1.5 * np.array(X))) == pytest.approx(0.35, abs=0.1)
    assert list(X) == sorted(X)


def test_the_best_width_lies_between_the_ends():
    errors = {width: LookupWidget(width=width).error_left_out for width in (0.05, 0.35, 1.0, 3.0)}
    assert min(errors, key=errors.get) == 0.35
    kept = [LookupWidget(width=width).error_kept_in for width in errors]
    assert kept == sorted(kept)


def test_keys_in_effect():
    assert LookupWidget(x=(2.0,) * 12).keys_in_effect == pytest.approx(12)
    assert LookupWidget(query=X[4], width=0.05).keys_in_effect == pytest.approx(1)


def test_what_readers_are_asked_to_see():
    """The answers below the widget that hold no measured number."""
    narrow = LookupWidget(width=0.05)
    for q, j in ((0.0, 0), (1.0, 2), (2.7, 5), (5.3, 10), (5.55, 11)):  # stairs
        narrow.query = q
        assert narrow.context == pytest.approx(Y[j], abs=0.01)
    before, after = LookupWidget(query=X[5]), LookupWidget(query=X[5])
    after.y = (*Y[:5], 2.0, *Y[6:])
    assert after.context - before.context == pytest.approx(before.weights[5] * (2 - Y[5]))
    assert max(Y) >= max(LookupWidget(query=q, width=0.05).context for q in np.linspace(0, 6))


test_bad_input_is_refused_when_made_and_when_set = refusing(
    LookupWidget,
    [
        ("width", 0, "width must be a number from 0.05 to 3.0; got 0"),
        ("width", -1.0, "width must be a number from 0.05 to 3.0; got -1.0"),
        ("width", math.nan, "width must be a number from 0.05 to 3.0; got nan"),
        ("width", 1e6, "width must be a number from 0.05 to 3.0; got 1000000.0"),
        ("query", 6.01, "query must be a number from 0.0 to 6.0; got 6.01"),
        ("query", "2", "query must be a number from 0.0 to 6.0; got '2'"),
        ("x", [1.0, 2.0], "x must be 12 values; got [1.0, 2.0]"),
        ("x", 1.0, "x must be 12 values; got 1.0"),
        ("y", (0.0,) * 11 + (2.5,), "y[11] must be a number from -2.0 to 2.0; got 2.5"),
        ("point", 12, "point must be a whole number from 0 to 11; got 12"),
        ("point", 1.0, "point must be a whole number from 0 to 11; got 1.0"),
    ],
)


def test_repr_has_all_inputs():
    shown = repr(LookupWidget(width=0.5))
    assert shown == f"LookupWidget(x={X}, y={Y}, query=2.0, width=0.5, point=5)"
