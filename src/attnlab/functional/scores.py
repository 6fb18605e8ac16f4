"""How alike are a query and a key? Five answers, each a score for every pair."""

import numpy as np

from attnlab.functional import arrays as check
from attnlab.functional import settings
from attnlab.functional.arrays import Array
from attnlab.functional.finite import quiet


def dot_scores(q: Array, k: Array) -> Array:
    r"""The dot product of every query with every key: $S = QK^\top$.

    Args:
        q: queries, `(..., n, d_k)`.
        k: keys, `(..., m, d_k)`; leading axes broadcast against those of q.

    Returns:
        `(..., n, m)`.

    Raises:
        TypeError: not floats, or of different dtypes or libraries.
        ValueError: fewer than two axes, d_k that differs or is 0, leading axes that do not
            broadcast, or different devices.

    Source:
        Luong, Pham and Manning (2015), section 3.1, "dot".

    >>> dot_scores(np.array([[1.0, 2.0]]), np.array([[3.0, 4.0], [0.0, 1.0]]))
    array([[11.,  2.]])
    """
    _check(q, k)
    check.same_length(-1, q=q, k=k)
    return q @ transposed(k)  # (..., n, m)


def scaled_dot_scores(q: Array, k: Array) -> Array:
    r"""The dot product divided by the square root of its length: $S = QK^\top / \sqrt{d_k}$.

    Args:
        q: queries, `(..., n, d_k)`.
        k: keys, `(..., m, d_k)`; leading axes broadcast against those of q.

    Returns:
        `(..., n, m)`.

    Raises:
        TypeError: not floats, or of different dtypes or libraries.
        ValueError: fewer than two axes, d_k that differs or is 0, leading axes that do not
            broadcast, or different devices.

    Source:
        Vaswani et al. (2017), section 3.2.1, equation 1.

    >>> scaled_dot_scores(np.array([[1.0, 1.0, 1.0, 1.0]]), np.array([[3.0, 3.0, 3.0, 3.0]]))
    array([[6.]])
    """
    _check(q, k)
    check.same_length(-1, q=q, k=k)
    return scaled_products(q, k)  # (..., n, m)


def bilinear_scores(q: Array, k: Array, w: Array) -> Array:
    r"""A dot product through a learned matrix, for queries and keys of any sizes: $S = QWK^\top$.

    Args:
        q: queries, `(..., n, d_q)`.
        k: keys, `(..., m, d_k)`.
        w: `(d_q, d_k)`.

    Returns:
        `(..., n, m)`.

    Raises:
        TypeError: not floats, or of different dtypes or libraries.
        ValueError: fewer than two axes, a width of 0, w that is not `(d_q, d_k)`, leading axes that
            do not broadcast, or different devices.

    Source:
        Luong, Pham and Manning (2015), section 3.1, "general".

    >>> bilinear_scores(np.array([[1.0, 2.0]]), np.array([[3.0]]), np.array([[1.0], [10.0]]))
    array([[63.]])
    """
    _check(q, k, w=w)
    check.has_shape((q.shape[-1], k.shape[-1]), w=w)
    scores = (check.wide(q) @ check.wide(w)) @ transposed(check.wide(k))
    return check.narrow(scores, q)  # (..., n, m)


def additive_scores(q: Array, k: Array, w_q: Array, w_k: Array, v: Array) -> Array:
    r"""A small network with one hidden layer: $s_{ij} = v^\top \tanh(q_i W_q + k_j W_k)$.

    Args:
        q: queries, `(..., n, d_q)`.
        k: keys, `(..., m, d_k)`.
        w_q: `(d_q, d_hidden)`.
        w_k: `(d_k, d_hidden)`.
        v: `(d_hidden,)`.

    Returns:
        `(..., n, m)`; on the way there, `(..., n, m, d_hidden)` is held in memory.

    Raises:
        TypeError: not floats, or of different dtypes or libraries.
        ValueError: fewer than two axes, a width of 0, a weight of the wrong shape, leading axes
            that do not broadcast, or different devices.

    Source:
        Bahdanau, Cho and Bengio (2015), section 3.1 and appendix A.1.2.

    >>> additive_scores(np.array([[0.0]]), np.array([[0.0], [9.0]]),
    ...                 np.array([[1.0]]), np.array([[1.0]]), np.array([2.0])).round(6)
    array([[0., 2.]])
    """
    _check(q, k, w_q=w_q, w_k=w_k, v=v)
    check.at_least(1, v=v)
    check.has_shape((q.shape[-1], v.shape[-1]), w_q=w_q)
    check.has_shape((k.shape[-1], v.shape[-1]), w_k=w_k)
    check.has_shape((v.shape[-1],), v=v)
    queries = check.wide(q) @ check.wide(w_q)
    keys = check.wide(k) @ check.wide(w_k)
    hidden = queries[..., :, None, :] + keys[..., None, :, :]  # (..., n, m, d_hidden)
    return check.narrow(check.xp_of(q).tanh(hidden) @ check.wide(v), q)  # (..., n, m)


def gaussian_scores(q: Array, k: Array, *, width: float = 1.0) -> Array:
    r"""Minus half the squared distance, in units of the width: $s_{ij} = -|q_i - k_j|^2/2\sigma^2$.

    The softmax of these scores weighs each key by a Gaussian bell around the query.

    Args:
        q: queries, `(..., n, d_k)`.
        k: keys, `(..., m, d_k)`; leading axes broadcast against those of q.
        width: $\sigma > 0$, the distance at which a key counts $e^{-1/2}$ of one at the query.

    Returns:
        `(..., n, m)`; on the way there, `(..., n, m, d_k)` is held in memory.

    Raises:
        TypeError: not floats, or of different dtypes or libraries, or width is not a number.
        ValueError: fewer than two axes, d_k that differs or is 0, leading axes that do not
            broadcast, different devices, or a width that is not positive and finite.

    Source:
        Nadaraya (1964) and Watson (1964), with the Gaussian as their kernel.

    >>> gaussian_scores(np.array([[0.0, 0.0]]), np.array([[3.0, 4.0], [0.0, 1.0]]))
    array([[-12.5,  -0.5]])
    """
    _check(q, k)
    check.same_length(-1, q=q, k=k)
    settings.positive(width=width)
    queries, keys = check.wide(q), check.wide(k)
    with quiet(queries):  # what is too far away has -inf
        apart = check.divided(queries[..., :, None, :] - keys[..., None, :, :], width)
        # Not `apart**2`, whose derivative 2 · apart may be infinite where this one's is not.
        squares = check.xp_of(q).sum(apart * apart, axis=-1)  # of (..., n, m, d_k)
        return check.narrow(squares / -2, q)  # (..., n, m)


def _check(q: Array, k: Array, **parameters: Array) -> None:
    check.floats(q=q, k=k, **parameters)
    check.at_least(2, q=q, k=k)
    check.leading(q=q, k=k)
    check.filled_axis(-1, q=q, k=k)


def scaled_products(q: Array, k: Array, factor: float = 1.0) -> Array:
    """`scaled_dot_scores` of what was checked, times a factor."""
    # Scaling Q is cheaper than scaling S, and keeps half precision from overflowing.
    return (q * (q.shape[-1] ** -0.5 * factor)) @ transposed(k)


def transposed(k: Array) -> Array:
    """`(..., m, d) -> (..., d, m)`."""
    return k.mT if check.is_torch(k) else np.ascontiguousarray(np.swapaxes(k, -1, -2))
