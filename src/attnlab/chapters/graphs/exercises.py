"""Checks of the chapter `work/graphs`."""

from functools import cache

import numpy as np

from attnlab.chapters.graphs.widget import GraphsWidget
from attnlab.exercises.answers import array, near, number
from attnlab.exercises.choice import choice
from attnlab.exercises.comparison import Comparison
from attnlab.exercises.marking import exercise
from attnlab.exercises.notation import equations
from attnlab.exercises.written import written
from attnlab.functional.softmax import softmax


@exercise("graphs/favorites", "favorites")
def _favorites(favorites) -> str:
    with Comparison() as compare:
        for n, m, shift, seed in (
            (4, 7, 0.0, 0),
            (5, 5, 0.0, 1),  # n = m: rows and columns can be exchanged, shapes fit
            (6, 4, -9.0, 2),  # all scores are negative: for whoever puts 0 where no edge is
            (3, 8, 9.0, 3),  # all are positive
        ):
            rng = np.random.default_rng(seed)
            alpha, beta = rng.standard_normal(n), rng.standard_normal(m) + shift
            edges = rng.random((n, m)) < 0.5
            edges[:, rng.integers(m)] = True  # nobody is without neighbors
            edges[:, beta.argmax()] = np.arange(n) % 2  # and not all have the largest of all
            scores = alpha[:, None] + beta
            scores = np.where(scores > 0, scores, 0.2 * scores)
            right = np.where(edges, scores, -np.inf).argmax(axis=1)
            wrong = [
                (scores.argmax(axis=1), "a node listens to its neighbors alone"),
                (np.where(edges, scores, 0).argmax(axis=1),
                 "a score of 0 is no mask: it wins over all that are negative"),
                (np.where(edges, beta, 0).argmax(axis=1),
                 "a number of 0 is no mask: it wins over all that are negative"),
                (np.where(edges, scores, np.inf).argmin(axis=1),
                 "these are the neighbors with the least weight"),
                (np.where(edges, alpha[:, None], -np.inf).argmax(axis=1),
                 "the asker's number is the same for all of its neighbors: it decides nothing"),
                (np.where(edges, np.abs(beta), -np.inf).argmax(axis=1),
                 "size is not what counts: of two negative numbers the nearer to 0 is larger"),
                (right + 1, "nodes are counted from 0"),
                (np.array([edges[i, :j].sum() for i, j in enumerate(right)]),
                 "that is its place among the neighbors; which of the m nodes is it?"),
                (np.where(edges, scores, -np.inf).max(axis=1),
                 "these are the largest scores; whose are they?"),
            ]  # fmt: skip
            if n == m:
                down = np.where(edges, scores, -np.inf).argmax(axis=0)
                wrong.append((down, "that is who listens most to each neighbor; rows ask"))
            got = array(favorites(alpha, beta, edges), {"n": n})
            got = got.astype(int) if near(got, np.rint(got)) else got
            compare(got, right, wrong, case=equations(n=n, m=m))
    return "right: one order of the neighbors, and each asker takes the first that it is linked to"


@exercise("graphs/itself", "with_itself")
def _itself(with_itself) -> str:
    # A tiny number under the fraction, against rows that sum to 0, is no mistake.
    with Comparison(alike=lambda got, right: near(got, right, rtol=1e-5)) as compare:
        for n, p, dtype, seed in (
            (6, 0.5, float, 0),
            (5, 0.3, float, 1),
            (7, 0.0, float, 2),  # nobody has neighbors: all the weight stays at home
            (4, 0.6, np.float32, 3),
        ):
            rng = np.random.default_rng(seed)
            low = np.tril(rng.random((n, n)) < p, -1)
            low[-1] = False  # the last node has no neighbors
            edges, own = low | low.T, np.eye(n, dtype=bool)
            s = (2 * rng.standard_normal((n, n))).astype(dtype)
            mask = edges | own
            right = softmax(s, mask=mask)
            neighbors = softmax(s, mask=edges)
            every = softmax(s)
            wrong = [
                (neighbors, "a node is not among its own neighbors: let it look at itself as well"),
                (neighbors + own, "the weights of a row sum to 1, and each node counts in that"),
                (every, "a node looks at its neighbors and itself alone"),
                (every * mask,
                 "what is left of a row has to sum to 1 again: mask before the softmax"),
                (softmax(s * mask), "a score of 0 is no mask: e to the 0 is 1"),
                (softmax(s.T, mask=mask).T, "rows ask: each row sums to 1, not each column"),
                (right.T, "rows ask: row i has the weights that node i gives"),
                (np.exp(s) * mask, "weights of a row sum to 1: divide by what the row sums to"),
                (mask / mask.sum(axis=1, keepdims=True),
                 "these weights are all alike; what are the scores for?"),
                (np.where(edges.any(axis=1, keepdims=True), neighbors, own),
                 "not only nodes without neighbors look at themselves: all do"),
                (softmax(np.where(own, 0, s), mask=mask),
                 "its own score counts as it stands on the diagonal"),
                ((neighbors + own) / 2,
                 "how much it listens to itself is decided by its score, as for any neighbor"),
                (s * mask / (s * mask).sum(axis=1, keepdims=True),
                 "divide exponentials by their sum, and not the scores"),
                (mask / (1 + np.exp(-s)), "weights share out 1 among all that are seen; yours "
                 "don't know of each other"),
            ]  # fmt: skip
            got = array(with_itself(s.copy(), edges.copy()), {"n": n, "columns": n})
            compare(got.astype(dtype), right, wrong, case=equations(n=n))
    return "right: whoever has no neighbors keeps what it knows, and no softmax is over nobody"


@exercise("graphs/bug", "links")
def _bug(links) -> str:
    with Comparison() as compare:
        for n, p, seed in ((5, 0.4, 0), (8, 0.7, 1), (6, 0.0, 2), (6, 1.0, 3), (1, 0.5, 4)):
            u = np.random.default_rng(seed).random((n, n))
            low = np.tril(u < p, -1)
            right = low | low.T
            high, whole = np.triu(u < p, 1), np.tril(u) < p
            others = ~np.eye(n, dtype=bool)
            both = (u < p) & others
            wrong = [
                (whole | whole.T,
                 "{case}: what tril puts to 0 is below p, so that those pairs are all linked"),
                ((whole | whole.T) & others,
                 "{case}: the diagonal is mended, and what tril puts to 0 is still below p"),
                (np.tril(u < p) | np.tril(u < p).T, "{case}: no node is its own neighbor"),
                (low, "{case}: an edge makes both nodes neighbors; yours goes one way"),
                (both, "{case}: who is i's neighbor has i for a neighbor: row and column agree"),
                (both | both.T, "{case}: each pair is drawn once, from the lower half alone"),
                (both & both.T, "{case}: each pair is drawn once, and need not be drawn twice"),
                (high | high.T, "{case}: that is drawn from the upper half; take the lower one"),
                (np.tril(u >= p, -1) | np.tril(u >= p, -1).T,
                 "{case}: a pair is linked where its number is below p"),
                (low & low.T, "{case}: a pair has its True in one half alone: `&` takes them all"),
            ]  # fmt: skip
            got = array(links(u.copy(), p), {"n": n, "columns": n}, of="booleans")
            compare(got, right, wrong, case=equations(n=n, p=p))
    return "right: first compare, and then cut"


def _graphs() -> list[tuple[str, np.ndarray, np.ndarray, np.ndarray]]:
    """Connected graphs, who is told, and what: each with its name."""
    path = np.eye(6, k=1) + np.eye(6, k=-1)
    star = np.zeros((5, 5))
    star[0, 1:] = star[1:, 0] = 1
    made = [
        ("a path of 6", path, np.isin(np.arange(6), (0, 5)), np.array([0.0, 9, 9, 9, 9, 1])),
        ("a star of 5", star, np.isin(np.arange(5), (1, 2, 3)), np.array([7.0, 3, -1, 4, 7])),
    ]
    for n, seed in ((9, 0), (14, 1)):
        rng = np.random.default_rng(seed)
        edges = np.triu(rng.random((n, n)) < 0.25, 1).astype(float)
        edges[np.arange(n - 1), np.arange(1, n)] = 1  # a path through all: it is connected
        told = np.zeros(n, dtype=bool)
        told[[0, n // 2, n - 1]] = True
        made.append((equations(n=n), edges + edges.T, told, rng.standard_normal(n)))
    return made


def _spread(means: np.ndarray, told: np.ndarray, start: np.ndarray, steps: int = 50_000):
    """What comes of `means @ values`, over and over, with what was told put back each time."""
    values = np.where(told, start, 0.0)
    for _ in range(steps):
        values, before = np.where(told, start, means @ values), values
        if np.abs(values - before).max() < 1e-14:
            break
    return values


@exercise("graphs/propagate", "propagated")
def _propagate(propagated) -> str:
    with Comparison(alike=lambda got, right: near(got, right, rtol=1e-4)) as compare:
        for name, edges, told, values in _graphs():
            degree = edges.sum(axis=1, keepdims=True)
            means = edges / degree
            right = _spread(means, told, values)
            known = edges * told
            heard = known.sum(axis=1)
            half = _spread(means, told, values, 1)
            wrong = [
                (half, "{case}: go on: what a neighbor has heard is worth passing on, too"),
                (np.where(told, values, means @ values),
                 "{case}: what `values` says of those who weren't told means nothing"),
                *((_spread(means, told, values, rounds),
                   "{case}: it has not settled; go on until nothing changes")
                  for rounds in (2, 3, 5, 10, 20, 30)),
                (np.where(told, values, 0.0),
                 "{case}: who wasn't told has a value as well: the mean of the neighbors"),
                (means @ right, "{case}: who was told keeps the value"),
                (np.where(told, values, (known @ values) / np.maximum(heard, 1)),
                 "{case}: these are means of the neighbors who were told; all neighbors count"),
                (np.where(told, values, values[told].mean()),
                 "{case}: that is one mean for all; it should matter who is linked to whom"),
                (_spread(edges / edges.sum(axis=0), told, values),
                 "{case}: divide by the neighbors of the node that hears, not of the one that "
                 "tells"),
                (_spread(edges / np.sqrt(degree * degree.T), told, values),
                 "{case}: that divides by the roots of both degrees; a mean divides by the number "
                 "of neighbors"),
                (np.where(right > 0.5, 1.0, 0.0), "{case}: return values, not what they round to"),
                (right * ~told, "{case}: who was told has a value as well"),
            ]  # fmt: skip
            got = array(propagated(edges.copy(), told.copy(), values.copy()), {"n": len(edges)})
            compare(got.astype(float), right, wrong, case=name)
    return "right: everybody is the mean of the neighbors, and only the told ones need not be"


@cache
def _by_separation(badges: bool, degree: int, graph: int) -> tuple[tuple, tuple, tuple]:
    """By separation: weights on friends, shares of friends, nodes on their own side."""
    w = GraphsWidget(badges=badges, degree=degree, graph=graph)
    found = []
    for half in range(9):
        w.separation = half / 2
        found.append((w.on_friends, w.inside, w.own_side))
    w.close()
    friends, inside, side = zip(*found, strict=True)
    return friends, inside, side


def _first(row, share, step: int = 1) -> float | None:
    """The first separation at which a number is at least the share; or from the other end."""
    return next((half / 2 for half in range(9)[::step] if row[half] >= share), None)


@exercise("graphs/widget", "needed", sets=("separation",))
def _widget(needed) -> str:
    with Comparison() as compare:
        for badges, degree, graph, share in (
            (False, 10, 0, 0.8),
            (True, 10, 3, 0.8),  # with badges, which must stay
            (False, 20, 7, 0.7),
            (False, 6, 12, 0.75),
            (False, 10, 5, 0.99),  # no separation does it
            (False, 4, 1, 0.79),  # only the last
            (False, 6, 3, _by_separation(False, 6, 3)[0][5]),  # exactly what 2.5 gives
            (False, 0, 2, 0.5),  # nobody has neighbors
            (True, 10, 4, 0.3),  # the first will do
        ):
            friends, inside, side = _by_separation(badges, degree, graph)
            right = _first(friends, share)
            bare = _first(_by_separation(False, degree, graph)[0], share)
            last = _first(friends, share, -1)
            index = None if right is None else 2 * right
            wrong = [
                (None if right == 4 else right, "{case}: 4 is a separation as well"),
                (_first(np.nextafter(friends, 0), share),
                 "{case}: “at least” includes a weight that is exactly the share"),
                (_first(inside, share), "{case}: that asks how many of the neighbors are friends, "
                 "not what weight they get"),
                (_first(side, share), "{case}: that asks how many nodes are on their own side"),
                (last, "{case}: a smaller separation will do"),
                (index, "{case}: that counts the steps; how far apart are the centers?"),
                (bare, "{case}: leave the badges as they are"),
                (4.0 if right is None else right,
                 "{case}: if no separation reaches the share, return None"),
                (0.0 if right is None else right,
                 "{case}: if no separation reaches the share, return None"),
                (None if right is None else friends[round(2 * right)],
                 "{case}: that is the weight; at which separation?"),
                (_first([-x for x in friends], -share),
                 "{case}: the weight should be at least the share, not at most"),
            ]  # fmt: skip
            w = GraphsWidget(badges=badges, degree=degree, graph=graph)
            got = needed(w, share)
            got = None if got is None else number(got)
            case = equations(badges=badges, degree=degree, graph=graph, share=share)
            compare(got, right, wrong, case=case)
    return "right: and by then most nodes stand on their own side anyway, unless they wear badges"


choice(
    "graphs/explain",
    "what_it_shows",
    right="d",
    hints={
        "a": "so it was at a separation of 4, and the mean was as good: who can be told apart can "
        "also be classified without neighbors",
        "b": "a softmax of scores need not come out even: these weights were learned, and they do "
        "follow something",
        "c": "the score may have found them by what the nodes show, and then fewer links are no "
        "help: nothing was said of the graph",
    },
    praise="right: what weights are worth shows beside a model that has none",
)


written(
    "graphs/in-writing",
    "what_to_try",
    points=[
        "Before training: label propagation from the labels that there are, and a model of the "
        "nodes' own features without the graph.",
        "The mean over the neighbors beside a map of one's own features, as the baseline for any "
        "attention.",
        "Attention can gain where something shows who belongs together without showing where; name "
        "such a feature, or say that there is none.",
        "If attention: GATv2 or dot products, since GAT ranks neighbors alike for all who ask.",
        "Several seeds, and customers or links that were held out; a map of the weights proves "
        "nothing.",
    ],
)
