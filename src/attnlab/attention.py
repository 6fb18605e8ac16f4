"""Attention: every query looks at every key, and takes a weighted mean of the values."""

from collections.abc import Callable

import array_api_compat as compat

from attnlab import _arrays as check
from attnlab._arrays import Array
from attnlab.masks import causal_mask
from attnlab.scores import dot_scores, scaled_dot_scores
from attnlab.softmax import online_start, online_step, softmax


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
    _check(q, k, v)
    weights = softmax(scores(q, k), mask=mask)  # (..., n, m)
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
    shape = _check(q, k, v)
    check.same_length(-1, q=q, k=k)
    check.filled_axis(-1, q=q)
    check.count(1, block=block)
    n, m = shape[-2:]
    if causal and n != m:
        raise ValueError(f"causal needs as many queries as keys, got n = {n} and m = {m}")
    if mask is not None:
        mask = check.as_mask(mask, shape, q)
    xp = compat.array_namespace(q)
    contexts = []
    for start in range(0, max(n, 1), block):
        rows = slice(start, start + block)
        seen = min(m, start + block) if causal else m
        contexts.append(_attend_in_blocks(q, k, v, mask, causal, rows, seen, block))
    return xp.astype(xp.concat(contexts, axis=-2), q.dtype, copy=False)


def _attend_in_blocks(q, k, v, mask, causal, rows, seen, block):
    """The context of the queries in `rows`, `(..., block, d_v)`, from the first `seen` keys."""
    xp = compat.array_namespace(q)
    q = check.wide(q[..., rows, :]) * q.shape[-1] ** -0.5
    (top, total), context = online_start(q[..., :1]), 0.0
    for start in range(0, seen, block):
        keys = slice(start, min(start + block, seen))
        scores = dot_scores(q, check.wide(k[..., keys, :]))  # (..., block, block)
        if mask is not None:
            scores = xp.where(_part(mask, rows, keys), scores, -xp.inf)
        if causal and keys.stop > rows.start:
            future = causal_mask(block, like=q)[: scores.shape[-2], : scores.shape[-1]]
            scores = xp.where(future, scores, -xp.inf)
        top, total, exponentials, shrink = online_step(top, total, scores)
        context = context * shrink + exponentials @ check.wide(v[..., keys, :])
    return context / xp.where(total == 0, 1.0, total)  # nothing to attend: 0 / 1


def _part(mask: Array, rows: slice, keys: slice) -> Array:
    """The mask of one block; an axis of 1 stands for all and stays."""
    everything = slice(None)
    return mask[
        ...,
        rows if mask.shape[-2] > 1 else everything,
        keys if mask.shape[-1] > 1 else everything,
    ]


def _check(q: Array, k: Array, v: Array) -> tuple[int, ...]:
    """The shape of the weights, `(..., n, m)`, if the shapes fit together."""
    check.floats(q=q, k=k, v=v)
    check.at_least(2, q=q, k=k, v=v)
    check.same_length(-2, k=k, v=v)
    check.filled_axis(-2, k=k)
    return (*check.leading(q=q, k=k, v=v), q.shape[-2], k.shape[-2])
