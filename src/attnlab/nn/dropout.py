"""Dropout: in training, entries drawn at random become 0."""

import torch
import torch.nn.functional as F
from torch import Tensor

from attnlab.functional import arrays as check
from attnlab.functional import settings

_LOWEST = -(2**63)  # of 64 bits: `random_` draws from here up to all that they hold


def drop(x: Tensor, p: float, training: bool = True) -> Tensor:
    """x with entries set to 0, each with probability p, and the rest divided by 1 − p for the mean.

    What `F.dropout` does too; on a CPU it draws a double-precision number for each entry and takes
    three times as long. Here four entries share 64 random bits, so p is rounded to 1/65536. Without
    `training` nothing is dropped. Inside `torch.vmap`, which must know whether the items of a batch
    share what is drawn (`randomness=`), and on other devices, it is `F.dropout` itself.

    Raises:
        TypeError: something is to be dropped, and x is no tensor of floats or p not a number.
        ValueError: p is not at least 0 and below 1.

    Source:
        Srivastava et al. (2014), "Dropout: a simple way to prevent neural networks from
        overfitting", section 4, with the division moved from testing to training.

    >>> kept = drop(torch.ones(10_000), 0.25)
    >>> round(kept.max().item(), 3), bool(abs(kept.mean() - 1) < 0.03)
    (1.333, True)
    """
    if p == 0 or not training:
        return x
    check.tensors(x=x)
    check.floats(x=x)
    settings.share(p=p)
    p = float(p)
    if x.device.type != "cpu" or torch.compiler.is_compiling() or transformed():
        return F.dropout(x, p)
    drawn = torch.empty(-(-x.numel() // 4), dtype=torch.int64, device=x.device)
    drawn = drawn.random_(_LOWEST, None).view(torch.int16)[: x.numel()].view(x.shape)
    dropped = min(round(p * 2**16), 2**16 - 1)  # of 65536 values
    kept = torch.empty(x.shape, dtype=x.dtype, device=x.device)
    torch.ge(drawn, dropped - 2**15, out=kept)  # 0 or 1
    return x * kept.mul_(2**16 / (2**16 - dropped))


def transformed() -> bool:
    """Whether this runs inside a transformation of `torch.func`: vmap, grad, jvp and their kin."""
    return not torch.compiler.is_compiling() and torch._C._are_functorch_transforms_active()
