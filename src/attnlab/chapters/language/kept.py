"""The readers that the experiment has trained, kept as whole numbers of 8 bits times a step."""

from pathlib import Path

import numpy as np
import torch

from attnlab.chapters.language.training import reader
from attnlab.models.language import LanguageModel

READERS_FILE = Path(__file__).with_name("readers.npz")
NAMES = {True: "causal", False: "masked"}


def keep(models: dict[bool, LanguageModel]) -> None:
    """Store readers by whether they are causal, in place of what was stored."""
    arrays = {}
    for causal, model in models.items():
        for name, tensor in model.state_dict().items():
            step = tensor.abs().max().item() / 127
            arrays[f"{NAMES[causal]}/{name}"] = (tensor / step).round().to(torch.int8).numpy()
            arrays[f"{NAMES[causal]}/{name}/step"] = np.array(step)
    np.savez_compressed(READERS_FILE, **arrays)


def kept(*, causal: bool) -> LanguageModel:
    """A reader of seed 0 after 3,000 steps.

    >>> kept(causal=True).causal
    True
    """
    model = reader(causal=causal)
    with np.load(READERS_FILE) as stored:
        names = {name: f"{NAMES[causal]}/{name}" for name in model.state_dict()}
        state = {
            name: float(stored[f"{own}/step"]) * torch.from_numpy(stored[own])
            for name, own in names.items()
        }
    model.load_state_dict(state)
    return model.eval()
