"""The exercises of `mechanism/scaling`: right answers pass, wrong ones get the hint they need."""

import math

import numpy as np
import torch

from attnlab import dot_scores, softmax, softmax_jacobian
from tests.exercises.marking import marking_of


def by_torch(a, g):
    """Automatic differentiation, from scores whose softmax is a."""
    scores = torch.tensor(np.log(a), requires_grad=True)
    torch.softmax(scores, -1).backward(torch.tensor(g))
    return scores.grad.numpy()


def in_place(a, g):
    a *= g - (a * g).sum(axis=-1, keepdims=True)
    return a


def cut(x, n_heads):
    return np.ascontiguousarray(x.reshape(len(x), n_heads, -1).transpose(1, 0, 2))


def heads(divisor=lambda d_model, d_k, h: d_k**0.5, axis=-1, split=cut):
    """A way to compute the weights of all heads: what divides, what sums to 1, what a head is."""

    def head_weights(q, k, n_heads):
        d_model = q.shape[-1]
        scores = dot_scores(split(q, n_heads), split(k, n_heads))
        return softmax(scores / divisor(d_model, d_model // n_heads, n_heads), axis=axis)

    return head_weights


def try_widths(widths, reached=lambda w: w.weights.max() > 0.99):
    def first_saturated(w):
        for width in widths:
            w.d_k = width
            if reached(w):
                return width
        return None

    return first_saturated


def by_halving(w):
    """Right only if the largest weight never falls again."""
    low, high = 0, 512
    while high - low > 1:
        w.d_k = (low + high) // 2
        low, high = (low, w.d_k) if w.weights.max() > 0.99 else (w.d_k, high)
    w.d_k = high
    return high if w.weights.max() > 0.99 else None


ALL = range(1, 513)

RIGHT = {
    "variance": [
        (lambda d, q, k: d * q * k),
        (lambda d, q, k: sum(q * k for _ in range(d))),
    ],
    "start": [
        (lambda d: d**-0.25),
        (lambda d: 1 / math.sqrt(math.sqrt(d))),
        (lambda d: torch.tensor(float(d)) ** -0.25),
    ],
    "backward": [
        (lambda a, g: a * (g - (a * g).sum(-1, keepdims=True))),
        (lambda a, g: np.einsum("ni,nij->nj", g, softmax_jacobian(a))),
        (by_torch),
    ],
    "widget": [
        (try_widths(ALL)),
        (try_widths(np.arange(1, 513))),
    ],
    "bug": [
        (heads()),
        (lambda *args: torch.tensor(heads()(*args))),
    ],
    "explain": [("b"), (" B")],
}

WRONG = {
    "variance": [
        (lambda d, q, k: d, "d_k is right for variances of 1"),
        (lambda d, q, k: (d * q * k) ** 0.5, "standard deviation"),
        (lambda d, q, k: d * (q + k), "is a product"),
        (lambda d, q, k: q * k, "one product"),
        (lambda d, q, k: d**2 * q * k, "not d_k² times"),
        (lambda d, q, k: d * (q * k) ** 0.5, "var_q = 3, var_k = 5"),
        (lambda d, q: d, "raised TypeError"),
    ],
    "start": [
        (lambda d: d**-0.5, "both shrink"),
        (lambda d: d**0.25, "wrong sign"),
        (lambda d: d**-0.125, "not its root"),
        (lambda d: d**0, "variance is 16"),
        (lambda d: 1 / d, "variance is"),
    ],
    "backward": [
        (lambda a, g: a * (1 - a) * g, "diagonal"),
        (lambda a, g: a * (g - (a * g).sum()), "mean of its own"),
        (lambda a, g: a * (g - g.mean(-1, keepdims=True)), "weighted"),
        (lambda a, g: g - (a * g).sum(-1, keepdims=True), "no weight"),
        (lambda a, g: -by_torch(a, g), "sign"),
        (lambda a, g: by_torch(a, g).sum(-1), "shape (1, 2)"),
        (lambda a, g: a * g, "largest error"),
        (in_place, "in place"),
    ],
    "widget": [
        (try_widths(2**i for i in range(10)), "not the first"),
        (by_halving, "not the first"),
        (try_widths([]), "there is such a width"),
        (lambda w: w.d_k if w.weights.max() > 0.99 else None, "read w.weights"),
        (try_widths(ALL, lambda w: w.weights.max() > 0.9), "at width"),
        (lambda w: try_widths(ALL)(w) or 512, "None is due"),
    ],
    "bug": [
        (heads(lambda d_model, d_k, h: d_model**0.5), "√d_model still"),
        (heads(lambda d_model, d_k, h: d_k), "with the root"),
        (heads(lambda d_model, d_k, h: h**0.5), "√h"),
        (heads(lambda d_model, d_k, h: 1.0), "does not divide"),
        (heads(axis=-2), "over the keys"),
        (heads(split=lambda x, h: x.reshape(h, len(x), -1)), "not those"),
        (lambda q, k, h: heads()(q, k, h)[0], "(h, n, m) = (2, 3, 5)"),
    ],
    "explain": [
        ("a", "calm model"),
        ("c", "largest score first"),
        ("d", "same tables"),
        ("saturation", "one of the letters"),
    ],
}


TestMarking = marking_of("scaling", RIGHT, WRONG)
