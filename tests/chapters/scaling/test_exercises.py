"""The exercises of `mechanism/scaling`: right answers pass, wrong ones get the hint they need."""

import math
from fractions import Fraction

import numpy as np
import torch

from attnlab import dot_scores, scaled_dot_scores, softmax, softmax_jacobian
from tests.exercises.marking import marking_of


def by_trying(d_k, d_padded):
    """The factor with which one padded query gets the score that it had."""
    q = np.pad(np.ones(d_k), (0, d_padded - d_k))
    return (q @ q / np.sqrt(d_k)) / (q @ q / np.sqrt(d_padded))


def wanted_std(power=0.25, variance=lambda m, keys: 2 * math.log(m / keys), width=lambda d_k: d_k):
    return lambda d_k, m, keys: (variance(m, keys) / width(d_k)) ** power


def std_by_halving(d_k, m, keys):
    """The root of what is left of the entropy, found without solving for it."""
    low, high = 0.0, 10.0
    for _ in range(100):
        std = (low + high) / 2
        enough = math.log(m) - d_k * std**4 / 2 > math.log(keys)
        low, high = (std, high) if enough else (low, std)
    return low


def back(a, g):
    return a * (g - (a * g).sum(-1, keepdims=True))


def by_torch(a, g):
    """Automatic differentiation, from scores whose softmax is a."""
    with np.errstate(divide="ignore"):
        scores = torch.tensor(np.log(a), requires_grad=True)
    torch.softmax(scores, -1).backward(torch.tensor(g))
    return scores.grad


def row_by_row(a, g):
    rows = [(np.diag(p) - np.outer(p, p)) @ slope for p, slope in zip(a, g, strict=True)]
    return [row.tolist() for row in rows]


def in_place(a, g):
    a *= g - (a * g).sum(axis=-1, keepdims=True)
    return a


def where_square(wrong):
    """Wrong where rows and columns are as many; elsewhere NumPy would refuse."""
    return lambda a, g: wrong(a, g) if len(a) == len(a.T) else back(a, g)


def cut(x, n_heads):
    return np.ascontiguousarray(x.reshape(len(x), n_heads, -1).transpose(1, 0, 2))


def heads(
    divisor=lambda d_model, d_k, h: d_k**0.5,
    axis=-1,
    split=cut,
    weights=softmax,
    scores=dot_scores,
):
    """A way to compute the weights of all heads: what divides, what sums to 1, what a head is."""

    def head_weights(q, k, n_heads):
        d_model = q.shape[-1]
        s = scores(split(q, n_heads), split(k, n_heads))
        return weights(s / divisor(d_model, d_model // n_heads, n_heads), axis=axis)

    return head_weights


def heads_one_by_one(q, k, n_heads):
    d_k = q.shape[1] // n_heads
    parts = [slice(i * d_k, (i + 1) * d_k) for i in range(n_heads)]
    return [softmax(scaled_dot_scores(q[:, part], k[:, part])) for part in parts]


def heads_by_torch(q, k, n_heads):
    q, k = (torch.from_numpy(x).unflatten(-1, (n_heads, -1)).movedim(1, 0) for x in (q, k))
    return torch.softmax(q @ k.mT / math.sqrt(q.shape[-1]), dim=-1)


def interleaved(x, n_heads):
    return np.ascontiguousarray(x.reshape(len(x), -1, n_heads).transpose(2, 0, 1))


def heads_in_place(q, k, n_heads):
    q /= (q.shape[1] / n_heads) ** 0.5
    return heads(lambda *_: 1)(q, k, n_heads)


def try_widths(widths, reached=lambda w: w.weights.max() > 0.99):
    def first_saturated(w):
        for width in widths(w):
            w.d_k = width
            if reached(w):
                return width
        return None

    return first_saturated


def every(w):
    return range(1, 513)


def all_in_a_list(w):
    largest = []
    for w.d_k in range(1, 513):
        largest.append(w.weights.max())
    found = np.flatnonzero(np.array(largest) > 0.99)
    return found[0] + 1 if len(found) else None


def by_halving(w):
    """Right only if the largest weight never falls again."""
    low, high = 0, 512
    while high - low > 1:
        w.d_k = (low + high) // 2
        low, high = (low, w.d_k) if w.weights.max() > 0.99 else (w.d_k, high)
    w.d_k = high
    return high if w.weights.max() > 0.99 else None


RIGHT = {
    "padded": [
        lambda d_k, d_padded: (d_padded / d_k) ** 0.5,
        lambda d_k, d_padded: np.sqrt(d_padded) / np.sqrt(d_k),
        lambda d_k, d_padded: torch.tensor(d_padded / d_k).sqrt(),
        by_trying,
    ],
    "start": [
        wanted_std(),
        lambda d_k, m, keys: np.sqrt(np.sqrt(2 * (np.log(m) - np.log(keys)) / d_k)),
        lambda d_k, m, keys: torch.tensor(2 * math.log(m / keys) / d_k) ** 0.25,
        std_by_halving,
    ],
    "backward": [
        back,
        lambda a, g: np.einsum("ni,nij->nj", g, softmax_jacobian(a)),
        by_torch,
        row_by_row,
    ],
    "widget": [
        try_widths(every),
        all_in_a_list,
        try_widths(lambda w: np.arange(1, 513)),
        lambda w: min(
            (d for d in every(w) if (setattr(w, "d_k", d), w.weights.max())[1] > 0.99), default=None
        ),
    ],
    "bug": [heads(), heads_one_by_one, heads_by_torch],
    "explain": ["b", " B", "b)"],
    "in-writing": ["Cosines are at most 1, and an eighth of them makes no difference to anybody."],
}

WRONG = {
    "padded": [
        (lambda d_k, d_padded: 1, "but what it is divided by"),
        (lambda d_k, d_padded: (d_k / d_padded) ** 0.5, "the wrong way round"),
        (lambda d_k, d_padded: d_padded / d_k, "divides by a root, and not"),
        (lambda d_k, d_padded: d_k / d_padded, "has to undo it"),
        (lambda d_k, d_padded: (d_padded / d_k) ** 0.25, "if the keys were multiplied"),
        (lambda d_k, d_padded: d_padded**0.5, "without any division"),
        (lambda d_k, d_padded: d_k**-0.5, "by both roots"),
        (lambda d_k, d_padded: d_k**0.5, "a division that is wanted"),
        (lambda d_k, d_padded: Fraction(d_padded, d_k), "divides by a root, and not"),
        (lambda d_k, d_padded: (d_padded - d_k) ** 0.5, "query_factor(80, 128): expected 1.265"),
        (lambda d_k, d_padded: round((d_padded / d_k) ** 0.5, 3), "expected 1.2649, got 1.265"),
        (lambda d_k, d_padded: math.isqrt(d_padded // d_k), "expected 1.265, got 1"),
        (lambda d_k, d_padded: f"{(d_padded / d_k) ** 0.5}", "should be one number"),
        (lambda d_k: 1, "`query_factor` raised TypeError"),
    ],
    "start": [
        (lambda d_k, m, keys: d_k**-0.25, "scores of variance 1"),
        (wanted_std(power=0.5), "both start with it"),
        (wanted_std(power=0.125), "one root too many"),
        (wanted_std(width=lambda d_k: 1), "vectors of one number"),
        (wanted_std(power=0.5, width=lambda d_k: 1), "standard deviation of the scores"),
        (wanted_std(power=1, width=lambda d_k: 1), "the variance of the scores"),
        (wanted_std(variance=lambda m, keys: math.log(m / keys)), "by half the variance"),
        (wanted_std(variance=lambda m, keys: 4 * math.log(m / keys)), "by half the variance"),
        (wanted_std(variance=lambda m, keys: 2 * math.log2(m / keys)), "in nats here"),
        (wanted_std(variance=lambda m, keys: 2 * math.log(keys)), "entropy that is given up"),
        (wanted_std(variance=lambda m, keys: 2 * math.log(m)), "leaves a single key"),
        (wanted_std(width=lambda d_k: 1 / d_k), "start smaller"),
        (wanted_std(variance=lambda m, keys: 2 * (m - keys)), "64, 40): expected 0.3481"),
        (wanted_std(variance=lambda m, keys: 2 * math.log(keys / m)), "should be one number, got"),
        (wanted_std(variance=lambda m, keys: np.log(keys / m), power=np.float64(0.25)), "finite"),
        (lambda d_k, m, keys: round(wanted_std()(d_k, m, keys), 2), "expected 0.3481, got 0.35"),
    ],
    "backward": [
        (lambda a, g: a * (1 - a) * g, "diagonal"),
        (lambda a, g: a * (g - (a * g).sum()), "mean of its own"),
        (lambda a, g: a * (g - g.mean(-1, keepdims=True)), "not all weights are alike"),
        (lambda a, g: g - (a * g).sum(-1, keepdims=True), "no weight"),
        (lambda a, g: -by_torch(a, g), "sign"),
        (lambda a, g: a * g, "to the weights of the others"),
        (lambda a, g: g, "as it came in"),
        (lambda a, g: a * (g.sum(-1, keepdims=True) - (a * g).sum(-1, keepdims=True)),
         "not the sum of all"),
        (where_square(lambda a, g: a * (g - (a * g).sum(0))), "down the columns"),
        (lambda a, g: a * (g - (a * g).sum(0)), "down the columns"),
        (where_square(lambda a, g: a * (g - (a * g).sum(-1))), "laid along the columns"),
        (lambda a, g: by_torch(a, g).sum(-1), "(n, m) = (3, 5), got (3,)"),
        (lambda a, g: softmax_jacobian(a), "(n, m) = (3, 5), got (3, 5, 5)"),
        (lambda a, g: back(softmax(a), g), "n = 3, m = 5: at "),
        (lambda a, g: 2 * back(a, g), "n = 3, m = 5: at "),
        (lambda a, g: np.round(back(a, g), 3), "n = 3, m = 5: at "),
        (in_place, "changes `a` in place"),
    ],
    "widget": [
        (try_widths(lambda w: [2**i for i in range(10)]), "not the first"),
        (by_halving, "not the first"),
        (try_widths(lambda w: []), "there is such a width"),
        (lambda w: w.d_k if w.weights.max() > 0.99 else None, "there is such a width"),
        (try_widths(lambda w: range(w.d_k, 513)), "but not the first"),
        (try_widths(lambda w: range(512, 0, -1)), "not the first"),
        (try_widths(every, lambda w: w.weights.max() > 0.9), "no key gets more than 99%"),
        (try_widths(every, lambda w: w.weights.max().round(2) >= 0.99), "at width 30 no key gets"),
        (try_widths(lambda w: range(1, 129)), "query=2): there is such a width"),
        (try_widths(every, lambda w: w.weights.max() > 0.5), "no key gets more than 99%"),
        (try_widths(every, lambda w: w.weights[0] > 0.99), "there is such a width"),
        (lambda w: try_widths(every)(w) or 512, "the answer is None; got 512"),
        (lambda w: try_widths(every)(w) or -1, "the answer is None; got -1"),
        (lambda w: (try_widths(every)(w) or 0) - 1, "no key gets more than 99%"),
        (lambda w: w.weights, "should be one number"),
        (lambda w: setattr(w, "d_k", 0), "`first_saturated` raised TraitError"),
    ],
    "bug": [
        (heads(lambda d_model, d_k, h: d_model**0.5), "√d_model still"),
        (heads(lambda d_model, d_k, h: d_k), "too calm now"),
        (heads(scores=scaled_dot_scores), "too calm now"),
        (heads(lambda d_model, d_k, h: h**0.5), "√h"),
        (heads(lambda d_model, d_k, h: 1.0), "does not divide"),
        (heads(lambda d_model, d_k, h: d_k**-0.5), "multiplies"),
        (heads(axis=-2), "over the queries"),
        (heads(axis=0), "over the heads"),
        (heads(split=lambda x, h: x.reshape(h, len(x), -1)), "mixes rows and heads"),
        (heads(split=interleaved), "every h-th number"),
        (heads(weights=lambda s, axis: s), "these are the scores"),
        (heads(lambda d_model, d_k, h: (d_model / d_k) ** 0.5), "√h"),
        (heads(lambda d_model, d_k, h: h), "n = 5, m = 3, d_k = 2, h = 7"),
        (lambda q, k, h: heads()(q, k, h)[0], "(h, n, m) = (2, 3, 5)"),
        (lambda q, k, h: heads()(q, k, h).mean(0), "(h, n, m) = (2, 3, 5), got (3, 5)"),
        (lambda q, k, h: heads()(q, k, h).transpose(1, 0, 2), "got (3, 2, 5)"),
        (lambda q, k, h: softmax(scaled_dot_scores(q, k)), "(h, n, m) = (2, 3, 5), got (3, 5)"),
        (heads_in_place, "changes `q` in place"),
    ],
    "explain": [
        ("a", "Adam measures its steps"),
        ("c", "largest score first"),
        ("d", "same tables"),
        ("saturation", "one of the letters"),
    ],
    "in-writing": [("", "no words"), (0.125, "should be text"), (" … ", "no words")],
}  # fmt: skip


TestMarking = marking_of("scaling", RIGHT, WRONG)
