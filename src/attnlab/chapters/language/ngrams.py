"""Counting what follows what: n-grams, blended as Witten and Bell did.

Letters: n letters of a text, V letters of an alphabet, k letters of context.
"""

import numpy as np
from numpy.typing import NDArray

from attnlab.functional import settings

V = 26


class NGrams:
    """Probabilities of the next letter, from counts of contexts of 0 to k letters.

    A context that was seen `N` times, before `D` different letters, has

    $$p(c) = \\frac{\\text{count}(c) + D\\, p_{\\text{shorter}}(c)}{N + D},$$

    and the shortest, of no letters, is blended with 1/V in the same way.

    Args:
        letters: `(n,)`, int64, from 0 to 25.
        k: how many letters of context at most.

    Raises:
        TypeError, ValueError: k is not an integer, or not from 0 to 12.

    Source:
        Witten and Bell (1991), method C.

    >>> grams = NGrams(np.array([0, 1, 0, 1, 0]), 1)
    >>> grams.at(np.array([[0, 0]]), 1).round(2)[0, :3].tolist()  # after an a: b twice of two
    [0.15, 0.77, 0.0]
    """

    def __init__(self, letters: np.ndarray, k: int):
        (self.k,) = settings.count(0, k=k)
        if k > 12:  # 26 ** 13 is the largest number of contexts in 64 bits
            raise ValueError(f"k must be at most 12, got {k}")
        self.tables = [self._counts(letters, j) for j in range(k + 1)]

    @staticmethod
    def _counts(letters: np.ndarray, j: int) -> tuple[np.ndarray, np.ndarray]:
        """The contexts of j letters that occur, sorted, and their counts `(contexts, V)`."""
        found, rows = np.unique(_contexts(letters[:-1], j), return_inverse=True)
        counts = np.zeros((len(found), V))
        np.add.at(counts, (rows, letters[j:]), 1)
        return found, counts

    def at(self, texts: np.ndarray, place: int) -> NDArray[np.float64]:
        """Probabilities `(N, V)` of the letter at a place of texts `(N, n)`, from those before."""
        past = texts[:, max(place - self.k, 0) : place]
        return self._blend(
            [_number(past[:, past.shape[1] - j :]) for j in range(past.shape[1] + 1)]
        )

    def by_trying(self, texts: np.ndarray, place: int, after: int) -> NDArray[np.float64]:
        """Log probabilities `(N, V)` of each letter at `place`, as far as `after` letters behind it
        tell as well; not yet normed. Each letter is tried there, with all that follows.
        """
        tried = np.repeat(texts[:, None], V, axis=1)  # (N, V, n)
        tried[:, :, place] = np.arange(V)
        flat = tried.reshape(-1, texts.shape[1])
        rows = np.arange(len(flat))
        places = range(place, place + after + 1)
        said = [np.log(self.at(flat, t)[rows, flat[:, t]]) for t in places]
        return np.sum(said, axis=0).reshape(-1, V)

    def bits(self, letters: np.ndarray, k: int | None = None) -> float:
        """Bits a letter, on average over all that have k letters before them."""
        k = self.k if k is None else k
        pasts = [_contexts(letters[k - j : -1], j) for j in range(k + 1)]
        p = self._blend(pasts)
        return float(-np.log2(p[np.arange(len(p)), letters[k:]]).mean())

    def _blend(self, contexts: list[np.ndarray]) -> NDArray[np.float64]:
        p = np.full((len(contexts[0]), V), 1 / V)
        for (found, counts), asked in zip(self.tables, contexts, strict=False):
            row = np.minimum(np.searchsorted(found, asked), len(found) - 1)
            seen = counts[row] * (found[row] == asked)[:, None]
            different = (seen > 0).sum(axis=1, keepdims=True)
            total = seen.sum(axis=1, keepdims=True) + different
            p = np.where(total > 0, (seen + different * p) / np.maximum(total, 1), p)
        return p


def _number(contexts: np.ndarray) -> np.ndarray:
    """A number for each context of j letters: `(..., j)` to `(...)`."""
    found = np.zeros(contexts.shape[:-1], np.int64)
    for i in range(contexts.shape[-1]):
        found = V * found + contexts[..., i]
    return found


def _contexts(letters: np.ndarray, j: int) -> np.ndarray:
    """The number of each run of j letters, in the order of the places that follow them."""
    if j == 0:
        return np.zeros(len(letters) + 1, np.int64)
    return _number(np.lib.stride_tricks.sliding_window_view(letters, j))
