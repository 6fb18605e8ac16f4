"""Questions on `work/memory`."""

import numpy as np

from tests.classes.asked import asking_of

IN_FULL, LEFT_OUT = "its own reward counts in full", "its own reward is left out"


def fading(factor):
    def answer(r):
        found, later = np.zeros_like(r), 0
        for t in reversed(range(r.shape[1])):
            found[:, t] = later = r[:, t] + factor * later
        return found

    return answer


def backwards(r):
    return fading(0.5)(r[:, ::-1])[:, ::-1]


WRONG = {
    "memory/discounted": [
        ({"factor": 0.9, "own": IN_FULL}, fading(1.0), "later rewards fade"),
        ({"factor": 0.5, "own": LEFT_OUT}, fading(0.5), "does a step's own reward count?"),
        ({"factor": 0.8, "own": IN_FULL}, lambda r: fading(0.8)(r) - r, "own reward count?"),
        ({"factor": 0.5, "own": IN_FULL}, backwards, "that sums what came before"),
        ({"factor": 0.5, "own": IN_FULL}, lambda r: r.sum(axis=1), "should have shape (B, T)"),
    ]
}

TestAsking = asking_of("memory", WRONG)
