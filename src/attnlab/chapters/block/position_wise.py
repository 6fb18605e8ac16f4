"""Functions of n tokens that are position-wise, and others that nearly are."""

from collections.abc import Callable
from functools import partial

import numpy as np

from attnlab.functional.attention import attention
from attnlab.functional.softmax import softmax

TRACE = 3e-5  # far above rounding, and enough for an ordinary `np.allclose`


def functions(d: int) -> list[tuple[Callable, bool, str]]:
    """Functions of (n, d), whether they are position-wise, and the hint for whoever errs there."""
    rng = np.random.default_rng(d)
    w_1, w_2 = rng.standard_normal((d, 9)), rng.standard_normal((9, d))

    def think(x):
        return np.maximum(x @ w_1, 0) @ w_2

    def mixed(rows=slice(None), columns=slice(None), by=0.5):
        """Beside what each row thinks, some numbers of some rows take from another row."""

        def f(x):
            out = think(x)
            other = by * np.roll(x, 1, axis=0)
            out[rows, columns] += other[rows, columns]
            return out

        return f

    def first_and_second(x):
        out, other = think(x), np.roll(x, 1, axis=0)[:, 0]
        out[:, 0] += other
        out[:, 1] -= other
        return out

    def at(place, x):
        out = think(x)
        out[place] *= 2
        return out

    alike = [
        (think, "a feed-forward network is position-wise"),
        (lambda x: x / np.linalg.norm(x, axis=-1, keepdims=True),
         "a norm over each row is position-wise"),
        (softmax, "a softmax over each row is position-wise"),
        # Another width, and steps: a small change of the input may change nothing.
        (lambda x: np.sign(x[:, :3]), "the signs of each row's first numbers are its own"),
        (lambda x: np.ones((len(x), 2)),
         "a function may return the same for every row, it is position-wise"),
    ]  # fmt: skip
    not_alike = [
        # Moves with its tokens, which those look at who only change the order.
        (lambda x: attention(x, x, x)[0],
         "attention moves with its tokens, as a position-wise function does, but each row of its "
         "output depends on the others, too"),
        (lambda x: think(x) + TRACE * x.mean(axis=0),
         "a trace of the mean of all rows is in each: this is not position-wise"),
        (lambda x: x + (x == x.max(axis=0)),
         "each row of this function depends on whether its numbers are the largest of all rows'"),
        (lambda x: think(x) + np.sign(np.roll(x, 1, axis=0)),
         "each row of this function depends on its neighbor's signs"),
        # Some rows or columns alone, for whoever looks at one.
        (mixed(), "each row of this function depends on its neighbor"),
        (mixed(rows=slice(1, None)),
         "each row of this function but the first depends on the one before"),
        (mixed(rows=slice(None, 1)), "the first row of this function depends on the last"),
        (mixed(rows=slice(1, 2)),
         "the second row of this function depends on the first, and all others are their own"),
        (mixed(rows=slice(-1, None)), "the last row of this function depends on the one before"),
        (mixed(columns=slice(1)),
         "one number of each row, the first, depends on the neighbor"),
        (mixed(columns=slice(-1, None)),
         "one number of each row, the last, depends on the neighbor"),
        (first_and_second,
         "each row has the same sum as if it were alone, but not the same numbers"),
        (lambda x: np.cumsum(x, axis=0), "each row is a sum of all up to it"),
        # Each row by itself, and not everywhere alike.
        (lambda x: x * (1 + np.arange(len(x)))[:, None],
         "each row depends on itself only, but the function is a different one at every position, "
         "as with a position code"),
        (partial(at, slice(-1, None)),
         "each row depends on itself only, but the function is a different one at the last "
         "position"),
        (partial(at, slice(1, None, 2)),
         "each row depends on itself only, but at every second position the function is a "
         "different one"),
        (lambda x: x[::-1], "a reversal puts other rows in their places"),
        (lambda x: x[np.argsort(x[:, 0])], "sorting the rows puts other rows in their places"),
    ]  # fmt: skip
    return [
        (f, verdict, hint + " (you returned {got})")
        for group, verdict in ((alike, True), (not_alike, False))
        for f, hint in group
    ]
