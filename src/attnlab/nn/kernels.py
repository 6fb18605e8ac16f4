"""Two ways to the same attention over heads of tensors: the fused kernel and the plain product.

Letters: B batch, h heads, n queries, m keys, d_k and d_v widths of one head.
"""

import torch
import torch.nn.functional as F
from torch import Tensor

from attnlab.functional import arrays as check
from attnlab.nn.dropout import drop

# Up to this many scores a head the plain product is faster on a CPU (`make bench`).
SHORT = 24 * 24


def heads_attention(
    q: Tensor,
    k: Tensor,
    v: Tensor,
    *,
    mask: Tensor | None = None,
    causal: bool = False,
    bias: Tensor | None = None,
    dropout: float = 0.0,
    return_weights: bool = False,
) -> tuple[Tensor, Tensor | None]:
    """Scaled dot-product attention in every head, by whichever way is faster.

    Args:
        q: `(B, h, n, d_k)`, k: `(B, h, m, d_k)`, v: `(B, h, m, d_v)`.
        mask: boolean, True = may attend, broadcastable to `(B, n, m)` or `(B, h, n, m)`.
        causal: the queries are the last n of the m positions, and see none after their own.
        bias: floats, added to the scores, broadcastable to `(B, h, n, m)`.
        dropout: how often a weight is dropped, now.
        return_weights: whether the weights are wanted.

    Returns:
        The context `(B, h, n, d_v)`; and the weights `(B, h, n, m)` before dropout, or None.

    Raises:
        TypeError: a mask that is not boolean, or a bias of another dtype than the scores.
        ValueError: shapes that do not fit together, no keys (m = 0), or causal with n > m.

    Source:
        Vaswani et al. (2017), section 3.2.1, equation 1; the fused kernel is Dao et al. (2022).

    >>> q = torch.randn(5, 3, 7, 2)
    >>> context, weights = heads_attention(q, q, q, causal=True, return_weights=True)
    >>> torch.allclose(context, heads_attention(q, q, q, causal=True)[0], atol=1e-6)
    True
    """
    n, m = q.shape[2], k.shape[2]
    shape = (*q.shape[:3], m)  # (B, h, n, m)
    if q.shape[:2] != k.shape[:2] or k.shape[:3] != v.shape[:3]:
        raise ValueError(
            "q, k and v must have one B and h, and k and v one m, got shapes "
            f"q {tuple(q.shape)}, k {tuple(k.shape)} and v {tuple(v.shape)}"
        )
    if m == 0:
        raise ValueError(f"expected at least one key, got k of shape {tuple(k.shape)}")
    if causal and n > m:
        raise ValueError(f"causal needs a key for every query, got n = {n} and m = {m}")
    if bias is not None:
        bias = _check_bias(bias, shape, q)
    if mask is not None:
        mask = mask[:, None] if mask.ndim == 3 else mask  # an axis for the heads
        mask = check.as_mask(mask, shape, q)

    # The CPU's fused kernel cannot drop weights: it would take the plain product in a slower way.
    plain = return_weights or n * m <= SHORT or (dropout > 0 and q.device.type == "cpu")
    flag = causal and n == m and mask is None and bias is None and not plain
    if causal and n > 1 and not flag:
        past = torch.ones(n, m, dtype=torch.bool, device=q.device).tril_(m - n)
        mask = past if mask is None else mask & past
    mask, empty = _open_empty_rows(mask)

    if plain:
        context, weights = _product(q, k, v, mask=mask, bias=bias, dropout=dropout)
    else:
        allowed = mask if bias is None else _added(mask, bias, q)
        context = F.scaled_dot_product_attention(q, k, v, allowed, dropout, flag)
        weights = None
    if empty is not None:
        context = context.masked_fill(empty, 0)
        weights = None if weights is None else weights.masked_fill(empty, 0)
    return context, weights if return_weights else None


def _product(
    q: Tensor, k: Tensor, v: Tensor, *, mask: Tensor | None, bias: Tensor | None, dropout: float
) -> tuple[Tensor, Tensor]:
    """Context and weights by two matrix products and a softmax."""
    scores = (q * q.shape[-1] ** -0.5) @ k.mT  # (B, h, n, m)
    added = _added(mask, bias, q)
    if added is not None:
        scores += added  # in place: nobody else has these scores
    weights = torch.softmax(scores, dim=-1)
    return drop(weights, dropout) @ v, weights  # (B, h, n, d_v)


def _added(mask: Tensor | None, bias: Tensor | None, q: Tensor) -> Tensor | None:
    """Mask and bias as one tensor to add to the scores: -inf wherever the mask is False.

    Adding costs less than `masked_fill`: there is nothing to do for it in the backward pass.
    """
    if mask is None:
        return bias
    if bias is None:
        bias = torch.zeros((), dtype=q.dtype, device=q.device)
    return torch.where(mask, bias, -torch.inf)


def _open_empty_rows(mask: Tensor | None) -> tuple[Tensor | None, Tensor | None]:
    """The mask with its rows of no True opened wholly; and these rows, `(..., n, 1)`, if any.

    The softmax of nothing but -inf is NaN, and so is its gradient, even where it is erased
    afterwards. So such rows attend to everything, and their context is erased: it and its gradient
    are then 0.
    """
    if mask is None:
        return None, None
    empty = ~mask.any(-1, keepdim=True)
    return (mask | empty, empty) if empty.any() else (mask, None)


def _check_bias(bias: Tensor, shape: tuple[int, ...], q: Tensor) -> Tensor:
    check.floats(q=q, bias=bias)
    padded = (1,) * (4 - bias.ndim) + tuple(bias.shape)
    if any(a not in (1, b) for a, b in zip(padded, shape, strict=False)) or len(padded) > 4:
        raise ValueError(
            f"bias of shape {tuple(bias.shape)} does not broadcast to scores of shape {shape}"
        )
    return bias
