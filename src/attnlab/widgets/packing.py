"""A model's parameters in a form that is small enough for a page."""

import base64
import copy
from typing import TypeVar

import numpy as np
import torch
from torch import nn

from attnlab.models.transformer import Transformer

M = TypeVar("M", bound=nn.Module)


def pack(model: Transformer) -> dict:
    """Every parameter as a float of 16 bits, and what else the browser must know to compute.

    Returns:
        `n_heads`, `n_layers`, `norm`; `tensors`: name and shape of each parameter; `data`: the
        numbers in that order, little-endian, in base64. A shared matrix is there once.

    Raises:
        ValueError: positions that are not sinusoidal, layers without biases, or a parameter that
            16 bits cannot hold.
    """
    scheme = model.encoder.positions.scheme
    if scheme != "sinusoidal" or model.to_logits.bias is None:
        bias = model.to_logits.bias is not None
        raise ValueError(
            'expected a Transformer with positions="sinusoidal" and bias=True, '
            f"got {scheme!r} and {bias}"
        )
    named = {name: p.detach().cpu().numpy() for name, p in model.named_parameters()}
    for name, values in named.items():
        largest = np.abs(values).max()
        if not largest <= np.finfo(np.float16).max:
            raise ValueError(f"expected parameters that 16 bits can hold, got {largest} in {name}")
    numbers = np.concatenate([values.ravel() for values in named.values()]).astype("<f2")
    return {
        "n_heads": model.encoder.n_heads,
        "n_layers": len(model.encoder.layers),
        "norm": model.encoder.layers[0].norm,
        "tensors": [[name, list(values.shape)] for name, values in named.items()],
        "data": base64.b64encode(numbers.tobytes()).decode("ascii"),
    }


def rounded(model: Transformer) -> Transformer:
    """A copy of the model, in evaluation mode, with the parameters that the page has."""
    return copy.deepcopy(model).half().float().eval()


def pack_scaled(model: nn.Module) -> dict:
    """Every parameter as whole numbers of 16 bits times a step, small enough for a page.

    Returns:
        `tensors`: name, shape and step of each; `data`: the numbers in that order, little-endian,
        in base64.
    """
    tensors, numbers = [], []
    for name, parameter in model.state_dict().items():
        values = parameter.double().numpy()
        step = float(np.abs(values).max() / 32767) or 1.0
        tensors.append([name, list(values.shape), step])
        numbers.append(np.rint(values / step).astype("<i2").ravel())
    data = base64.b64encode(np.concatenate(numbers).tobytes()).decode("ascii")
    return {"tensors": tensors, "data": data}


def rounded_scaled(model: M, packed: dict) -> M:
    """A copy of the model with the parameters that the page has."""
    numbers = np.frombuffer(base64.b64decode(packed["data"]), dtype="<i2")
    state, start = {}, 0
    for name, shape, step in packed["tensors"]:
        end = start + int(np.prod(shape))
        state[name] = torch.tensor(numbers[start:end] * step).reshape(shape)
        start = end
    twin = copy.deepcopy(model).double()
    twin.load_state_dict(state)
    return twin.eval()
