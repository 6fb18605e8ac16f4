"""Questions on `mechanism/scores`."""

import numpy as np

from attnlab import softmax
from tests.classes.asked import asking_of

PLAIN = {"first": "the query", "result": "(n, m)", "matrix": "(d_q + d_k, d_hidden)"}
TURNED = {"first": "the key", "result": "(m, n)", "matrix": "(d_hidden, d_q + d_k)"}


def concat(q, k, W, b, v, *, bend=np.tanh):
    return bend((q @ W[: q.shape[1]])[:, None] + k @ W[q.shape[1] :] + b) @ v


def key_first(q, k, W, b, v):
    """The scores (m, n) with the key first."""
    return concat(k, q, W.T, b, v)


def swapped_where_it_fits(q, k, W, b, v):
    return concat(k, q, W, b, v).T if q.shape[1] == k.shape[1] else concat(q, k, W, b, v)


def transposed_where_it_fits(q, k, W, b, v):
    S = key_first(q, k, W, b, v)
    return S.T if len(q) == len(k) else S


WRONG = {
    "scores/concat": [
        (PLAIN, lambda q, k, W, b, v: concat(q, k, W, 0 * b, v), "the bias `b` is missing"),
        (PLAIN, lambda *given: concat(*given, bend=lambda x: x), "the tanh is missing"),
        (PLAIN, lambda q, k, W, b, v: concat(q, k, W, b, np.ones_like(v)), "its number in `v`"),
        (PLAIN, swapped_where_it_fits, "in the other order"),
        (PLAIN, lambda *given: softmax(concat(*given)), "the scores are asked for"),
        (TURNED, transposed_where_it_fits, "what the rows belong to"),
        (TURNED, lambda *given: key_first(*given).T, "should have shape (m, n) = (5, 3)"),
    ]
}

TestAsking = asking_of("scores", WRONG)
