"""What `from_torch` of layers and stacks have in common: our copies of layers of torch.nn."""

from collections.abc import Mapping
from typing import Any

import torch
import torch.nn.functional as F
from torch import nn

from attnlab.functional import settings

# What torch puts where a name has this word in it.
_PARTS = {"attn": nn.MultiheadAttention, "linear": nn.Linear, "norm": nn.LayerNorm}


def check_class(module: nn.Module, expected: type[nn.Module]) -> None:
    """The module is of the class of torch.nn of which there is a counterpart here."""
    if not isinstance(module, expected):
        raise TypeError(f"expected nn.{expected.__name__}, got {type(module).__name__}")
    if type(module).forward is not expected.forward:
        raise TypeError(
            f"expected nn.{expected.__name__}, got a subclass with a forward of its own, "
            f"{settings.kind(module)}"
        )


def check_attention(module: nn.MultiheadAttention) -> None:
    """The attention has nothing that ours lacks."""
    check_class(module, nn.MultiheadAttention)
    if module.in_proj_weight is None or module.bias_k is not None or module.add_zero_attn:
        raise ValueError(
            "expected nn.MultiheadAttention without kdim, vdim, add_bias_kv and add_zero_attn, "
            f"got kdim={module.kdim}, vdim={module.vdim}, embed_dim={module.embed_dim}, "
            f"add_bias_kv={module.bias_k is not None}, add_zero_attn={module.add_zero_attn}"
        )


def check_layer(layer: nn.TransformerEncoderLayer | nn.TransformerDecoderLayer) -> None:
    """The layer has the parts that torch gives it, a rectifier, and one dropout rate for all that
    is no attention weight."""
    for name, part in layer.named_children():
        for kind, expected in _PARTS.items():
            if kind in name:
                check_class(part, expected)
    if layer.activation not in (F.relu, torch.relu) and not isinstance(layer.activation, nn.ReLU):
        raise ValueError(f"expected a layer whose activation is relu, got {layer.activation}")
    drops = {name: m.p for name, m in layer.named_children() if isinstance(m, nn.Dropout)}
    if len(set(drops.values())) > 1:
        each = ", ".join(f"{name} {p}" for name, p in drops.items())
        raise ValueError(f"expected one rate in all dropouts of a layer, got {each}")


def copy_parts(ours: nn.Module, theirs: nn.Module, names: Mapping[str, str]) -> None:
    """Copy the parts of `theirs`, by what torch calls those of `ours`."""
    for name, other in names.items():
        own: Any = ours.get_submodule(name)
        part = theirs.get_submodule(other)
        if isinstance(own, nn.Linear | nn.LayerNorm):
            copy_weights(own, part)
        else:
            made_from: Any = type(own)  # a part that has a counterpart itself
            setattr(ours, name, made_from.from_torch(part))


def copy_weights(ours: nn.Linear | nn.LayerNorm, theirs: nn.Module) -> None:
    """Copy the weights of a linear map or a norm, whether they are frozen, and a norm's epsilon."""
    check_class(theirs, type(ours))
    for name in ("weight", "bias"):
        own, other = getattr(ours, name), getattr(theirs, name)
        if (own is None) != (other is None) or (own is not None and own.shape != other.shape):
            raise ValueError(f"expected the {name} of {ours}, got that of {theirs}")
        if own is not None:
            own.detach().copy_(other.detach())
            own.requires_grad_(other.requires_grad)
    if isinstance(ours, nn.LayerNorm) and isinstance(theirs, nn.LayerNorm):
        ours.eps = theirs.eps
