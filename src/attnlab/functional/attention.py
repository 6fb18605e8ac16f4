"""Attention: every query looks at every key, and takes a weighted mean of the values."""

import math
from collections.abc import Callable, Iterator

import numpy as np

from attnlab.functional import arrays as check
from attnlab.functional import settings
from attnlab.functional.arrays import AnyArray, Array
from attnlab.functional.masks import causal_mask
from attnlab.functional.scores import scaled_dot_scores, transposed
from attnlab.functional.softmax import online_start, online_step, softmax, softmax_into

# exp(s) is exp2(s · log₂ e), and exp2 is the faster of the two: on a CPU two to three times, with
# -inf among the scores ten times. The factor costs nothing where queries are scaled anyway.
LOG2_E = math.log2(math.e)


def attention(
    q: Array,
    k: Array,
    v: Array,
    *,
    mask: AnyArray | None = None,
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
    if not check.is_torch(q) and scores is scaled_dot_scores and _large(n, m):
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
    mask: AnyArray | None = None,
    causal: bool = False,
    block: int = 512,
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
    _check_products(q, k)
    settings.count(1, block=block)
    if causal and n != m:
        raise ValueError(f"causal needs as many queries as keys, got n = {n} and m = {m}")
    if mask is not None:
        mask = check.as_mask(mask, (*lead, n, m), q)
    if not _large(min(n, block), min(m, block)):
        return _in_blocks(q, k, v, mask, causal=causal, block=block)
    xp = check.xp_of(q)
    context = xp.empty((*lead, n, v.shape[-1]), dtype=q.dtype, device=check.device(q))
    for i, one in _slices(q, k, v, mask):
        context[i] = _in_blocks(*one, causal=causal, block=block)
    return context


def _in_blocks(
    q: Array, k: Array, v: Array, mask: AnyArray | None, *, causal: bool, block: int
) -> Array:
    """The context of one slice, `(..., n, d_v)`: for each block of queries, all blocks of keys."""
    xp = check.xp_of(q)
    n, m = q.shape[-2], k.shape[-2]
    past = causal_mask(min(n, block), like=q) if causal else None  # of a block on the diagonal
    contexts = []
    for start in range(0, max(n, 1), block):  # no queries make one empty block
        rows = slice(start, start + block)
        seen = min(rows.stop, m) if causal else m  # the future is not even looked at
        scaled = _scaled(q[..., rows, :])  # (..., block, d_k)
        (top, total), context = online_start(scaled[..., :1]), 0.0
        for keys in (slice(i, min(i + block, seen)) for i in range(0, seen, block)):
            scores = scaled @ transposed(check.wide(k[..., keys, :]))
            if mask is not None:
                scores = xp.where(_part(mask, rows, keys), scores, -xp.inf)
            if past is not None and keys.start == start:
                size = scores.shape[-1]  # the last block may be smaller
                scores = xp.where(past[:size, :size], scores, -xp.inf)
            top, total, exponentials, shrink = online_step(top, total, scores, xp.exp2)
            context = context * shrink + exponentials @ check.wide(v[..., keys, :])
        context = context / xp.where(total == 0, 1.0, total)  # nothing to attend: 0 / 1
        contexts.append(xp.astype(context, q.dtype, copy=False))
    return xp.concat(contexts, axis=-2)


def _slice_by_slice(q: Array, k: Array, v: Array, mask: AnyArray | None) -> tuple[Array, Array]:
    """`attention` on large NumPy arrays, one leading index after the other."""
    lead, n, m = _check(q, k, v)
    _check_products(q, k)
    if mask is not None:
        mask = check.as_mask(mask, (*lead, n, m), q)
    xp = check.xp_of(q)
    context = xp.empty((*lead, n, v.shape[-1]), dtype=q.dtype)
    weights = xp.empty((*lead, n, m), dtype=q.dtype)
    for i, (q_i, k_i, v_i, mask_i) in _slices(q, k, v, mask):
        own = _scaled(q_i) @ transposed(check.wide(k_i))  # (n, m)
        own = softmax_into(weights[i], own, axis=-1, temperature=1.0, mask=mask_i, exp=np.exp2)
        weights[i] = own  # where it mostly is already: NumPy then copies nothing
        context[i] = own @ v_i
    return context, weights


def _scaled(q: Array) -> Array:
    """Queries whose products with the keys are the scaled scores times log₂ e, for `exp2`."""
    return check.wide(q) * (q.shape[-1] ** -0.5 * LOG2_E)


def _large(n: int, m: int) -> bool:
    """Whether slices are worth a turn each: what a turn costs is won back where the weights of one
    slice stay in the processor's cache from its scores to its context, and those of all do not."""
    return n * m >= 2**16


def _slices(q: Array, k: Array, v: Array, mask: AnyArray | None) -> Iterator[tuple]:
    """One leading index after the other, and q, k, v and mask there."""
    xp = check.xp_of(q)
    lead = check.leading(q=q, k=k, v=v)
    whole = [
        x if x is None else xp.broadcast_to(x, (*lead, *x.shape[-2:])) for x in (q, k, v, mask)
    ]
    for i in np.ndindex(lead):
        yield i, tuple(x if x is None else x[i] for x in whole)


def _part(mask: AnyArray, rows: slice, keys: slice) -> AnyArray:
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


def _check_products(q: Array, k: Array) -> None:
    """Queries and keys have dot products to scale: their width is one, and not 0."""
    check.same_length(-1, q=q, k=k)
    check.filled_axis(-1, q=q)
