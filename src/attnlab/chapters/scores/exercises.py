"""Checks of the chapter `mechanism/scores`."""

from functools import partial
from operator import eq
from typing import Any

import numpy as np

from attnlab.chapters.scores.widget import KEYS, NAMES, ScoresWidget, scores_of
from attnlab.exercises.answers import NOTHING, RETURNED, array, near, number, parts
from attnlab.exercises.choice import choice
from attnlab.exercises.comparison import Comparison, recognize
from attnlab.exercises.hint import Hint
from attnlab.exercises.marking import exercise
from attnlab.exercises.notation import call, equations, listed, shown
from attnlab.exercises.written import written
from attnlab.functional.scores import additive_scores, bilinear_scores, gaussian_scores
from attnlab.functional.softmax import softmax

# What was computed in single precision is compared with what was computed in double.
_SINGLE = partial(near, rtol=1e-5)


@exercise("scores/rival", "stretch_to_tie")
def _rival(stretch_to_tie) -> str:
    wide = np.random.default_rng(3).standard_normal((2, 64)) + 0.3
    with Comparison() as compare:
        for query, key, dtype in (
            ([3, 4], [1, 0], float),  # lengths 5 and 1: for whoever thinks of equal ones
            ([1, 2, 2], [2, 1, -1], float),
            ([1, 0], [3, 1], float),  # a rival that wins already: the factor is below 1
            ([2], [0.5], np.float32),  # one number: the angle is 0
            ([1, 2], [-2, -1], float),  # it points away: for a factor below 0, or its size
            ([1, 1], [1, -1], np.float32),  # at right angles
            # For whoever adds something small, or takes a small dot product for none.
            ([0.001, 0.002], [0.002, -0.0005], float),
            (*wide.tolist(), float),
        ):
            d = len(query)
            case = call("stretch_to_tie", query, key) if d < 9 else equations(d=d)
            q, k = np.array(query, dtype), np.array(key, dtype)
            own, other = float(q @ q), float(q @ k)
            lengths = own**0.5, float(k @ k) ** 0.5
            cosine = other / lengths[0] / lengths[1]
            factor = own / other if other else np.inf
            right = factor if other > 0 else np.inf
            upside_down = "{case}: upside down: a key that scores little must grow more"
            wrong = [
                (lengths[0] / lengths[1],
                 "{case}: that makes the two equally long, but they point different ways"),
                (1 / cosine if other > 0 else np.inf,
                 "{case}: that would be right if the two were equally long to begin with"),
                (factor, "{case}: a factor below 0 does not stretch the key, it turns it round"),
                (abs(factor),
                 "{case}: a key that points away from the query stays behind, however long"),
                (own / lengths[1] ** 2,
                 "{case}: that goes by the lengths alone; the angle counts as well"),
                (cosine, "{case}: that is the cosine of the angle between the two"),
                (other / own, upside_down),
                (other / own if other > 0 else np.inf, upside_down),
            ]  # fmt: skip
            got = stretch_to_tie(q, k)
            if got is None and other <= 0:
                raise Hint(
                    "{case}: no factor does it, so the answer is np.inf; got None", case=case
                )
            compare(number(got, finite=False), right, wrong, case=case)
    return "right: a key at a wide angle must be very long, and from 90 degrees on nothing helps"


@exercise("scores/factors", "factors")
def _factors(factors) -> str:
    turn = np.array([[0.0, 1.5], [-1.5, 0.0]])
    too_many: Hint | None = None
    with Comparison(alike=_SINGLE) as compare:
        for W, rank in (
            (_of_rank(2, 5, 7), 2),
            (_of_rank(3, 7, 5), 3),
            (_of_rank(4, 6, 6), 4),  # square: nothing but the numbers tells W from its transpose
            (_of_rank(4, 4, 4), 4),  # nothing to be saved
            (_of_rank(1, 3, 4).astype(np.float32), 1),
            (turn, 2),  # the widget's matrix: its two singular values are equal
            # A number below 0 has no root, and the first column says nothing of the others.
            (np.diag([0.0, 3.0, -2.0]), 2),
            (np.diag([2.0, 3e-4, 1e-9]), 2),  # small, and so small that it counts as 0
            (1e-9 * turn, 2),  # small, but not beside the largest
            (_of_rank(1, 1, 1), 1),
        ):
            d_q, d_k = W.shape
            case = equations(d_q=d_q, d_k=d_k)
            got_q, got_k = parts(factors(W), "W_Q", "W_K")
            got_q, got_k = array(got_q, name="W_Q"), array(got_k, name="W_K")
            if got_q.ndim != 2 or got_k.ndim != 2 or (len(got_q), len(got_k)) != (d_q, d_k):
                raise Hint(
                    "{case}: W_Q should be (d_q, r) and W_K (d_k, r); got {q} and {k}",
                    case=case, q=got_q.shape, k=got_k.shape,
                )  # fmt: skip
            if got_q.shape[1] != got_k.shape[1]:
                raise Hint(
                    "{case}: W_Q and W_K need as many columns; got {q} and {k}",
                    case=case, q=got_q.shape, k=got_k.shape,
                )  # fmt: skip
            U, S, Vt = np.linalg.svd(W.astype(float))
            U, S, Vt = U[:, :rank], S[:rank], Vt[:rank]
            wrong = [
                (U @ Vt, "{case}: these are the directions; how much each counts is missing"),
                ((U * S**2) @ Vt, "{case}: the singular values were counted twice"),
                ((U * S**0.5) @ Vt,
                 "{case}: only the roots of the singular values arrive in the scores"),
                (S[0] * np.outer(U[:, 0], Vt[0]),
                 "{case}: one pair of columns is not enough for these scores"),
            ]  # fmt: skip
            if d_q == d_k:
                wrong.append((W.T, "{case}: this is the score with query and key exchanged"))
                V = np.linalg.svd(W.astype(float))[2][:, :rank]
                wrong.append((
                    (U * S) @ V.T,
                    "{case}: NumPy's third factor is V transposed: its rows belong to the keys",
                ))  # fmt: skip
            if got_q.shape[1] > rank and too_many is None:
                too_many = Hint(
                    "{case}: the scores are right, but {r} columns are more than it takes",
                    more="{case}: the scores are right, but {r} columns are more than W has "
                    "singular values that count",
                    case=case, r=got_q.shape[1],
                )  # fmt: skip
            compare(got_q @ got_k.T, W, wrong, case=case)
    if too_many is not None:
        raise too_many
    return "right: a bilinear score is a dot product of projections, as wide as its matrix has rank"


def _of_rank(rank: int, d_q: int, d_k: int) -> np.ndarray:
    """A matrix of whole numbers, to which single precision adds no rank."""
    rng = np.random.default_rng(d_q + 10 * rank)
    a, b = rng.integers(1, 5, (d_q, rank)), rng.integers(-3, 4, (rank, d_k))
    b[:, 0] = range(1, rank + 1)
    return (a @ b).astype(float)


@exercise("scores/nearest", "to_nearest")
def _nearest(to_nearest) -> str:
    unequal: Hint | None = None
    with Comparison(alike=_SINGLE) as compare:
        for n, m, d, spread, dtype in (
            (3, 5, 2, 1, float),
            (6, 4, 3, 1, float),  # more queries than keys
            (4, 4, 1, 1, np.float32),
            (1, 7, 5, 1, float),
            (2, 1, 3, 1, float),  # one key, which gets all
            (3, 6, 3, 30, float),  # longer keys than whoever sets one length for all may expect
        ):
            rng = np.random.default_rng(n + m)
            q, k, others, other_keys = (
                spread * rng.standard_normal((size, d)).astype(dtype) for size in (n, m, n, m)
            )
            case = equations(n=n, m=m, d=d)
            wide_q, wide_k = _pair(to_nearest(q, k), n, m)
            if not _SINGLE(_pair(to_nearest(others, k), n, m)[1], wide_k):
                raise Hint("{case}: the new keys depend on the queries", case=case)
            if not _SINGLE(_pair(to_nearest(q, other_keys), n, m)[0], wide_q):
                raise Hint("{case}: the new queries depend on the keys", case=case)
            square = (k**2).sum(axis=-1)  # (m,)
            length = square**0.5
            cosines = q @ k.T / length / np.linalg.norm(q, axis=-1, keepdims=True)
            right = gaussian_scores(q, k)
            wrong = [
                (q @ k.T,
                 "these are the weights of the plain dot product: a long key has an advantage"),
                (q @ k.T + square / 2, "the sign: a long key pays, it does not gain"),
                (q @ k.T - square, "each key pays twice what it should"),
                (q @ k.T - length, "that charges the length and not half its square"),
                (2 * right,
                 "these scores are twice the Gaussian's: it has a half before the square"),
                (q @ k.T / length,
                 "divided by their lengths the keys are other keys: another one may be nearest"),
                (cosines, "that goes by the angle; the distance is asked for"),
            ]  # fmt: skip
            lengths = np.linalg.norm(wide_k, axis=-1)
            if np.ptp(lengths) > 1e-5 * lengths.max() and unequal is None:
                unequal = Hint(
                    "{case}: the weights are right, but the new keys have lengths from {low:.4g} "
                    "to {high:.4g}",
                    more="{case}: the weights are right, but the new keys have lengths from "
                    "{low:.4g} to {high:.4g}: a number that no query reads can make them equal",
                    case=case, low=lengths.min(), high=lengths.max(),
                )  # fmt: skip
            compare(
                softmax(wide_q @ wide_k.T), softmax(right),
                [(softmax(scores), hint) for scores, hint in wrong], case=case,
            )  # fmt: skip
    if unequal is not None:
        raise unequal
    return "right: on a sphere in d + 2 dimensions, where the largest dot product is the nearest"


def _pair(made: Any, n: int, m: int) -> tuple[np.ndarray, np.ndarray]:
    """New queries and keys, in double precision, if they can be multiplied."""
    wide_q, wide_k = parts(made, "the new queries", "the new keys")
    q, k = array(wide_q, name="the new queries"), array(wide_k, name="the new keys")
    if q.ndim != 2 or k.ndim != 2 or (len(q), len(k)) != (n, m):
        raise Hint(
            "expected {n} queries and {m} keys, as rows; got shapes {q} and {k}",
            n=n, m=m, q=q.shape, k=k.shape,
        )  # fmt: skip
    if q.shape[1] != k.shape[1]:
        raise Hint(
            "queries and keys must be equally wide for a dot product; got {q} and {k}",
            q=q.shape, k=k.shape,
        )  # fmt: skip
    return q.astype(float), k.astype(float)


@exercise("scores/widget", "winners", sets=("query",))
def _widget(winners) -> str:
    axis = np.arange(-1.95, 2, 0.1)
    queries = np.stack(np.meshgrid(axis, axis), axis=-1).reshape(-1, 2)
    start, ahead = (0.85, 0.25), (queries > 0).all(axis=1)
    for function in ("dot", "additive", "bilinear", "scaled"):
        right = _winners(function, queries)
        got = winners(ScoresWidget(function=function, query=start))
        case = call("ScoresWidget", function=function)
        found = _names(got, case)
        if found == right:
            continue
        recognize(found, [
            (_winners(function, np.array([start])),
             "{case}: that is the winner of one query; other queries have other winners"),
            (set(NAMES), "{case}: not all keys win: some are never ahead of all the others"),
            (_winners("dot", queries),
             "{case}: that is right for a dot product, and another function is set"),
            (_winners(function, np.stack([axis, axis], axis=-1)),
             "{case}: these are the winners where both numbers are equal; pair each with each"),
            (_winners(function, queries[ahead]),
             "{case}: these are the winners where both numbers are above 0; half of them are not"),
            (set(NAMES) - right, "{case}: these are the keys that never win"),
        ], alike=eq, case=case)  # fmt: skip
        misjudged = sorted(found ^ right)
        raise Hint(
            "{case}: that is wrong about {count} of the six keys",
            more="{case}: that is wrong about {names}; a key belongs in the set if it wins for one "
            "query at least",
            case=case, count=len(misjudged), names=listed(misjudged),
        )  # fmt: skip
    return "right: linear scores leave A and F out"


def _winners(function: str, queries: np.ndarray) -> set[str]:
    """The names of those keys that win for one of the queries, (n, 2)."""
    return {NAMES[i] for i in scores_of(function, queries, KEYS).argmax(axis=-1)}


def _names(got: Any, case: str) -> set[str]:
    """A set of names, or a row in which none is twice."""
    row = got.tolist() if isinstance(got, np.ndarray) else got
    if row is None:
        raise Hint(NOTHING, name=RETURNED)
    row_of_names = isinstance(row, set | frozenset | list | tuple) and all(
        isinstance(name, str) and name in set(NAMES) for name in row
    )
    if not row_of_names:
        raise Hint(
            "{case}: return a set of the keys' names, which are A to F; got {got}",
            case=case, got=shown(got),
        )  # fmt: skip
    if len(set(row)) < len(row):
        raise Hint(
            "{case}: a set has each name once; got {count} names, some of them several times",
            case=case, count=len(row),
        )  # fmt: skip
    return set(row)


@exercise("scores/bug", "mended_scores")
def _bug(mended_scores) -> str:
    with Comparison(alike=_SINGLE) as compare:
        for n, m, d_q, d_k, d_hidden, dtype in (
            (3, 5, 2, 7, 4, float),
            (4, 4, 3, 3, 3, float),  # all sizes alike: transposed, the shape is right
            (6, 2, 5, 3, 8, np.float32),
            (1, 3, 1, 2, 1, float),  # one query, on which the faulty function does well
            (2, 1, 4, 4, 6, float),
        ):
            rng = np.random.default_rng(n)
            q, k = rng.standard_normal((n, d_q)), rng.standard_normal((m, d_k))
            w_q, w_k = rng.standard_normal((d_q, d_hidden)), rng.standard_normal((d_k, d_hidden))
            v = rng.standard_normal(d_hidden)
            q, k, w_q, w_k, v = (x.astype(dtype) for x in (q, k, w_q, w_k, v))
            asked, offered = (q @ w_q)[:, None], (k @ w_k)[None]  # (n, 1, d), (1, m, d)
            right = additive_scores(q, k, w_q, w_k, v)
            wrong = [
                *((each, "all queries still have the same weights: the score is a number for the "
                   "query plus a number for the key")
                  for each in ((np.tanh(asked) + np.tanh(offered)) @ v, (asked + offered) @ v)),
                (np.tanh((asked + offered) @ v),
                 "the tanh comes too late: it belongs to each hidden unit"),
                (bilinear_scores(q, k, w_q @ w_k.T),
                 "that is a bilinear score: nothing is bent in it, and nothing added"),
                (np.tanh(asked * offered) @ v, "query and key were multiplied inside the tanh"),
                ((np.tanh(asked) * np.tanh(offered)) @ v,
                 "the tanh of the query was multiplied by that of the key"),
                (np.tanh(asked - offered) @ v, "the key was subtracted from the query"),
                (np.tanh(asked + offered).sum(axis=-1), "the hidden units were summed without v"),
                (softmax(right), "these are the weights; the scores are asked for"),
            ]  # fmt: skip
            if n == m:
                wrong.append((right.T, "transposed: rows belong to queries, columns to keys"))
            got = array(mended_scores(q, k, w_q, w_k, v), {"n": n, "m": m})
            case = equations(n=n, m=m, d_q=d_q, d_k=d_k, d_hidden=d_hidden)
            compare(got, right, wrong, case=case)
    return "right: they must meet inside the tanh"


choice(
    "scores/explain",
    "what_w_adds",
    right="c",
    hints={
        "a": "with W the score is still linear in the key, and a mean never beats the largest",
        "b": "twice the query gives twice the score, with W as without; it is the tanh that bounds",
        "d": "W need not be symmetric, so exchanging query and key changes the score even more",
    },
    praise="right: two matrices in a row are one",
)


written(
    "scores/in-writing",
    "one_key_for_all",
    points=[
        "The dot product is length times length times cosine: a long key that points roughly where "
        "the queries point scores high for all of them, whatever is near.",
        "What to measure: the lengths of the keys, and the angles between this key and the queries "
        "(or their mean); the suspicion holds if this key is much longer than the others.",
        "A remedy: make keys equally long before the product, with a factor, set or learned; or "
        "charge each key half its squared length, which gives the weights of a distance.",
        "No remedy: one more matrix before the dot product, which the projections could take over, "
        "or a division of all scores by one number, which changes no order.",
    ],
)
