r"""How strongly two places of a family go together, measured in four ways.

Letters: N sequences, L places, q kinds of letters. All maps are `(L, L)`, symmetric, with zeros on
the diagonal.
"""

import numpy as np


def one_hot(x: np.ndarray, n_letters: int) -> np.ndarray:
    """Letters `(N, L)` as ones and zeros, `(N, L, q)`."""
    return np.eye(n_letters)[x]


def mutual_information(x: np.ndarray, n_letters: int) -> np.ndarray:
    """What the letter at one place tells of that at another, in nats.

    >>> x = np.array([[0, 1, 0], [1, 0, 0], [0, 1, 1], [1, 0, 1]])
    >>> mutual_information(x, 2).round(3).tolist()
    [[0.0, 0.693, 0.0], [0.693, 0.0, 0.0], [0.0, 0.0, 0.0]]
    """
    ones = one_hot(x, n_letters)
    n, length, _ = ones.shape
    flat = ones.reshape(n, -1)
    pairs = (flat.T @ flat / n).reshape(length, n_letters, length, n_letters)
    single = ones.mean(axis=0)  # (L, q)
    apart = single[:, :, None, None] * single
    ratio = np.divide(pairs, apart, out=np.ones_like(pairs), where=pairs > 0)
    return _without_diagonal((pairs * np.log(ratio)).sum(axis=(1, 3)))


def product_corrected(scores: np.ndarray) -> np.ndarray:
    """A map less what its rows and columns would have by themselves (Dunn et al., 2008)."""
    length = len(scores)
    off = _without_diagonal(scores)
    means = off.sum(axis=1) / (length - 1)
    return _without_diagonal(off - np.outer(means, means) / means.mean())


def inverse_covariance(x: np.ndarray, n_letters: int, extra: int = 100) -> np.ndarray:
    """What two places have in common that goes through no third (after Morcos et al., 2011).

    The last letter of each place is left out, since it follows from the others. As many sequences
    as `extra`, with all letters even and independent, are added, so that it can be inverted.
    """
    ones = one_hot(x, n_letters)[:, :, :-1]
    n, length, kinds = ones.shape
    centered = (ones - ones.mean(axis=0)).reshape(n, -1)
    q = n_letters
    even = np.kron(np.eye(length), np.eye(kinds) / q - 1 / q**2)
    covariance = (centered.T @ centered + extra * even) / (n + extra)
    blocks = np.linalg.inv(covariance).reshape(length, kinds, length, kinds)
    full = np.zeros((length, q, length, q))
    full[:, :-1, :, :-1] = blocks
    full -= full.mean(axis=1, keepdims=True)  # the same, whichever letter was left out
    full -= full.mean(axis=3, keepdims=True)
    return _without_diagonal(np.sqrt((full**2).sum(axis=(1, 3))))


def strongest_tree(scores: np.ndarray, n_pairs: int) -> list[tuple[int, int]]:
    """The strongest pairs that close no ring (Chow and Liu, 1968), strongest first."""
    group = np.arange(len(scores))
    found = []
    for i, j in ranked(scores):
        if group[i] != group[j] and len(found) < n_pairs:
            group[group == group[j]] = group[i]
            found.append((i, j))
    return found


def ranked(scores: np.ndarray) -> list[tuple[int, int]]:
    """All pairs of places, i < j, by falling score."""
    i, j = np.triu_indices(len(scores), 1)
    order = np.argsort(-scores[i, j], kind="stable")
    return [(int(i[k]), int(j[k])) for k in order]


def precision(scores: np.ndarray, contacts: np.ndarray) -> float:
    """The share of true contacts among as many strongest pairs as there are contacts."""
    n_pairs = int(contacts.sum()) // 2
    return float(np.mean([contacts[pair] for pair in ranked(scores)[:n_pairs]]))


def _without_diagonal(scores: np.ndarray) -> np.ndarray:
    return scores * (1 - np.eye(len(scores)))
