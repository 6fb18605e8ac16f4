"""The exercises of `transformer/self-attention`: right answers pass, wrong ones get their hint."""

import numpy as np
import torch

from attnlab.chapters.self_attention.widget import SelfAttentionWidget
from tests.exercises.marking import marking_of

A, X_OF_4 = np.array([[1.0], [0], [0], [0]]), np.array([[0.0], [0], [0], [1]])
ANYONE = np.array([[1.0], [1], [1], [0]])
EYE = np.eye(7)
LETTER_AND_CASE, X_OF_7 = EYE[:, :6], EYE[:, 6:]
OTHER_CASE = LETTER_AND_CASE[:, [0, 1, 2, 3, 5, 4]]


def matrices(*given):
    return lambda: given


def error(compare):
    return lambda f, x, order: compare(f(x[order]), f(x), order)


def maps(layer, x, turn=lambda layer, x: x if layer.batch_first else x.swapaxes(0, 1), **options):
    x = turn(layer, x)
    return layer(x, x, x, average_attn_weights=False, **options)[1]


def by_asking_one(layer, x):
    """One sentence at a time."""
    one_by_one = []
    for sentence in x:
        words = sentence[None] if layer.batch_first else sentence[:, None]
        one_by_one.append(layer(words, words, words, average_attn_weights=False)[1])
    return torch.cat(one_by_one)


def mean_map(layer, x):
    return maps(layer, x).mean(1)


def viewed(layer, x):
    """The right shape, with words and sentences mixed up."""
    B, n, d = x.shape
    return maps(layer, x, turn=lambda layer, x: x if layer.batch_first else x.reshape(n, B, d))


def back_to_first(w):
    place = np.argsort(w.order)
    return w.weights[np.ix_(place, place)]


def changes_the_widget(w):
    w.order = range(6)
    return w.weights


def by_name(w):
    """Entry by entry."""
    moved = np.empty((6, 6))
    for i, a in enumerate(w.order):
        for j, b in enumerate(w.order):
            moved[a, b] = w.weights[i, j]
    return moved.tolist()


RIGHT = {
    "mean": [
        (matrices(20 * ANYONE, A, X_OF_4)),
        (matrices(ANYONE, 30 * A, X_OF_4)),
        (matrices(40 * np.hstack([ANYONE, 0 * A]), np.hstack([A, A]), X_OF_4)),
        (matrices((20 * ANYONE).tolist(), A.tolist(), X_OF_4.tolist())),
    ],
    "pair": [
        (matrices(50 * OTHER_CASE, LETTER_AND_CASE, X_OF_7)),
        (matrices(LETTER_AND_CASE, 50 * OTHER_CASE, X_OF_7)),
        (matrices(50 * LETTER_AND_CASE * [1, 1, 1, 1, -1, -1],
                                LETTER_AND_CASE, X_OF_7)),
    ],
    "equivariant": [
        (error(lambda moved, fx, order: np.abs(moved - fx[order]).max())),
        (error(lambda moved, fx, p: np.abs(moved[np.argsort(p)] - fx).max())),
    ],
    "bug": [(maps), (by_asking_one)],
    "widget": [(back_to_first), (by_name)],
    "explain": [("b"), ("B ")],
}  # fmt: skip

WRONG = {
    "mean": [
        (matrices(20 * A, A, X_OF_4), "do not all attend alike"),
        (matrices(ANYONE, A, X_OF_4), "make the scores larger"),
        (matrices(20 * ANYONE, ANYONE, X_OF_4), "must depend on the key's letter"),
        (matrices(-20 * ANYONE, A, X_OF_4), "look at the sign"),
        (matrices(20 * ANYONE, 9 * A + X_OF_4, X_OF_4), "must not depend on x"),
        (matrices(20 * ANYONE, A, A), "what is handed over is x"),
        (matrices(20 * ANYONE, A, np.eye(4)), "W_V has one column"),
        (matrices(20 * ANYONE.T, A, X_OF_4), "needs 4 rows"),
        (matrices(20 * ANYONE, np.eye(4), X_OF_4), "the same width"),
        (matrices(ANYONE, A), "return three matrices"),
    ],
    "pair": [
        (matrices(50 * LETTER_AND_CASE, LETTER_AND_CASE, X_OF_7),
         "ask for the other case"),
        (matrices(50 * EYE[:, :4], EYE[:, :4], X_OF_7), "share the weight"),
        (matrices(50 * EYE[:, [5, 4]], EYE[:, [4, 5]], X_OF_7),
         "the letter must count"),
        (matrices(OTHER_CASE, LETTER_AND_CASE, X_OF_7), "make the scores larger"),
        (matrices(50 * OTHER_CASE, LETTER_AND_CASE, EYE[:, :1]),
         "what is handed over is x"),
        (matrices(0 * OTHER_CASE, LETTER_AND_CASE, X_OF_7), "the same weight"),
        (matrices(-50 * OTHER_CASE, LETTER_AND_CASE, X_OF_7), "compute X @ W_Q"),
    ],
    "equivariant": [
        (error(lambda moved, fx, order: np.abs(moved - fx).max()),
         "must move along"),
        (error(lambda moved, fx, order: np.abs(moved - fx[np.argsort(order)]).max()),
         "inverse order"),
        (error(lambda moved, fx, order: np.abs(moved - fx[order]).mean()),
         "that is the mean"),
        (error(lambda moved, fx, order: (moved - fx[order]).max()),
         "may be negative"),
        (error(lambda moved, fx, order: 0.0), "expected"),
    ],
    "bug": [
        (lambda layer, x: layer(x, x, x)[1], "the mean over the heads"),
        (mean_map, "the mean over the heads"),
        (lambda layer, x: maps(layer, x, turn=lambda layer, x: x), "across the batch"),
        (lambda layer, x: maps(layer, x, turn=lambda layer, x: x.swapaxes(0, 1)),
         "across the batch"),
        (lambda layer, x: mean_map(layer, x)[:, None].expand_as(maps(layer, x)),
         "the mean, repeated"),
        (viewed, "not a transpose"),
    ],
    "widget": [
        (lambda w: w.weights, "as they are shown"),
        (lambda w: w.weights[np.ix_(w.order, w.order)], "the inverse is needed"),
        (lambda w: w.weights[np.argsort(w.order)], "columns belong to words"),
        (lambda w: w.weights[:, np.argsort(w.order)], "rows belong to words"),
        (lambda w: w.weights[np.argsort(w.order), np.argsort(w.order)],
         "the diagonal"),
        (lambda w: SelfAttentionWidget(places=w.places).weights,
         "of another sentence"),
        (changes_the_widget, "the widget was changed"),
    ],
    "explain": [
        ("a", "row 1 wins"),
        ("c", "row 3 wins"),
        ("d", "linear in the key"),
        (2, "one of the letters"),
    ],
}  # fmt: skip


TestMarking = marking_of("self-attention", RIGHT, WRONG)
