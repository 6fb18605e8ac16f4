"""The exercises of `transformer/transformer`: right answers pass, wrong ones get their hint."""

import numpy as np

from attnlab.functional.softmax import softmax
from tests.exercises.marking import marking_of


def count(*, attentions=3, norms=5, last=2, maps=4, heads=False, bias=True, affine=2):
    def parameters(d, h, n_layers, d_ff):
        linear = d * d + bias * d
        attention = maps * linear * (h if heads else 1)
        feed_forward = 2 * d * d_ff + bias * (d_ff + d)
        layers = attentions * attention + 2 * feed_forward + norms * affine * d
        return n_layers * layers + last * affine * d

    return parameters


def cross(weigh, combine=lambda a, M, W_v: a @ (M @ W_v)):
    def cross_attention(Y, M, W_q, W_k, W_v, real):  # noqa: PLR0917
        weights = weigh(Y, M, W_q, W_k, real)
        return combine(weights, M, W_v), weights

    return cross_attention


def good(Y, M, W_q, W_k, real):
    scores = (Y @ W_q) @ (M @ W_k).T / np.sqrt(W_q.shape[1])
    return softmax(np.where(real, scores, -np.inf))


def raw(Y, M, W_q, W_k):
    return (Y @ W_q) @ (M @ W_k).T / np.sqrt(W_q.shape[1])


def layer(Y, M, self_attend, cross_attend):
    Y = Y + self_attend(Y, Y)
    return Y + cross_attend(Y, M)


def targets(shares, clear_pad=True, clear_rows=True):
    def smoothed_targets(y, V, pad, eps):
        q = shares(np.eye(V)[y], V, eps)
        if clear_pad:
            q[:, pad] = 0
        if clear_rows:
            q[y == pad] = 0
        return q

    return smoothed_targets


def spared(*, first=1, last=None, keep=lambda now, whole: now == whole, on=True, off=(), read=True):
    def spared_heads(w, source):
        if read:
            w.source = source
        w.heads_off = off if off is not None else w.heads_off
        if w.message:
            return []
        whole, found = w.output, []
        for h in range(1, (last or len(w.weights["cross"])) + 1):
            w.heads_off = (*(w.heads_off if off is None else ()), f"cross {h}")
            if keep(w.output, whole):
                found.append(h - 1 + first)
        if on:
            w.heads_off = ()
        return found

    return spared_heads


def shares_of(hard, V, eps):
    return (1 - eps) * hard + eps / (V - 1)


RIGHT = {
    "count": [(count()), (lambda *a: np.int64(count()(*a)))],
    "cross": [(cross(good)), (lambda *a: [*cross(good)(*a)])],
    "bug": [(layer)],
    "smoothing": [(targets(shares_of))],
    "widget": [(spared()), (lambda *a: np.array(spared()(*a)))],
    "softmax": [("c"), (" C")],
}

WRONG = {
    "count": [
        (count(bias=False, norms=0, last=0), "the matrices alone"),
        (count(bias=False), "have biases"),
        (count(norms=0, last=0), "each norm has"),
        (count(last=0), "one more norm at its end"),
        (count(last=1), "each of the two stacks"),
        (count(heads=True), "their number changes nothing"),
        (count(attentions=2), "two attentions"),
        (count(norms=4), "three norms"),
        (count(affine=1), "a gain and a shift"),
        (count(maps=3), "four matrices"),
        (lambda d, h, n_layers, d_ff: 7, "got 7"),
    ],
    "cross": [
        (lambda Y, M, *_: Y, "2 things"),
        (
            cross(lambda Y, M, q, k, _: softmax(raw(Y, Y, q, k)), lambda a, M, W: a),
            "never heard",
        ),
        (
            cross(lambda Y, M, q, k, _: softmax(raw(M, Y, q, k)), lambda a, M, W: a),
            "other way about",
        ),
        (cross(lambda Y, M, q, k, _: softmax(raw(Y, M, q, k))), "no weight"),
        (
            cross(lambda Y, M, q, k, real: softmax(raw(Y, M, q, k)) * real),
            "sums to 1",
        ),
        (
            cross(lambda Y, M, q, k, real: good(Y, M, q * q.shape[1] ** 0.5, k, real)),
            "divided by √d_k",
        ),
        (
            cross(lambda Y, M, q, k, r: good(Y, M, q * (q.shape[1] / len(q)) ** 0.5, k, r)),
            "not by √d",
        ),
        (
            cross(lambda Y, M, q, k, r: softmax(np.where(r, -np.inf, raw(Y, M, q, k)))),
            "where attention may go",
        ),
        (
            cross(lambda Y, M, q, k, r: softmax(np.where(r, raw(Y, M, q, k), 0))),
            "not a mask",
        ),
        (cross(good, lambda a, M, W_v: a @ M), "not M itself"),
        (cross(good, lambda a, M, W_v: M @ W_v), "the weights are right"),
        (cross(lambda *a: good(*a)[:, :2], lambda a, *_: a), "should be (n, m)"),
        (cross(lambda *a: good(*a) ** 2, lambda a, *_: a), "not the weights"),
    ],
    "bug": [
        (lambda Y, M, s, c: Y + s(Y, Y), "never asked"),
        (lambda Y, M, s, c: Y + s(Y, Y) + c(Y + s(Y, Y), Y), "never sees M"),
        (lambda Y, M, s, c: Y + s(Y, Y) + c(M, M)[:3], "Y is first"),
        (lambda Y, M, s, c: layer(Y, M + s(M, M), s, c), "in the encoder"),
        (lambda Y, M, s, c: Y + c(Y, M), "comes first"),
        (lambda Y, M, s, c: c(Y + s(Y, Y), M), "residual"),
        (lambda Y, M, s, c: s(Y, Y) + c(s(Y, Y), M), "residual"),
        (lambda Y, M, s, c: Y + s(Y, Y) + c(Y, M), "new Y"),
        (lambda Y, M, s, c: 2 * layer(Y, M, s, c), "not their sum"),
    ],
    "smoothing": [
        (targets(shares_of, clear_pad=False), "still gets some"),
        (targets(shares_of, clear_rows=False), "does not count"),
        (targets(lambda hard, V, eps: hard), "nothing is smoothed"),
        (
            targets(lambda hard, V, eps: (1 - eps) * hard + eps / V),
            "V − 1 tokens",
        ),
        (
            targets(lambda hard, V, eps: (1 - eps) * hard + (1 - hard) * eps / (V - 2)),
            "its share of ε as well",
        ),
        (lambda y, V, pad, eps: np.eye(V), "expected shape"),
    ],
    "widget": [
        (spared(keep=lambda now, whole: now != whole), "return the others"),
        (spared(first=0), "numbered from 1"),
        (spared(last=4), "not all models have four"),
        (spared(on=False), "on again at the end"),
        (spared(read=False), "set w.source"),
        (spared(keep=lambda now, whole: True), "expected [1, 3, 4]"),
    ],
    "softmax": [
        ("a", "may be negative"),
        ("b", "over the keys"),
        ("d", "the norms keep"),
        (7, "expected one of the letters"),
    ],
}


TestMarking = marking_of("transformer", RIGHT, WRONG)
