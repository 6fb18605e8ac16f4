"""The exercises of `mechanism/lookup`: right answers pass, wrong ones get the hint they need."""

import sys

import numpy as np
import torch

from attnlab import attention, gaussian_scores, softmax
from tests.exercises.marking import marking_of

GRID = np.geomspace(0.05, 3, 60)


def squares(q, k):
    return ((q[:, None] - k[None]) ** 2).sum(axis=-1)


def nearest(q, k):
    return squares(q, k).argmin(axis=-1)


def nearest_in_a_loop(q, k, v):
    return [v[min(range(len(k)), key=lambda j: np.linalg.norm(x - k[j]))] for x in q]


def nearest_by_torch(q, k, v):
    q, k, v = map(torch.from_numpy, (q, k, v))
    return v[torch.cdist(q, k).argmin(dim=1)]


def nearest_below(limit):
    """A loop that begins at a distance too small for keys far away."""

    def nearest_values(q, k, v):
        found = np.zeros((len(q), v.shape[1]))
        for i, x in enumerate(q):
            best = limit
            for j, key in enumerate(k):
                if (distance := np.linalg.norm(x - key)) < best:
                    best, found[i] = distance, v[j]
        return found

    return nearest_values


def nearest_of_all(q, k, v):
    """A loop that forgets to begin anew for each query."""
    best, at, found = np.inf, 0, []
    for x in q:
        for j, key in enumerate(k):
            if (distance := np.linalg.norm(x - key)) < best:
                best, at = distance, j
        found.append(v[at])
    return found


def nearest_after_a_change(q, k, v):
    j = nearest(q, k)
    v[:] = v[0]
    return v[j]


def weights(q, k, width):
    return softmax(gaussian_scores(q, k, width=width))


def slope(q, k, v, width):
    a = weights(q, k, width)
    mixed = np.einsum("nj,jv,jk->nvk", a, v, k)
    return (mixed - np.einsum("nv,nk->nvk", a @ v, a @ k)) / width**2


def slope_by_the_quotient_rule(q, k, v, width):
    e = np.exp(gaussian_scores(q, k, width=width))[..., None]  # (n, m, 1)
    de = e * (k - q[:, None]) / width**2  # (n, m, d_k)
    top, total = (e * v).sum(axis=1)[..., None], e.sum(axis=1)[..., None]
    return np.einsum("nmk,mv->nvk", de, v) / total - top * de.sum(axis=1)[:, None] / total**2


def slope_by_autograd(q, k, v, width):
    q, k, v = map(torch.from_numpy, (q, k, v))

    def context(one):
        return torch.softmax(-((one - k) ** 2).sum(-1) / (2 * width**2), -1) @ v

    return torch.stack([torch.autograd.functional.jacobian(context, one) for one in q])


def slope_by_small_steps(q, k, v, width, step=1e-4):
    columns = []
    for i in range(q.shape[1]):
        move = step * np.eye(q.shape[1])[i]
        ahead, behind = weights(q + move, k, width) @ v, weights(q - move, k, width) @ v
        columns.append((ahead - behind) / (2 * step))
    return np.stack(columns, axis=-1)


def slope_without_the_denominator(q, k, v, width):
    pull = (k - q[:, None]) / width**2
    return np.einsum("nj,jv,njk->nvk", weights(q, k, width), v, pull)


def without_own(A):
    return A * (1 - np.eye(len(A)))


def leave_out(A):
    others = without_own(A)
    return others / others.sum(axis=-1, keepdims=True)


def leave_out_one_by_one(A):
    rows = []
    for i, row in enumerate(A.tolist()):
        row[i] = 0.0
        rows.append([a / sum(row) for a in row])
    return rows


def leave_out_in_place(A):
    np.fill_diagonal(A, 0)
    return A / A.sum(axis=-1, keepdims=True)


def equal_parts(A):
    m = len(A)
    return without_own(A) + np.diagonal(A)[:, None] / (m - 1) * (1 - np.eye(m))


def without(is_left_out, score=-np.inf):
    """Contexts of all readings, for each without those for which `is_left_out(k, v)`."""

    def contexts(k, v, width):
        S = gaussian_scores(k, k, width=width)
        return softmax(np.where(is_left_out(k, v), score, S)) @ v

    return contexts


def same_key(k, v):
    return (k[:, None] == k).all(axis=-1)


def copies_in_a_loop(k, v, width):
    contexts = []
    for moment in k:
        others = np.array([not np.array_equal(moment, other) for other in k])
        contexts.append(weights(moment[None], k[others], width)[0] @ v[others])
    return np.array(contexts)


def copies_by_attention(k, v, width):
    scores = lambda q, k: gaussian_scores(q, k, width=width)  # noqa: E731
    return attention(k, k, v, scores=scores, mask=~same_key(k, v))[0]


def neighbors(k, v):
    places = np.arange(len(k))
    return same_key(k, v) & (np.abs(places[:, None] - places) < 2)


def copies_in_place(k, v, width):
    k *= 1.0
    k[0] += 1
    return without(same_key)(k, v, width)


def copies_by_number(k, v, width):
    number = np.unique(k, axis=0, return_inverse=True)[1].reshape(-1)
    return without(lambda k, v: number[:, None] == number)(k, v, width)


def each_key_once(k, v, width):
    """The first reading of each key stands for its copies."""
    _, first, number = np.unique(k, axis=0, return_index=True, return_inverse=True)
    own = without(lambda k, v: np.eye(len(k), dtype=bool))
    return own(k[first], v[first], width)[number.reshape(-1)]


def means_of_copies(k, v, width):
    keys, number = np.unique(k, axis=0, return_inverse=True)
    values = np.array([v[number.reshape(-1) == i].mean(axis=0) for i in range(len(keys))])
    own = without(lambda k, v: np.eye(len(k), dtype=bool))
    return own(keys, values, width)[number.reshape(-1)]


def naive_contexts(k, v, width):
    e = np.exp(gaussian_scores(k, k, width=width)) * ~same_key(k, v)
    return e / e.sum(axis=-1, keepdims=True) @ v


def until_it_rises(w):
    errors = errors_of(w)
    return next((GRID[i] for i in range(59) if errors[i + 1] > errors[i]), GRID[-1])


def errors_of(w, name="error_left_out"):
    errors = []
    for w.width in GRID:
        errors.append(getattr(w, name))
    return np.array(errors)


class Unreadable:
    """What even looking at it raises."""

    def __array__(self, *_, **__):
        raise TypeError("not today")

    def __repr__(self):
        raise RuntimeError("not at all")


RIGHT = {
    "hard": [
        lambda q, k, v: v[squares(q, k).argmin(axis=-1)],
        nearest_in_a_loop,
        nearest_by_torch,
        lambda q, k, v: v[np.linalg.norm(q[:, None] - k, axis=-1).argsort(axis=-1)[:, 0]],
    ],
    "slope": [slope, slope_by_autograd, slope_by_small_steps, slope_by_the_quotient_rule],
    "left-out": [
        leave_out,
        lambda A: without_own(A) / (1 - np.diagonal(A))[:, None],
        leave_out_one_by_one,
        lambda A: softmax(np.log(A), mask=~np.eye(len(A), dtype=bool)),
    ],
    "copies": [without(same_key), copies_in_a_loop, copies_by_attention, copies_by_number],
    "widget": [
        lambda w: GRID[errors_of(w).argmin()],
        lambda w: min(zip(errors_of(w), GRID, strict=True))[1],
        lambda w: min(GRID.tolist(), key=lambda x: (setattr(w, "width", x), w.error_left_out)[1]),
    ],
    "explain": ["c", " C ", "(c)", "c."],
    "in-writing": ["A dictionary knows its keys, and nothing between. A look-up weighs them all."],
}

WRONG = {
    "hard": [
        (nearest_after_a_change, "changes `v` in place"),
        (lambda q, k, v: v[squares(q, k).argmax(axis=-1)], "farthest"),
        (lambda q, k, v: v[(q @ k.T).argmax(axis=-1)], "dot product"),
        (lambda q, k, v: nearest(q, k), "numbers of the nearest"),
        (lambda q, k, v: k[nearest(q, k)], "keys themselves"),
        (lambda q, k, v: v[squares(q, k).argmin(axis=0)], "one value for every query"),
        (lambda q, k, v: v[np.abs(q[:, :1] - k[:, 0]).argmin(axis=-1)], "only the first number"),
        (lambda q, k, v: v[(q[:, None] - k).sum(axis=-1).argmin(axis=-1)], "lose their sign"),
        (lambda q, k, v: v[np.abs(q[:, None] - k).sum(axis=-1).argmin(axis=-1)], "sum their sq"),
        (lambda q, k, v: v[np.abs((q[:, None] - k).sum(axis=-1)).argmin(axis=-1)], "lose their"),
        (lambda q, k, v: squares(q, k).min(axis=-1), "these are the distances"),
        (lambda q, k, v: squares(q, k).min(axis=-1) ** 0.5, "these are the distances"),
        (lambda q, k, v: weights(q, k, 1e-3) @ v, "n = 20, m = 30"),
        (lambda q, k, v: v[np.sqrt(squares(q, k)).round(3).argmin(axis=-1)], "n = 20, m = 30"),
        (nearest_below(1000), "n = 5, m = 11"),
        (nearest_of_all, "n = 4, m = 9"),
        (lambda q, k, v: v.mean(axis=0), "expected shape (4, 1), got (1,)"),
        (lambda q, k, v: np.broadcast_to(v.mean(axis=0), (len(q), v.shape[1])), "n = 4, m = 9"),
        (lambda q, k, v: print(v[nearest(q, k)]), "is a `return` missing?"),
        (lambda q, k, v: v[nearest(q, k)] / 0, "should be finite"),
        (lambda q, k, v: Unreadable(), "should be an array of numbers, got a value of type Unr"),
        (lambda q, k, v: sys.exit(), "`nearest_values` raised SystemExit"),
        (lambda q, v: v, "`nearest_values` raised TypeError"),
        (7, "`nearest_values` should be a function; got 7"),
    ],
    "slope": [
        (slope_without_the_denominator, "their denominator"),
        (lambda *given: -slope(*given), "the sign"),
        (lambda q, k, v, width: slope(q, k, v, width) * width, "squared, as in the score"),
        (lambda q, k, v, width: slope(q, k, v, width) * width**2, "the width is missing"),
        (lambda *given: 2 * slope(*given), "has a half"),
        (lambda *given: slope(*given) / 2, "has a half"),
        (lambda *given: slope(*given).swapaxes(1, 2), "transposed"),
        (lambda *given: np.zeros_like(slope(*given)), "the hard look-up"),
        (lambda *given: slope(*given).sum(axis=0), "each query has a slope of its own"),
        (lambda *given: slope(*given).sum(axis=1), "each number of a context has a slope"),
        (lambda *given: slope(*given)[0], "expected shape (3, 4, 2), got (4, 2)"),
        (lambda *given: np.round(slope(*given), 2), "n = 3, m = 5"),
        (lambda q, k, v, width: weights(q, k, width), "expected shape (3, 4, 2), got (3, 5)"),
        (lambda *given: str(slope(*given)), "should be an array of numbers"),
    ],
    "left-out": [
        (without_own, "no longer sum to 1"),
        (lambda A: without_own(A) / without_own(A).sum(axis=0), "columns"),
        (lambda A: without_own(A) / without_own(A).sum(), "its own sum"),
        (lambda A: without_own(A) / (1 - np.diagonal(A)), "that divides column i"),
        (lambda A: softmax(without_own(A)), "second softmax"),
        (lambda A: softmax(A, mask=~np.eye(len(A), dtype=bool)), "second softmax"),
        (equal_parts, "keep their ratios"),
        (leave_out_in_place, "changes `A` in place"),
        (lambda A: A.copy(), "still has weight"),
        (lambda A: A / (1 - np.diagonal(A))[:, None], "still has weight"),
        (lambda A: leave_out(A)[:, 1:], "should have shape (3, 3), got (3, 2)"),
        (lambda A: leave_out(A).T, "transposed"),
        (lambda A: np.round(leave_out(A), 3), "m = 3: at "),
        (lambda A: leave_out(A) + 1e-6, "m = 3: at "),
    ],
    "copies": [
        (without(lambda k, v: np.eye(len(k), dtype=bool)), "the copies of a reading still"),
        (without(lambda k, v: np.zeros((len(k),) * 2, bool)), "nothing was left out"),
        (without(neighbors), "side by side"),
        (without(lambda k, v: k[:, None, 0] == k[:, 0]), "in the first alone"),
        (without(lambda k, v: (v[:, None] == v).all(axis=-1)), "readings with one value"),
        (without(lambda k, v: same_key(k, v) & (v[:, None] == v).all(axis=-1)
                 | np.eye(len(k), dtype=bool)), "their values may differ"),
        (without(lambda k, v: np.isclose(k[:, None], k).all(axis=-1)), "merely close"),
        (without(lambda k, v: (abs(k[:, None] - k) < 1e-3).all(axis=-1)), "merely close"),
        (without(lambda k, v: (s := (k**2).sum(axis=-1))[:, None] == s), "m = 6, d_k = 1"),
        (without(same_key, 0), "nothing was left out"),
        *((without(same_key, fill), "a large negative number") for fill in (-1e3, -1e4, -1e9)),
        (without(same_key, -1e12), "a large negative number"),
        (each_key_once, "own copies only"),
        (means_of_copies, "own copies only"),
        (without(lambda k, v: np.linalg.norm(k[:, None] - k, axis=-1) < 1e-9), "merely close"),
        (without(lambda k, v: (s := k.sum(axis=-1))[:, None] == s), "m = 8, d_k = 2"),
        (without(lambda k, v: np.triu(same_key(k, v))), "m = 6, d_k = 1"),
        (naive_contexts, "0 is divided by 0"),
        (lambda k, v, w: (weights(k, k, w) * ~same_key(k, v)) @ v, "no longer sum to 1"),
        (copies_in_place, "changes `k` in place"),
        (lambda k, v, w: without(same_key)(np.unique(k, axis=0), v[:3], w), "should have shape"),
        (lambda k, v, w: without(same_key)(k, v, w)[:-1], "should have shape (m, d_v) = (6, 1)"),
        (lambda k, v, w: without(same_key)(k, v, 1.0), "m = 6, d_k = 1"),
        (without(lambda k, v: k[:, None] == k), "should have shape"),
    ],
    "widget": [
        (lambda w: GRID[errors_of(w, "error_kept_in").argmin()], "the narrowest"),
        (lambda w: GRID[np.argmin([w.error_left_out for _ in GRID])], "the narrowest"),
        (lambda w: errors_of(w).argmin(), "number in the list"),
        (lambda w: errors_of(w).min(), "the smallest error"),
        (lambda w: GRID[errors_of(w).argmax()], "the largest"),
        (lambda w: w.width, "the width that was set"),
        (until_it_rises, "falls again"),
        (lambda w: 0.4, "LookupWidget(): expected "),
        (lambda w: round(GRID[errors_of(w).argmin()], 2), "LookupWidget(): expected "),
        (lambda w: GRID, "what you return should be one number"),
        (lambda w: errors_of(w).sort(), "is a `return` missing?"),
        (lambda w: w.best, "`best_width` raised AttributeError"),
    ],
    "explain": [
        ("a", "the nearest key's value"),
        ("b)", "whatever its weights"),
        ("D", "of at most 19 °C as well"),
        (3, "expected one of the letters"),
        ("because of the mean", "expected one of the letters"),
    ],
    "in-writing": [("", "no words"), (3, "should be text"), (" … ", "no words")],
}  # fmt: skip


TestMarking = marking_of("lookup", RIGHT, WRONG)
