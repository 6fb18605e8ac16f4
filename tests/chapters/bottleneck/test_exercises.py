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
        ("teacher_forcing", lambda target, bos, eos: (np.array([bos, *target]), (*target, eos))),
        (
            "teacher_forcing",
            lambda t, bos, eos: [torch.tensor([bos, *t]), torch.tensor([*t, eos])],
        ),
    ],
    "additive": [
        ("additive_weights", additive(lambda q, k, v, _: softmax(np.tanh(q + k) @ v))),
        ("additive_weights", by_loop),
    ],
    "bug": [("attend_to", attend(good)), ("attend_to", in_torch)],
    "widget": [("share_at", share(right_place))],
    "sentences": [("right_sentence", "c"), ("right_sentence", " C")],
}

WRONG = {
    "teacher": [
        ("teacher_forcing", lambda t, bos, eos: ([bos, *t, eos], [bos, *t, eos]), "are the same"),
        ("teacher_forcing", lambda t, bos, eos: ([*t, eos], [bos, *t]), "the other way about"),
        ("teacher_forcing", lambda t, bos, eos: ([bos, *t], t), "one answer for each"),
        ("teacher_forcing", lambda t, bos, eos: ([bos, *t, eos], [*t, eos, eos]), "never given"),
        ("teacher_forcing", lambda t, bos, eos: ([0, *t][1:], [bos, *t][:-1]), "to be read"),
        ("teacher_forcing", lambda t, bos, eos: ([bos, *t[:-1]], t), "never learns to stop"),
        ("teacher_forcing", lambda t, bos, eos: ([bos, *t[::-1]], [*t, eos]), "rows should be"),
        ("teacher_forcing", lambda t, bos, eos: [bos, *t, eos], "return two lists"),
    ],
    "additive": [
        ("additive_weights", additive(lambda q, k, v, h: softmax(h)), "of the scores"),
        ("additive_weights", additive(lambda q, k, v, _: np.tanh(q + k) @ v), "are the scores"),
        ("additive_weights", additive(lambda q, k, v, _: softmax((q + k) @ v)), "query is lost"),
        ("additive_weights", additive(lambda q, k, v, _: softmax(k @ q)), "bilinear"),
        (
            "additive_weights",
            additive(lambda q, k, v, _: softmax(np.tanh(k) @ v)),
            "before the tanh",
        ),
        (
            "additive_weights",
            additive(lambda q, k, v, _: softmax((np.tanh(q + k) @ v)[:, None])[:, 0]),
            "always 1",
        ),
        (
            "additive_weights",
            additive(lambda q, k, v, _: 1 / (1 + np.exp(-np.tanh(q + k) @ v))),
            "compete",
        ),
        ("additive_weights", additive(lambda q, k, v, _: softmax(np.tanh(q + k))), "one weight"),
        (
            "additive_weights",
            additive(lambda q, k, v, _: softmax(np.tanh((q + k) @ v))),
            "not the weights yet",
        ),
    ],
    "bug": [
        ("attend_to", attend(lambda s, h, W: softmax(np.resize(s @ W, len(h)))), "shuffle those"),
        ("attend_to", attend(lambda s, h, W: softmax(h.sum(axis=1))), "depend on the query"),
        ("attend_to", attend(lambda s, h, W: softmax(h), lambda a, h: (a * h).sum(0)), "scores"),
        ("attend_to", attend(lambda s, h, W: h @ (s @ W)), "these are the scores"),
        ("attend_to", attend(good, lambda a, h: a[:, None] * h), "element by element"),
        ("attend_to", attend(good, lambda a, h: h.mean(axis=0)), "the weights are right"),
        ("attend_to", lambda s, h, W: (good(s, h, W), good(s, h, W) @ h), "first the context"),
        ("attend_to", lambda s, h, W: good(s, h, W) @ h, "return two things"),
        (
            "attend_to",
            attend(lambda s, h, W: softmax(np.tanh(h @ (s @ W)))),
            "not the weights of the score",
        ),
    ],
    "widget": [
        ("share_at", share(lambda i, m, shift: m - 1 - i - shift), "to the left"),
        ("share_at", share(lambda i, m, shift: i + shift), "row 0 needs column m - 1"),
        ("share_at", share(right_place, among=lambda m: 1), "how many"),
        ("share_at", share(right_place, among=lambda m: m), "number of digits as well"),
        ("share_at", share(right_place, rows=lambda m: m + 1), "row of the end mark"),
        ("share_at", lambda w, shift: 0.5, "got 0.5"),
        ("share_at", share(lambda i, m, shift: m - 1 - i), "look `shift` places"),
    ],
    "sentences": [
        ("right_sentence", "a", "around the one vector"),
        ("right_sentence", "b", "in 2014"),
        ("right_sentence", "d", "one for each state"),
        ("right_sentence", 3, "expected one of the letters"),
    ],
}


TestMarking = marking_of("bottleneck", RIGHT, WRONG)
