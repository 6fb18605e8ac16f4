"""The self-attention widget: what it computes and refuses, and its mathematics in the browser."""

import numpy as np
import pytest

from attnlab.chapters.self_attention.widget import (
    FIRST,
    D,
    N,
    SelfAttentionWidget,
    vectors_and_matrices,
)
from attnlab.functional.positions import sinusoidal_encoding
from tests.widgets.node import ROOMS, agree, in_node
from tests.widgets.refusals import refusing

BROWSER = ROOMS / "self_attention" / "mathematics.js"
STATES = [
    {},
    {"places": True},
    {"order": (0, 5, 2, 3, 4, 1)},
    {"order": (5, 4, 3, 2, 1, 0), "places": True},
    {"order": (2, 0, 1, 4, 5, 3), "places": True},
]


@pytest.mark.parametrize("state", STATES)
def test_weights_and_contexts_are_those_of_the_formula(state):
    w = SelfAttentionWidget(**state)
    X, (W_Q, W_K, W_V) = vectors_and_matrices()
    x = X[list(w.order)] + (sinusoidal_encoding(N, D) if w.places else 0)
    powers = np.exp((x @ W_Q) @ (x @ W_K).T / 2)
    weights = powers / powers.sum(axis=1, keepdims=True)
    np.testing.assert_allclose(w.weights, weights, atol=1e-12)
    np.testing.assert_allclose(w.contexts, weights @ x @ W_V, atol=1e-12)


@pytest.mark.parametrize("state", STATES)
def test_the_browser_gives_the_same(state):
    w, first = SelfAttentionWidget(**state), SelfAttentionWidget(places=state.get("places", False))
    given = [{"weights": one.weights, "contexts": one.contexts} for one in (w, first)]
    now, errors = in_node(
        ("attendInOrder", *vectors_and_matrices(), w.order, w.places and sinusoidal_encoding(N, D)),
        ("orderErrors", *given, w.order),
        modules=[BROWSER],
    )
    agree(now["weights"], w.weights)
    agree(now["contexts"], w.contexts)
    agree(errors["contexts"], w.error)
    agree(errors["weights"], w.weight_error)


def test_the_browser_draws_the_same_numbers_and_codes():
    X, matrices = vectors_and_matrices()
    sent = SelfAttentionWidget()._constants
    (rows,) = in_node(("normalRows", N + 3 * sent["d"], sent["d"], sent["seed"]))
    agree([rows[sent["words"].index(word)] for word in sent["words"]], X)
    agree(np.array(rows[N:]).reshape(3, D, D) / 2, matrices)
    call = ("placeCodes", N, sent["d"], sent["base"])
    agree(in_node(call, modules=[BROWSER])[0], sinusoidal_encoding(N, D))


def test_what_the_answers_say_of_equal_words():
    w = SelfAttentionWidget()
    first, second = (place for place, word in enumerate(w.words) if word == "the")
    np.testing.assert_array_equal(w.weights[first], w.weights[second])
    np.testing.assert_array_equal(w.weights[:, first], w.weights[:, second])
    np.testing.assert_array_equal(w.contexts[first], w.contexts[second])
    w.places = True
    assert np.abs(w.weights[first] - w.weights[second]).max() > 0.05


def test_words_move_and_equal_words_are_equal():
    w = SelfAttentionWidget(order=(1, 0, 2, 3, 4, 5))
    assert w.words == ("dog", "the", "bites", "the", "small", "man")
    np.testing.assert_array_equal(w.contexts[1], w.contexts[3])
    w.places = True
    assert np.abs(w.contexts[1] - w.contexts[3]).max() > 0.1


@pytest.mark.parametrize("seed", range(5))
def test_without_codes_every_order_gives_the_same_and_with_them_none(seed):
    order = tuple(int(i) for i in np.random.default_rng(seed).permutation(N))
    w = SelfAttentionWidget(order=order)
    assert w.error < 1e-12 and w.weight_error < 1e-12
    w.places = True
    assert w.error > 0.1 and w.weight_error > 0.1
    w.order = FIRST
    assert w.error == 0 and w.weight_error == 0


test_bad_input_is_refused_when_made_and_when_set = refusing(
    SelfAttentionWidget,
    [
        ("order", (0, 1, 2), "order must have each whole number from 0 to 5 once; got (0, 1, 2)"),
        ("order", (0, 1, 2, 3, 4, 4),
         "order must have each whole number from 0 to 5 once; got (0, 1, 2, 3, 4, 4)"),
        ("order", (1, 2, 3, 4, 5, 6),
         "order must have each whole number from 0 to 5 once; got (1, 2, 3, 4, 5, 6)"),
        ("order", (0.0, 1, 2, 3, 4, 5),
         "order must have each whole number from 0 to 5 once; got (0.0, 1, 2, 3, 4, 5)"),
        ("order", "dog", "order must have each whole number from 0 to 5 once; got 'dog'"),
        ("order", 3, "order must have each whole number from 0 to 5 once; got 3"),
        ("places", 1, "places must be True or False; got 1"),
    ],
)  # fmt: skip


def test_orders_of_numpy_are_taken_and_repr_has_all_inputs():
    w = SelfAttentionWidget(order=np.arange(6)[::-1])
    assert repr(w) == "SelfAttentionWidget(order=(5, 4, 3, 2, 1, 0), places=False)"
