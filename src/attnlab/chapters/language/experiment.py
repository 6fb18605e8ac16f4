"""Train readers of the Python documentation, forwards and with gaps, and store what they can do.

    python -m attnlab.chapters.language.experiment     # some half an hour of one core

Readers are stored as they finish, so the script can be stopped and started again. Delete
`results.json` and `readers.npz` to measure all of it anew; the text is that of `text.xz`.
"""

import copy
from collections.abc import Iterator
from functools import cache

import torch

from attnlab.chapters.language.kept import READERS_FILE, keep
from attnlab.chapters.language.spaces import Spacer, f1, labeled, tune
from attnlab.chapters.language.text import part
from attnlab.chapters.language.training import (
    bits,
    by_trying,
    from_both,
    from_left,
    reader,
    train,
    windows,
)
from attnlab.models.language import LanguageModel
from attnlab.stored import complete
from attnlab.training.fitting import seed_everything

SEEDS = range(3)
STEPS = (0, 600, 3000)
AFTER = (1, 2, 3, 4, 8)
KNOWN = (20, 300)
GAP, N_GAPS, N_SPACED, TUNING = 32, 1000, 500, (200, 600)


def cells() -> Iterator[dict]:
    for seed in SEEDS:
        for steps in STEPS:
            for causal in (True, False):
                yield {"causal": causal, "steps": steps, "seed": seed}


@cache
def pretrained(causal: bool, steps: int, seed: int) -> LanguageModel:
    seed_everything(seed)
    model = reader(causal=causal)
    return train(model, part("train")[0], steps) if steps else model


def measure(cell: dict) -> dict:
    """What a reader fills in, and how well it puts spaces back once it is tuned to that."""
    model = pretrained(cell["causal"], cell["steps"], cell["seed"])
    found = {**cell, "parameters": sum(p.numel() for p in model.parameters())}
    seed_everything(1)
    texts = windows(part("test")[0], N_GAPS)

    def right(log_p: torch.Tensor) -> float:
        return round((log_p.argmax(1) == texts[:, GAP]).float().mean().item(), 3)

    if cell["steps"] and cell["causal"]:
        found["bits"] = round(bits(model, part("test")[0]), 3)
        found["left"] = right(from_left(model, texts, GAP))
        found["trying"] = [right(by_trying(model, texts, GAP, after)) for after in AFTER]
    elif cell["steps"]:
        found["both"] = right(from_both(model, texts, GAP))
    found["spaces"] = {str(known): spaced(model, cell["seed"], known) for known in KNOWN}
    return found


def spaced(model: LanguageModel, seed: int, known: int) -> float:
    """F1 of a copy of the reader, tuned as long as suits the validation part best."""
    seed_everything(2)
    choosing, tests = (labeled(*part(name), N_SPACED) for name in ("validation", "test"))
    scores = []
    for steps in TUNING:
        seed_everything(seed)
        spacer = tune(Spacer(copy.deepcopy(model)), labeled(*part("train"), known), steps)
        with torch.no_grad():
            scores.append([f1(spacer(letters), ends) for letters, ends in (choosing, tests)])
    return round(max(scores)[1], 3)


if __name__ == "__main__":
    torch.set_num_threads(1)
    head = {"after": AFTER, "gaps": N_GAPS, "spaced": N_SPACED, "tuning": TUNING,
            "text": "pydoc_data.topics of Python 3.11.7, PSF License Version 2"}  # fmt: skip
    complete("language", head, readers=(cells(), measure))
    if not READERS_FILE.exists():
        keep({causal: pretrained(causal, STEPS[-1], SEEDS[0]) for causal in (True, False)})
