"""Functions that leak, and some that do not, for `masks/leaks`; and what to say of an answer."""

import numpy as np

from attnlab.exercises.answers import truth
from attnlab.exercises.hint import Hint
from attnlab.functional.attention import attention
from attnlab.functional.masks import causal_mask


def causal(x):
    return attention(x, x, x, mask=causal_mask(len(x)))[0]


def with_leak(leak):
    """Causal attention, to which `leak(out, x)` adds what must not be there."""

    def f(x):
        out = causal(x).copy()
        if len(x) > 2:  # fewer come from whoever cuts the places off
            leak(out, x)
        return out

    return f


def one_ahead(out, x):
    out[:-2] += x[1:-1]


def growth_ahead(out, x):
    out[:-2] += np.exp(x[1:-1])


def only_the_last(out, x):
    out[1] += x[-1]


def first_pair(out, x):
    out[0] += x[1]


def one_number(out, x):
    out[-3, 0] += x[-2, -1]


def another_number(out, x):
    out[-3, -1] += x[-2, 0]


def lowered(out, x):
    out[0] -= x[-1]


def without_a_sum(out, x):
    out[1, :2] = x[-1].sum(), -x[-1].sum()  # in place of what was there: no rounding tells


def beside_a_large_one(out, x):
    out[1] = 1e12
    out[1, 0] = x[-1] @ np.arange(1, x.shape[1] + 1)


def less_the_mean(out, x):
    # A thousandth, beside 1: the rounding of the mean must not give it away.
    out[0] = 1 + (x[-1] - x[-1].mean()) / 1000


def a_trace(x):
    out = np.ones_like(x)
    out[:-1] += 1e-12 * np.sin(1e15 * x[1:])  # moves as much when x moves by 1e-12
    return out


def far_away(x):
    """Reads one place ahead, and only what is above 50 in size."""
    return x + np.roll(np.maximum(np.abs(x) - 50, 0), -1, axis=0)


def _moves_what_is_before(f, x: np.ndarray, other: np.ndarray) -> bool:
    """Is an output another one for `other`, before the first place in which it differs from x?"""
    first = int((other != x).any(axis=1).argmax())
    with np.errstate(all="ignore"):
        return not np.array_equal(f(other)[:first], f(x)[:first])


def judge(leaks, f, x: np.ndarray, right: bool, hint: str) -> None:
    """A hint for whoever is wrong about f at x, and one that goes by the inputs they tried."""
    tried = []

    def asked(given):
        tried.append(np.array(given))
        return f(given)

    got = truth(leaks(asked, x))
    if got == right:
        return
    if any(len(each) != len(x) for each in tried):
        raise Hint(
            "with fewer places `f` rounds otherwise, and that is no leak: keep all places, and "
            "change what stands in them"
        )
    if got:
        raise Hint(hint, got=got)
    others = [each for each in tried if each.shape == x.shape and (each != x).any()]
    if not others:
        raise Hint(
            hint,
            more="none of the inputs that you tried differs from `x`; what is 0 stays so if it "
            "is put to 0, or doubled: add to it",
            got=got,
        )
    if any(_moves_what_is_before(f, x, other) for other in others):
        raise Hint(
            hint,
            more="an input that you tried moves an output before the first place that differs "
            "from `x`, however little: compare all of these outputs, and exactly",
            got=got,
        )
    steps = [other - x for other in others]
    if all(np.allclose(step, step[:, :1], rtol=1e-6, atol=0) for step in steps):
        raise Hint(
            hint,
            more="change the numbers of a place by different amounts, or one at a time",
            got=got,
        )
    raise Hint(
        hint,
        more="none of the inputs that you tried moves an output before the first place that "
        "differs from `x`: which places and numbers do you change, and by how much?",
        got=got,
    )
