"""What every layer asks of its input, before it meets the weights."""

import torch
from torch import Tensor

from attnlab.functional import arrays as check
from attnlab.nn.kernels import mixed_precision


def check_features(
    x: Tensor, d_model: int, weight: Tensor, name: str, *, batch: bool = True
) -> None:
    """x is `(B, n, d_model)`, or without a `batch` of any shape that ends in d_model, of the dtype
    and on the device of the weights it will meet."""
    if (  # what is right is waved through: this is asked several times in every step of decoding
        type(x) is Tensor
        and x.dtype is weight.dtype
        and x.device == weight.device
        and x.layout is torch.strided
        and not x.is_nested
        and (x.ndim == 3 or (not batch and x.ndim > 0))
        and x.size(-1) == d_model
    ):
        return
    check.tensors(**{name: x})
    if x.ndim == 0 or x.shape[-1] != d_model or (batch and x.ndim != 3):
        shape = f"(B, n, {d_model})" if batch else f"(..., {d_model})"
        raise ValueError(f"{name} must have shape {shape}, got {tuple(x.shape)}")
    if x.device != weight.device:
        raise ValueError(
            f"{name} must be on the device of the weights, {weight.device}, got {x.device}"
        )
    # Autocast leaves double precision alone.
    castable = x.is_floating_point() and torch.float64 not in (x.dtype, weight.dtype)
    if x.dtype != weight.dtype and not (castable and mixed_precision(x)):
        raise TypeError(f"{name} must have the dtype of the weights, {weight.dtype}, got {x.dtype}")
