"""The exercises of `work/graphs`: right answers pass, wrong ones get the hint they need."""

import numpy as np
import torch

from attnlab import softmax
from tests.exercises.marking import marking_of


def favorites(alpha, beta, edges):
    return np.where(edges, beta, -np.inf).argmax(axis=1)


def favorites_by_scores(alpha, beta, edges):
    scores = torch.nn.functional.leaky_relu(torch.tensor(alpha[:, None] + beta), 0.2)
    return scores.masked_fill(~torch.tensor(edges), -torch.inf).softmax(-1).argmax(-1)


def favorites_in_a_loop(alpha, beta, edges):
    return [max(np.flatnonzero(row), key=lambda j: beta[j]) for row in edges]


def scores(alpha, beta):
    s = alpha[:, None] + beta
    return np.where(s > 0, s, 0.2 * s)


def with_itself(s, edges):
    mask = edges | np.eye(len(s), dtype=bool)
    e = np.exp(s - s.max(axis=1, keepdims=True)) * mask
    return e / e.sum(axis=1, keepdims=True)


def with_itself_in_torch(s, edges):
    hidden = ~(torch.tensor(edges) | torch.eye(len(s), dtype=torch.bool))
    return torch.tensor(s).masked_fill(hidden, -torch.inf).softmax(-1)


def with_a_tiny_number(s, edges):
    e = np.exp(s) * own(edges)
    return e / (e.sum(axis=1, keepdims=True) + 1e-9)


def with_itself_by_rows(s, edges):
    weights = np.zeros_like(s)
    for i, row in enumerate(edges):
        seen = np.append(np.flatnonzero(row), i)
        weights[i, seen] = softmax(s[i, seen])
    return weights


def own(edges):
    return edges | np.eye(len(edges), dtype=bool)


def links(u, p):
    low = np.tril(u < p, -1)
    return low | low.T


def links_in_a_loop(u, p):
    return [[bool(u[max(i, j), min(i, j)] < p) and i != j for j in range(len(u))]
            for i in range(len(u))]  # fmt: skip


def links_in_torch(u, p):
    low = (torch.tensor(u) < p).tril(-1)
    return low | low.T


def symmetric(half, join=np.logical_or):
    return lambda u, p: join(half(u, p), half(u, p).T)


def solved(edges, told, values):
    found, free = np.where(told, values, 0.0), ~told
    system = np.diag(edges.sum(axis=1)) - edges
    found[free] = np.linalg.solve(
        system[np.ix_(free, free)], edges[np.ix_(free, told)] @ values[told]
    )
    return found


def spread(steps, means=lambda edges: edges / edges.sum(axis=1, keepdims=True)):
    def answer(edges, told, values):
        found = np.where(told, values, 0.0)
        for _ in range(steps):
            found = np.where(told, values, means(edges) @ found)
        return found

    return answer


def spread_in_torch(edges, told, values):
    edges, told, values = map(torch.tensor, (edges, told, values))
    found = torch.where(told, values, 0.5)
    for _ in range(3000):
        found = torch.where(told, values, edges @ found / edges.sum(1))
    return found


def looped_means(edges):
    """A node that counts itself as a neighbor ends at the same values."""
    looped = edges + np.eye(len(edges))
    return looped / looped.sum(axis=1, keepdims=True)


def among_the_told(edges, told, values):
    known = edges * told
    return np.where(told, values, known @ np.where(told, values, 0) / np.maximum(known.sum(1), 1))


def roots(edges):
    degree = edges.sum(axis=1)
    return edges / np.sqrt(np.outer(degree, degree))


def needed(w, share):
    for half in range(9):
        w.separation = half / 2
        if w.on_friends >= share:
            return half / 2
    return None


def needed_from_above(w, share):
    found = None
    for w.separation in np.arange(4, -0.5, -0.5):
        if w.on_friends >= share:
            found = w.separation
    return found


def needed_by_list(w, share):
    def at(separation):
        w.separation = separation
        return w.on_friends

    reached = [x for x in (0, 0.5, 1, 1.5, 2, 2.5, 3, 3.5, 4) if at(x) >= share]
    return min(reached) if reached else None


def search(name, order=range(9), give=lambda w: w.separation, none=None):
    def answer(w, share):
        for half in order:
            w.separation = half / 2
            if getattr(w, name) >= share:
                return give(w)
        return none

    return answer


def beyond(w, share):
    for half in range(9):
        w.separation = half / 2
        if w.on_friends > share:
            return half / 2
    return None


def without_badges(w, share):
    w.badges = False
    return needed(w, share)


RIGHT = {
    "favorites": [favorites, favorites_by_scores, favorites_in_a_loop],
    "itself": [with_itself, with_itself_in_torch, with_itself_by_rows, with_a_tiny_number],
    "bug": [links, links_in_a_loop, links_in_torch],
    "propagate": [solved, spread(5000), spread_in_torch, spread(5000, looped_means)],
    "widget": [needed, needed_from_above, needed_by_list],
    "explain": ["d"],
    "in-writing": ["Label propagation first."],
}
WRONG = {
    "favorites": [
        (lambda a, b, e: scores(a, b).argmax(1), "listens to its neighbors alone"),
        (lambda a, b, e: (scores(a, b) * e).argmax(1), "a score of 0 is no mask"),
        (lambda a, b, e: (b * e).argmax(1), "a number of 0 is no mask"),
        (lambda a, b, e: np.where(e, b, np.inf).argmin(1), "the least weight"),
        (lambda a, b, e: e.argmax(1), "it decides nothing"),
        (lambda a, b, e: np.where(e, abs(b), -1).argmax(1), "size is not what counts"),
        (lambda a, b, e: favorites(a, b, e) + 1, "counted from 0"),
        (lambda a, b, e: [b[row].argmax() for row in e], "its place among the neighbors"),
        (lambda a, b, e: np.where(e, scores(a, b), -np.inf).max(1), "whose are they?"),
        (lambda a, b, e: np.where(e, b, -np.inf).argmax(0), "should have shape (n)"),
        (lambda a, b, e: np.where(e, scores(a, b), -np.inf).argmax(0)[: len(a)].tolist()
         + [0] * (len(a) - len(b)), "rows ask"),
    ],
    "itself": [
        (lambda s, e: softmax(s, mask=e), "let it look at itself"),
        (lambda s, e: softmax(s, mask=e) + np.eye(len(s)), "each node counts in that"),
        (lambda s, e: softmax(s), "its neighbors and itself alone"),
        (lambda s, e: softmax(s) * own(e), "mask before the softmax"),
        (lambda s, e: softmax(s * own(e)), "a score of 0 is no mask"),
        (lambda s, e: softmax(s.T, mask=own(e)).T, "not each column"),
        (lambda s, e: with_itself(s, e).T, "that node i gives"),
        (lambda s, e: np.exp(s) * own(e), "divide by what the row sums to"),
        (lambda s, e: np.exp(s) * e / (np.exp(s) * e).sum(1, keepdims=True), "should be finite"),
        (lambda s, e: own(e) / own(e).sum(1, keepdims=True), "what are the scores for?"),
        (lambda s, e: np.where(e.any(1, keepdims=True), softmax(s, mask=e), np.eye(len(s))),
         "all do"),
        (lambda s, e: softmax(np.where(np.eye(len(s)), 0, s), mask=own(e)), "on the diagonal"),
        (lambda s, e: (softmax(s, mask=e) + np.eye(len(s))) / 2, "decided by its score"),
        (lambda s, e: s * own(e) / (s * own(e)).sum(1, keepdims=True), "and not the scores"),
        (lambda s, e: own(e) / (1 + np.exp(-s)), "yours don't know of each other"),
        (lambda s, e: with_itself(s, e) @ s[:, :1], "should have shape (n, columns)"),
    ],
    "bug": [
        (symmetric(lambda u, p: np.tril(u) < p), "those pairs are all linked"),
        (symmetric(lambda u, p: np.tril(u < p)), "no node is its own neighbor"),
        (symmetric(lambda u, p: (np.tril(u) < p) & ~np.eye(len(u), dtype=bool)), "still below p"),
        (lambda u, p: np.tril(u < p, -1), "yours goes one way"),
        (symmetric(lambda u, p: (u < p) & ~np.eye(len(u), dtype=bool)), "from the lower half"),
        (symmetric(lambda u, p: (u < p) & ~np.eye(len(u), dtype=bool), np.logical_and),
         "need not be drawn twice"),
        (symmetric(lambda u, p: np.triu(u < p, 1)), "take the lower one"),
        (symmetric(lambda u, p: np.tril(u >= p, -1)), "where its number is below p"),
        (symmetric(lambda u, p: np.tril(u < p, -1), np.logical_and), "in one half alone"),
        (lambda u, p: (u < p) & ~np.eye(len(u), dtype=bool), "row and column agree"),
        (lambda u, p: links(u, p).astype(float), "an array of True and False"),
    ],
    "propagate": [
        (spread(1), "what a neighbor has heard"),
        (lambda e, t, v: np.where(t, v, e @ v / e.sum(1)), "who weren't told means nothing"),
        (spread(10), "it has not settled"),
        (spread(30), "it has not settled"),
        (lambda e, t, v: np.where(t, v, 0), "has a value as well: the mean"),
        (lambda e, t, v: e @ solved(e, t, v) / e.sum(1), "who was told keeps the value"),
        (among_the_told, "all neighbors count"),
        (lambda e, t, v: np.where(t, v, v[t].mean()), "one mean for all"),
        (spread(9000, lambda e: e / e.sum(axis=0)), "of the node that hears"),
        (spread(9000, roots), "roots of both degrees"),
        (lambda e, t, v: (solved(e, t, v) > 0.5) * 1.0, "not what they round to"),
        (lambda e, t, v: np.where(t, 0, solved(e, t, v)), "has a value as well"),
        (lambda e, t, v: solved(e, t, v)[~t], "should have shape (n)"),
    ],
    "widget": [
        (search("inside"), "not what weight they get"),
        (search("own_side"), "on their own side"),
        (search("on_friends", range(8)), "4 is a separation as well"),
        (beyond, "exactly the share"),
        (search("on_friends", range(8, -1, -1)), "a smaller separation will do"),
        (search("on_friends", give=lambda w: 2 * w.separation), "counts the steps"),
        (without_badges, "leaves `w.badges` at False"),
        (search("on_friends", none=4.0), "return None"),
        (search("on_friends", none=0), "return None"),
        (search("on_friends", give=lambda w: w.on_friends), "that is the weight"),
        (lambda w, share: 2.0, "expected"),
        (lambda w, share: "none", "should be one number"),
    ],
    "explain": [("a", "the mean was as good"), ("b", "these weights were learned"),
                ("c", "nothing was said of the graph")],
    "in-writing": [("", "no words"), (3, "should be text")],
}  # fmt: skip

TestMarking = marking_of("graphs", RIGHT, WRONG)
