"""Norms of tokens and their gradients, as they are and as they are misunderstood.

What is right comes with what is taken for it, each with the hint for whoever returns it.
"""

from collections.abc import Iterator
from functools import partial

import numpy as np

from attnlab.exercises.notation import equations

EPS = 1e-5

Judged = tuple[np.ndarray, list[tuple[np.ndarray, str]]]


def cases(shift: float = 0.0) -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray, str]]:
    """Tokens x (..., d), with `shift` added to all of their numbers, a gain and a bias (d,), and
    what hints call them."""
    for shape, size, dtype in (
        ((5, 8), 3.0, float),
        ((2, 3, 7), 1.0, float),  # a batch in front
        ((4,), 2.0, float),  # one token by itself
        ((3, 6), 0.01, float),  # small numbers: where the 1e-5 stands can be seen
        ((2, 1, 3, 9), 5.0, np.float32),
        ((6, 5), 0.0, float),  # tokens whose numbers are all alike
    ):
        rng = np.random.default_rng(shape[-1])
        x = (size * (rng.standard_normal(shape) + 1) + shift).astype(dtype)
        gain, bias = rng.standard_normal((2, shape[-1])).astype(dtype)
        yield x, gain, bias, equations(shape=shape, size=size)


def far_from_zero() -> tuple[np.ndarray, np.ndarray, np.ndarray, str]:
    """A case for whoever takes a mean of squares less the square of a mean, which rounding eats.

    The numbers are whole, and there are eight: the mean itself is exact.
    """
    rng = np.random.default_rng(0)
    x = (5000 + rng.integers(0, 256, (3, 8))).astype(np.float32)
    gain, bias = rng.standard_normal((2, 8)).astype(np.float32)
    return x, gain, bias, "float32 numbers from 5000 to 5255"


def layer_norms(x: np.ndarray, gain: np.ndarray, bias: np.ndarray) -> Judged:
    """LayerNorm of x."""
    (hat, sigma), rms = _normed(x), _normed(x, centered=False)[1]
    right = gain * hat + bias
    wrong = [
        (hat, "gain and bias are still to be applied"),
        (gain * hat, "the bias is still to be added"),
        (bias * hat + gain, "gain and bias are exchanged"),
        (gain * (hat + bias), "the bias comes after the gain"),
        (gain * x / rms + bias, "that is RMSNorm, which subtracts no mean"),
        (gain * x / sigma + bias, "the mean has not been subtracted"),
        (gain * hat * sigma / rms + bias,
         "what is divided by has the mean in it still: it is no standard deviation"),
    ]  # fmt: skip
    return right, wrong + _misread(x, gain, bias, centered=True)


def rms_norms(x: np.ndarray, gain: np.ndarray) -> Judged:
    """RMSNorm of x."""
    (hat, sigma), (right, rms) = _normed(x), _normed(x, centered=False)
    wrong = [
        (gain * hat, "that is LayerNorm: here no mean is subtracted"),
        (gain * x / sigma,
         "that divides by the standard deviation, which subtracts the mean first"),
        (gain * hat * sigma / rms, "no mean is subtracted"),
    ]  # fmt: skip
    return gain * right, wrong + _misread(x, gain, np.zeros_like(gain), centered=False)


def _misread(x, gain, bias, *, centered: bool) -> list[tuple[np.ndarray, str]]:
    """What either norm is taken for."""
    normed = partial(_normed, centered=centered)
    top = x - x.mean(axis=-1, keepdims=True) if centered else x
    square = (top**2).mean(axis=-1, keepdims=True)
    with np.errstate(all="ignore"):
        without_eps = normed(x, eps=0)[0]
        return [
            (gain * hat + bias, hint)
            for hat, hint in (
                (normed(x, axis=0)[0], "over the numbers of one token, not over the tokens"),
                (normed(x, axis=None)[0], "each token by itself: no other one enters into it"),
                (normed(x)[0] / gain, "the gain is still to be applied"),
                (normed(gain * x)[0] / gain, "the gain comes after the division"),
                (top, "nothing was divided: the size is what it was"),
                ((x - bias) / gain, "nothing has changed"),
                (top / (square + EPS), "the root is missing"),
                (top / (np.sqrt(square) + EPS), "the 1e-5 is added before the root is taken"),
                *[(hat, "the 1e-5 has not been added: a token's numbers may all be alike, or zeros")
                  for hat in (without_eps, np.nan_to_num(without_eps))],
                *[(normed(x, eps=eps)[0], "ε is 1e-5 here") for eps in (1e-6, 1e-8)],
                (top / (np.abs(top).mean(axis=-1, keepdims=True) + EPS),
                 "squares, their mean, the root of it: not the mean of the sizes"),
                (normed(x, ddof=x.shape[-1] - 1)[0],
                 "that divides by the length of the token: it is the mean of the squares, not "
                 "their sum"),
                (normed(x, ddof=1)[0], "the mean of the squares divides by d, not by d - 1"),
            )
        ]  # fmt: skip


def _normed(x, *, centered=True, axis: int | None = -1, eps=EPS, ddof=0):
    """Numbers over their size, which is their deviation if they are centered, and that size."""
    top = x - x.mean(axis=axis, keepdims=True) if centered else x
    count = x.size if axis is None else x.shape[axis]
    sigma = np.sqrt((top**2).sum(axis=axis, keepdims=True) / (count - ddof) + eps)
    return top / sigma, sigma


def gradients(x: np.ndarray, gain: np.ndarray, g: np.ndarray) -> list[Judged]:
    """Those of a loss with respect to x, the gain and the bias of LayerNorm, where it has the
    gradient g with respect to what comes out."""
    tokens, (hat, sigma) = tuple(range(x.ndim - 1)), _normed(x)
    of_gain = [
        (g.sum(axis=tokens), "that is the gradient of the bias, and the gain comes first"),
        ((g * hat).mean(axis=tokens),
         "all tokens add to the gradient of the gain; that is their mean"),
        ((g * x).sum(axis=tokens), "the gain multiplies the normed token, not x"),
        ((g * hat * sigma).sum(axis=tokens),
         "the gain multiplies the normed token: it has been divided by σ"),
        ((gain * g * hat).sum(axis=tokens),
         "g is the gradient of what comes out: the gain is not part of its own gradient"),
        (hat.sum(axis=tokens), "g is not in the gradient of the gain"),
    ]  # fmt: skip
    of_bias = [
        (g.mean(axis=tokens), "all tokens add to the gradient of the bias; that is their mean"),
        ((gain * g).sum(axis=tokens), "the bias is added behind the gain"),
        (np.ones_like(gain), "g is not in the gradient of the bias"),
    ]
    return [
        _gradient_of_x(x, gain, g),
        ((g * hat).sum(axis=tokens), of_gain),
        (g.sum(axis=tokens), of_bias),
    ]


def _gradient_of_x(x, gain, g) -> Judged:
    def back(g, hat, sigma, *, shifting=1, stretching=1, axis: int | None = -1):
        shift = g.mean(axis=axis, keepdims=True)
        stretch = hat * (hat * g).mean(axis=axis, keepdims=True)
        return (g - shifting * shift - stretching * stretch) / sigma

    behind, (hat, sigma), d = gain * g, _normed(x), x.shape[-1]
    with np.errstate(all="ignore"):
        wrong = [
            (back(g, hat, sigma), "the gain lies between g and the normed token"),
            (gain * back(g, hat, sigma), "on the way back the gain comes before the projection"),
            (behind / sigma,
             "the gradient of x has two directions in it still: to shift x changes nothing, and to "
             "stretch it neither"),
            (back(behind, hat, sigma, stretching=0),
             "to stretch x changes nothing, and the gradient still points there"),
            (back(behind, hat, sigma, shifting=0),
             "to shift x changes nothing, and the gradient still points there"),
            (back(behind, hat, sigma, stretching=d),
             "the normed token has the length √d, so too much of its direction is taken out"),
            (back(behind, hat, sigma, shifting=d, stretching=d),
             "what is taken out is too large: both sums are divided by d in (54)"),
            (back(behind, hat, 1),
             "the direction is right, but a token ten times as large should have a tenth of the "
             "gradient"),
            (back(behind, hat, sigma**2), "the gradient of x was divided by σ twice"),
            ((behind - behind.mean(axis=-1, keepdims=True)
              - x * (x * behind).mean(axis=-1, keepdims=True)) / sigma,
             "the direction taken out is that of the normed token, not of x"),
            (back(behind, hat, sigma, axis=None), "each token has means of its own"),
            (back(behind, *_normed(x, eps=0)), "σ has the 1e-5 in it, on the way back as well"),
            (back(behind, *_normed(x, ddof=1)), "σ² divides by d, not by d - 1"),
            (-back(behind, hat, sigma), "the gradient of x has the wrong sign"),
        ]  # fmt: skip
    return back(behind, hat, sigma), wrong
