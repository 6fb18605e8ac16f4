"""Questions on `transformer/self-attention`."""

import numpy as np

from attnlab import softmax
from tests.classes.asked import asking_of

ITSELF, BEFORE = "itself", "the tokens before it"


def contexts(may=lambda n: ~np.eye(n, dtype=bool), scale=np.sqrt, hidden=-np.inf):
    def answer(X, W_Q, W_K, W_V):
        Q, K, V = X @ W_Q, X @ W_K, X @ W_V
        scores = Q @ K.T / scale(K.shape[1])
        return softmax(np.where(may(len(X)), scores, hidden)) @ V

    return answer


def in_columns(of_rows):
    return lambda X, W_Q, W_K, W_V: of_rows(X.T, W_Q.T, W_K.T, W_V.T).T


def exchanged(X, W_Q, W_K, W_V):
    return contexts()(X, W_K, W_Q, W_V)


def from_here(n):
    return ~np.tri(n, k=-1, dtype=bool)


def up_to_here(n):
    return np.tri(n, dtype=bool)


def everybody(n):
    return np.ones((n, n), dtype=bool)


def ways(layout, hidden):
    return {"layout": layout, "hidden": hidden}


WRONG = {
    "self-attention/hidden": [
        (ways("rows", ITSELF), contexts(everybody), "sees all tokens"),
        (ways("rows", ITSELF), contexts(from_here), "other tokens are to be hidden"),
        (ways("rows", ITSELF), contexts(scale=lambda d_k: 1), "are not divided"),
        (ways("rows", ITSELF), contexts(scale=lambda d_k: d_k), "n = 5, d = 3, d_k = 2, d_v = 4"),
        (ways("rows", ITSELF), contexts(hidden=0), "n = 5, d = 3, d_k = 2, d_v = 4"),
        (ways("rows", ITSELF), exchanged, "queries and keys are exchanged"),
        (ways("rows", BEFORE), contexts(up_to_here), "those before are to be"),
        (ways("columns", ITSELF), in_columns(contexts(everybody)), "sees all tokens"),
        (ways("columns", BEFORE), in_columns(contexts()), "other tokens are to be hidden"),
        (ways("columns", BEFORE), contexts(from_here), "`contexts_of` raised ValueError"),
        (ways("columns", BEFORE), lambda *given: in_columns(contexts(from_here))(*given).T,
         "should have shape (d_v, n) = (4, 5)"),
    ]
}  # fmt: skip

TestAsking = asking_of("self-attention", WRONG)
