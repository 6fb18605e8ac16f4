"""Softmax: scores in, weights out, and what follows from them."""

from collections.abc import Callable
from types import ModuleType
from typing import Any

import numpy as np

from attnlab.functional import arrays as check
from attnlab.functional import settings
from attnlab.functional.arrays import AnyArray, Array
from attnlab.functional.finite import quiet


def softmax(
    scores: Array, axis: int = -1, *, temperature: float = 1.0, mask: AnyArray | None = None
) -> Array:
    r"""Weights that are positive, sum to 1 along `axis`, and grow with the scores.

    $$w_i = \frac{\exp(s_i / \tau)}{\sum_j \exp(s_j / \tau)}$$

    Args:
        scores: `(..., m)`, floats of any precision; half precisions are summed in float32.
        axis: the axis along which the weights sum to 1.
        temperature: $\tau > 0$; towards 0 the largest score takes all, towards infinity all share.
        mask: boolean, True = may attend, broadcastable to `scores`. A score that is masked out
            is never read: its weight is 0, whatever it was. A row with no True has weights 0.

    Returns:
        The weights, in the shape and dtype of `scores`. NaN gives NaN, and so does a row that has
        no largest number (`inf` in it, or `-inf` only): it is not hidden.

    Raises:
        TypeError: scores are not floats, the mask is not boolean or of another library, `axis` is
            not an integer, or T not a number.
        ValueError: `axis` is empty or missing, T is not positive and finite, or the mask does not
            fit or is on another device.

    Source:
        Bridle (1990), "Probabilistic interpretation of feedforward classification network
        outputs"; the temperature is Hinton, Vinyals and Dean (2015), equation 1.

    >>> softmax(np.array([1.0, 1.0, 1.0, 1.0]))
    array([0.25, 0.25, 0.25, 0.25])
    >>> softmax(np.array([[1e4, 1e4, 0.0], [1.0, 2.0, 3.0]]),
    ...         mask=np.array([[True, True, True], [False, False, False]]))
    array([[0.5, 0.5, 0. ],
           [0. , 0. , 0. ]])
    """
    return softmax_into(None, scores, axis=axis, temperature=temperature, mask=mask)


def softmax_into(
    out: np.ndarray | None,
    scores: Array,
    *,
    axis: int,
    temperature: float,
    mask: AnyArray | None,
    exp: np.ufunc = np.exp,
) -> Array:
    """`softmax` that may use a NumPy array `out` of the shape of the scores for its work, and for
    NumPy's scores another base than e."""
    xp, ready, mask = _prepare(scores, axis, temperature, mask)
    if check.is_torch(ready):
        weights = xp.softmax(ready, axis)  # one kernel, and it knows its derivative
        if mask is not None:
            weights = xp.where(mask, weights, 0.0)
    else:
        if out is not None and out.dtype != ready.dtype:
            out = None  # half precision is too coarse to work in
        with quiet(ready):
            # The largest exponent is 0, where exp cannot overflow.
            weights = np.subtract(ready, ready.max(axis, keepdims=True), out=out)
            exp(weights, out=weights)
            weights /= weights.sum(axis, keepdims=True)
        if mask is not None:
            np.copyto(weights, 0.0, where=~mask)
    return check.narrow(weights, scores)


def log_softmax(
    scores: Array, axis: int = -1, *, temperature: float = 1.0, mask: AnyArray | None = None
) -> Array:
    r"""The logarithm of `softmax`, without the underflow of taking it afterwards.

    Args:
        scores: `(..., m)`, floats of any precision; half precisions are summed in float32.
        axis: the axis along which the weights sum to 1.
        temperature: $\tau > 0$, as for `softmax`.
        mask: boolean, True = may attend, broadcastable to `scores`. What is masked out is never
            read: its logarithm is `-inf`, and so are all those of a row with no True.

    Returns:
        The logarithms, in the shape and dtype of `scores`; NaN where `softmax` has NaN.

    Raises:
        TypeError: scores are not floats, the mask is not boolean or of another library, `axis` is
            not an integer, or T not a number.
        ValueError: `axis` is empty or missing, T is not positive and finite, or the mask does not
            fit or is on another device.

    Source:
        Goodfellow, Bengio and Courville (2016), "Deep Learning", section 4.1.

    >>> log_softmax(np.array([0.0, -1000.0]))
    array([    0., -1000.])
    """
    xp, ready, mask = _prepare(scores, axis, temperature, mask)
    if check.is_torch(ready):
        logs = xp.log_softmax(ready, axis)
    else:
        with quiet(ready):
            logs = ready - ready.max(axis, keepdims=True)
            logs -= np.log(np.exp(logs).sum(axis, keepdims=True))
    if mask is not None:
        logs = xp.where(mask, logs, -xp.inf)
    with quiet(scores):  # half precision has no number for the smallest
        return check.narrow(logs, scores)


def entropy(weights: Array, axis: int = -1) -> Array:
    r"""How spread the weights are, in nats: $H = -\sum_i w_i \log w_i$, with $0 \log 0 = 0$.

    Args:
        weights: `(..., m)`, not negative; usually the output of `softmax`.
        axis: the axis to sum over.

    Returns:
        The entropy, without `axis`: 0 when one weight is 1 (or all are 0), $\log m$ when all
        are equal; NaN where a weight is NaN, negative or infinite.

    Raises:
        TypeError: weights are not floats, or `axis` is not an integer.
        ValueError: `axis` is empty or missing.

    Source:
        Shannon (1948), "A mathematical theory of communication", section 6.

    >>> float(entropy(np.array([0.5, 0.5, 0.0])) / np.log(2))
    1.0
    """
    xp = check.floats(weights=weights)
    axis = check.filled_axis(axis, weights=weights)
    wide = check.wide(weights)
    # log 1 = 0 stands in for log 0, so that neither the value nor the gradient is NaN.
    with quiet(wide):
        logs = xp.log(xp.where(wide == 0, 1.0, wide))
        logs = xp.where(wide == xp.inf, xp.nan, logs)  # inf is no weight, and -inf no entropy
        # Subtracted from 0, a sum of 0 is no -0.
        return check.narrow(0.0 - xp.sum(wide * logs, axis=axis), weights)


def softmax_jacobian(p: Array) -> Array:
    r"""The derivative of softmax: $\partial p_i / \partial s_j = p_i(\delta_{ij} - p_j)$.

    Args:
        p: `(..., m)`, weights from `softmax` over the last axis at temperature 1 (at another
            temperature τ, divide the result by τ).

    Returns:
        `(..., m, m)`, symmetric; each row sums to 0.

    Raises:
        TypeError: p is not of floats.
        ValueError: the last axis is empty or missing.

    Source:
        Bridle (1990), "Training stochastic model recognition algorithms as networks can lead to
        maximum mutual information estimation of parameters", section 3.

    >>> softmax_jacobian(np.array([0.5, 0.5]))
    array([[ 0.25, -0.25],
           [-0.25,  0.25]])
    """
    xp = check.floats(p=p)
    check.filled_axis(-1, p=p)
    identity = xp.eye(p.shape[-1], dtype=p.dtype, device=check.device(p))
    return p[..., :, None] * (identity - p[..., None, :])  # (..., m, m)


def online_softmax(scores: Array, *, block: int = 128) -> Array:
    """Softmax over the last axis whose maximum and sum are found in one pass, block by block.

    Args:
        scores: `(..., m)`.
        block: how many scores are looked at together.

    Returns:
        The weights, equal to `softmax(scores)` up to rounding, and NaN where that is.

    Raises:
        TypeError: scores are not floats, or block is not an integer.
        ValueError: the last axis is empty or missing, or block < 1.

    Source:
        Milakov and Gimelshein (2018), "Online normalizer calculation for softmax", algorithm 3.

    >>> online_softmax(np.array([0.0, 1000.0, 1000.0]), block=1)
    array([0. , 0.5, 0.5])
    """
    xp = check.floats(scores=scores)
    check.filled_axis(-1, scores=scores)
    (block,) = settings.count(1, block=block)
    wide = check.wide(scores)
    top, total = online_start(wide[..., :1])
    with quiet(wide):
        for start in range(0, scores.shape[-1], block):
            top, total, _, _ = online_step(top, total, wide[..., start : start + block], xp.exp)
        return check.narrow(xp.exp(wide - top) / total, scores)


def online_start(column: Array) -> tuple[Array, Array]:
    """Maximum and sum of no scores at all, `(..., 1)` like `column`."""
    xp = check.xp_of(column)
    return xp.full_like(column, -xp.inf), xp.zeros_like(column)


def online_step(
    top: Array, total: Array, scores: Array, exp: Callable[[Array], Array]
) -> tuple[Array, Array, Array, Array]:
    """Take one more block of scores into the running maximum and sum; `exp` may have another base.

    Returns the new maximum and sum, the block's exponentials, and the factor by which everything
    summed so far shrank because the maximum rose.
    """
    xp = check.xp_of(scores)
    new_top: Any = xp.maximum(top, xp.max(scores, axis=-1, keepdims=True))
    if check.is_torch(new_top):
        new_top = new_top.detach()  # no result depends on it, and so no derivative
    # As long as nothing may be attended the maximum is -inf, and -inf - -inf would be NaN.
    shift = xp.where(new_top == -xp.inf, 0.0, new_top)
    exponentials = exp(scores - shift)
    shrink = exp(top - shift)
    total = total * shrink + xp.sum(exponentials, axis=-1, keepdims=True)
    return new_top, total, exponentials, shrink


def _prepare(
    scores: Array, axis: int, temperature: float, mask: AnyArray | None
) -> tuple[ModuleType, Array, Array | None]:
    """The namespace; checked scores, wide enough to sum, masked and divided by the temperature; and
    the mask."""
    xp = check.floats(scores=scores)
    axis = check.filled_axis(axis, scores=scores)
    settings.positive(temperature=temperature)
    ready = check.wide(scores)
    if mask is not None:
        mask = check.as_mask(mask, scores.shape, scores)
        # A row with no key is filled with zeros instead of -inf: its softmax is then finite, and
        # so is its gradient; its weights are erased afterwards.
        alive = xp.any(mask, axis=axis, keepdims=True)
        ready = xp.where(
            mask,
            ready,
            xp.where(
                alive, xp.asarray(-xp.inf, dtype=ready.dtype, device=check.device(ready)), 0.0
            ),
        )
    if temperature != 1:
        # Differences from the maximum overflow to -inf alone, however tiny the temperature.
        with quiet(ready):
            ready = check.divided(ready - xp.max(ready, axis=axis, keepdims=True), temperature)
    return xp, ready, mask
