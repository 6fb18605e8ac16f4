"""Attention: every query looks at every key, and takes a weighted mean of the values."""

import math
from collections.abc import Callable, Iterator

import numpy as np

from attnlab.functional import arrays as check
from attnlab.functional import contents, settings
from attnlab.functional.arrays import AnyArray, Array
from attnlab.functional.finite import all_finite, finite_part, marks, passed_on, quiet
from attnlab.functional.masks import causal_mask
from attnlab.functional.scores import scaled_dot_scores, scaled_products, transposed
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
        mask: boolean, True = may attend, broadcastable to `(..., n, m)`. What is masked never
            matters, whatever it is: NaN, infinite, huge. A query that may attend to nothing has
            weights 0 and context 0.
        scores: a function of `(q, k)` that returns one score for every pair, `(..., n, m)`, in the
            dtype of q. A score of -inf hides the key from the query, as a mask does.

    Returns:
        The context `(..., n, d_v)` and the weights `(..., n, m)`. A query that is not finite, or
        may attend to a key that is not, has NaN for both; a value that is not finite stays so in
        the context of those that may attend to it.

    Raises:
        TypeError: not floats, of different dtypes or libraries, a mask that is not boolean, scores
            that are no function or return something else than floats as q.
        ValueError: fewer than two axes, shapes that do not fit together, no keys at all (m = 0),
            different devices, or scores that return another shape.

    Source:
        Vaswani et al. (2017), section 3.2.1, equation 1.

    >>> import numpy as np
    >>> q, k = np.array([[100.0, 0.0]]), np.array([[1.0, 0.0], [0.0, 1.0]])
    >>> context, weights = attention(q, k, np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]))
    >>> context.round(3), weights.round(3)
    (array([[1., 2., 3.]]), array([[1., 0.]]))
    """
    lead, n, m = _check(q, k, v)
    settings.function(scores=scores)
    if scores is scaled_dot_scores:
        _check_products(q, k)
    if mask is not None:
        mask = check.as_mask(mask, (*lead, n, m), q)
    with quiet(q):
        if all_finite(q, k, v):
            return _whole(q, k, v, mask, scores)[:2]
        context, weights, seen = _whole(
            finite_part(q), finite_part(k), finite_part(v), mask, scores
        )
        xp = check.xp_of(q)
        odd = passed_on(seen, marks(k)) + _of_the_living(seen, marks(q))
        context = context + odd + passed_on(seen, v)
        weights = weights + odd if seen is None else xp.where(seen, weights + odd, 0.0)
        return check.narrow(context, q), check.narrow(weights, q)


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
        mask: boolean, True = may attend, broadcastable to `(..., n, m)`. What is masked never
            matters, and neither does the future with `causal`.
        causal: query i sees only keys j ≤ i; what lies wholly in the future is not computed.
        block: how many queries, and how many keys, are handled together.

    Returns:
        The context `(..., n, d_v)`, equal to that of `attention` up to rounding, and not finite
        where that is not.

    Raises:
        TypeError: not floats, of different dtypes or libraries, a mask that is not boolean, block
            that is not an integer, or causal that is not True or False.
        ValueError: fewer than two axes, shapes that do not fit together, no keys at all, different
            devices, block < 1, or `causal` with n ≠ m, where it is not clear which query stands
            beside which key.

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
    (block,) = settings.count(1, block=block)
    settings.flag(causal=causal)
    if causal and n != m:
        raise ValueError(f"causal needs as many queries as keys, got n = {n} and m = {m}")
    if mask is not None:
        mask = check.as_mask(mask, (*lead, n, m), q)
    arrays = q, k, v, mask, *((None, None) if all_finite(q, k, v) else (marks(q), marks(k)))
    with quiet(q):
        if not _large(min(n, block), min(m, block)):
            return _in_blocks(arrays, causal=causal, block=block)
        slices = [_in_blocks(x, causal=causal, block=block) for _, x in _slices(lead, *arrays)]
        xp, shape = check.xp_of(q), (*lead, n, v.shape[-1])
        if not slices:
            return xp.empty(shape, dtype=q.dtype, device=check.device(q))
        return xp.reshape(xp.stack(slices), shape)


def _in_blocks(arrays: tuple, *, causal: bool, block: int) -> Array:
    """The context of one slice, `(..., n, d_v)`: for each block of queries, all blocks of keys.

    The arrays are q, k, v, the mask or None, and the marks of q and of k: None if all is finite.
    """
    q, k, v, mask, q_marks, k_marks = arrays
    xp = check.xp_of(q)
    n, m = q.shape[-2], k.shape[-2]
    past = causal_mask(min(n, block), like=q) if causal else None  # of a block on the diagonal
    finite = finite_part if k_marks is not None else lambda x: x
    factor = q.shape[-1] ** -0.5 * LOG2_E
    contexts = []
    for start in range(0, max(n, 1), block):  # no queries make one empty block
        rows = slice(start, start + block)
        last = min(rows.stop, m) if causal else m  # the future is not even looked at
        scaled = check.wide(finite(q[..., rows, :])) * factor  # (..., block, d_k)
        (top, total), context, odd = online_start(scaled[..., :1]), 0.0, 0.0
        alive = total == 0 if mask is None else total != 0  # all of them, or none so far
        for keys in (slice(i, min(i + block, last)) for i in range(0, last, block)):
            scores = scaled @ transposed(check.wide(finite(k[..., keys, :])))
            seen = None if mask is None else _part(mask, rows, keys)
            if past is not None and keys.start == start:
                size = scores.shape[-1]  # the last block may be smaller
                seen = past[:size, :size] if seen is None else seen & past[:size, :size]
            if seen is not None:
                scores = xp.where(seen, scores, -xp.inf)
                alive = alive | xp.any(seen, axis=-1, keepdims=True)
            top, total, exponentials, shrink = online_step(top, total, scores, xp.exp2)
            values = check.wide(v[..., keys, :])
            context = context * shrink + exponentials @ finite(values)
            if k_marks is not None:
                odd = odd + passed_on(seen, values) + passed_on(seen, k_marks[..., keys, :])
        context = context / xp.where(alive, total, 1.0)  # nothing to attend: 0 / 1
        if q_marks is not None:
            context = context + odd + xp.where(alive, q_marks[..., rows, :], 0.0)
        contexts.append(check.narrow(context, q))
    return xp.concat(contexts, axis=-2)


def _whole(
    q: Array, k: Array, v: Array, mask: Array | None, scores: Callable[[Array, Array], Array]
) -> tuple[Array, Array, Array | None]:
    """Context and weights of what is finite; and which pairs are seen, None if all are."""
    lead, n, m = check.leading(q=q, k=k, v=v), q.shape[-2], k.shape[-2]
    xp = check.xp_of(q)
    if scores is scaled_dot_scores:
        if not check.is_torch(q) and _large(n, m):
            return *_slice_by_slice(q, k, v, mask), mask
        similarity = scaled_products(check.wide(q), check.wide(k))  # (..., n, m)
    else:
        similarity = scores(q, k)
        check.scores_of_pairs(similarity, q, k)
        if contents.truth(xp.all(similarity > -xp.inf)) is not True:
            shown, no_number = similarity != -xp.inf, xp.isnan(similarity)
            if contents.truth(xp.any(no_number)) is not False:
                # What overflows to inf and is given a bias of -inf is NaN; 0 does not overflow.
                base = scores(xp.zeros_like(q), xp.zeros_like(k))
                shown = shown & ~(no_number & (base == -xp.inf))
            mask = shown if mask is None else mask & shown
    if tuple(similarity.shape[:-2]) != lead:
        similarity = xp.broadcast_to(similarity, (*lead, n, m))  # v has leading axes of its own
    weights = softmax(check.wide(similarity), mask=mask)
    context = weights @ check.wide(v)
    return check.narrow(context, q), check.narrow(weights, q), mask


def _slice_by_slice(q: Array, k: Array, v: Array, mask: Array | None) -> tuple[Array, Array]:
    """Context and weights of large NumPy arrays, one leading index after the other."""
    lead, n, m = check.leading(q=q, k=k, v=v), q.shape[-2], k.shape[-2]
    xp = check.xp_of(q)
    context = xp.empty((*lead, n, v.shape[-1]), dtype=q.dtype)
    weights = xp.empty((*lead, n, m), dtype=q.dtype)
    for i, (q_i, k_i, v_i, mask_i) in _slices(lead, q, k, v, mask):
        own = scaled_products(check.wide(q_i), check.wide(k_i), LOG2_E)  # (n, m)
        own = softmax_into(weights[i], own, axis=-1, temperature=1.0, mask=mask_i, exp=np.exp2)
        weights[i] = own  # where it mostly is already: NumPy then copies nothing
        context[i] = own @ check.wide(v_i)
    return context, weights


def _of_the_living(seen: Array | None, q_marks: Array) -> Array:
    """The marks of queries that may attend to something, 0 for the others."""
    if seen is None:
        return q_marks
    xp = check.xp_of(seen)
    return xp.where(xp.any(seen, axis=-1, keepdims=True), q_marks, 0.0)


def _large(n: int, m: int) -> bool:
    """Whether slices are worth a turn each: what a turn costs is won back where the weights of one
    slice stay in the processor's cache from its scores to its context, and those of all do not."""
    return n * m >= 2**16


def _slices(lead: tuple[int, ...], *arrays: Array | None) -> Iterator[tuple]:
    """One leading index after the other, and the arrays there."""
    whole = [
        x if x is None else check.xp_of(x).broadcast_to(x, (*lead, *x.shape[-2:])) for x in arrays
    ]
    for i in np.ndindex(lead):
        yield i, tuple(x if x is None else x[i] for x in whole)


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


def _check_products(q: Array, k: Array) -> None:
    """Queries and keys have dot products to scale: their width is one, and not 0."""
    check.same_length(-1, q=q, k=k)
    check.filled_axis(-1, q=q)
