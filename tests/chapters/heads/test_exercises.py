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
        ("count", lambda d, h, n: (4 * d**2, h * n**2)),
        ("count", lambda d, h, n: [h * 3 * d * (d // h) + d * d, n * h * n]),
    ],
    "writes": [
        ("written_by", blocks),
        ("written_by", lambda c, W: c @ W.reshape(*c.shape[::2], -1)),
        ("written_by", lambda c, W: torch.tensor(blocks(c, W))),
    ],
    "bug": [("attend_in_heads", heads_with()), ("attend_in_heads", in_torch)],
    "widget": [("fewest_heads", smallest)],
    "explain": [("what_to_write", "c"), ("what_to_write", " C ")],
}
WRONG = {
    "count": [
        ("count", lambda d, h, n: (4 * d**2 * h, h * n**2), "matrices are narrow"),
        ("count", lambda d, h, n: (3 * d**2, h * n**2), "W_O is missing"),
        ("count", lambda d, h, n: (4 * d**2 // h, h * n**2), "one head has"),
        ("count", lambda d, h, n: (4 * d**2 + 4 * d, h * n**2), "no biases"),
        ("count", lambda d, h, n: (d, h * n**2), "not 12 learned weights"),
        ("count", lambda d, h, n: (4 * d**2, n**2), "of its own"),
        ("count", lambda d, h, n: (4 * d**2, 2 * h * n**2), "count them once"),
        ("count", lambda d, h, n: (4 * d**2, n), "not 5 attention weights"),
        ("count", lambda d, h, n: 4 * d**2, "return two numbers"),
    ],
    "writes": [
        ("written_by", lambda c, W: blocks(c, W).sum(0), "keep the heads apart"),
        ("written_by", lambda c, W: c, "all d_model columns"),
        ("written_by", lambda c, W: c.swapaxes(0, 1), "expected shape (3, 5, 6)"),
        ("written_by", lambda c, W: blocks(c, W.T), "cut W_O by rows"),
        ("written_by", lambda c, W: c @ W[: c.shape[2]], "rows of the first"),
        (
            "written_by",
            lambda c, W: np.stack([c[i] @ W[i :: len(c)] for i in range(len(c))]),
            "not every h-th",
        ),
        ("written_by", lambda c, W: 2 * blocks(c, W), "not what each head writes"),
    ],
    "bug": [
        ("attend_in_heads", heads_with(cut=_by_view, glue=_by_view_back), "cut into pieces"),
        ("attend_in_heads", heads_with(glue=_by_view_back), "cutting is right"),
        ("attend_in_heads", heads_with(cut=_by_view), "joining is right"),
        ("attend_in_heads", lambda q, k, v, h: _in_heads(q, k, v, h, d=q.shape[2]), "of d_model"),
        ("attend_in_heads", heads_with(d=1), "must be divided"),
        ("attend_in_heads", lambda q, k, v, h: _in_heads(q, k, v, 1), "one wide head"),
        ("attend_in_heads", heads_with(axis=-2), "over the keys"),
        ("attend_in_heads", heads_with(glue=lambda heads: heads), "join the heads again"),
        ("attend_in_heads", lambda q, k, v, h: q[:, :1], "expected shape (2, 5, 12)"),
        ("attend_in_heads", lambda q, k, v, h: q, "values do not"),
    ],
    "widget": [
        ("fewest_heads", lambda w, share: w.n_heads - smallest(w, share), "must stay"),
        ("fewest_heads", one_by_one, "but not both"),
        ("fewest_heads", lambda w, share: w.n_heads, "some can go"),
        ("fewest_heads", lambda w, share: 1, "expected 4, got 1"),
        ("fewest_heads", from_here, "try all sets"),
        ("fewest_heads", lambda w, share: (0, 1), "return a number"),
    ],
    "explain": [
        ("what_to_write", "a", "first word"),
        ("what_to_write", "b", "whether it was used"),
        ("what_to_write", "d", "this model"),
        ("what_to_write", 7, "expected one of the letters"),
    ],
}


TestMarking = marking_of("heads", RIGHT, WRONG)
