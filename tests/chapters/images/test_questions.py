"""Questions on `work/images`."""

import numpy as np

from tests.classes.asked import asking_of


def total(cells, there):
    return (cells * there[..., None]).sum(axis=1)


WRONG = {
    "images/pooled": [
        ({"by": "mean", "empty": "zeros"}, total, "sum or mean"),
        ({"by": "sum", "empty": "ones"}, total, "without digits gets something else"),
        ({"by": "sum", "empty": "zeros"}, lambda cells, there: cells.sum(axis=1), "must not count"),
        ({"by": "mean", "empty": "zeros"}, lambda cells, there: (cells * there[..., None]).mean(1),
         "divide by the number of cells"),
        ({"by": "sum", "empty": "zeros"}, lambda cells, there: np.zeros(3), "should have shape"),
    ]
}  # fmt: skip

TestAsking = asking_of("images", WRONG)
