"""Attention: every query looks at every key, and takes a weighted mean of the values."""

from collections.abc import Callable

import array_api_compat as compat
import numpy as np

from attnlab import _arrays as check
from attnlab._arrays import Array
from attnlab.masks import causal_mask
from attnlab.scores import scaled_dot_scores
from attnlab.softmax import online_start, online_step, softmax, softmax_into

SLICE = 2**18  # bytes of one slice's weights from which on its calls cost less than the cache saves


def attention(
    q: Array,
    k: Array,
    v: Array,
    *,
    mask: Array | None = None,
    scores: Callable[[Array, Array], Array] = scaled_dot_scores,
) -> tuple[Array, Array]:
    r"""Scaled dot-product attention, or attention with any other scores.

    $$\mathrm{Attention}(Q, K, V) = \mathrm{softmax}\Bigl(\frac{QK^\top}{\sqrt{d_k}}\Bigr)V$$

    Args:
        q: queries, `(..., n, d_k)`.
        k: keys, `(..., m, d_k)`.
        v: values, `(..., m, d_v)`; the leading axes of q, k and v broadcast.
        mask: boolean, True = may attend, broadcastable to `(..., n, m)`. A query that may attend
            to nothing has weights 0 and context 0.
        scores: a function of `(q, k)` that returns `(..., n, m)`.

    Returns:
        The context `(..., n, d_v)` and the weights `(..., n, m)`.

    Raises:
        TypeError: not floats, of different dtypes or libraries, or a mask that is not boolean.
        ValueError: shapes that do not fit together, or no keys at all (m = 0).

    Source:
        Vaswani et al. (2017), section 3.2.1, equation 1.

    >>> import numpy as np
    >>> q, k = np.array([[100.0, 0.0]]), np.array([[1.0, 0.0], [0.0, 1.0]])
    >>> context, weights = attention(q, k, np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]))
    >>> context.round(3), weights.round(3)
    (array([[1., 2., 3.]]), array([[1., 0.]]))
    """
    _, n, m = _check(q, k, v)
    large = n * m * q.dtype.itemsize >= SLICE
    if scores is scaled_dot_scores and large and compat.is_numpy_array(q):
        return _slice_by_slice(q, k, v, mask)
    similarity = scores(q, k)  # (..., n, m)
    check.scores_of_pairs(n, m, similarity)
    weights = softmax(similarity, mask=mask)  # (..., n, m)
    return weights @ v, weights


def blockwise_attention(
    q: Array,
    k: Array,
    v: Array,
    *,
    mask: Array | None = None,
    causal: bool = False,
    block: int = 256,
) -> Array:
    """The context of scaled dot-product attention, without ever holding all the weights.

    A block of queries walks over the keys block by block and keeps a running maximum, sum and
    context, so the memory grows with n and not with n · m. (With gradients wanted, autograd keeps
    every block, and the saving is gone.)

    Args:
        q: queries, `(..., n, d_k)`.
        k: keys, `(..., m, d_k)`.
        v: values, `(..., m, d_v)`; the leading axes of q, k and v broadcast.
        mask: boolean, True = may attend, broadcastable to `(..., n, m)`.
        causal: query i sees only keys j ≤ i; what lies wholly in the future is not computed.
        block: how many queries, and how many keys, are handled together.

    Returns:
        The context `(..., n, d_v)`, equal to that of `attention` up to rounding.

    Raises:
        TypeError: not floats, of different dtypes or libraries, or a mask that is not boolean.
        ValueError: shapes that do not fit together, no keys at all, block < 1, or `causal` with
            n ≠ m, where it is not clear which query stands beside which key.

    Source:
        Rabe and Staats (2021), "Self-attention does not need O(n²) memory"; Dao et al. (2022),
        "FlashAttention", algorithm 1.

    >>> import numpy as np
    >>> q = k = v = np.linspace(0.0, 1.0, 10).reshape(5, 2)
    >>> whole, _ = attention(q, k, v, mask=np.tri(5, dtype=bool))
    >>> bool(np.allclose(blockwise_attention(q, k, v, causal=True, block=2), whole))
    True
    """
    lead, n, m = _check(q, k, v)
    check.same_length(-1, q=q, k=k)
    check.count(1, block=block)
    if causal and n != m:
        raise ValueError(f"causal needs as many queries as keys, got n = {n} and m = {m}")
    if mask is not None:
        mask = check.as_mask(mask, (*lead, n, m), q)
    xp = compat.array_namespace(q)
    contexts = []
    for start in range(0, max(n, 1), block):  # no queries make one empty block
        rows = slice(start, start + block)
        seen = min(rows.stop, m) if causal else m
        (top, total), context = online_start(check.wide(q[..., rows, :1])), 0.0
        for keys in (slice(i, min(i + block, seen)) for i in range(0, seen, block)):
            scores = scaled_dot_scores(check.wide(q[..., rows, :]), check.wide(k[..., keys, :]))
            if mask is not None:
                scores = xp.where(_part(mask, rows, keys), scores, -xp.inf)
            if causal and keys.stop > start:  # only the last block of a row reaches the future
                past = causal_mask(block, like=q)[: scores.shape[-2], : scores.shape[-1]]
                scores = xp.where(past, scores, -xp.inf)
            top, total, exponentials, shrink = online_step(top, total, scores)
            context = context * shrink + exponentials @ check.wide(v[..., keys, :])
        contexts.append(context / xp.where(total == 0, 1.0, total))  # nothing to attend: 0 / 1
    return xp.astype(xp.concat(contexts, axis=-2), q.dtype, copy=False)


def _slice_by_slice(q: Array, k: Array, v: Array, mask: Array | None) -> tuple[Array, Array]:
    """The same for large NumPy arrays, one leading index at a time.

    NumPy runs over its arrays once for each operation; a slice is small enough to stay in the
    processor's cache from its scores to its context.
    """
    lead, n, m = _check(q, k, v)
    q, k, v = (np.broadcast_to(x, (*lead, *x.shape[-2:])) for x in (q, k, v))
    if mask is not None:
        mask = np.broadcast_to(check.as_mask(mask, (*lead, n, m), q), (*lead, n, m))
    context = np.empty((*lead, n, v.shape[-1]), q.dtype)
    weights = np.empty((*lead, n, m), q.dtype)
    for i in np.ndindex(lead):
        scores = scaled_dot_scores(q[i], k[i])  # (n, m)
        scores = softmax_into(scores, scores, mask=None if mask is None else mask[i])
        weights[i], context[i] = scores, scores @ v[i]
    return context, weights


def _part(mask: Array, rows: slice, keys: slice) -> Array:
    """The mask of one block; an axis of 1 stands for all and stays."""
    everything = slice(None)
    return mask[
        ...,
        rows if mask.shape[-2] > 1 else everything,
        keys if mask.shape[-1] > 1 else everything,
    ]


def _check(q: Array, k: Array, v: Array) -> tuple[tuple[int, ...], int, int]:
    """The leading axes, n and m of the weights, if the shapes fit together."""
    check.floats(q=q, k=k, v=v)
    check.at_least(2, q=q, k=k, v=v)
    check.same_length(-2, k=k, v=v)
    check.filled_axis(-2, k=k)
    return check.leading(q=q, k=k, v=v), q.shape[-2], k.shape[-2]
