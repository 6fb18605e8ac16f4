"""Questions on `work/captions`."""

import numpy as np

from tests.classes.asked import asking_of

ROWS = {"asks": "the share of words", "axis": "a row"}
COUNTED = ROWS | {"asks": "the number of words"}
COLUMNS = ROWS | {"axis": "a column"}


def hits(weights, boxes):
    return boxes[np.arange(len(boxes)), weights.argmax(1)]


WRONG = {
    "captions/boxes": [
        (ROWS, lambda a, b: hits(a, b).sum(), "a number is no share"),
        (COUNTED, lambda a, b: hits(a, b).mean(), "a number is no share"),
        (ROWS, lambda a, b: (a * b).sum(1).mean(), "the largest weight counts"),
        (ROWS, lambda a, b: hits(a, b).sum() / a.shape[1], "by the number of words"),
        (ROWS, lambda a, b: (~hits(a, b)).mean(), "the ones that miss"),
        (COLUMNS, lambda a, b: hits(-a.T, b.T).mean(), "not the smallest"),
        (COLUMNS, lambda a, b: hits(a, b).mean(), "expected"),
        (ROWS, lambda a, b: "all", "an array of numbers"),
    ]
}

TestAsking = asking_of("captions", WRONG)
