"""What keeps tokens that are not finite from harming others, in outputs and in gradients.

0 times NaN is no 0. So what is not finite is set to 0 before anything is computed, where its
gradient is 0 too, and NaN is given afterwards to those who may see it.
"""

import torch
import torch.nn.functional as F
from torch import Tensor

from attnlab.functional import arrays as check
from attnlab.functional import contents

# Values up to this share of the largest number have room for sums and gradients.
ROOM = 2**-20


def known_finite(*vectors: Tensor) -> bool:
    """Whether the vectors, `(..., d)`, are known to be finite, with products that are finite too.

    They are looked at only where nobody has to wait for that: not on other devices than a CPU, not
    while a program is traced, and not inside `torch.vmap`, where it may hold for some of the batch.
    """
    return all(
        x.device.type == "cpu" and x.is_floating_point() and contents.truth(squares_fit(x))
        for x in vectors
    )


def squares_fit(x: Tensor, dim: int | None = None) -> Tensor:
    """Whether the squared length of x, or of each vector along `dim`, is a finite number.

    No product of two vectors is larger than the product of their lengths.
    """
    dtype = _dtype(x)
    length = torch.linalg.vector_norm(x.detach(), dim=dim, keepdim=dim is not None, dtype=dtype)
    return length <= torch.finfo(dtype).max ** 0.5


def values_fit(v: Tensor) -> Tensor:
    """Whether each value `(..., m, d_v)` leaves room for sums and gradients: `(..., m, 1)`."""
    largest = check.wide(v.detach().abs().amax(-1, keepdim=True))
    return largest <= torch.finfo(largest.dtype).max * ROOM


def may_see(keys: Tensor, mask: Tensor | None, causal: bool) -> Tensor:
    """The queries `(B, h, n, 1)` that may attend to one of the keys, `(B, h, m, 1)`.

    The mask says all, or `causal` does where there is none.
    """
    if mask is not None:
        return (mask & keys.mT).any(-1, keepdim=True)
    return keys.cumsum(-2) > 0 if causal else keys.any(-2, keepdim=True)


def filled(x: Tensor, lost: Tensor | None, empty: Tensor | None) -> Tensor:
    """x with NaN in the lost rows, and then 0 in the empty ones."""
    for rows, value in ((lost, torch.nan), (empty, 0.0)):
        x = x if rows is None else x.masked_fill(rows, value)
    return x


def known_tame(x: Tensor) -> bool:
    """Whether a layer's input is known to be finite, and so small that what a layer makes of it has
    room in its dtype for products too, unless the weights are beyond all measure themselves.

    A look at the input costs less than one at the queries, keys and values that are made of it.
    """
    if x.device.type != "cpu":
        return False
    length = contents.value(torch.linalg.vector_norm(x.detach(), dtype=_dtype(x)))
    return length is not None and length <= torch.finfo(x.dtype).max ** 0.25


def careful_linear(x: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
    """`F.linear`, where tokens that are not finite become NaN and leave the gradient of the weights
    alone."""
    wild = ~x.isfinite().all(-1, keepdim=True)
    return F.linear(x.masked_fill(wild, 0), weight, bias).masked_fill(wild, torch.nan)


def _dtype(x: Tensor) -> torch.dtype:
    """What x is computed in."""
    return torch.float32 if x.dtype.itemsize == 2 else x.dtype
