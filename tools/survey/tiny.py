"""Tiny models of every class of transformers that writes, with weights at random.

Nothing is downloaded. Weights are drawn anew with a standard deviation of .15: as libraries draw
them, outputs of so small a model hardly differ, whatever it sees.
"""

import copy
import inspect
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn

from tools.survey.sizes import OF_TYPE, SMALL


def drawn_anew(model: nn.Module) -> nn.Module:
    """The model with matrices drawn from a normal distribution with a deviation of .15."""
    torch.manual_seed(0)
    with torch.no_grad():
        for parameter in model.parameters():
            if parameter.ndim > 1:
                nn.init.normal_(parameter, std=0.15)
    return model.eval()


def tokens(rows: int = 3, n: int = 12) -> Tensor:
    return torch.randint(5, 60, (rows, n), generator=torch.Generator().manual_seed(1))


def of_transformers() -> Iterator[tuple[str, Callable[[], dict[str, Any]]]]:
    """Each class once: its name, and what makes the arguments of `examine`."""
    from transformers.models.auto import modeling_auto as auto  # noqa: PLC0415 - of its environment
    from transformers.models.bart import modeling_bart  # noqa: F401, PLC0415 - what all need, once

    seen = set()
    for names, kind in (
        (auto.MODEL_FOR_CAUSAL_LM_MAPPING_NAMES, "decoder"),
        (auto.MODEL_FOR_SEQ_TO_SEQ_CAUSAL_LM_MAPPING_NAMES, "encoder-decoder"),
    ):
        for classes in names.values():
            name = classes if isinstance(classes, str) else classes[0]
            if name not in seen:
                seen.add(name)
                yield name, partial(make, kind, name)


def make(kind: str, name: str) -> dict[str, Any]:
    """The arguments of `examine` for one class of transformers."""
    import transformers  # noqa: PLC0415

    model_class = getattr(transformers, name)
    config_class = model_class.config_class
    sizes = small(config_class)
    if "decoder_input_ids" not in inspect.signature(model_class.forward).parameters:
        kind = "decoder"  # some that read sounds are listed with the others, and write on
    if kind == "encoder-decoder":
        sizes.pop("is_decoder", None)
    model = drawn_anew(model_class(config_class(**sizes)))
    ids = tokens()
    batch = {"input_ids": ids, "attention_mask": torch.ones_like(ids)}
    if kind == "encoder-decoder":
        batch["decoder_input_ids"] = ids.flip(0)
    return {"model": model, "batch": batch, "kind": kind}


def small(config_class: Any) -> dict[str, Any]:
    """What makes a configuration small, and those inside it."""
    own = copy.deepcopy(OF_TYPE.get(config_class.model_type, {}))  # some take theirs apart
    inner = {key: value for key, value in own.items() if isinstance(value, dict)}
    usual = config_class(**copy.deepcopy(inner))  # some have none without those inside
    sizes = {key: value for key, value in SMALL.items() if _settable(usual, key)}
    layers = getattr(usual, "layer_types", None)
    if layers and _settable(usual, "layer_types"):
        kinds = list(dict.fromkeys(layers))
        n_layers = max(2, len(kinds))
        sizes["layer_types"] = (kinds * 2)[:n_layers]
        sizes.update({key: n_layers for key in ("num_hidden_layers", "n_layer") if key in sizes})
    for key in getattr(config_class, "sub_configs", {}):
        found = getattr(usual, key, None)
        if found is not None and key not in own:
            sizes[key] = {"model_type": found.model_type, **small(type(found))}
    return {key: value for key, value in (sizes | own).items() if value is not None}


def _settable(config: Any, key: str) -> bool:
    """Whether the configuration has such a key, and one may hand it in."""
    key = type(config).attribute_map.get(key, key)
    found = getattr(type(config), key, None)
    if isinstance(found, property):
        return found.fset is not None
    return key in config.to_dict() or hasattr(config, key)
