"""Checks of the chapter `mechanism/lookup`."""

from functools import partial
from typing import Any

import numpy as np

from attnlab.chapters.lookup.widget import LookupWidget
from attnlab.exercises.answers import array, near, number
from attnlab.exercises.choice import choice
from attnlab.exercises.comparison import Comparison
from attnlab.exercises.marking import exercise
from attnlab.exercises.notation import call, equations
from attnlab.exercises.written import written
from attnlab.functional.scores import gaussian_scores
from attnlab.functional.softmax import softmax


@exercise("lookup/hard", "nearest_values")
def _hard(nearest_values) -> str:
    with Comparison() as compare:
        for n, m, d_k, d_v, unit, dtype in (
            (4, 9, 1, 1, 1, float),  # readings at moments, as on the page
            (5, 11, 3, 2, 1e4, float),  # far apart: for a loop that begins at a distance of 1000
            (6, 13, 2, 7, 1, np.float32),
            (20, 30, 3, 1, 1e-4, float),  # enough of them for distances that are nearly Euclid's;
            # and close together: for what is rounded, or a soft look-up of a small width
            (3, 1, 3, 3, 1, float),  # one key, which has to win. Its nearest query is the first:
            # with more queries than keys, the number of another would raise, unexplained
        ):
            rng = np.random.default_rng(n)
            q = (unit * rng.standard_normal((n, d_k))).astype(dtype)
            k = (unit * (2 * rng.standard_normal((m, d_k)) + 1)).astype(dtype)
            v = (10 * rng.standard_normal((m, d_v))).astype(dtype)
            apart = q[:, None] - k[None]  # (n, m, d_k)
            square = (apart**2).sum(axis=-1)  # (n, m)
            right = square.argmin(axis=-1)  # (n,)
            wrong = [
                (right, "these are the numbers of the nearest keys; their values are asked for"),
                (k[right], "these are the nearest keys themselves; return the values beside them"),
                (v[square.argmax(axis=-1)], "these values belong to the farthest keys"),
                (v[(q @ k.T).argmax(axis=-1)],
                 "the largest dot product is not the nearest key: a long key wins from far away"),
                (v[np.abs(apart[..., 0]).argmin(axis=-1)],
                 "only the first number of the keys was compared"),
                (v[apart.sum(axis=-1).argmin(axis=-1)],
                 "the differences must lose their sign before they are summed"),
                (v[np.abs(apart.sum(axis=-1)).argmin(axis=-1)],
                 "the differences must lose their sign before they are summed"),
                (v[np.abs(apart).sum(axis=-1).argmin(axis=-1)],
                 "sizes of differences add up to another distance: sum their squares"),
                (square.min(axis=-1), "these are the distances; the values are asked for"),
                (np.sqrt(square.min(axis=-1)),
                 "these are the distances; the values are asked for"),
                (v[square.argmin(axis=0)], "one value for every query: argmin over the keys"),
            ]  # fmt: skip
            got = array(nearest_values(q, k, v))
            compare(got, v[right], wrong, case=equations(n=n, m=m, d_k=d_k, d_v=d_v))
    return "right: one key takes all"


@exercise("lookup/slope", "context_slope")
def _slope(context_slope) -> str:
    # A slope that was found by small steps is right to six digits or so.
    with Comparison(alike=partial(near, rtol=1e-5)) as compare:
        for n, m, d_k, d_v, width in (
            (3, 5, 2, 4, 0.7),  # a width below 1 and one above: neither its square nor its root
            (1, 6, 3, 3, 2.0),  # d_k = d_v: transposed, the shape is right
            (4, 2, 1, 1, 1.3),
        ):
            rng = np.random.default_rng(m)
            q, k = rng.standard_normal((n, d_k)), rng.standard_normal((m, d_k))
            v = rng.standard_normal((m, d_v))
            a = softmax(gaussian_scores(q, k, width=width))  # (n, m)
            pull = (k - q[:, None]) / width**2  # (n, m, d_k), the slope of each score
            apart = v - (a @ v)[:, None]  # (n, m, d_v), from the context
            right = np.einsum("nj,njv,njk->nvk", a, apart, pull)
            wrong = [
                (np.einsum("nj,jv,njk->nvk", a, v, pull),
                 "when one key counts more, the shares of all others shrink: their denominator "
                 "has a slope too"),
                (-right, "the sign: a step toward a key raises its weight"),
                (right * width, "the width enters squared, as in the score"),
                (right * width**2, "the width is missing: a wide look-up changes slowly"),
                (right * 2, "the score has a half, which goes away with the 2 of the square"),
                (right / 2, "the score has a half, which goes away with the 2 of the square"),
                (right.swapaxes(1, 2),
                 "transposed: a row for each number of the context, a column for each of the "
                 "query"),
                (np.einsum("njv,njk->nvk", apart, pull) / m,
                 "not all keys count alike: each with its weight"),
                (np.zeros((n, d_v, d_k)), "that is the hard look-up; the soft one has a slope"),
                (right.sum(axis=0), "each query has a slope of its own"),
                (right.sum(axis=1), "each number of a context has a slope of its own"),
            ]  # fmt: skip
            got = array(context_slope(q, k, v, width))
            case = equations(n=n, m=m, d_k=d_k, d_v=d_v, width=width)
            compare(got, right, wrong, case=case)
    return "right: it is how keys and values vary together, as the weights see it"


@exercise("lookup/left-out", "leave_out")
def _left_out(leave_out) -> str:
    rng = np.random.default_rng(0)
    with Comparison() as compare:
        for m, width in ((3, 1.0), (8, 0.5), (13, 0.2)):
            k = rng.standard_normal((m, 2))
            # Asked from elsewhere: weights of equal queries and keys are nearly symmetric.
            A = softmax(gaussian_scores(k + 0.3 * rng.standard_normal((m, 2)), k, width=width))
            others = A * (1 - np.eye(m))
            left = others.sum(axis=-1, keepdims=True)
            right = others / left
            wrong = [
                (others,
                 "the rows no longer sum to 1: the others must share what was taken away"),
                (others / others.sum(axis=0, keepdims=True),
                 "that makes the columns sum to 1; the weights of a query are a row"),
                (others / others.sum(),
                 "divide each row by its own sum, not all by the sum of everything"),
                (others / left[:, 0],
                 "row i must be divided by number i; that divides column i by it",
                 "NumPy lays a vector of m numbers along each row; to divide the rows by them, "
                 "it must be a column, (m, 1)"),
                (softmax(others), "a second softmax: A holds weights already, not scores"),
                (softmax(A, mask=~np.eye(m, dtype=bool)),
                 "a second softmax: A holds weights already, not scores"),
                (others + (1 - left) / (m - 1) * (1 - np.eye(m)),
                 "you gave all others equal parts of it; without key i they would keep their "
                 "ratios, so multiply them"),
                (A, "a key still has weight in its own look-up"),
                (A / left, "a key still has weight in its own look-up"),
                (right.T, "transposed: row i holds the weights of query i"),
            ]  # fmt: skip
            got = array(leave_out(A), (m, m))
            compare(got, right, wrong, case=equations(m=m))
    return "right: each row divided by 1 - a_ii"


@exercise("lookup/copies", "contexts_without_copies")
def _copies(contexts_without_copies) -> str:
    with Comparison() as compare:
        for copies, d_k, d_v, width in (
            ([0, 1, 2, 0, 1, 2], 1, 1, 0.6),  # copies apart: for whoever looks at neighbors alone
            ([0, 0, 1, 2, 2, 2, 3, 4], 2, 3, 0.9),  # three copies, and readings without any
            ([3, 1, 0, 1, 2], 3, 2, 1.5),
            ([0, 1, 2, 4], 2, 1, 1e-9),  # none: just leave one out; but e^s of all others is 0,
            # and their scores are below any number that is put for -inf
        ):
            m = len(copies)
            rng = np.random.default_rng(m)
            keys = rng.standard_normal((5, d_k))
            # Keys 0 and 1 share a number and their length, 2 and 3 all but their last digits, 0 and
            # 4 their sum; readings 1 and 2 share a value, and no key.
            keys[1], keys[1, 0] = -keys[0], keys[0, 0] * (-1 if d_k == 1 else 1)
            keys[3], keys[4] = keys[2] * (1 + 1e-12), np.roll(keys[0], 1)
            k, v = keys[copies], np.round(rng.standard_normal((5, d_v)), 1)[[0, 1, 1, 3, 4]][copies]
            v[m // 2] += 0.5  # copies may differ in their values
            S = gaussian_scores(k, k, width=width)  # (m, m)
            same = (k[:, None] == k).all(axis=-1)
            not_close = np.abs(k[:, None] - k).max(axis=-1) > 1e-4
            own, near_by = np.eye(m, dtype=bool), np.abs(np.subtract.outer(*[range(m)] * 2)) < 2
            one_number = k[:, None, 0] == k[:, 0]
            alike = (v[:, None] == v).all(axis=-1)
            first = same.argmax(axis=0) == np.arange(m)  # of its copies
            right = softmax(S, mask=~same) @ v
            with np.errstate(invalid="ignore"):
                lost = (powers := np.exp(S) * ~same) / powers.sum(axis=-1, keepdims=True) @ v
            wrong = [
                (softmax(S, mask=~own) @ v,
                 "the copies of a reading still answer for it: leave out each of them"),
                (softmax(S) @ v,
                 "every reading answers for itself: nothing was left out",
                 "every reading answers for itself: nothing was left out; a score of 0, by the "
                 "way, is the highest that there is here"),
                (softmax(S, mask=~(same & near_by)) @ v,
                 "copies need not stand side by side: compare each key with all"),
                (softmax(S, mask=~one_number) @ v,
                 "copies agree in all numbers of their keys, not in the first alone"),
                (softmax(S, mask=~alike) @ v,
                 "readings with one value are not copies: it is the keys that must be equal"),
                (softmax(S, mask=~(same & alike | own)) @ v,
                 "copies have equal keys; their values may differ"),
                *((once, "a key that was read twice counts twice for the others: leave out a "
                   "reading's own copies only")
                  for once in (softmax(S, mask=~same & first) @ v,
                               softmax(S - np.log(same.sum(axis=0)), mask=~same) @ v)),
                *((softmax(np.where(same, fill, S)) @ v,
                   "a large negative number was put for -inf: with a small width, the scores of "
                   "the others are lower still")
                  for fill in (-1e3, -1e4, -1e6, -1e9)),
                (softmax(S, mask=not_close) @ v,
                 "keys that are merely close are not copies: they must be equal"),
                (softmax(S) * ~same @ v,
                 "the weights of the others no longer sum to 1: leave out before the softmax"),
                (lost,
                 "with a small width what is left vanishes, and 0 is divided by 0",
                 "with a small width what is left vanishes, and 0 is divided by 0: leave out "
                 "first, and then subtract the largest score that is left"),
            ]  # fmt: skip
            got = array(contexts_without_copies(k, v, width), {"m": m, "d_v": d_v}, finite=False)
            case = equations(m=m, d_k=d_k, d_v=d_v, width=width, copies=copies)
            compare(got, right, wrong, case=case)
    return "right: whatever knows the answer is left out, not the reading alone"


@exercise("lookup/widget", "best_width", sets=("width",))
def _widget(best_width) -> str:
    grid, start = np.geomspace(0.05, 3, 60), 0.77  # a width that is not on the list
    rng = np.random.default_rng(0)
    zigzag = (0.4, 1.0, 1.0, -0.1, -0.7, -0.3, -0.6, 0.9, 0.2, 0.8, 0.1, 0.5)
    state: dict[str, Any]
    with Comparison() as compare:
        for state in (
            {},
            {"y": tuple(np.linspace(-1.5, 1.5, 12).round(1).tolist())},
            {"y": zigzag},  # the error rises and falls twice
            {"x": tuple(np.sort(rng.uniform(0, 6, 12)).round(2).tolist()), "y": (1.0, -1.0) * 6},
        ):
            w = LookupWidget(**state)
            errors, kept_in = [], []
            for w.width in grid:
                errors.append(w.error_left_out)
                kept_in.append(w.error_kept_in)
            best = int(np.argmin(errors))
            rise = next((i for i, step in enumerate(np.diff(errors)) if step > 0), best)
            wrong = [
                (best, "{case}: that is the width's number in the list; return the width"),
                (min(errors), "{case}: that is the smallest error; return the width that has it"),
                (grid[np.argmax(errors)],
                 "{case}: that width has the largest error with each point left out"),
                (grid[0],
                 "{case}: the narrowest width is not the best",
                 "{case}: the narrowest width wins if points answer for themselves, or if w.width "
                 "never changes; use w.error_left_out, and set w.width to each"),
                (start, "{case}: that is the width that was set; try those of the list"),
                (grid[rise], "{case}: the error rises there, and falls again later: try all"),
            ]  # fmt: skip
            got = number(best_width(LookupWidget(**state, width=start)))
            compare(got, grid[best], wrong, case=call("LookupWidget", **state))
    return "right: the points themselves have chosen it"


choice(
    "lookup/explain",
    "never_above",
    right="c",
    hints={
        "a": "a small width returns the nearest key's value, and that was at most 19 °C too",
        "b": "normalizing changes the scores, and so the weights; ask yourself what a mean can "
        "return, whatever its weights",
        "d": "more days of the same spring have values of at most 19 °C as well",
    },
    praise="right: no weights lead out of the range of the values",
)


written(
    "lookup/in-writing",
    "to_a_friend",
    points=[
        "A dictionary compares a query with its keys for equality; the look-up compares by a "
        "score, and every key gets a weight.",
        "What comes back is a mean of all values with these weights, which may be a value that "
        "nothing in the dictionary has.",
        "The width, or the size of the scores, decides between the nearest value and the mean of "
        "all; a dictionary has no such choice.",
        "In attention, queries, keys and values are made from the inputs by matrices that are "
        "learned; a dictionary is told its keys.",
    ],
)
