"""Questions on `before/bottleneck`."""

import numpy as np

from attnlab.functional.softmax import softmax
from tests.classes.asked import asking_of

ADDED = {
    "score": "v · tanh(s + h)",
    "layout": "a row for each state, (m, d)",
    "out": "first",
}
MULTIPLIED = ADDED | {"score": "v · s · h"}
LAST = ADDED | {"out": "last"}
COLUMNS = ADDED | {"layout": "a column for each state, (d, m)"}


def added(s, h, v):
    return np.tanh(s + h) @ v


def multiplied(s, h, v):
    return h @ (s * v)


def over(score, kept=slice(1, None)):
    return lambda s, h, v: softmax(score(s, h[kept], v)) @ h[kept]


def renormalized_never(s, h, v):
    return softmax(added(s, h, v))[1:] @ h[1:]


def score_of_zero(s, h, v):
    return softmax(np.append(0, added(s, h[1:], v))) @ h


WRONG = {
    "bottleneck/all-but-one": [
        (ADDED, over(multiplied), "another score"),
        (MULTIPLIED, over(added), "another score"),
        (ADDED, over(added, slice(None)), "no state is left out"),
        (LAST, over(added), "the state at the other end"),
        (ADDED, renormalized_never, "must sum to 1"),
        (ADDED, score_of_zero, "a score of 0"),
        (ADDED, over(lambda s, h, v: (s + h) @ v), "no tanh"),
        (ADDED, lambda s, h, v: h[1:].mean(0), "the same weight"),
        (ADDED, lambda s, h, v: h[1 + added(s, h[1:], v).argmax()], "largest score alone"),
        (COLUMNS, over(added), "raised ValueError"),
    ]
}

TestAsking = asking_of("bottleneck", WRONG)
