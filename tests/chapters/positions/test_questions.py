"""Questions on `transformer/positions`."""

import numpy as np

from attnlab import rotary
from tests.classes.asked import asking_of


def turned(pair, base, sign=1, exponent=2, at=lambda t: t):
    """`pair` says, for each width, which numbers make pairs: (d / 2,), (d / 2,)."""

    def answer(x, t):
        d = x.shape[1]
        angles = sign * at(t)[:, None] * base ** (-exponent * np.arange(d // 2) / d)
        cos, sin, (first, second) = np.cos(angles), np.sin(angles), pair(d)
        out = x.copy()
        out[:, first] = x[:, first] * cos - x[:, second] * sin
        out[:, second] = x[:, first] * sin + x[:, second] * cos
        return out

    return answer


def mirror(d):
    return np.arange(d // 2), d - 1 - np.arange(d // 2)


def from_behind(d):
    return mirror(d)[::-1]


def halves(d):
    return np.arange(d // 2), np.arange(d // 2) + d // 2


def not_put_back(x, t):
    """The second numbers of the pairs stand in the order of the pairs."""
    right = turned(mirror, 100.0)(x, t)
    half = x.shape[1] // 2
    return np.hstack([right[:, :half], right[:, half:][:, ::-1]])


def ways(first, base):
    return {"first": first, "base": base}


SMALLER, LARGER = "smaller", "larger"
WRONG = {
    "positions/turn": [
        (ways(SMALLER, 100), rotary, "n = 5, d = 6, start = 0: at "),
        (ways(SMALLER, 500), lambda x, t: rotary(x, t, base=500.0), "pairs of neighbors"),
        (ways(SMALLER, 100), turned(halves, 100.0), "the last is partner of the first"),
        (ways(SMALLER, 100), turned(mirror, 10_000.0), "another base"),
        (ways(LARGER, 500), turned(mirror, 500.0), "the other way round"),
        (ways(SMALLER, 500), turned(mirror, 500.0, sign=-1), "the other way round"),
        (ways(LARGER, 500), turned(from_behind, 500.0, exponent=1), "the exponent has 2 i"),
        (ways(LARGER, 100), turned(from_behind, 100.0, at=lambda t: np.arange(len(t))),
         "from anywhere"),
        (ways(SMALLER, 100), not_put_back, "n = 5, d = 6, start = 0: at "),
        (ways(SMALLER, 100), lambda x, t: turned(mirror, 100.0)(x, t)[:, :2],
         "should have shape (n, d) = (5, 6)"),
    ]
}  # fmt: skip

TestAsking = asking_of("positions", WRONG)
