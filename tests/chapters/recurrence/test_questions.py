"""Questions on `before/recurrence`."""

import numpy as np

from tests.classes.asked import asking_of

STAYS = {"gate": "the share that stays", "row": "the first step"}
GOES = {"gate": "the share that is wiped off", "row": "the first step"}
BACK = {"gate": "the share that stays", "row": "the last step"}


def parts(kept, written, own=1, last=None):
    left = [kept[t + own : last].prod(axis=0) for t in range(len(kept))]
    return written * np.array(left)


def cell(gates, written):
    return np.tile(parts(gates, written).sum(axis=0), (len(gates), 1))


WRONG = {
    "recurrence/parts": [
        (STAYS, lambda f, w: parts(f, w)[::-1], "rows are the other way round"),
        (BACK, parts, "rows are the other way round"),
        (STAYS, lambda f, w: parts(1 - f, w), "which share are they"),
        (GOES, parts, "which share are they"),
        (STAYS, lambda f, w: parts(f, w, own=0), "a step's own gate"),
        (BACK, lambda f, w: parts(f, w, own=0)[::-1], "a step's own gate"),
        (STAYS, lambda f, w: parts(f, w, last=-1), "the last step's gate acts"),
        (STAYS, lambda f, w: parts(f, 1 + 0 * w), "of what?"),
        (STAYS, cell, "return its parts"),
        (GOES, lambda f, w: w, "later gates act"),
        (STAYS, lambda f, w: parts(f, w).sum(axis=0), "should have shape (T, d) = (5, 3)"),
    ]
}

TestAsking = asking_of("recurrence", WRONG)
