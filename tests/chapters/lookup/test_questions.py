"""Questions on `mechanism/lookup`."""

import numpy as np

from attnlab import gaussian_scores, softmax
from tests.classes.asked import asking_of

SQUARE = {"bell": "2^(-(u/w)^2)", "distance": "‖q − k‖, the length of the difference"}
STEEP = {
    "bell": "e^(-u/w)",
    "distance": "Σ |q_i − k_i|, a sum over all its numbers",
}


def look_up(counts, distances):
    def bell_look_up(q, k, v, w):
        a = counts(distances(q[:, None] - k), w)
        return a / a.sum(axis=-1, keepdims=True) @ v

    return bell_look_up


def lengths(apart):
    return np.linalg.norm(apart, axis=-1)


def sums(apart):
    return np.abs(apart).sum(axis=-1)


def square(u, w):
    return 2 ** -((u / w) ** 2)


def steep(u, w):
    return np.exp(-u / w)


WRONG = {
    "lookup/other-bell": [
        (SQUARE, lambda q, k, v, w: softmax(gaussian_scores(q, k, width=w)) @ v, "the Gaussian"),
        (SQUARE, look_up(steep, lengths), "follows another formula"),
        (SQUARE, look_up(square, sums), "measured in another way"),
        (STEEP, look_up(steep, lengths), "measured in another way"),
        (STEEP, look_up(lambda u, w: np.exp(-u), sums), "the width has no effect"),
        (STEEP, lambda q, k, v, w: steep(sums(q[:, None] - k), w) @ v, "must sum to 1"),
        (SQUARE, lambda q, k, v, w: v, "should have shape (n, d_v) = (3, 4), got (5, 4)"),
    ]
}

TestAsking = asking_of("lookup", WRONG)
