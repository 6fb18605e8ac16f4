"""The exercises of `transformer/heads`: right answers pass, wrong ones get the hint they need."""

from itertools import combinations

import numpy as np
import torch

from attnlab.chapters.heads.exercises import _by_view, _by_view_back, _in_heads
from tests.exercises.marking import marking_of


def blocks(heads, W_o):
    h, _, d_k = heads.shape
    return np.stack([heads[i] @ W_o[i * d_k : (i + 1) * d_k] for i in range(h)])


def in_torch(q, k, v, h):
    def cut(x):
        return torch.tensor(x).unflatten(2, (h, -1)).transpose(1, 2)

    a = torch.softmax(cut(q) @ cut(k).mT / (q.shape[2] // h) ** 0.5, dim=-1)
    return (a @ cut(v)).transpose(1, 2).flatten(2)


def heads_with(**wrong):
    return lambda q, k, v, h: _in_heads(q, k, v, h, **wrong)


def smallest(w, share):
    heads = range(w.n_heads)
    for size in heads:
        for on in combinations(heads, size):
            w.off = tuple(set(heads) - set(on))
            if w.right >= share:
                return size
    return w.n_heads


def one_by_one(w, share):
    needed = 0
    for i in range(w.n_heads):
        w.off = (i,)
        needed += w.right < share
    return needed


def from_here(w, share):
    """Only switches more off, beside what is off already."""
    start = set(w.off)
    heads = set(range(w.n_heads)) - start
    for size in range(len(heads) + 1):
        for on in combinations(heads, size):
            w.off = tuple(set(range(w.n_heads)) - set(on))
            if w.right >= share:
                return size + len(start)
    return w.n_heads


RIGHT = {
    "count": [
        (lambda d, h, n: (4 * d**2, h * n**2)),
        (lambda d, h, n: [h * 3 * d * (d // h) + d * d, n * h * n]),
    ],
    "writes": [
        (blocks),
        (lambda c, W: c @ W.reshape(*c.shape[::2], -1)),
        (lambda c, W: torch.tensor(blocks(c, W))),
    ],
    "bug": [(heads_with()), (in_torch)],
    "widget": [(smallest)],
    "explain": [("c"), (" C ")],
}
WRONG = {
    "count": [
        (lambda d, h, n: (4 * d**2 * h, h * n**2), "matrices are narrow"),
        (lambda d, h, n: (3 * d**2, h * n**2), "W_O is missing"),
        (lambda d, h, n: (4 * d**2 // h, h * n**2), "one head has"),
        (lambda d, h, n: (4 * d**2 + 4 * d, h * n**2), "no biases"),
        (lambda d, h, n: (d, h * n**2), "not 12 learned weights"),
        (lambda d, h, n: (4 * d**2, n**2), "of its own"),
        (lambda d, h, n: (4 * d**2, 2 * h * n**2), "count them once"),
        (lambda d, h, n: (4 * d**2, n), "not 5 attention weights"),
        (lambda d, h, n: 4 * d**2, "return 2 things"),
    ],
    "writes": [
        (lambda c, W: blocks(c, W).sum(0), "keep the heads apart"),
        (lambda c, W: c, "all d_model columns"),
        (lambda c, W: c.swapaxes(0, 1), "expected shape (3, 5, 6)"),
        (lambda c, W: blocks(c, W.T), "cut W_O by rows"),
        (lambda c, W: c @ W[: c.shape[2]], "rows of the first"),
        (
            lambda c, W: np.stack([c[i] @ W[i :: len(c)] for i in range(len(c))]),
            "not every h-th",
        ),
        (lambda c, W: 2 * blocks(c, W), "not what each head writes"),
    ],
    "bug": [
        (heads_with(cut=_by_view, glue=_by_view_back), "cut into pieces"),
        (heads_with(glue=_by_view_back), "cutting is right"),
        (heads_with(cut=_by_view), "joining is right"),
        (lambda q, k, v, h: _in_heads(q, k, v, h, d=q.shape[2]), "of d_model"),
        (heads_with(d=1), "must be divided"),
        (lambda q, k, v, h: _in_heads(q, k, v, 1), "one wide head"),
        (heads_with(axis=-2), "over the keys"),
        (heads_with(glue=lambda heads: heads), "join the heads again"),
        (lambda q, k, v, h: q[:, :1], "expected shape (2, 5, 12)"),
        (lambda q, k, v, h: q, "values do not"),
    ],
    "widget": [
        (lambda w, share: w.n_heads - smallest(w, share), "must stay"),
        (one_by_one, "but not both"),
        (lambda w, share: w.n_heads, "some can go"),
        (lambda w, share: 1, "expected 4, got 1"),
        (from_here, "try all sets"),
        (lambda w, share: (0, 1), "return a number"),
    ],
    "explain": [
        ("a", "first word"),
        ("b", "whether it was used"),
        ("d", "this model"),
        (7, "expected one of the letters"),
    ],
}


TestMarking = marking_of("heads", RIGHT, WRONG)
