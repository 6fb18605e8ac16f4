"""Right and wrong answers to the exercise on the strongest pairs without a ring."""

import numpy as np


def tree(scores, n_pairs):
    group, found = list(range(len(scores))), []
    for i, j in ordered(scores):
        if group[i] != group[j] and len(found) < n_pairs:
            old = group[j]
            group = [group[i] if g == old else g for g in group]
            found.append((i, j))
    return found


def ordered(scores):
    pairs = [(i, j) for i in range(len(scores)) for j in range(i)]
    return sorted(pairs, key=lambda pair: -scores[pair])


def tree_by_sets(scores, n_pairs):
    groups, found = [{i} for i in range(len(scores))], []
    for i, j in ordered(scores):
        of_i, of_j = (next(g for g in groups if k in g) for k in (i, j))
        if of_i is not of_j:
            groups = [g for g in groups if g is not of_i and g is not of_j] + [of_i | of_j]
            found.append([i, j])
        if len(found) == n_pairs:
            return np.array(found)


def tree_by_search(scores, n_pairs):
    found = []
    for i, j in ordered(scores):
        reached = {i}
        for _ in scores:
            reached |= {k for pair in found if reached & {*pair} for k in pair}
        if j not in reached and len(found) < n_pairs:
            found.append((i, j))
    return set(found)


def grown(scores, n_pairs):
    inside, found = set(ordered(scores)[0][:1]), []
    while len(found) < n_pairs:
        pair = next(p for p in ordered(scores) if len(inside & {*p}) == 1)
        inside |= {*pair}
        found.append(pair)
    return found


def matched(scores, n_pairs):
    found = []
    for pair in ordered(scores):
        if not {k for one in found for k in one} & {*pair} and len(found) < n_pairs:
            found.append(pair)
    return found


def unjoined(scores, n_pairs):
    group, found = np.arange(len(scores)), []
    for i, j in ordered(scores):
        if group[i] != group[j] and len(found) < n_pairs:
            group[max(i, j)] = group[min(i, j)]
            found.append((i, j))
    return found


RIGHT = [tree, tree_by_sets, tree_by_search]
WRONG = [
    (lambda s, n: ordered(s)[:n], "close a ring"),
    (lambda s, n: tree(-s, n), "the weakest pairs"),
    (grown, "grows a single tree"),
    (matched, "in several pairs"),
    (unjoined, "all places of both"),
    (lambda s, n: [p for p in ordered(s)[:n] if p in tree(s, len(s) - 1)], "takes its turn"),
    (lambda s, n: [(0, 0), *tree(s, n)], "paired with itself"),
    (lambda s, n: [*tree(s, n), *[p[::-1] for p in tree(s, n)]], "is there twice"),
    (lambda s, n: [s[p] for p in tree(s, n)], "whole numbers"),
    (lambda s, n: tree(s, len(s) - 1)[-n:], "expected"),
    (lambda s, n: n, "return pairs (i, j)"),
]
