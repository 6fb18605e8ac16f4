"""Dropout: in training, entries drawn at random become 0."""

import torch
import torch.nn.functional as F
from torch import Tensor

_LOWEST = -(2**63)  # of 64 bits: `random_` draws from here up to all that they hold


def drop(x: Tensor, p: float, training: bool = True) -> Tensor:
    """x with entries set to 0, each with probability p, and the rest divided by 1 − p for the mean.

    What `F.dropout` does too; on a CPU it draws a double-precision number for each entry and takes
    three times as long. Here four entries share 64 random bits, so p is rounded to 1/65536. Without
    `training` nothing is dropped.

    Source:
        Srivastava et al. (2014), "Dropout: a simple way to prevent neural networks from
        overfitting", section 4, with the division moved from testing to training.

    >>> kept = drop(torch.ones(10_000), 0.25)
    >>> round(kept.max().item(), 3), bool(abs(kept.mean() - 1) < 0.03)
    (1.333, True)
    """
    if p == 0 or not training:
        return x
    if x.device.type != "cpu":
        return F.dropout(x, p)
    drawn = torch.empty(-(-x.numel() // 4), dtype=torch.int64).random_(_LOWEST, None)
    drawn = drawn.view(torch.int16)[: x.numel()].view(x.shape)  # from -32768 to 32767
    dropped = min(round(p * 2**16), 2**16 - 1)  # of 65536 values
    kept = torch.ge(drawn, dropped - 2**15, out=torch.empty(x.shape, dtype=x.dtype))  # 0 or 1
    return x * kept.mul_(2**16 / (2**16 - dropped))


def check_dropout(dropout: float) -> None:
    """Dropout is a share of what could be dropped, and not all of it."""
    if not 0 <= dropout < 1:
        raise ValueError(f"dropout must be at least 0 and below 1, got {dropout}")
