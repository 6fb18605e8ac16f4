"""Exercises on recommendation: right answers pass, wrong ones get their hint."""

import numpy as np

from tests.exercises.marking import marking_of

RIGHT = {
    "count": [lambda size: 1 / size**2, lambda size: (1 / size) ** 2, lambda size: size**-2.0],
    "weighted": [
        lambda w: np.sqrt((w**2).sum()),
        np.linalg.norm,
        lambda w: sum(x * x for x in w.tolist()) ** 0.5,
    ],
    "explain": ["b"],
    "in-writing": ["Errors of either sign cancel in part."],
}
WRONG = {
    "count": [
        (lambda size: 1 / size, "the root of n"),
        (lambda size: size**2, "turn it round"),
        (lambda size: size**-0.5, "square"),
        (lambda size: size, "that is the size"),
        (lambda size: 100, "how_many(0.5): expected 4, got 100"),
        (lambda size: [1 / size**2], "should be one number"),
        (lambda size: print(1 / size**2), "is a `return` missing?"),
        (lambda: 4, "`how_many` raised TypeError"),
    ],
    "weighted": [
        (lambda w: len(w) ** -0.5, "if all weights are equal"),
        (lambda w: (w**2).sum(), "take the root"),
        (lambda w: np.abs(w).max(), "the others count"),
        (lambda w: np.abs(w).sum(), "do not add up"),
        (lambda w: w.sum(), "expected 0.25, got 1"),
        (np.sqrt, "should be one number"),
        (lambda w: np.square(w, out=w).sum() ** 0.5, "changes `w` in place"),
        (str, "should be one number"),
    ],
    "explain": [("a", "only once"), ("c", "not on what share"), ("d", "more slowly")],
    "in-writing": [("", "no words"), (3, "should be text")],
}


TestMarking = marking_of("recommendation", RIGHT, WRONG)
