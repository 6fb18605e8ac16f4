"""A model's parameters in a form that is small enough for a page."""

import copy
import string
from typing import TypeVar

import numpy as np
import torch
from torch import nn

from attnlab.functional.positions import BASE
from attnlab.models.language import LanguageModel
from attnlab.models.transformer import Transformer

Model = TypeVar("Model", bound=nn.Module)
LETTERS = string.ascii_uppercase + string.ascii_lowercase + string.digits + "+/"  # six bits each
LARGEST = 2**11 - 1  # of the whole numbers that two letters hold, with both signs


def pack(model: nn.Module) -> dict:
    """Every parameter as whole numbers of 12 bits times a step; `js/packing.js` unpacks them.

    Returns:
        `tensors`: name, shape and step of each parameter; `data`: the numbers in that order, plus
        2048, each in two letters, all first ones before all second ones: what is alike stands
        together, and compresses. A shared parameter is there once.

    Raises:
        ValueError: a parameter that is not finite.
    """
    tensors, numbers = [], []
    for name, parameter in model.named_parameters():
        step, whole = _in_steps(name, parameter)
        tensors.append([name, list(parameter.shape), step])
        numbers.append(whole.ravel())
    codes = np.concatenate(numbers) + LARGEST + 1
    letters = np.array(list(LETTERS))
    return {"tensors": tensors, "data": "".join([*letters[codes >> 6], *letters[codes & 63]])}


def pack_transformer(model: Transformer | LanguageModel) -> dict:
    """A packed model with what else `js/transformer.js` must know.

    Returns:
        What `pack` does; `n_heads`, `n_layers` and `norm`; `base` of the sinusoids; `eps` of norms.

    Raises:
        ValueError: as `pack`; positions that are not sinusoidal, or layers without biases.
    """
    scheme, bias = model.encoder.positions.scheme, model.to_logits.bias is not None
    if scheme != "sinusoidal" or not bias:
        raise ValueError(
            'expected a Transformer with positions="sinusoidal" and bias=True, '
            f"got {scheme!r} and {bias}"
        )
    encoder = model.encoder
    return {
        "n_heads": encoder.n_heads,
        "n_layers": len(encoder.layers),
        "norm": encoder.layers[0].norm,
        "base": BASE,
        "eps": encoder.last_norm.eps,
        **pack(model),
    }


@torch.no_grad()
def rounded(model: Model) -> Model:
    """A copy with the parameters that the page has, in evaluation mode and, as there, float64.

    Raises:
        ValueError: as `pack`.
    """
    twin = copy.deepcopy(model).double().eval()
    for name, parameter in twin.named_parameters():
        step, whole = _in_steps(name, parameter)
        parameter.copy_(torch.from_numpy(step * whole))
    return twin


def _in_steps(name: str, parameter: nn.Parameter) -> tuple[float, np.ndarray]:
    """The size of a step, and how many of them each number is."""
    values = parameter.detach().cpu().double().numpy()
    largest = float(np.abs(values).max())
    if not np.isfinite(largest):
        raise ValueError(f"expected parameters that are finite, got {largest} in {name}")
    step = largest / LARGEST or 1.0  # for zeros any step will do
    return step, np.rint(values / step).astype(int)
