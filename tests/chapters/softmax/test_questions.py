"""Questions on `mechanism/softmax`."""

import numpy as np

from attnlab import softmax
from tests.classes.asked import asking_of

FIRST = {"axis": 0, "base": 2, "acts": "multiplied"}
MIDDLE = {"axis": 1, "base": 10, "acts": "divided"}


def plain(s, t):
    with np.errstate(all="ignore"):
        e = 2.0 ** (s * t)
        return e / e.sum(axis=0)


def of_base(base, axis):
    return lambda s, t: softmax(s * np.log(base), axis=axis, temperature=t)


WRONG = {
    "softmax/base-and-axis": [
        (FIRST, lambda s, t: softmax(s, axis=-1, temperature=t), "(3, 5, 2), t = 0.7: at "),
        (FIRST, of_base(2, 0), "the other way round"),
        (FIRST, plain, "large ones overflow"),
        (FIRST, lambda s, t: softmax(s * t, axis=0), "powers of e"),
        (FIRST, lambda s, t: softmax(s * np.log(2), axis=0), "`t` has no effect"),
        (MIDDLE, of_base(10, -1), "along another axis"),
        (MIDDLE, of_base(10, 0), "along another axis"),
        (MIDDLE, of_base(2, 1), "another base"),
        (MIDDLE, lambda s, t: of_base(10, 1)(s, t).sum(axis=1), "should have shape (3, 5, 2)"),
    ]
}

TestAsking = asking_of("softmax", WRONG)
