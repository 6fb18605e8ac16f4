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
        ("variance_of_dot", lambda d, q, k: d * q * k),
        ("variance_of_dot", lambda d, q, k: sum(q * k for _ in range(d))),
    ],
    "start": [
        ("starting_std", lambda d: d**-0.25),
        ("starting_std", lambda d: 1 / math.sqrt(math.sqrt(d))),
        ("starting_std", lambda d: torch.tensor(float(d)) ** -0.25),
    ],
    "backward": [
        ("softmax_backward", lambda a, g: a * (g - (a * g).sum(-1, keepdims=True))),
        ("softmax_backward", lambda a, g: np.einsum("ni,nij->nj", g, softmax_jacobian(a))),
        ("softmax_backward", by_torch),
    ],
    "widget": [
        ("first_saturated", try_widths(ALL)),
        ("first_saturated", try_widths(np.arange(1, 513))),
    ],
    "bug": [
        ("head_weights", heads()),
        ("head_weights", lambda *args: torch.tensor(heads()(*args))),
    ],
    "explain": [("why_it_fails", "b"), ("why_it_fails", " B")],
}

WRONG = {
    "variance": [
        ("variance_of_dot", lambda d, q, k: d, "d_k is right for variances of 1"),
        ("variance_of_dot", lambda d, q, k: (d * q * k) ** 0.5, "standard deviation"),
        ("variance_of_dot", lambda d, q, k: d * (q + k), "is a product"),
        ("variance_of_dot", lambda d, q, k: q * k, "one product"),
        ("variance_of_dot", lambda d, q, k: d**2 * q * k, "not d_k² times"),
        ("variance_of_dot", lambda d, q, k: d * (q * k) ** 0.5, "var_q = 3, var_k = 5"),
        ("variance_of_dot", lambda d, q: d, "raised TypeError"),
    ],
    "start": [
        ("starting_std", lambda d: d**-0.5, "both shrink"),
        ("starting_std", lambda d: d**0.25, "wrong sign"),
        ("starting_std", lambda d: d**-0.125, "not its root"),
        ("starting_std", lambda d: d**0, "variance is 16"),
        ("starting_std", lambda d: 1 / d, "variance is"),
    ],
    "backward": [
        ("softmax_backward", lambda a, g: a * (1 - a) * g, "diagonal"),
        ("softmax_backward", lambda a, g: a * (g - (a * g).sum()), "mean of its own"),
        ("softmax_backward", lambda a, g: a * (g - g.mean(-1, keepdims=True)), "weighted"),
        ("softmax_backward", lambda a, g: g - (a * g).sum(-1, keepdims=True), "no weight"),
        ("softmax_backward", lambda a, g: -by_torch(a, g), "sign"),
        ("softmax_backward", lambda a, g: by_torch(a, g).sum(-1), "shape (1, 2)"),
        ("softmax_backward", lambda a, g: a * g, "largest error"),
        ("softmax_backward", in_place, "in place"),
    ],
    "widget": [
        ("first_saturated", try_widths(2**i for i in range(10)), "not the first"),
        ("first_saturated", by_halving, "not the first"),
        ("first_saturated", try_widths([]), "there is such a width"),
        ("first_saturated", lambda w: w.d_k if w.weights.max() > 0.99 else None, "read w.weights"),
        ("first_saturated", try_widths(ALL, lambda w: w.weights.max() > 0.9), "at width"),
        ("first_saturated", lambda w: try_widths(ALL)(w) or 512, "None is due"),
    ],
    "bug": [
        ("head_weights", heads(lambda d_model, d_k, h: d_model**0.5), "√d_model still"),
        ("head_weights", heads(lambda d_model, d_k, h: d_k), "with the root"),
        ("head_weights", heads(lambda d_model, d_k, h: h**0.5), "√h"),
        ("head_weights", heads(lambda d_model, d_k, h: 1.0), "does not divide"),
        ("head_weights", heads(axis=-2), "over the keys"),
        ("head_weights", heads(split=lambda x, h: x.reshape(h, len(x), -1)), "not those"),
        ("head_weights", lambda q, k, h: heads()(q, k, h)[0], "(h, n, m) = (2, 3, 5)"),
    ],
    "explain": [
        ("why_it_fails", "a", "calm model"),
        ("why_it_fails", "c", "largest score first"),
        ("why_it_fails", "d", "same tables"),
        ("why_it_fails", "saturation", "one of the letters"),
    ],
}


TestMarking = marking_of("scaling", RIGHT, WRONG)
