"""Two ways to the same attention over heads of tensors: the fused kernel and the plain product.

Letters: B batch, h heads, n queries, m keys, d_k and d_v widths of one head.
"""

from typing import Literal, get_args

import torch
import torch.nn.functional as F
from torch import Tensor

from attnlab.functional import arrays as check
from attnlab.functional import contents, settings
from attnlab.nn.dropout import drop, transformed
from attnlab.nn.finite import filled, known_finite, may_see, squares_fit, values_fit

Kernel = Literal["auto", "plain", "fused"]
KERNELS = get_args(Kernel)

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
) -> tuple[Tensor, Tensor | None]:
    """Scaled dot-product attention in every head.

    What is masked never matters: keys and values that a query may not attend to, by `mask`,
    `causal` or a bias of -inf, change nothing, NaN and infinities included, and have gradient 0. A
    query that may attend to nothing has context 0 and weights 0.

    A query that is not finite, or may attend to a key that is not, has a context and weights of
    NaN; one that may attend to a value that is not finite has a context of NaN. These have gradient
    0. Queries and keys also count as not finite if the square of their length leaves the range of
    numbers (in float32, if they are longer than 1.8e19), and values if they come within 2^-20 of
    its end (3.2e32): products and gradients of all others stay finite.

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
    settings.flag(causal=causal, return_weights=return_weights)
    settings.one_of(KERNELS, kernel=kernel)
    if dropout != 0:
        settings.share(dropout=dropout)
    k, v, mask, bias = checked(q, k, v, mask, bias, causal=causal)
    return in_heads(
        q, k, v, mask=mask, causal=causal, bias=bias, dropout=dropout,
        return_weights=return_weights, kernel=kernel, finite=known_finite(q, k, v),
    )  # fmt: skip


def in_heads(
    q: Tensor,
    k: Tensor,
    v: Tensor,
    *,
    mask: Tensor | None,
    causal: bool,
    bias: Tensor | None,
    dropout: float,
    return_weights: bool,
    kernel: Kernel,
    finite: bool,
    open_bias: bool = False,
) -> tuple[Tensor, Tensor | None]:
    """`heads_attention` of arguments that were checked before.

    Args:
        finite: whether q, k and v are known to be finite.
        open_bias: whether the bias is known to leave a key to every query.
    """
    plain = return_weights or kernel == "plain" or (kernel == "auto" and _is_slow(q, k, dropout))
    # The fused kernel hides the future by itself, if there is nothing else to hide or to add.
    alone = causal and not plain and mask is None and bias is None
    alone = alone and bool(q.shape[2] == k.shape[2])  # also of lengths that are traced
    alone_bias = mask is None and not causal and finite
    if bias is not None and not open_bias and _hides(bias.detach(), alone=alone_bias):
        seen = bias.detach() != -torch.inf
        mask = seen if mask is None else mask & seen
    unmasked = mask is None
    if causal and not alone and q.shape[2] > 1:  # the last query may attend to all
        mask = _past(q, k) if mask is None else mask & _past(q, k)
    # In the past alone every query has a key.
    empty = None if mask is None or unmasked else _empty_rows(mask)

    lost = no_weights = None  # the queries that get NaN for their context, and for their weights
    if not finite:
        wild_q, wild_k, wild_v = ~squares_fit(q, -1), ~squares_fit(k, -1), ~values_fit(v)
        no_weights = wild_q | may_see(wild_k, mask, alone)
        lost = no_weights | may_see(wild_v, mask, alone)
        q, k, v = q.masked_fill(wild_q, 0), k.masked_fill(wild_k, 0), v.masked_fill(wild_v, 0)
    added = _added(mask, bias, empty, q)
    if not plain:
        try:
            context = _fused(q, k, v, added, dropout=dropout, causal=alone)
            return filled(context.to(q.dtype), lost, empty), None
        except NotImplementedError as error:
            if kernel == "fused":
                raise NotImplementedError(NO_DERIVATIVE) from error
            added = _added(_past(q, k), None, None, q) if alone else added
    context, weights = _product(q, k, v, added, dropout)
    context = filled(context.to(q.dtype), lost, empty)
    return context, filled(weights.to(q.dtype), no_weights, empty) if return_weights else None


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


def _fused(
    q: Tensor, k: Tensor, v: Tensor, added: Tensor | None, *, dropout: float, causal: bool
) -> Tensor:
    """The context by the fused kernel, with an error that helps where it has no derivative."""
    # Where a bias learns, torch takes a kernel of its own that has all derivatives.
    others = torch.compiler.is_compiling() or (added is not None and added.requires_grad)
    if torch.is_grad_enabled() and not others and any(x.requires_grad for x in (q, k, v)):
        q, k, v = _Once.apply(q, k, v)
    return F.scaled_dot_product_attention(q, k, v, added, float(dropout), causal)


class _Once(torch.autograd.Function):
    """The identity, whose gradients have no gradient, and say where there is one."""

    generate_vmap_rule = True

    @staticmethod
    def forward(*tensors):
        return tuple(x.view_as(x) for x in tensors)

    @staticmethod
    def setup_context(ctx, inputs, output):
        pass

    @staticmethod
    def backward(ctx, *gradients):
        return _Never.apply(*gradients) if torch.is_grad_enabled() else gradients


class _Never(_Once):
    """The identity, without gradients."""

    @staticmethod
    def backward(ctx, *gradients):
        raise NotImplementedError(NO_DERIVATIVE)


def _is_slow(q: Tensor, k: Tensor, dropout: float) -> bool:
    """Whether the fused kernel is slower than the plain product, or lacks what may be asked for.

    A traced program must not hang on its first length. On a CPU the fused kernel cannot drop
    weights: it would take the plain product in a slower way.
    """
    if dropout > 0 and q.device.type == "cpu":
        return True
    if torch.compiler.is_compiling():
        return False
    return bool(q.shape[2] * k.shape[2] <= SHORT) or transformed()


def _past(q: Tensor, k: Tensor) -> Tensor:
    """The keys `(n, m)` that are not in the future: the queries are the last of the positions."""
    n, m = q.shape[2], k.shape[2]
    return torch.ones(n, m, dtype=torch.bool, device=q.device).tril_(m - n)


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
    return None if contents.truth(some.all()) else ~some


def _hides(bias: Tensor, *, alone: bool) -> bool:
    """Whether -inf in the bias may ask for more than to be added to the scores.

    It does not if it stands `alone`, beside finite keys and no mask, and leaves each query a key.
    """
    if alone:
        return not contents.truth((bias.amax(-1) > -torch.inf).all())
    return not contents.truth(bias.sum() > -torch.inf)  # nothing else looks at all of them so fast


def checked(
    q: Tensor, k: Tensor, v: Tensor, mask: Tensor | None, bias: Tensor | None, *, causal: bool
) -> tuple[Tensor, Tensor, Tensor | None, Tensor | None]:
    """`fitting`, of queries, keys and values that nobody has looked at yet."""
    check.tensors(q=q, k=k, v=v)
    if not mixed_precision(q):
        check.floats(q=q, k=k, v=v)
    return fitting(q, k, v, mask, bias, causal=causal)


def fitting(
    q: Tensor,
    k: Tensor,
    v: Tensor,
    mask: Tensor | None,
    bias: Tensor | None,
    *,
    causal: bool,
) -> tuple[Tensor, Tensor, Tensor | None, Tensor | None]:
    """Keys, values, mask and bias: of one dtype with q, if autocast may choose, and fitting it."""
    if bias is not None:
        check.tensors(bias=bias)
    if mixed_precision(q):
        k, v, bias = k.to(q.dtype), v.to(q.dtype), None if bias is None else bias.to(q.dtype)
    if not (
        q.ndim == k.ndim == v.ndim == 4
        and q.shape[:2] == k.shape[:2]
        and k.shape[:3] == v.shape[:3]
        and q.shape[3] == k.shape[3]
    ):
        raise ValueError(
            "q, k and v must have four axes, one B and h, k and v one m, and q and k one d_k, got "
            f"shapes q {tuple(q.shape)}, k {tuple(k.shape)} and v {tuple(v.shape)}"
        )
    B, h, n, m = *q.shape[:3], k.shape[2]
    if m == 0:
        raise ValueError(f"expected at least one key, got k of shape {tuple(k.shape)}")
    if causal and n > m:
        raise ValueError(f"causal needs a key for every query, got n = {n} and m = {m}")
    if mask is not None and getattr(mask, "ndim", 0) == 3:  # it says the same of all heads
        mask = check.as_mask(mask, (B, n, m), q)[:, None]
    elif mask is not None:
        mask = check.as_mask(mask, (B, h, n, m), q)
    return k, v, mask, None if bias is None else check.as_bias(bias, (B, h, n, m), q)
