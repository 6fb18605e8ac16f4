"""Checks of the chapter `mechanism/softmax`."""

from functools import partial
from typing import Any

import numpy as np

from attnlab.chapters.softmax.widget import SoftmaxWidget
from attnlab.exercises.answers import array, near, number, parts
from attnlab.exercises.choice import choice
from attnlab.exercises.comparison import Comparison
from attnlab.exercises.marking import exercise
from attnlab.exercises.notation import call, equations, listed
from attnlab.exercises.written import written
from attnlab.functional.softmax import softmax


@exercise("softmax/temperature", "temperature_for")
def _temperature(temperature_for) -> str:
    # A temperature that was found by a search is right to six digits or so.
    with Comparison(alike=partial(near, rtol=1e-5)) as compare:
        for gap, share in (
            (3.0, 0.6),
            (1, 0.9),  # a whole number for a gap
            (0.5, 0.99),  # a gap below 1, and a temperature below it
            (2000.0, 0.51),  # nearly even: for logarithms of the share; a very high temperature
            (0.001, 0.999),  # and a very low one: for a search between bounds
        ):
            odds = share / (1 - share)
            right = gap / np.log(odds)
            compared = "the logarithm compares the weight with 1; the odds are another ratio"
            wrong = [
                (1 / right, "upside down: that is what the scores are multiplied by"),
                (gap / np.log(share), compared),
                (-gap / np.log(share), compared),
                (-gap / np.log(1 - share), compared),
                (-right, "the sign: a temperature is positive"),
                (gap / odds, "the odds are no difference of scores",
                 "the odds are no difference of scores: they are e^(gap / τ)"),
                (gap * np.log(odds), "the scores are divided by τ, not multiplied"),
                (gap / np.log10(odds), "the logarithm must be the natural one, to base e"),
                (gap / np.log2(odds), "the logarithm must be the natural one, to base e"),
                (gap / share, "a share is no difference of scores"),
            ]  # fmt: skip
            case = call("temperature_for", gap, share)
            compare(number(temperature_for(gap, share), name=case), right, wrong, case=case)
    return "right"


@exercise("softmax/logsumexp", "log_sum_exp")
def _log_sum_exp(log_sum_exp) -> str:
    with Comparison() as compare:
        for shape, around, dtype in (
            ((3, 5), 0, float),
            ((3, 5), 1000, float),  # exponentials overflow
            ((3, 5), -1000, float),  # and vanish, under a maximum of 0 too
            ((3, 5), [[0], [-900], [900]], float),  # rows of different size: for one maximum of all
            # Scores of one row that are far apart:
            ((2, 4), [-1000, 200, -1000, -1000], float),  # for its median, and its largest size
            ((2, 4), [200, 200, -4000, 200], float),  # for its mean, not its median
            ((2, 4), [300, -500, 300, 300], float),  # for its smallest score, not its mean
            ((2, 3, 5), 0, float),  # a batch: for axis=1, and for axis=0
            ((1, 5), 0, float),  # an axis that must stay
            ((5,), 1000, float),  # a single row
            ((4, 1), 0, float),  # single scores, which come back as they are
            ((3, 6), 200, np.float32),  # where single precision overflows
        ):
            rng = np.random.default_rng(shape[-1])
            s = (rng.standard_normal(shape) + np.array(around)).astype(dtype)
            top = s.max(axis=-1, keepdims=True)
            right = _below(s, top)
            with np.errstate(all="ignore"):
                wrong = [
                    (_below(s, 0 * top), "large scores overflow, or very negative ones vanish"),
                    (_below(s, np.maximum(top, 0)),
                     "very negative scores vanish: the maximum may be below 0"),
                    (_below(s, 0 * top + s.max()),
                     "one maximum for all makes the small rows vanish"),
                    (_below(s, s.min(axis=-1, keepdims=True)),
                     "it overflows where a row reaches far: the smallest score is of no help"),
                    (_below(s, s.mean(axis=-1, keepdims=True)),
                     "it overflows where a row reaches far: the mean score is of no help"),
                    (right - top[..., 0],
                     "what was subtracted inside must be added again outside"),
                    (np.exp(right), "that is the sum; its logarithm is wanted"),
                    (top[..., 0], "that is the largest score; the others count as well"),
                    (right - np.log(shape[-1]), "that is the logarithm of the mean, not the sum"),
                    (right[..., None], "the last axis is still there, with one number each"),
                    (np.squeeze(right), "an axis of one row must stay: only the last one goes"),
                    (np.logaddexp.reduce(s, axis=None),
                     "one number for all: sum each row, over the last axis"),
                    (np.logaddexp.reduce(s, axis=0), "that sums over the first axis"),
                    *([(np.logaddexp.reduce(s, axis=1), "that sums over axis 1, not the last")]
                      if s.ndim > 1 else []),
                ]  # fmt: skip
            case = equations(shape=shape, smallest=round(s.min()), largest=round(s.max()))
            compare(array(log_sum_exp(s), finite=False), right, wrong, case=case)
    return "right"


def _below(s: np.ndarray, level: np.ndarray) -> np.ndarray:
    """The log-sum-exp of each row, computed below some level."""
    return level[..., 0] + np.log(np.exp(s - level).sum(axis=-1))


@exercise("softmax/bug", "attend")
def _bug(attend) -> str:
    with Comparison() as compare:
        for m, d_k, d_v, size, away, dtype in (
            (5, 3, 2, 1, 0, float),
            (4, 4, 4, 1, 0, float),  # all sizes alike
            (9, 7, 1, 1, 0, np.float32),
            (1, 2, 3, 1, 0, float),  # one key, which gets it all
            (6, 1, 2, 1, 0, float),  # d_k = 1, where √d_k is no help
            (11, 3, 2, 3000, 0, float),  # scores that overflow, less the first of them too
            (8, 3, 2, -3000, 5, float),  # all keys point away from the query: scores that vanish
        ):
            rng = np.random.default_rng(m)
            q = (size * rng.standard_normal(d_k)).astype(dtype)
            K, V = (rng.standard_normal((m, d)).astype(dtype) for d in (d_k, d_v))
            K -= away * np.sign(q)
            scores = (K @ q) / np.sqrt(d_k).astype(dtype)
            right = softmax(scores) @ V
            with np.errstate(all="ignore"):
                powers = np.exp(scores)
                vanishing = np.exp(scores - scores.max(initial=0))
                wrong = [
                    (V.sum(axis=0),
                     "every weight is still 1: the softmax must see all scores together"),
                    (V.mean(axis=0), "that is the plain mean, whatever the query is"),
                    (powers @ V, "the weights do not sum to 1"),
                    (powers @ V / m, "the weights do not sum to 1: m is not the sum of them"),
                    (V[scores.argmax()], "that is the best key's value alone: a hard look-up"),
                    (softmax(K @ q) @ V, "the scores are not divided by √d_k"),
                    (softmax(K @ q / d_k) @ V, "the scores are divided by d_k, not by its root"),
                    (softmax(K @ q / np.sqrt(m)) @ V,
                     "the scores are divided by the root of the number of keys"),
                    (scores @ V, "these are scores times values; a softmax makes weights"),
                    (scores @ V / scores.sum(),
                     "shares of the scores can be negative: exponentiate first"),
                    (powers / powers.sum() @ V,
                     "right for small scores, but large ones overflow"),
                    (vanishing / vanishing.sum() @ V,
                     "very negative scores vanish: the maximum may be below 0"),
                ]  # fmt: skip
                if d_k == d_v:
                    wrong.append((softmax(scores) @ K, "the values are not in it"))
            got = array(attend(q, K, V), {"d_v": d_v}, finite=False)
            low, high = round(scores.min()), round(scores.max())
            case = equations(m=m, d_k=d_k, d_v=d_v, smallest=low, largest=high)
            compare(got, right, wrong, case=case)
    return "right"


@exercise("softmax/merge", "merge")
def _merge(merge) -> str:
    nothing = np.zeros(0)
    rng = np.random.default_rng(0)
    with Comparison() as compare:
        for left, right in (
            (rng.standard_normal(6), rng.standard_normal(9)),
            (rng.standard_normal(3), rng.standard_normal(4) + 3),  # the second is the larger
            (rng.standard_normal(7) + 14, rng.standard_normal(2)),  # the first is, by far
            (np.array([0.5, -1.0]), np.array([0.5, 0.0, -2.0])),  # equal maxima
            (rng.standard_normal(5), rng.standard_normal(5) + 2000),  # one half is lost in rounding
            (rng.standard_normal(4) + 1000, rng.standard_normal(8) + 1001),  # e^max overflows
            (rng.standard_normal(4) - 1000, rng.standard_normal(8) - 1001),  # e^max vanishes
            (nothing, rng.standard_normal(6) - 5),  # -inf in a difference: for 0 times inf; and
            # below 0: for whoever takes 0 for the largest of no scores
            (rng.standard_normal(6) + 900, nothing),
        ):
            a, b = _summary(left), _summary(right)
            (top_a, total_a), (top_b, total_b) = a, b
            top, total = _summary(np.concatenate([left, right]))
            low = min(top_a, top_b)
            with np.errstate(all="ignore"):
                shrunk = total_a * np.exp(top_a - top), total_b * np.exp(top_b - top)
                wrong = [
                    ((top, total_a + total_b), "each sum was taken below a maximum of its own"),
                    ((top, total_a * np.exp(top - top_a) + total_b * np.exp(top - top_b)),
                     "a sum shrinks when the maximum rises; yours grows"),
                    ((top, shrunk[0]), "the scores of the second machine are not in the sum"),
                    ((top, shrunk[1]), "the scores of the first machine are not in the sum"),
                    (max(a, b), "only the machine with the larger maximum is in the sum"),
                    ((top, shrunk[top_b > top_a]),
                     "only the machine with the larger maximum is in the sum"),
                    ((total, top), "first the maximum, then the sum"),
                    ((top, total_a * np.exp(top_b - top) + total_b * np.exp(top_a - top)),
                     "each sum shrinks by its own maximum; yours have changed places"),
                    ((low, total_a * np.exp(top_a - low) + total_b * np.exp(top_b - low)),
                     "the maximum of all scores is the larger of the two"),
                    ((top_a + top_b, total_a + total_b), "maxima do not add up"),
                    ((top_a, total_a + total_b * np.exp(top_b - top_a)),
                     "the second machine may have the larger maximum"),
                    ((top_b, total_b + total_a * np.exp(top_a - top_b)),
                     "the first machine may have the larger maximum"),
                    ((top, (total_a * np.exp(top_a) + total_b * np.exp(top_b)) / np.exp(top)),
                     "e^max overflows for large maxima, and vanishes for very negative ones"),
                    ((top, total_a * np.exp(top_a) + total_b * np.exp(top_b)),
                     "that is the sum of e^s; the sum of e^(s - max) is wanted"),
                ]  # fmt: skip
            names, case = ("the maximum", "the sum"), call("merge", _digits(a), _digits(b))
            got = [
                number(each, name=name, finite=False)
                for each, name in zip(parts(merge(a, b), *names, name=case), names, strict=True)
            ]
            compare(got, (top, total), wrong, case=case)
    return "right: parts can be merged in any order, on any number of machines"


def _summary(scores: np.ndarray) -> tuple[float, float]:
    """The largest score, and the sum of the exponentials below it."""
    top = float(scores.max(initial=-np.inf))
    return top, float(np.exp(scores - top).sum())


def _digits(pair: tuple[float, float]) -> tuple[float, float]:
    """With few enough digits to be read."""
    return float(format(pair[0], ".6g")), float(format(pair[1], ".6g"))


@exercise("softmax/widget", "bias_for")
def _widget(bias_for) -> str:
    biased, masked = (0.5, -1.0, 0.0, 1.0, 0.0, 0.0), (True, True, False, True, True, True)
    others: dict[str, Any] = {
        "logits": (-1.0, 3.0, 0.25, -2.0, 0.5, 1.5),
        "temperature": 1.5,
        "biases": (0.0, 0.0, -2.0, 0.5, 1.0, 0.25),
        "mask": (True, False, True, True, True, True),
    }
    state: dict[str, Any]
    # A bias that was found by a search is right to six digits or so.
    with Comparison(alike=partial(near, rtol=1e-5)) as compare:
        for state, key, share in (
            ({}, 3, 0.3),
            ({"biases": biased}, 1, 0.4),  # a bias that the key has already
            ({"mask": masked}, 0, 0.3),  # a key that takes no part
            ({"temperature": 0.5, "mask": masked}, 1, 0.6),
            ({"temperature": 2.0, "biases": biased}, 0, 0.1),
            (others, 5, 0.05),
        ):
            w = SoftmaxWidget(**state)
            s, now, T, a = np.array(w.logits), w.biases[key], w.temperature, w.weights[key]
            step = np.log(share / (1 - share)) - np.log(a / (1 - a))  # of the odds
            unmasked = np.exp((s + w.biases) / T)
            rest = unmasked.sum() - unmasked[key]
            unbiased = np.exp(s / T) * w.mask
            right = now + T * step
            other = w.weights[w.key]
            with np.errstate(divide="ignore"):  # the odds of a masked key are 0
                other_step = np.log(share / (1 - share)) - np.log(other / (1 - other))
            case = listed([call("SoftmaxWidget", **state), equations(key=key, share=share)])
            compare(number(bias_for(SoftmaxWidget(**state), key, share), finite=False), right, [
                (w.biases[w.key] + T * other_step,
                 "that is for `w.key`; the key asked for is `key`"),
                (now + T * np.log(share / a),
                 "the other weights shrink when this one grows: that changes their sum"),
                (now + T * np.log((1 - share) / (1 - a)),
                 "that is what the others lose; what this key gains counts as well"),
                (now - T * step, "the sign: a larger share needs a larger bias"),
                (now + step, "the bias is divided by τ, as the logit is"),
                (now + step / T, "the bias is divided by τ already: that makes it too small twice"),
                (T * step, "that is what to add to the bias that the key has already"),
                (step, "that is the step of the odds, without τ and the bias that is set"),
                (T * np.log(share / (1 - share) * rest) - s[key],
                 "a masked key takes no part in the sum"),
                (T * np.log(share / (1 - share) * (unbiased.sum() - unbiased[key])) - s[key],
                 "the biases of the other keys count as well"),
                (T * np.log(share / (1 - share)), "that is the bias of a key whose odds are 1"),
                (T * np.log(share) - s[key], "the sum of the others is not 1"),
                (right + s[key], "that is the score with its bias; return the bias alone"),
            ], case=case)  # fmt: skip
    return "right"


choice(
    "softmax/explain",
    "why_nothing_changed",
    right="b",
    hints={
        "a": "small numbers are learned like large ones; and here a bias of any size would do "
        "nothing: try b of length 100",
        "c": "the largest score is subtracted only against overflow; with the plain formula, on "
        "paper, the vector drops out just the same",
        "d": "nothing is saturated: another query, or a vector added to one key only, does change "
        "the weights",
    },
    praise="right: a bias in the keys is one number for each query, and softmax cannot see it",
)


written(
    "softmax/in-writing",
    "why_not_cut_off",
    points=[
        "Weights by the exponential depend on differences of scores alone; with the cut-off, one "
        "number added to all scores changes them, though the keys differ as they did.",
        "Among many keys the one that fits is lost: its share of the plain scores is small, and "
        "the exponential raises a large score far above the many small ones.",
        "Longer queries make the exponential sharper; under the cut-off the common factor cancels, "
        "so a network cannot learn to be sharp in this way.",
        "It says what can go wrong for a query without a positive score: the sum is 0, and keys "
        "that are cut off get no gradient.",
        "It is fair to the other side: the exponential costs more and is never 0; for zeros there "
        "is a mask, or another function such as sparsemax.",
    ],
)
