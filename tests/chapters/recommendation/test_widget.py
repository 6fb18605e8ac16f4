"""The recommendation widget: what its page computes is what torch computes, and what it refuses."""

import numpy as np
import pytest
import torch

from attnlab.chapters.recommendation.models import Recommender, WeightedCounts
from attnlab.chapters.recommendation.watching import N_ITEMS
from attnlab.chapters.recommendation.widget import START, RecommendationWidget
from tests.widgets.node import ROOMS, Result, agree, in_node
from tests.widgets.refusals import refusing

MODULES = [ROOMS / "recommendation" / "mathematics.js"]
METHODS = ("decay", "weights", "attention")


def models():
    torch.manual_seed(0)
    rows = np.random.default_rng(0).dirichlet(np.full(N_ITEMS, 0.02), size=N_ITEMS)
    weighted = WeightedCounts(rows)
    torch.nn.init.normal_(weighted.age)
    return Recommender("attention", N_ITEMS, d_model=6), weighted


def widget(**options):
    return RecommendationWidget(*models(), **options)


def numbers(found) -> np.ndarray:
    """A typed array is an object with places for names on its way here."""
    return np.array([*(found.values() if isinstance(found, dict) else found)])


@pytest.mark.parametrize(
    "state",
    [
        {},
        {"history": (239,)},
        {"history": tuple(range(0, 200, 10)), "shuffled": True},
        {"history": (5, 4, 3, 200), "shuffled": True},
    ],
)
def test_the_browser_computes_what_torch_does(state):
    w = widget(**state)
    fixed = {name: w._constants[name] for name in ("decay", "n_items")}
    given = {"history": list(w.history), "shuffled": w.shuffled}
    calls = [("unpackModels", w._models), ("seenOf", given)]
    calls += [
        ("weightsOf", name, len(w.history), Result(0), fixed["decay"]) for name in METHODS[:2]
    ]
    calls += [("chancesOf", name, Result(1), Result(0), fixed) for name in METHODS]
    calls += [("firstOf", Result(4 + i), 1) for i in range(3)]
    _, seen, *rest = in_node(*calls, modules=MODULES)
    assert seen == w.seen
    for name, found in zip(METHODS[:2], rest[:2], strict=True):
        agree(numbers(found), w.weights(name))
    for name, found, first in zip(METHODS, rest[2:5], rest[5:], strict=True):
        agree(numbers(found), w.chances(name))
        assert first == [w.expects(name)]


def test_weights_and_chances_are_shares_and_nothing_is_expected_again():
    w = widget()
    for method in METHODS:
        chances = w.chances(method)
        assert chances.sum() == pytest.approx(1)
        assert not chances[[*w.history]].any()
    assert w.weights("decay")[-1] / w.weights("decay")[-2] == pytest.approx(1.25)
    with pytest.raises(ValueError, match="method must be one of 'decay', 'weights'; got 'att"):
        w.weights("attention")


def test_without_a_history_nothing_is_expected():
    w = widget(history=())
    for method in METHODS:
        assert w.expects(method) is None and not w.chances(method).any()
    assert w.weights("decay").size == 0


def test_counts_that_know_nothing_say_nothing():
    attention, _ = models()
    w = RecommendationWidget(attention, WeightedCounts(np.zeros((N_ITEMS, N_ITEMS))))
    assert w.expects("weights") is None and w.expects("attention") is not None


def test_shuffled_is_another_order_of_the_same():
    w = widget(shuffled=True)
    assert w.seen != list(START) and sorted(w.seen) == sorted(START)


def test_models_of_another_kind_are_refused():
    attention, weighted = models()
    with pytest.raises(ValueError, match="expected attention over 240 episodes"):
        RecommendationWidget(Recommender("gru", N_ITEMS), weighted)
    with pytest.raises(
        ValueError, match="expected rows for 240 episodes and 20 ages, got 3 and 20"
    ):
        RecommendationWidget(attention, WeightedCounts(np.eye(3)))


WATCHED = "history must be at most 20 different episodes, whole numbers from 0 to 239; got "
test_bad_input_is_refused_when_made_and_when_set = refusing(
    widget,
    [
        ("history", (240,), WATCHED + "(240,)"),
        ("history", (1, 1), WATCHED + "(1, 1)"),
        ("history", tuple(range(21)), WATCHED + f"{tuple(range(21))}"),
        ("history", (True,), WATCHED + "(True,)"),
        ("history", "A1", WATCHED + "'A1'"),
        ("shuffled", 1, "shuffled must be True or False; got 1"),
    ],
)


def test_repr_has_inputs_and_no_address():
    assert repr(widget(history=[3])) == "RecommendationWidget(history=(3,), shuffled=False)"
