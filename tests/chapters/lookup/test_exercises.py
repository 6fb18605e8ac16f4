"""The exercises of `mechanism/lookup`: right answers pass, wrong ones get the hint they need."""

import numpy as np

from tests.exercises.marking import marking_of

GRID = np.geomspace(0.05, 3, 60)


def squares(q, k):
    return ((q[:, None] - k[None]) ** 2).sum(axis=-1)


def nearest_in_a_loop(q, k, v):
    return np.stack([v[min(range(len(k)), key=lambda j: np.linalg.norm(x - k[j]))] for x in q])


def without_own(A):
    return A * (1 - np.eye(len(A)))


def leave_out(A):
    others = without_own(A)
    return others / others.sum(axis=-1, keepdims=True)


def leave_out_by_formula(A):
    return without_own(A) / (1 - np.diagonal(A))[:, None]


def leave_out_in_place(A):
    np.fill_diagonal(A, 0)
    return A / A.sum(axis=-1, keepdims=True)


def equal_parts(A):
    m = len(A)
    return without_own(A) + np.diagonal(A)[:, None] / (m - 1) * (1 - np.eye(m))


def softmax_of(S):
    e = np.exp(S)
    return e / e.sum(axis=-1, keepdims=True)


def one_by_one(A, V):
    return np.einsum("...ij,...jd->...id", A, V)


def errors_of(w, name):
    errors = []
    for w.width in GRID:
        errors.append(getattr(w, name))
    return np.array(errors)


RIGHT = {
    "hard": [
        ("nearest_values", lambda q, k, v: v[squares(q, k).argmin(axis=-1)]),
        ("nearest_values", nearest_in_a_loop),
    ],
    "shape": [
        ("shapes", lambda q, k, v: ((*q[:2], k[1]), (*q[:2], v[2]))),
        ("shapes", lambda q, k, v: [[q[0], q[1], v[1]], [q[0], q[1], v[2]]]),
    ],
    "left-out": [("leave_out", leave_out), ("leave_out", leave_out_by_formula)],
    "bug": [("contexts", lambda A, V: A @ V), ("contexts", one_by_one)],
    "widget": [
        ("best_width", lambda w: GRID[errors_of(w, "error_left_out").argmin()]),
        ("best_width", lambda w: min(zip(errors_of(w, "error_left_out"), GRID, strict=True))[1]),
    ],
    "explain": [("never_above", "c"), ("never_above", " C ")],
}

WRONG = {
    "hard": [
        ("nearest_values", lambda q, k, v: v[squares(q, k).argmax(axis=-1)], "farthest"),
        ("nearest_values", lambda q, k, v: v[(q @ k.T).argmax(axis=-1)], "dot product"),
        ("nearest_values", lambda q, k, v: squares(q, k).argmin(axis=-1), "numbers of the nearest"),
        ("nearest_values", lambda q, k, v: k[squares(q, k).argmin(axis=-1)], "keys themselves"),
        ("nearest_values", lambda q, k, v: v[squares(q, k).argmin(axis=0) % len(v)], "for every"),
        (
            "nearest_values",
            lambda q, k, v: v[np.abs(q[:, :1] - k[:, 0]).argmin(axis=-1)],
            "only the first number",
        ),
        (
            "nearest_values",
            lambda q, k, v: v[(q[:, None] - k).sum(axis=-1).argmin(axis=-1)],
            "lose their sign",
        ),
        ("nearest_values", lambda q, k, v: v.mean(axis=0), "expected shape"),
        (
            "nearest_values",
            lambda q, k, v: np.broadcast_to(v.mean(axis=0), (len(q), v.shape[1])),
            "not the values of the nearest",
        ),
    ],
    "shape": [
        ("shapes", lambda q, k, v: ((*q[:2], v[2]), (*q[:2], k[1])), "the other way about"),
        ("shapes", lambda q, k, v: ((q[0], k[1], q[1]), (*q[:2], v[2])), "a row for each query"),
        ("shapes", lambda q, k, v: (q, (*q[:2], v[2])), "d_k is summed away"),
        ("shapes", lambda q, k, v: ((*q[:2], q[1]), v), "how many keys"),
        ("shapes", lambda q, k, v: ((*q[:2], k[1]), q), "as many numbers as they"),
        ("shapes", lambda q, k, v: ((*q[:2], k[1]), v), "one context for each query"),
        ("shapes", lambda q, k, v: ((*q[:2], k[1]), (*q[:2], k[1])), "m is gone"),
        ("shapes", lambda q, k, v: ((*q[:2], k[1]), (q[1], v[2])), "the batch axis"),
        ("shapes", lambda q, k, v: ((*q[:2], k[1]), (*q[:2], q[1])), "A Aᵀ"),
        ("shapes", lambda q, k, v: ((*q[:2], k[1]), (*q[:2], 1)), "the context is not"),
        ("shapes", lambda q, k, v: (*q[:2], v[2]), "two tuples"),
    ],
    "left-out": [
        ("leave_out", without_own, "no longer sum to 1"),
        ("leave_out", lambda A: without_own(A) / without_own(A).sum(axis=0), "columns"),
        ("leave_out", lambda A: without_own(A) / without_own(A).sum(), "its own sum"),
        ("leave_out", lambda A: softmax_of(without_own(A)), "second softmax"),
        ("leave_out", equal_parts, "keep their ratios"),
        ("leave_out", leave_out_in_place, "in place"),
        ("leave_out", lambda A: A.copy(), "still has weight"),
        ("leave_out", lambda A: leave_out(A)[:, 1:], "expected weights of shape"),
        ("leave_out", lambda A: leave_out(A).T * (1 - np.eye(len(A))), "not yet"),
    ],
    "bug": [
        ("contexts", lambda A, V: (A * V).sum(axis=-1, keepdims=True), "comes back as it was"),
        ("contexts", lambda A, V: (A * V).sum(axis=-1), "comes back as it was"),
        ("contexts", lambda A, V: A * V, "nothing is summed"),
        ("contexts", lambda A, V: A @ A.T, "no value occurs"),
        ("contexts", lambda A, V: A.T @ V, "sums over the queries"),
        ("contexts", lambda A, V: V[A.argmax(axis=-1)], "hard look-up"),
        ("contexts", lambda A, V: (A * V.T).sum(axis=-1, keepdims=True), "a matrix product"),
        ("contexts", lambda A, V: np.tensordot(A, V, axes=(-1, 0)), "the last two axes"),
        ("contexts", lambda A, V: A @ V / len(V), "not the weighted sum"),
        ("contexts", lambda A, V: V.mean(axis=0), "expected (6, 1)"),
    ],
    "widget": [
        ("best_width", lambda w: GRID[errors_of(w, "error_kept_in").argmin()], "the narrowest"),
        ("best_width", lambda w: GRID[np.argmin([w.error_left_out for _ in GRID])], "narrowest"),
        ("best_width", lambda w: errors_of(w, "error_left_out").argmin(), "number in the list"),
        ("best_width", lambda w: errors_of(w, "error_left_out").min(), "the smallest error"),
        ("best_width", lambda w: GRID[errors_of(w, "error_left_out").argmax()], "the largest"),
        ("best_width", lambda w: w.width, "the width that was set"),
        ("best_width", lambda w: 0.4, "is not the one"),
    ],
    "explain": [
        ("never_above", "a", "the nearest key's value"),
        ("never_above", "b", "whatever the weights are"),
        ("never_above", "d", "of at most 19 °C as well"),
        ("never_above", 3, "expected one of the letters"),
    ],
}


TestMarking = marking_of("lookup", RIGHT, WRONG)
