"""Questions on `mechanism/masks`."""

import numpy as np

from attnlab import causal_mask, window_mask
from tests.classes.asked import asking_of

MAY, MUST_NOT, ADDED = (
    "boolean, True where a query may attend",
    "boolean, True where a query must not attend",
    "numbers to be added to the scores, 0 or −∞",
)
MINE = {"means": MAY, "reads": "from left to right"}
OTHERS = {"means": MUST_NOT, "reads": "from right to left"}
NUMBERS = {"means": ADDED, "reads": "from left to right"}


def near(n, window):
    return causal_mask(n) & (window_mask(n, window) if window else False)


def titled(n, title):
    return np.arange(n) < title


WRONG = {
    "masks/with-a-title": [
        (MINE, lambda n, w, t: near(n, w).T | titled(n, t), "wrong side"),
        (MINE, lambda n, w, t: near(n, w + 1) | titled(n, t), "too wide"),
        (MINE, lambda n, w, t: near(n, w - 1) | titled(n, t), "too narrow"),
        (MINE, lambda n, w, t: near(n, w), "open to all places"),
        (MINE, lambda n, w, t: window_mask(n, w) | titled(n, t), "must be shut"),
        (MINE, lambda n, w, t: near(n, w) | titled(n, t) & causal_mask(n), "on both sides"),
        (MINE, lambda n, w, t: near(n, w) & titled(n, t), "one of the two rules"),
        (
            MINE,
            lambda n, w, t: near(n, w) | titled(n, t) | titled(n, t)[:, None],
            "ask like others",
        ),
        (OTHERS, lambda n, w, t: near(n, w).T | titled(n, t), "changed places"),
        (OTHERS, lambda n, w, t: ~(near(n, w) | titled(n, t)), "wrong side"),
        (NUMBERS, lambda n, w, t: np.where(near(n, w), 0, -np.inf), "open to all places"),
        (NUMBERS, lambda n, w, t: near(n, w) | titled(n, t), "should be an array of numbers"),
        (NUMBERS, lambda n, w, t: np.where(near(n, w) | titled(n, t), 0, -1e9), "at ["),
    ]
}

TestAsking = asking_of("masks", WRONG)
