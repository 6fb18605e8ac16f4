"""Questions on `start/ten-minutes`."""

import numpy as np

from attnlab.functional.softmax import softmax
from tests.classes.asked import asking_of

ROWS, COLUMNS = "a row for each word", "a column for each word"
MAY = {"true": "may be read", "keys": ROWS}
MUST_NOT = {"true": "must not be read", "keys": ROWS}


def over(chosen, K, q, V, root=1.0):
    return softmax(K[chosen] @ q / root) @ V[chosen]


def renormalized_never(q, K, V, marks):
    return np.where(marks, softmax(K @ q / np.sqrt(len(q))), 0) @ V


def score_of_zero(q, K, V, marks):
    return softmax(np.where(marks, 0, K @ q / np.sqrt(len(q)))) @ V


WRONG = {
    "ten-minutes/marked": [
        (MAY, lambda q, K, V, x: over(~x, K, q, V, np.sqrt(len(q))), "the other words"),
        (MUST_NOT, lambda q, K, V, x: over(x, K, q, V, np.sqrt(len(q))), "the other words"),
        (MAY, lambda q, K, V, x: over(x | True, K, q, V, np.sqrt(len(q))), "reads all words"),
        (MAY, renormalized_never, "must sum to 1"),
        (MUST_NOT, score_of_zero, "a product of 0"),
        (MUST_NOT, lambda q, K, V, x: over(~x, K, q, V), "by the root of d"),
        (MAY, lambda q, K, V, x: V[x].mean(0), "the same weight"),
        (MAY | {"keys": COLUMNS}, lambda q, K, V, x: over(x, K, q, V, 2), "raised"),
    ]
}

TestAsking = asking_of("ten-minutes", WRONG)
