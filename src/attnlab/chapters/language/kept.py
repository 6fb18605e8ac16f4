"""Readers that the experiment has trained, kept as whole numbers of 8 bits times a step."""

from pathlib import Path

import numpy as np
import torch

from attnlab.chapters.language.training import reader
from attnlab.models.language import LanguageModel


def file_of(*, causal: bool) -> Path:
    """Where a reader is stored."""
    return Path(__file__).with_name("forwards.npz" if causal else "both.npz")


def keep(model: LanguageModel) -> None:
    """Store a reader in place of the one that was stored."""
    arrays = {}
    for name, tensor in model.state_dict().items():
        step = tensor.abs().max().item() / 127
        arrays[name] = (tensor / step).round().to(torch.int8).numpy()
        arrays[f"{name} step"] = np.array(step)
    np.savez_compressed(file_of(causal=model.causal), **arrays)


def kept(*, causal: bool) -> LanguageModel:
    """A reader after 3,000 steps.

    >>> kept(causal=True).causal
    True
    """
    model = reader(causal=causal)
    with np.load(file_of(causal=causal)) as stored:
        state = {
            name: float(stored[f"{name} step"]) * torch.from_numpy(stored[name])
            for name in model.state_dict()
        }
    model.load_state_dict(state)
    return model.eval()
