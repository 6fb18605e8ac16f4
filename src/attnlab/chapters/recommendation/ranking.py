"""Scores by counting, the rank of what came next, and what a rank is worth.

Letters: n users, T items of a history, the newest last, N items. Where a history is shorter than
the others, the number N stands in front of it.
"""

from collections.abc import Iterable, Sequence
from math import comb

import numpy as np

REACH = 20  # how far back the counting looks
DECAYS = (0.0, 0.5, 0.7, 0.8, 0.9, 1.0)  # with 0, the last item alone counts: a Markov chain


def count(histories: Iterable[np.ndarray], n_items: int, decay: float) -> np.ndarray:
    """How often item j came after item i; a step farther apart counts less. `(N, N)`

    >>> count([np.array([0, 1, 2])], 3, decay=0.5).tolist()
    [[0.0, 1.0, 0.5], [0.0, 0.0, 1.0], [0.0, 0.0, 0.0]]
    """
    counts = np.zeros((n_items, n_items))
    for history in histories:
        for gap in range(1, min(REACH, len(history))):
            np.add.at(counts, (history[:-gap], history[gap:]), decay ** (gap - 1))
    return counts


def shares(counts: np.ndarray) -> np.ndarray:
    """Each row over its sum, and zeros where nothing was counted. `(N, N)`"""
    return counts / np.maximum(counts.sum(axis=1, keepdims=True), 1e-12)


def padded(histories: Sequence[np.ndarray], n_items: int, length: int | None = None) -> np.ndarray:
    """Histories in one array, with the number N in front of short ones. `(n, T)`

    >>> padded([np.array([4, 2]), np.array([3])], n_items=5).tolist()
    [[4, 2], [5, 3]]
    """
    length = length or max(map(len, histories))
    fronts = [np.full(length - len(each), n_items) for each in histories]
    return np.array([np.append(*both) for both in zip(fronts, histories, strict=True)])


def decayed(rows: np.ndarray, histories: np.ndarray, decay: float) -> np.ndarray:
    """The rows of what was watched, summed, the newest with weight 1. `(n, T)` → `(n, N)`"""
    recent = histories[:, -REACH:]
    weights = decay ** np.arange(recent.shape[1])[::-1]
    rows = np.vstack([rows, np.zeros(rows.shape[1])])  # of the number N
    return np.array([weights @ rows[history] for history in recent])


def ranks(scores: np.ndarray, histories: np.ndarray, targets: np.ndarray) -> np.ndarray:
    """The place of each target among all that its user has not seen, from 1; `(n,)`.

    Of several with the target's score, half stand before it: so a method that gives all items one
    score is in the middle, and not on top.

    >>> scores = np.array([[9.0, 3.0, 5.0, 3.0]])
    >>> ranks(scores, np.array([[0]]), np.array([3])).tolist()
    [2.5]
    """
    wide = np.pad(scores.astype(float), ((0, 0), (0, 1)))  # with a column for the number N
    np.put_along_axis(wide, histories, -np.inf, axis=1)
    unseen = wide[:, :-1]
    own = np.take_along_axis(unseen, targets[:, None], axis=1)
    better, equal = (unseen > own).sum(axis=1), (unseen == own).sum(axis=1)
    return 1 + better + (equal - 1) / 2


def sampled_hit(rank: float, others: int, k: int = 10, sample: int = 100) -> float:
    """The probability that an item is among the first k of itself and `sample` others, drawn from
    `others` of which `rank - 1` are better.

    >>> sampled_hit(rank=10, others=1681), round(sampled_hit(rank=200, others=1681), 2)
    (1.0, 0.23)
    """
    better = int(rank - 1)
    ways = sum(
        comb(better, above) * comb(others - better, sample - above)
        for above in range(min(k, better + 1))
    )
    return ways / comb(others, sample)
