"""Two ways to the same attention over heads of tensors: the fused kernel and the plain product.

Letters: B batch, h heads, n queries, m keys, d_k and d_v widths of one head.
"""

from typing import Literal, get_args

import torch
import torch.nn.functional as F
from torch import Tensor

from attnlab.functional import arrays as check
from attnlab.functional import settings
from attnlab.nn.dropout import drop, transformed

Kernel = Literal["auto", "plain", "fused"]

# Up to this many scores a head the plain product is faster on a CPU (`make bench`).
SHORT = 24 * 24

NO_DERIVATIVE = (
    "the fused kernel has no second derivative and no forward-mode derivative: "
    "choose kernel='plain', which has both"
)


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
    kernel: Kernel = "auto",
    finite: bool = False,
) -> tuple[Tensor, Tensor | None]:
    """Scaled dot-product attention in every head.

    What is masked never matters: keys and values that a query may not attend to, by `mask`,
    `causal` or a bias of -inf, change nothing, NaN and infinities included, and have gradient 0. A
    query that may attend to nothing has context 0 and weights 0. A query that may attend to a key
    or a value that is not finite has a context of NaN and gradient 0, and so has a query that is
    not finite itself. A vector counts as finite if the square of its length is (in float32, if it
    is not longer than 1.8e19): then no product of two of them overflows.

    Args:
        q: `(B, h, n, d_k)`, k: `(B, h, m, d_k)`, v: `(B, h, m, d_v)`.
        mask: boolean, True = may attend, broadcastable to `(B, n, m)` or `(B, h, n, m)`.
        causal: the queries are the last n of the m positions, and see none after their own.
        bias: floats, added to the scores, broadcastable to `(B, h, n, m)`.
        dropout: how often a weight is dropped, now.
        return_weights: whether the weights are wanted. They always come from the plain product.
        kernel: "plain" holds all weights and has all derivatives; "fused" needs less memory, and
            has first derivatives in reverse mode alone: for a second derivative or for
            `torch.func.jvp` choose "plain". "auto" takes the faster of the two; what is compiled or
            exported takes the fused one at every length, what is inside `torch.func`'s transforms
            the plain one. Their results agree up to rounding.
        finite: whether q, k and v are known to be finite, and need not be looked through.

    Returns:
        The context `(B, h, n, d_v)`; and the weights `(B, h, n, m)` before dropout, or None.

    Raises:
        TypeError: what is no tensor, not of floats, or of several dtypes; a mask that is not
            boolean, or a flag that is neither True nor False.
        ValueError: shapes that do not fit together, several devices, no keys (m = 0), causal with
            n > m, another kernel, or a dropout outside of [0, 1).
        NotImplementedError: a derivative that the fused kernel has not.

    Source:
        Vaswani et al. (2017), section 3.2.1, equation 1; the fused kernel is Dao et al. (2022).

    >>> q = torch.randn(5, 3, 7, 2)
    >>> context, weights = heads_attention(q, q, q, causal=True, return_weights=True)
    >>> torch.allclose(context, heads_attention(q, q, q, causal=True)[0], atol=1e-6)
    True
    """
    settings.flag(causal=causal, return_weights=return_weights, finite=finite)
    settings.one_of(get_args(Kernel), kernel=kernel)
    settings.share(dropout=dropout)
    k, v, bias = _alike(q, k, v, bias)
    n, m = _check_heads(q, k, v, causal)
    shape = (*q.shape[:3], m)  # (B, h, n, m)
    mask = None if mask is None else _check_mask(mask, shape, q)
    if bias is not None:
        bias = check.as_bias(bias, shape, q)
        if not check.truth(bias.detach().sum() > -torch.inf):  # the fastest look at all of them
            seen = bias.detach() != -torch.inf
            mask = seen if mask is None else mask & seen

    # The CPU's fused kernel cannot drop weights: it would take the plain product in a slower way.
    slow = transformed() or (dropout > 0 and q.device.type == "cpu")
    plain = return_weights or kernel == "plain" or (kernel == "auto" and (slow or _short(n, m)))
    flag = causal and n == m and mask is None and bias is None and not plain
    masked = mask is not None
    if causal and n > 1 and not flag:
        past = torch.ones(n, m, dtype=torch.bool, device=q.device).tril_(m - n)
        mask = past if mask is None else mask & past
    empty = _empty_rows(mask) if masked else None  # in the past alone every query has a key
    added = _added(mask, bias, empty, q)

    lost = no_weights = None  # the queries whose results, or whose weights too, are NaN
    if not finite and not known_finite(q, k, v):
        (q, no_q), (k, no_k), (v, no_v) = (_cleaned(x) for x in (q, k, v))
        no_weights = no_q | _may_see(no_k, mask, flag)
        lost = no_weights | _may_see(no_v, mask, flag)
    weights = None
    if plain:
        context, weights = _product(q, k, v, added, dropout)
    else:
        try:
            context = F.scaled_dot_product_attention(*_once(q, k, v, added), dropout, flag)
        except NotImplementedError as error:
            if kernel == "fused":
                raise NotImplementedError(NO_DERIVATIVE) from error
            context, _ = heads_attention(
                q, k, v, mask=mask, causal=causal, bias=bias, dropout=dropout, kernel="plain",
                finite=True,
            )  # fmt: skip
    context = _filled(context.to(q.dtype), lost, empty)
    if not return_weights or weights is None:
        return context, None
    return context, _filled(weights.to(q.dtype), no_weights, empty)


def known_finite(*vectors: Tensor) -> bool:
    """Whether the vectors, `(..., d)`, are known to be finite, in the sense of `heads_attention`.

    They are looked at only where nobody has to wait for that: not on other devices than a CPU, not
    while a program is traced, and not inside `torch.vmap`, where it may hold for some of the batch.
    """
    return all(check.truth(within(x)) for x in vectors)


def mixed_precision(x: Tensor) -> bool:
    """Whether autocast chooses the dtypes of products on the device of x."""
    return x.device.type != "meta" and torch.is_autocast_enabled(x.device.type)


def _product(
    q: Tensor, k: Tensor, v: Tensor, added: Tensor | None, dropout: float
) -> tuple[Tensor, Tensor]:
    """Context and weights by two matrix products and a softmax, in float32 at least."""
    q, k, v = (check.wide(x) for x in (q, k, v))
    scores = (q * q.shape[-1] ** -0.5) @ k.mT  # (B, h, n, m)
    if added is not None:
        # In place where it can be, since nobody else has these scores; `torch.vmap` over masks
        # alone needs one for each mask.
        scores = scores + added if transformed() else scores.add_(added)
    weights = torch.softmax(scores, dim=-1)
    return drop(weights, dropout) @ v, weights  # (B, h, n, d_v)


def _added(
    mask: Tensor | None, bias: Tensor | None, empty: Tensor | None, q: Tensor
) -> Tensor | None:
    """Mask and bias as one tensor to add to the scores: -inf wherever the mask is False.

    Adding costs less than `masked_fill`: there is nothing to do for it in the backward pass. The
    softmax of nothing but -inf is NaN, and so is its gradient, even where it is erased afterwards;
    so the empty rows get 0, attend to everything, and are erased: they and their gradient are 0.
    """
    if mask is None:
        return bias
    zero = q.new_zeros(())
    hidden = -torch.inf if empty is None else torch.where(empty, zero, -torch.inf)
    return torch.where(mask, zero if bias is None else bias, hidden)


def _empty_rows(mask: Tensor) -> Tensor | None:
    """The rows of the mask without any True, `(..., n, 1)`; None if there is known to be none."""
    some = mask.any(-1, keepdim=True)
    return None if check.truth(some.all()) else ~some


def within(x: Tensor, dim: int | None = None) -> Tensor:
    """Whether the squared length of x, or of each vector along `dim`, is a finite number."""
    dtype = torch.float32 if x.dtype.itemsize == 2 else x.dtype
    length = torch.linalg.vector_norm(x.detach(), dim=dim, keepdim=dim is not None, dtype=dtype)
    return length <= torch.finfo(dtype).max ** 0.5


def _cleaned(x: Tensor) -> tuple[Tensor, Tensor]:
    """x with zeros for its vectors that are not finite; and which they are, `(B, h, n, 1)`."""
    wild = ~within(x, dim=-1)
    return x.masked_fill(wild, 0), wild


def _may_see(wild: Tensor, mask: Tensor | None, causal: bool) -> Tensor:
    """The queries `(B, h, n, 1)` that may attend to one of the keys `(B, h, m, 1)`.

    The mask says all, or `causal` does where there is none.
    """
    if mask is not None:
        return (mask & wild.mT).any(-1, keepdim=True)
    return wild.cumsum(-2) > 0 if causal else wild.any(-2, keepdim=True)


def _filled(x: Tensor, lost: Tensor | None, empty: Tensor | None) -> Tensor:
    """x with NaN in the lost rows, and then 0 in the empty ones."""
    for rows, value in ((lost, torch.nan), (empty, 0.0)):
        x = x if rows is None else x.masked_fill(rows, value)
    return x


class _Once(torch.autograd.Function):
    """The identity, whose gradient has no gradient, and says where there is one."""

    generate_vmap_rule = True

    @staticmethod
    def forward(*tensors):
        return tuple(x.view_as(x) for x in tensors)

    @staticmethod
    def setup_context(ctx, inputs, output):
        pass

    @staticmethod
    def backward(ctx, *gradients):
        return tuple(None if g is None else _Never.apply(g) for g in gradients)


class _Never(torch.autograd.Function):
    """The identity, without a gradient."""

    generate_vmap_rule = True

    @staticmethod
    def forward(x):
        return x.view_as(x)

    @staticmethod
    def setup_context(ctx, inputs, output):
        pass

    @staticmethod
    def backward(ctx, gradient):
        raise NotImplementedError(NO_DERIVATIVE)


def _once(*tensors: Tensor | None) -> tuple[Tensor | None, ...]:
    """The same tensors, with an error that helps where a second derivative is asked of them."""
    if torch.compiler.is_compiling() or not torch.is_grad_enabled():
        return tensors
    once = iter(_Once.apply(*(x for x in tensors if x is not None)))
    return tuple(None if x is None else next(once) for x in tensors)


def _short(n: int, m: int) -> bool:
    """Whether the plain product is faster; a traced program must not hang on its first length."""
    return not torch.compiler.is_compiling() and n * m <= SHORT


def _alike(
    q: Tensor, k: Tensor, v: Tensor, bias: Tensor | None
) -> tuple[Tensor, Tensor, Tensor | None]:
    """Keys, values and bias in the dtype of q, where autocast chooses dtypes anyway."""
    check.tensors(q=q, k=k, v=v, **({} if bias is None else {"bias": bias}))
    if not mixed_precision(q):
        return k, v, bias
    return k.to(q.dtype), v.to(q.dtype), None if bias is None else bias.to(q.dtype)


def _check_heads(q: Tensor, k: Tensor, v: Tensor, causal: bool) -> tuple[int, int]:
    """The number of queries and of keys, if the heads fit together."""
    check.floats(q=q, k=k, v=v)
    shapes = f"q {tuple(q.shape)}, k {tuple(k.shape)} and v {tuple(v.shape)}"
    if not q.ndim == k.ndim == v.ndim == 4:
        raise ValueError(f"q, k and v must have four axes, (B, h, n or m, d), got shapes {shapes}")
    if q.shape[:2] != k.shape[:2] or k.shape[:3] != v.shape[:3]:
        raise ValueError(
            f"q, k and v must have one B and h, and k and v one m, got shapes {shapes}"
        )
    if q.shape[3] != k.shape[3]:
        raise ValueError(f"q and k must have one d_k, got shapes {shapes}")
    n, m = q.shape[2], k.shape[2]
    if m == 0:
        raise ValueError(f"expected at least one key, got k of shape {tuple(k.shape)}")
    if causal and n > m:
        raise ValueError(f"causal needs a key for every query, got n = {n} and m = {m}")
    return n, m


def _check_mask(mask: Tensor, shape: tuple[int, ...], q: Tensor) -> Tensor:
    """The mask with four axes; one of three has none for the heads."""
    if getattr(mask, "ndim", 0) == 3:
        return check.as_mask(mask, (shape[0], *shape[2:]), q)[:, None]
    return check.as_mask(mask, shape, q)
