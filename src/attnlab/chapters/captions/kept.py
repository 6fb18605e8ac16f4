"""Models that the experiment has trained, kept as whole numbers of 8 bits times a step a tensor."""

from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from attnlab.chapters.captions.models import Eyes, Speaker

EYES_FILE = Path(__file__).with_name("eyes.npz")
SPEAKER_FILE = Path(__file__).with_name("speaker.npz")


def keep(file: Path, tensors: dict[str, Tensor]) -> None:
    """Store tensors, rounded, in place of what was stored."""
    arrays = {}
    for name, tensor in tensors.items():
        step = tensor.abs().max().item() / 127
        arrays[name] = (tensor / step).round().to(torch.int8).numpy()
        arrays[f"{name} step"] = np.array(step)
    np.savez_compressed(file, **arrays)


def kept(file: Path) -> dict[str, Tensor]:
    """What is stored, by name."""
    with np.load(file) as stored:
        names = [name for name in stored if not name.endswith(" step")]
        return {
            name: float(stored[f"{name} step"]) * torch.from_numpy(stored[name]) for name in names
        }


def keep_eyes(every: dict[int, Eyes]) -> None:
    """Store eyes by their seeds."""
    parts = ((seed, eyes.state_dict()) for seed, eyes in every.items())
    keep(EYES_FILE, {f"{seed} {name}": t for seed, state in parts for name, t in state.items()})


def stored_eyes(seed: int) -> Eyes:
    """Eyes that the experiment has trained.

    Raises:
        ValueError: another seed than those stored.

    >>> stored_eyes(0).conv1.weight.shape
    torch.Size([24, 1, 5, 5])
    """
    tensors = kept(EYES_FILE)
    seeds = sorted({int(name.split()[0]) for name in tensors})
    if seed not in seeds:
        raise ValueError(f"seed must be one of {seeds}, got {seed}")
    eyes = Eyes()
    eyes.load_state_dict({name: tensors[f"{seed} {name}"] for name in eyes.state_dict()})
    return eyes.eval()


def keep_speaker(speaker: Speaker) -> None:
    """Store a speaker without its eyes, which are those of seed 0."""
    own = {name: t for name, t in speaker.state_dict().items() if not name.startswith("eyes.")}
    keep(SPEAKER_FILE, own)


def stored_speaker() -> Speaker:
    """The speaker of seed 0 that was told "self".

    >>> stored_speaker().told
    'self'
    """
    speaker = Speaker(stored_eyes(0), "self")
    speaker.load_state_dict({**speaker.state_dict(), **kept(SPEAKER_FILE)})
    return speaker.eval()
