"""Dropout: in training, entries drawn at random become 0."""

import torch
import torch.nn.functional as F
from torch import Tensor


def drop(x: Tensor, p: float, training: bool = True) -> Tensor:
    """x with entries set to 0, each with probability p, and the rest divided by 1 − p for the mean.

    What `F.dropout` does too; on a CPU it draws from double-precision numbers, one at a time, and
    takes twice as long. Without `training` nothing is dropped.

    Source:
        Srivastava et al. (2014), "Dropout: a simple way to prevent neural networks from
        overfitting", section 4, with the division moved from testing to training.

    >>> kept = drop(torch.ones(10_000), 0.2)
    >>> kept.unique().tolist(), bool(abs(kept.mean() - 1) < 0.03)
    ([0.0, 1.25], True)
    """
    if p == 0 or not training:
        return x
    if x.device.type != "cpu":
        return F.dropout(x, p)
    kept = torch.rand_like(x, dtype=torch.float32).ge_(p)  # 1 with probability 1 − p, else 0
    return x * kept.div_(1 - p).to(x.dtype)


def check_dropout(dropout: float) -> None:
    """Dropout is a share of what could be dropped, and not all of it."""
    if not 0 <= dropout < 1:
        raise ValueError(f"dropout must be at least 0 and below 1, got {dropout}")
