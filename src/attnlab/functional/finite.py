"""How attention keeps what is not finite from those who may not see it (see `attnlab.functional`).

It is set to 0 before anything is computed, since 0 times NaN is no 0, neither in a context nor in a
gradient; and it is given afterwards to those who may see it.
"""

from contextlib import AbstractContextManager, nullcontext

import numpy as np

from attnlab.functional import arrays as check
from attnlab.functional import contents
from attnlab.functional.arrays import AnyArray, Array


def all_finite(*arrays: AnyArray) -> bool | None:
    """Whether no array holds NaN, inf or -inf; None where that can't be known (`arrays.truth`).

    One cheap pass decides: False also where a sum leaves the range of numbers.
    """
    total, xp = 0.0, check.xp_of(arrays[0])
    with quiet(arrays[0]):
        for array in arrays:
            own = array.detach() if check.is_torch(array) else array
            total = total + xp.sum(own, dtype=xp.float32 if own.dtype.itemsize == 2 else own.dtype)
        return contents.truth(xp.isfinite(total))


def finite_part(array: Array) -> Array:
    """The array with 0 in place of NaN, inf and -inf, where its gradient is 0 too."""
    xp = check.xp_of(array)
    return xp.where(xp.isfinite(array), array, xp.zeros_like(array))


def marks(x: Array) -> Array:
    """NaN for each query or key that is not finite, 0 for the others: `(..., n, d) -> (..., n, 1)`.

    Added to what a query gets, or passed on as if it were a key's value, it tells who is to get it.
    """
    xp = check.xp_of(x)
    finite = xp.all(xp.isfinite(x), axis=-1, keepdims=True)
    return xp.where(finite, xp.zeros_like(x[..., :1]), xp.nan)


def passed_on(seen: Array | None, v: Array) -> Array:
    """inf, -inf or NaN for each query that sees such values, else 0: `(..., n or 1, d_v)`.

    `seen` is a mask `(..., n or 1, m or 1)`; without one everything is seen.
    """
    xp = check.xp_of(v)
    high, low = ~(v < xp.inf), ~(v > -xp.inf)  # NaN is both, and inf - inf is NaN
    if seen is None:
        high, low = (xp.any(odd, axis=-2, keepdims=True) for odd in (high, low))
    else:
        who = xp.astype(xp.broadcast_to(seen, (*seen.shape[:-1], v.shape[-2])), xp.float32)
        high, low = (who @ xp.astype(odd, xp.float32) > 0 for odd in (high, low))
    zero = xp.zeros_like(v[..., :1, :1])
    return xp.where(high, xp.inf, zero) + xp.where(low, -xp.inf, zero)


def quiet(array: AnyArray) -> AbstractContextManager:
    """No warning of NumPy's about what a docstring tells: what becomes infinite, or no number."""
    return nullcontext() if check.is_torch(array) else np.errstate(over="ignore", invalid="ignore")
