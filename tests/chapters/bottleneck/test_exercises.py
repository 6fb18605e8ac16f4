"""The exercises of `before/bottleneck`: right answers pass, wrong ones get the hint they need."""

import numpy as np
import torch

from attnlab.functional.softmax import softmax
from tests.exercises.marking import marking_of


def additive(combine):
    """Weights from s W_q (d,), the states' states W_k (m, d), v, and the states (m, d_k)."""
    return lambda s, states, W_q, W_k, v: combine(s @ W_q, states @ W_k, v, states)


def by_loop(s, states, W_q, W_k, v):
    scores = [v @ np.tanh(W_q.T @ s + W_k.T @ h) for h in states]
    powers = np.exp(scores)
    return list(powers / powers.sum())


def in_torch(s, states, W):
    s, states, W = map(torch.tensor, (s, states, W))
    weights = torch.softmax(states @ W.T @ s, dim=0)
    return weights @ states, weights


def attend(weigh, combine=lambda a, states: a @ states):
    def attend_to(s, states, W):
        weights = weigh(s, states, W)
        return combine(weights, states), weights

    return attend_to


def good(s, states, W):
    return softmax(states @ (s @ W))


def share(column, among=None, rows=None):
    """The share of rows i whose largest weight is at column(i, m, shift)."""

    def share_at(w, shift):
        m = w.length
        tops = w.weights.argmax(axis=1)
        chosen = [i for i in range(rows(m) if rows else m) if 0 <= column(i, m, shift) < m]
        hits = sum(tops[i] == column(i, m, shift) for i in chosen)
        return hits / (among(m) if among else len(chosen))

    return share_at


def right_place(i, m, shift):
    return m - 1 - i + shift


RIGHT = {
    "teacher": [
        (lambda target, bos, eos: (np.array([bos, *target]), (*target, eos))),
        (lambda t, bos, eos: [torch.tensor([bos, *t]), torch.tensor([*t, eos])]),
    ],
    "additive": [
        (additive(lambda q, k, v, _: softmax(np.tanh(q + k) @ v))),
        (by_loop),
    ],
    "bug": [(attend(good)), (in_torch)],
    "widget": [(share(right_place))],
    "sentences": [("c"), (" C")],
}

WRONG = {
    "teacher": [
        (lambda t, bos, eos: ([bos, *t, eos], [bos, *t, eos]), "are the same"),
        (lambda t, bos, eos: ([*t, eos], [bos, *t]), "the other way about"),
        (lambda t, bos, eos: ([bos, *t], t), "one answer for each"),
        (lambda t, bos, eos: ([bos, *t, eos], [*t, eos, eos]), "never given"),
        (lambda t, bos, eos: ([0, *t][1:], [bos, *t][:-1]), "to be read"),
        (lambda t, bos, eos: ([bos, *t[:-1]], t), "never learns to stop"),
        (lambda t, bos, eos: ([bos, *t[::-1]], [*t, eos]), "rows should be"),
        (lambda t, bos, eos: [bos, *t, eos], "return 2 things"),
    ],
    "additive": [
        (additive(lambda q, k, v, h: softmax(h)), "of the scores"),
        (additive(lambda q, k, v, _: np.tanh(q + k) @ v), "are the scores"),
        (additive(lambda q, k, v, _: softmax((q + k) @ v)), "query is lost"),
        (additive(lambda q, k, v, _: softmax(k @ q)), "bilinear"),
        (
            additive(lambda q, k, v, _: softmax(np.tanh(k) @ v)),
            "before the tanh",
        ),
        (
            additive(lambda q, k, v, _: softmax((np.tanh(q + k) @ v)[:, None])[:, 0]),
            "always 1",
        ),
        (
            additive(lambda q, k, v, _: 1 / (1 + np.exp(-np.tanh(q + k) @ v))),
            "compete",
        ),
        (additive(lambda q, k, v, _: softmax(np.tanh(q + k))), "one weight"),
        (
            additive(lambda q, k, v, _: softmax(np.tanh((q + k) @ v))),
            "not the weights yet",
        ),
    ],
    "bug": [
        (attend(lambda s, h, W: softmax(np.resize(s @ W, len(h)))), "shuffle those"),
        (attend(lambda s, h, W: softmax(h.sum(axis=1))), "depend on the query"),
        (attend(lambda s, h, W: softmax(h), lambda a, h: (a * h).sum(0)), "scores"),
        (attend(lambda s, h, W: h @ (s @ W)), "these are the scores"),
        (attend(good, lambda a, h: a[:, None] * h), "element by element"),
        (attend(good, lambda a, h: h.mean(axis=0)), "the weights are right"),
        (lambda s, h, W: (good(s, h, W), good(s, h, W) @ h), "first the context"),
        (lambda s, h, W: good(s, h, W) @ h, "return 2 things"),
        (
            attend(lambda s, h, W: softmax(np.tanh(h @ (s @ W)))),
            "not the weights of the score",
        ),
    ],
    "widget": [
        (share(lambda i, m, shift: m - 1 - i - shift), "to the left"),
        (share(lambda i, m, shift: i + shift), "row 0 needs column m - 1"),
        (share(right_place, among=lambda m: 1), "how many"),
        (share(right_place, among=lambda m: m), "number of digits as well"),
        (share(right_place, rows=lambda m: m + 1), "row of the end mark"),
        (lambda w, shift: 0.5, "got 0.5"),
        (share(lambda i, m, shift: m - 1 - i), "look `shift` places"),
    ],
    "sentences": [
        ("a", "around the one vector"),
        ("b", "in 2014"),
        ("d", "one for each state"),
        (3, "expected one of the letters"),
    ],
}


TestMarking = marking_of("bottleneck", RIGHT, WRONG)
