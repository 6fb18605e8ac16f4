"""What training makes small.

Letters: B batch, n target positions, V vocabulary.
"""

import torch.nn.functional as F
from torch import Tensor

from attnlab.functional import arrays as check
from attnlab.functional import contents, settings
from attnlab.training import distributed


def cross_entropy(
    logits: Tensor, targets: Tensor, *, pad: int | None = None, smoothing: float = 0.0
) -> Tensor:
    r"""Mean cross-entropy of the tokens that are not padding, with smoothed labels if wanted.

    A smoothed label gives $1 - \epsilon$ to the right token and shares $\epsilon$ out among all the
    tokens that may be right: padding never is, so it gets nothing, and its logit may be -inf.

    The logits of a padded target don't matter, whatever they are, NaN included: their gradient
    is 0. Elsewhere NaN and infinity go on into the loss.

    Args:
        logits: `(B, n, V)`, floats.
        targets: `(B, n)`, int64.
        pad: the token that stands for nothing; left out, all targets are real.
        smoothing: ε, from 0 up to, but not including, 1.

    Returns:
        A scalar, in float32 for logits of half precision, else in their dtype; 0 where there is
        nothing but padding.

    Raises:
        TypeError: logits that are no tensor of floats, targets that are no tensor of int64, a `pad`
            that is no integer, or an ε that is no number.
        ValueError: shapes or devices that do not fit, targets or `pad` outside of the vocabulary,
            or ε outside of [0, 1). On an accelerator, targets are left to torch to check.

    Source:
        Szegedy et al. (2016), section 7; Vaswani et al. (2017), section 5.4.

    >>> import torch
    >>> logits = torch.zeros(1, 2, 5)  # all five tokens are as likely: ln 5
    >>> round(cross_entropy(logits, torch.tensor([[3, 0]]), pad=0).item(), 4)
    1.6094
    """
    check.tensors(logits=logits, targets=targets)
    check.floats(logits=logits)
    if logits.ndim != 3 or targets.shape != logits.shape[:2]:
        raise ValueError(
            f"logits and targets must have shapes (B, n, V) and (B, n), "
            f"got {tuple(logits.shape)} and {tuple(targets.shape)}"
        )
    settings.share(smoothing=smoothing)
    smoothing = float(smoothing)
    n_tokens = logits.shape[2]
    contents.tokens(n_tokens, targets=targets)
    if pad is not None:
        settings.count(0, pad=pad)
        if pad >= n_tokens:
            raise ValueError(f"pad must be below the vocabulary's size, {n_tokens}, got {pad}")
    ignored = _NONE if pad is None else int(pad)
    rows, labels = check.wide(logits).flatten(0, 1), targets.flatten()  # (B · n, V), (B · n,)
    real = labels != ignored
    log_p = F.log_softmax(rows, dim=-1)
    if pad is not None:
        # A padded row of NaN would have a gradient of NaN times 0. Mostly there is none.
        lost = log_p[:, 0].isnan() & ~real
        if contents.truth(lost.any(), wait=True) is not False:
            log_p = F.log_softmax(rows.masked_fill(~real[:, None], 0), dim=-1)
    loss = F.nll_loss(log_p, labels, reduction="sum", ignore_index=ignored)
    if smoothing:
        if pad is None:
            possible = log_p.sum(-1)
        else:  # without the padding token, whose logit may be anything
            possible = log_p[:, :ignored].sum(-1) + log_p[:, ignored + 1 :].sum(-1)
        smooth = possible.where(real, 0).sum() / max(1, n_tokens - (pad is not None))
        loss = (1 - smoothing) * loss - smoothing * smooth
    # Processes that share a batch divide by the mean of their counts, so that the mean of their
    # losses is the loss of the whole batch.
    return loss / distributed.average(real.sum(dtype=loss.dtype)).clamp(min=1)


_NONE = -(2**63)  # no token; torch's own, −100, would be passed over in silence
