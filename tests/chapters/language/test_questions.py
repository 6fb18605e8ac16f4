"""Questions on `work/language`."""

import numpy as np

from attnclass.questions.language import COLUMNS, ROWS
from tests.classes.asked import asking_of


def shares(axis, extra=0.0):
    return lambda c: (c + extra) / (c + extra).sum(axis=axis, keepdims=True)


def blended(counts):
    different = (counts > 0).sum(axis=1, keepdims=True)
    return (counts + different / len(counts)) / (counts.sum(axis=1, keepdims=True) + different)


WRONG = {
    "language/pairs": [
        ({"before": ROWS, "blended": False}, shares(0), "which letter stands before?"),
        ({"before": COLUMNS, "blended": True}, blended, "which letter stands before?"),
        ({"before": ROWS, "blended": False}, blended, "blended with 1 / V, or not?"),
        ({"before": ROWS, "blended": True}, shares(1), "blended with 1 / V, or not?"),
        ({"before": COLUMNS, "blended": False}, lambda c: c / c.sum(), "probabilities of pairs"),
        ({"before": ROWS, "blended": True}, shares(1, 1.0), "which is another blend"),
        ({"before": ROWS, "blended": True}, lambda c: c, "those are the counts"),
        ({"before": ROWS, "blended": True}, np.diag, "should have shape"),
    ]
}

TestAsking = asking_of("language", WRONG)
