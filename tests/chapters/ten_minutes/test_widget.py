"""The ten minutes' widget: what it computes and refuses, and its mathematics in the browser."""

from functools import cache

import numpy as np
import pytest
import torch

from attnlab.chapters.ten_minutes.by_hand import KEYS, QUERY, VALUES, ByHandWidget
from attnlab.chapters.ten_minutes.models import LastWordAsks
from attnlab.chapters.ten_minutes.sentences import WORDS, sentences
from attnlab.chapters.ten_minutes.widget import TenMinutesWidget, held_out
from tests.widgets.node import ROOMS, Result, in_node
from tests.widgets.refusals import refusing

OUR_MATH = ROOMS / "ten_minutes" / "mathematics.js"
BY_HAND = ROOMS / "ten_minutes" / "by_hand_steps.js"


@cache
def model() -> LastWordAsks:
    """Nothing learned, and far enough from 0 that weights differ."""
    torch.manual_seed(0)
    made = LastWordAsks()
    torch.nn.init.normal_(made.word.weight, std=3.0)
    return made


def widget(**options) -> TenMinutesWidget:
    return TenMinutesWidget(model(), **options)


STATES = [
    {},
    {"adjective": "wide"},
    {"adjective": "hungry", "animal": "duck", "place": "valley", "place_first": True},
    {"adjective": "windy", "animal": "hedgehog", "place": "beach"},
]


@pytest.mark.parametrize("state", STATES)
def test_the_browser_computes_what_torch_does(state):
    w = widget(**state)
    words = [WORDS.index(word) for word in w.words]
    calls = ("prepare", w.get_state()["_model"]), ("ask", Result(0), words)
    found = in_node(*calls, modules=[OUR_MATH])[1]
    for name in ("weights", "probabilities"):
        np.testing.assert_allclose(found[name], getattr(w, name), rtol=1e-9, atol=1e-12)


def test_the_sentence_is_what_is_set():
    w = widget(adjective="narrow", animal="cow", place="bridge", place_first=True)
    expected = "the bridge didn’t please the cow because it was too narrow"
    assert " ".join(w.words) == expected
    assert w.meant == "bridge"
    w.adjective = "shy"
    assert w.meant == "cow"


def test_the_answer_is_the_most_probable_noun():
    w = widget()
    assert w.weights.sum() == pytest.approx(1)
    assert w.probabilities.sum() == pytest.approx(1)
    assert w.answer == WORDS[int(w.probabilities.argmax())]


def test_rounding_changes_next_to_nothing():
    with torch.no_grad():
        _, theirs = model()(torch.tensor([[WORDS.index(word) for word in widget().words]]))
    np.testing.assert_allclose(widget().weights, theirs[0], atol=2e-3)


def test_what_is_held_out_is_what_no_training_sentence_says():
    train = sentences("train")
    met = {
        (WORDS[noun], WORDS[adjective])
        for noun, adjective in zip(train.meant.tolist(), train.words[:, -1].tolist(), strict=True)
    }
    assert not met & set(held_out())
    assert len(met | set(held_out())) == 2 * 12 * 8


test_bad_input_is_refused_when_made_and_when_set = refusing(
    widget,
    [
        ("animal", "street", "animal must be one of animal, cat, dog, horse, fox, goat, cow, "
         "sheep, hen, duck, deer, hedgehog; got 'street'"),
        ("place", 3, "place must be one of street, road, lane, path, bridge, square, field, "
         "meadow, yard, hill, valley, beach; got 3"),
        ("adjective", "Tired", "adjective must be one of tired, hungry, thirsty, sleepy, scared, "
         "lazy, shy, sick, wide, narrow, steep, crowded, flooded, icy, slippery, windy; got "
         "'Tired'"),
        ("place_first", 1, "place_first must be True or False; got 1"),
    ],
)  # fmt: skip


def test_repr_has_all_inputs():
    assert repr(widget()) == (
        "TenMinutesWidget(adjective='tired', animal='animal', place='street', place_first=False)"
    )


LOOK_UPS = [
    {},
    {"query": (0, 0)},
    {"query": (-2, 1.5), "places": [(2, -2), (-2, 2), (0.25, -1)], "point": "C"},
]


@pytest.mark.parametrize("state", LOOK_UPS)
def test_the_browser_does_by_hand_what_attnlab_does(state):
    w = ByHandWidget(**state)
    (found,) = in_node(("byHand", w.query, w.places, VALUES), modules=[BY_HAND])
    np.testing.assert_allclose(found["products"], w.products, rtol=1e-12)
    np.testing.assert_allclose(found["weights"], w.weights, rtol=1e-12)
    np.testing.assert_allclose(found["read"], w.read, rtol=1e-12)


def test_a_look_up_by_hand():
    w = ByHandWidget()
    powers = np.exp(np.array(KEYS) @ QUERY / np.sqrt(2))
    np.testing.assert_allclose(w.weights, powers / powers.sum())
    np.testing.assert_allclose(w.read, powers @ np.array(VALUES) / powers.sum())
    w.query = (0, 0)
    np.testing.assert_allclose(w.read, (5, 5))


def test_a_query_twice_as_long_gives_the_best_key_more():
    """What the exercise on it says."""
    once, twice = ByHandWidget(query=(0.6, 0.4)), ByHandWidget(query=(1.2, 0.8))
    assert twice.weights.max() > once.weights.max()


test_a_bad_look_up_is_refused_when_made_and_when_set = refusing(
    ByHandWidget,
    [
        ("query", (0, 2.1), "query[1] must be a number from -2.0 to 2.0; got 2.1"),
        ("query", (0, 1, 2), "query must be 2 values; got (0, 1, 2)"),
        ("places", [(0, 1), (0, 1)], "places must be 3 values; got [(0, 1), (0, 1)]"),
        ("point", "D", "point must be one of query, A, B, C; got 'D'"),
    ],
)


def test_repr_of_a_look_up_has_all_inputs():
    assert repr(ByHandWidget()) == (
        "ByHandWidget(query=(1.2, 0.8), places=((1.6, 0.4), (0.4, 1.6), (-1.2, -0.6)), "
        "point='query')"
    )
