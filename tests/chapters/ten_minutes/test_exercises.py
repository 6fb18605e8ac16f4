"""Exercises of the ten minutes: right answers pass, wrong ones get their hint."""

import numpy as np
import torch

from attnlab.functional.attention import attention
from attnlab.functional.softmax import softmax
from tests.exercises.marking import marking_of


def minus_infinity(q, K, V, j):
    s = K @ q / np.sqrt(len(q))
    s[j] = -np.inf
    return softmax(s) @ V


def deleted(q, K, V, j):
    K, V = np.delete(K, j, axis=0), np.delete(V, j, axis=0)
    powers = np.exp(K @ q / len(q) ** 0.5)
    return powers @ V / powers.sum()


def masked(q, K, V, j):
    q, K, V = (torch.tensor(x) for x in (q[None], K, V))
    return attention(q, K, V, mask=torch.arange(len(K)) != j)[0][0]


def renormalized(q, K, V, j):
    a = softmax(K @ q / np.sqrt(len(q)))
    a[j] = 0
    return a / a.sum() @ V


def scores(q, K, j):
    return np.delete(K @ q, j)


def heaviest(q, K, V, j):
    return np.delete(V, j, 0)[scores(q, K, j).argmax()]


def in_place(q, K, V, j):
    K[j] = 0
    return deleted(q, K, V, j)


def score_of_zero(q, K, V, j):
    s = K @ q / np.sqrt(len(q))
    s[j] = 0
    return softmax(s) @ V


def value_of_zero(q, K, V, j):
    V = V.copy()
    V[j] = 0
    return softmax(K @ q / np.sqrt(len(q))) @ V


RIGHT = {
    "most": ["b"],
    "twice": ["c"],
    "without": [minus_infinity, deleted, masked, renormalized],
    "in-writing": ["Most of what was read is that word's value; whether it matters is open."],
}
WRONG = {
    "most": [("a", "said of places"), ("c", "the last word asks"), ("d", "its own value")],
    "twice": [("a", "their ratio"), ("b", "sum to 1"), ("d", "the other way")],
    "without": [
        (lambda q, K, V, j: softmax(K @ q / np.sqrt(len(q))) @ V, "reads word j as well"),
        (value_of_zero, "must sum to 1 again"),
        (score_of_zero, "exp(0) is 1"),
        (lambda q, K, V, j: softmax(scores(q, K, j)) @ np.delete(V, j, 0), "by the root of d"),
        (lambda q, K, V, j: softmax(scores(q, K, j) / len(q)) @ np.delete(V, j, 0), "not by d"),
        (lambda q, K, V, j: np.delete(V, j, 0).mean(0), "the same weight"),
        (lambda q, K, V, j: V[j], "must not be read"),
        (lambda q, K, V, j: softmax(scores(q, K, j) / np.sqrt(len(q))), "these are the weights"),
        (heaviest, "the largest weight alone"),
        (lambda q, K, V, j: print(V), "is a `return` missing?"),
        (in_place, "changes `K` in place"),
    ],
    "in-writing": [("", "no words"), (3, "should be text")],
}  # fmt: skip


TestMarking = marking_of("ten-minutes", RIGHT, WRONG)
