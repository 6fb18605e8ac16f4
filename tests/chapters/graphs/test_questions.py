"""Questions on `work/graphs`."""

import numpy as np

from tests.classes.asked import asking_of


def mean(x, edges):
    return edges @ x / np.maximum(edges.sum(axis=1, keepdims=True), 1)


WITH, WITHOUT = "with itself", "without itself"
WRONG = {
    "graphs/neighbors-mean": [
        ({"itself": WITH, "lonely": "zeros"}, mean, "is the node itself among those"),
        ({"itself": WITHOUT, "lonely": "its own vector"}, mean, "gets something else"),
        ({"itself": WITHOUT, "lonely": "zeros"}, lambda x, edges: edges @ x, "that is a sum"),
        ({"itself": WITHOUT, "lonely": "zeros"}, lambda x, edges: x[0], "should have shape (n, d)"),
    ]
}

TestAsking = asking_of("graphs", WRONG)
