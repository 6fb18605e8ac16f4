"""The strongest pairs without a ring, as one may get them wrong; `maps.strongest_tree` is right."""

import numpy as np

from attnlab.chapters.proteins.maps import ranked, strongest_tree


def grown(scores: np.ndarray, n_pairs: int) -> list[tuple[int, int]]:
    """A single tree, from a place of the strongest pair outwards."""
    inside, found = {ranked(scores)[0][0]}, []
    while len(found) < n_pairs:
        pair = next(p for p in ranked(scores) if len(inside & {*p}) == 1)
        inside |= {*pair}
        found.append(pair)
    return found


def matched(scores: np.ndarray, n_pairs: int) -> list[tuple[int, int]]:
    """No place in two pairs."""
    taken, found = set(), []
    for pair in ranked(scores):
        if not taken & {*pair} and len(found) < n_pairs:
            taken |= {*pair}
            found.append(pair)
    return found


def passed(scores: np.ndarray, n_pairs: int) -> list[tuple[int, int]]:
    """Only the strongest pairs of all, less those that close a ring."""
    first = ranked(scores)[:n_pairs]
    return [pair for pair in first if pair in strongest_tree(scores, len(scores) - 1)]


def unjoined(scores: np.ndarray, n_pairs: int) -> list[tuple[int, int]]:
    """Of two groups only one place changes over when they are joined."""
    group, found = list(range(len(scores))), []
    for i, j in ranked(scores):
        if group[i] != group[j] and len(found) < n_pairs:
            group[j] = group[i]
            found.append((i, j))
    return found
