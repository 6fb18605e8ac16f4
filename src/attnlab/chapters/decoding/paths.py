"""Languages that are tables, and paths through them: the best, and what else is taken for it.

The tables are log-probabilities (V, V) of what follows each token.
"""

import numpy as np

from attnlab.functional.softmax import log_softmax

START, END = 0, 1


def table(seed: int, v: int, ends: bool = True) -> np.ndarray:
    """Log-probabilities of what follows each token, (V, V); nothing leads to the start."""
    logits = 2 * np.random.default_rng(seed).standard_normal((v, v))
    logits[:, START] = -np.inf
    if not ends:
        logits[:, END] = -np.inf
    return log_softmax(logits)


def terms(log_p: np.ndarray, path: list[int]) -> np.ndarray:
    """The log-probability of each token of a path after its first, (len(path) - 1,)."""
    return log_p[path[:-1], path[1:]]


def worth(log_p: np.ndarray, words: list[int]) -> float:
    """The log-probability of the words, after the start and without an end."""
    return float(terms(log_p, [START, *words]).sum())


def best_path(log_p: np.ndarray, length: int) -> list[int]:
    """The most probable sentence of `length` words."""
    best, before = log_p[START], []
    for _ in range(length - 1):
        total = best[:, None] + log_p
        before.append(total.argmax(axis=0))
        best = total.max(axis=0)
    path = [int(best.argmax())]
    for arrow in reversed(before):
        path.insert(0, int(arrow[path[0]]))
    return path


def without_a_way_back(log_p: np.ndarray, length: int) -> list[int]:
    """The best last word of each length, without a way back."""
    best, path = log_p[START], []
    for _ in range(length):
        path.append(int(best.argmax()))
        best = (best[:, None] + log_p).max(axis=0)
    return path


def by_beam(log_p: np.ndarray, beams: int, length: int) -> list[int]:
    """What a beam finds; greedy decoding is a beam of 1."""
    beginnings = [([], START, 0.0)]
    for _ in range(length):
        longer = [
            ([*words, j], j, score + log_p[last, j])
            for words, last, score in beginnings
            for j in range(2, len(log_p))
        ]
        beginnings = sorted(longer, key=lambda one: -one[2])[:beams]
    return beginnings[0][0]


def even(v: int) -> np.ndarray:
    """A language in which all words are nearly equally probable, and no sentence is."""
    logits = 0.1 * np.random.default_rng(v).standard_normal((v, v))
    logits[:, [START, END]] = -np.inf
    return log_softmax(logits)


def late(v: int) -> np.ndarray:
    """A language whose best sentence begins with a most improbable word, and is certain then.

    All beginnings with up to four other words are more probable than its own.
    """
    logits = 0.1 * np.random.default_rng(v).standard_normal((v, v))
    rare = np.array([5, 2, 9])  # each leads to the next
    logits[:, rare] -= 4.5 * np.log(v)
    logits[rare, np.roll(rare, -1)] = 20
    logits[:, [START, END]] = -np.inf
    return log_softmax(logits)
