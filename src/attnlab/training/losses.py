"""What training makes small.

Letters: B batch, n target positions, V vocabulary.
"""

import torch
import torch.nn.functional as F
from torch import Tensor

from attnlab.training import distributed


def cross_entropy(
    logits: Tensor, targets: Tensor, *, pad: int | None = None, smoothing: float = 0.0
) -> Tensor:
    r"""Mean cross-entropy of the tokens that are not padding, with smoothed labels if wanted.

    A smoothed label gives $1 - \epsilon$ to the right token and shares $\epsilon$ out among all the
    tokens that may be right: padding never is, so it gets nothing.

    Args:
        logits: `(B, n, V)`.
        targets: `(B, n)`, int64.
        pad: the token that stands for nothing; left out, all targets are real.
        smoothing: ε, from 0 up to, but not including, 1.

    Returns:
        A scalar; 0 where there is nothing but padding.

    Raises:
        ValueError: shapes that do not fit, targets or `pad` outside of the vocabulary, or ε outside
            of [0, 1).

    Source:
        Szegedy et al. (2016), section 7; Vaswani et al. (2017), section 5.4.

    >>> logits = torch.zeros(1, 2, 5)  # all five tokens are as likely: ln 5
    >>> round(cross_entropy(logits, torch.tensor([[3, 0]]), pad=0).item(), 4)
    1.6094
    """
    if logits.ndim != 3 or targets.shape != logits.shape[:2]:
        raise ValueError(
            f"logits and targets must have shapes (B, n, V) and (B, n), "
            f"got {tuple(logits.shape)} and {tuple(targets.shape)}"
        )
    if not 0 <= smoothing < 1:
        raise ValueError(f"smoothing must be in [0, 1), got {smoothing}")
    n_tokens = logits.shape[2]
    for name, token in (("pad", pad), ("targets", targets.min()), ("targets", targets.max())):
        if token is not None and not 0 <= int(token) < n_tokens:
            raise ValueError(f"{name} must be from 0 to {n_tokens - 1}, got {int(token)}")
    log_p = F.log_softmax(logits, dim=-1)  # (B, n, V)
    real = torch.ones_like(targets, dtype=torch.bool) if pad is None else targets != pad
    losses = -log_p.gather(2, targets[..., None])[..., 0]  # (B, n)
    if smoothing:
        possible = log_p.sum(dim=-1)
        n_possible = n_tokens
        if pad is not None:
            possible, n_possible = possible - log_p[..., pad], n_tokens - 1
        losses = (1 - smoothing) * losses - smoothing * possible / n_possible
    # Processes that share a batch divide by the mean of their counts, so that the mean of their
    # losses is the loss of the whole batch.
    count = distributed.average(real.sum().to(losses.dtype))
    return (losses * real).sum() / count.clamp(min=1)
