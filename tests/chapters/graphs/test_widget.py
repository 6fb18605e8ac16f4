"""The graphs widget: what it computes and refuses, and its mathematics in the browser."""

import numpy as np
import pytest

from attnlab.chapters.graphs.widget import GraphsWidget
from tests.widgets.node import ROOMS, Result, agree, in_node
from tests.widgets.refusals import refusing

OUR_MATH = ROOMS / "graphs" / "mathematics.js"
STATES = [
    {},
    {"separation": 0.0, "graph": 7},
    {"separation": 4.0, "degree": 20, "graph": 99},
    {"separation": 0.5, "badges": True, "graph": 3},
    {"separation": 2.5, "badges": True, "degree": 1, "graph": 12},  # nodes without neighbors
]
every_state = pytest.mark.parametrize("state", STATES)


def in_browser(w):
    """Places, neighbors, weights and shares, as the front end gets them."""
    fixed = {name: w._constants[name] for name in ("n", "inside", "badge", "slope")}
    state = {name: getattr(w, name) for name in ("separation", "badges", "degree", "graph")}
    (layer,) = (
        each for each in w._layers
        if each["separation"] == w.separation and bool(each["badge"]) == w.badges
    )  # fmt: skip
    return in_node(
        ("graphOf", state, fixed),
        ("weightsOf", layer, Result(0), fixed),
        ("summary", Result(0), Result(1)),
        modules=[OUR_MATH],
    )


@every_state
def test_the_browser_computes_what_python_does(state):
    w = GraphsWidget(**state)
    graph, weights, shares = in_browser(w)
    agree(graph["x"], w.x)
    assert graph["neighbors"] == [np.flatnonzero(row).tolist() for row in w.edges]
    for row, linked, theirs in zip(w.weights, w.edges, weights, strict=True):
        values = theirs if isinstance(theirs, list) else list(theirs.values())
        agree(row[linked], values)
    agree((shares["inside"], shares["onFriends"], shares["ownSide"]),
          (w.inside, w.on_friends, w.own_side))  # fmt: skip


@every_state
def test_it_shows_a_graph_and_weights_that_sum_to_1(state):
    w = GraphsWidget(**state)
    assert (w.edges == w.edges.T).all() and not w.edges.diagonal().any()
    linked = w.edges.any(axis=1)
    np.testing.assert_allclose(w.weights.sum(axis=1), linked, atol=1e-12)
    assert not w.weights[~w.edges].any()


def test_more_neighbors_leave_the_others_in_place():
    few, many = GraphsWidget(degree=4), GraphsWidget(degree=12)
    assert (few.x == many.x).all()
    assert not (few.edges & ~many.edges).any()
    assert few.edges.sum() < many.edges.sum()


def test_friends_are_found_where_they_show():
    """Far apart, or with badges; the mean would give each neighbor the same."""
    assert GraphsWidget(separation=4.0).on_friends > GraphsWidget(separation=4.0).inside + 0.15
    badged = GraphsWidget(separation=0.5, badges=True)
    assert badged.on_friends > badged.inside + 0.15
    near = GraphsWidget(separation=0.5)
    assert near.on_friends == pytest.approx(near.inside, abs=0.1)


def test_without_links_there_is_nothing_to_weigh():
    w = GraphsWidget(degree=0)
    assert not w.edges.any() and not w.weights.any()
    assert np.isnan(w.inside) and np.isnan(w.on_friends)
    _, _, shares = in_browser(w)
    assert shares["inside"] is None and shares["onFriends"] is None  # NaN, in JSON


test_bad_input_is_refused_when_made_and_when_set = refusing(
    GraphsWidget,
    [
        ("separation", 4.5, "separation must be a multiple of 0.5 from 0 to 4; got 4.5"),
        ("separation", 0.3, "separation must be a multiple of 0.5 from 0 to 4; got 0.3"),
        ("separation", float("nan"), "separation must be a multiple of 0.5 from 0 to 4; got nan"),
        ("degree", 21, "degree must be a whole number from 0 to 20; got 21"),
        ("degree", 2.5, "degree must be a whole number from 0 to 20; got 2.5"),
        ("node", 60, "node must be a whole number from 0 to 59; got 60"),
        ("graph", -1, "graph must be a whole number from 0 to 99; got -1"),
        ("badges", 1, "badges must be True or False; got 1"),
    ],
)


def test_repr_has_inputs_and_no_address():
    assert repr(GraphsWidget(separation=2.0)) == (
        "GraphsWidget(separation=2.0, badges=False, degree=10, node=12, graph=0)"
    )
