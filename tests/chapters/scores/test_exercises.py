"""The exercises of `mechanism/scores`: right answers pass, wrong ones get the hint they need."""

import numpy as np

from attnlab import additive_scores, bilinear_scores
from tests.exercises.marking import marking_of


def count(dot=lambda q, k: 0 if q == k else None, bilinear=None, additive=None):
    def n_parameters(function, d_q, d_k, d_hidden):
        if function == "bilinear":
            return bilinear(d_q, d_k) if bilinear else d_q * d_k
        if function == "additive":
            return additive(d_q, d_k, d_hidden) if additive else (d_q + d_k + 1) * d_hidden
        return dot(d_q, d_k)

    return n_parameters


def charged(charge, stretch=1.0):
    """One more number behind each key, and a 1 behind each query."""

    def to_nearest(q, k):
        ones = np.ones((len(q), 1))
        price = charge((k**2).sum(axis=-1, keepdims=True))
        return stretch * np.hstack([q, ones]), np.hstack([k, price])

    return to_nearest


def by_all_squares(q, k):
    """The whole square, with the query's own part, which changes no weight."""
    ones = np.ones((len(q), 1)), np.ones((len(k), 1))
    squares = (q**2).sum(-1, keepdims=True), (k**2).sum(-1, keepdims=True)
    wide_q = np.hstack([q, -squares[0] / 2, ones[0]])
    return wide_q, np.hstack([k, ones[1], -squares[1] / 2])


def try_queries(axis, found=lambda w: {w.winner}):
    def winners(w):
        names = set()
        for x in axis:
            for y in axis:
                w.query = (x, y)
                names |= found(w)
        return names

    return winners


def another_function(w):
    w.function = "scaled"
    return {"B", "C", "D", "E"}


GRID = np.arange(-1.95, 2, 0.1)


def inside_tanh(q, k, w_q, w_k, v):
    return np.tanh((q @ w_q)[:, None] + (k @ w_k)[None]) @ v


def apart(q, k, w_q, w_k, v):
    return (np.tanh(q @ w_q)[:, None] + np.tanh(k @ w_k)[None]) @ v


RIGHT = {
    "parameters": [(count())],
    "nearest": [
        (charged(lambda square: -square / 2)),
        (by_all_squares),
    ],
    "widget": [(try_queries(GRID))],
    "bug": [(inside_tanh), (additive_scores)],
    "explain": [("c"), (" C")],
}

WRONG = {
    "parameters": [
        (count(dot=lambda q, k: 0), "unequal widths"),
        (count(dot=lambda q, k: q if q == k else None), "nothing in it"),
        (count(bilinear=lambda q, k: None), "a row for each"),
        (count(bilinear=lambda q, k: q + k), "one matrix"),
        (count(additive=lambda q, k, h: (q + k) * h), "v is learned"),
        (count(additive=lambda q, k, h: q * k * h), "count W_q"),
    ],
    "nearest": [
        (lambda q, k: (q, k), "dot product"),
        (charged(lambda square: square / 2), "the sign"),
        (charged(lambda square: -square), "pays twice"),
        (charged(lambda square: -(square**0.5)), "charges the length"),
        (charged(lambda square: -square / 2, 2.0), "twice the Gaussian"),
        (lambda q, k: (q, np.hstack([k, k])), "equally wide"),
        (lambda q, k: (q.T, k.T), "as rows"),
        (charged(lambda square: square**2), "other weights"),
    ],
    "widget": [
        (try_queries([0.85]), "wins, too"),
        (try_queries(GRID[GRID > 0]), "wins, too"),
        (try_queries(GRID, lambda w: set("ABCDEF")), "never wins"),
        (lambda w: sorted(try_queries(GRID)(w)), "a set of names"),
        (another_function, "leave w.function"),
    ],
    "bug": [
        (apart, "still have the same"),
        (
            lambda q, k, w_q, w_k, v: ((q @ w_q)[:, None] + (k @ w_k)[None]) @ v,
            "still have the same",
        ),
        (
            lambda q, k, w_q, w_k, v: np.tanh(((q @ w_q)[:, None] + (k @ w_k)[None]) @ v),
            "before they are summed",
        ),
        (
            lambda q, k, w_q, w_k, v: bilinear_scores(q, k, w_q @ w_k.T),
            "bilinear score",
        ),
        (
            lambda q, k, w_q, w_k, v: np.tanh((q @ w_q)[:, None] * (k @ w_k)[None]) @ v,
            "not multiplied",
        ),
        (lambda *args: additive_scores(*args).T, "(n, m) = (3, 5)"),
        (lambda *args: 2 * additive_scores(*args), "another number"),
    ],
    "explain": [
        ("a", "linear in the key"),
        ("b", "twice the query"),
        ("d", "symmetric"),
        ("nothing", "one of the letters"),
    ],
}


TestMarking = marking_of("scores", RIGHT, WRONG)
