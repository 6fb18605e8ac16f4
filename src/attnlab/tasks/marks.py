"""What a model takes for right, looked at before it is marked."""

from torch import Tensor

from attnlab.functional import arrays as check
from attnlab.functional import contents


def logits_from(start: int, logits: Tensor) -> Tensor:
    """Of the logits of all steps, `(B, T, V)`, those from the step `start` on.

    Raises:
        TypeError: they are no tensor. ValueError: another shape.
    """
    check.tensors(logits=logits)
    if logits.ndim != 3:
        raise ValueError(f"logits must have shape (B, T, V), got {tuple(logits.shape)}")
    return logits[:, start:]


def most_probable(logits: Tensor, targets: Tensor) -> Tensor:
    """The most probable answers, in the shape of the targets.

    Args:
        logits: `(..., V)`, numbers; where some are NaN, none is the largest.
        targets: `(...)`.

    Raises:
        TypeError: logits that are no tensor of numbers.
        ValueError: shapes or devices that do not fit, or NaN.

    >>> import torch
    >>> most_probable(torch.tensor([[0.1, 0.7], [3.0, -1.0]]), torch.tensor([1, 1]))
    tensor([1, 0])
    """
    check.tensors(logits=logits, targets=targets)
    if (
        logits.ndim != targets.ndim + 1
        or logits.shape[:-1] != targets.shape
        or not logits.shape[-1]
    ):
        raise ValueError(
            f"logits must have the targets' shape {tuple(targets.shape)} and an axis more, "
            f"got {tuple(logits.shape)}"
        )
    if not check.xp_of(logits).isdtype(logits.dtype, ("integral", "real floating")):
        raise TypeError(f"logits must be numbers, got {logits.dtype}")
    if logits.is_floating_point():
        contents.not_nan(logits=logits)
    return logits.argmax(-1)
