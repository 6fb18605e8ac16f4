"""Train readers of the Python documentation, forwards and with gaps, and store what they can do.

    python -m attnlab.chapters.language.experiment     # some twenty minutes of one core

Readers are stored as they finish, so the script can be stopped and started again. Delete
`results.json` to measure all of it anew, and to store one reader of each kind; the text is that of
`text.xz`, and Python 3.11.7 must have it, too.
"""

import copy
from collections.abc import Iterator

import numpy as np
import torch

from attnlab.chapters.language.kept import keep
from attnlab.chapters.language.ngrams import NGrams
from attnlab.chapters.language.spaces import (
    Spacer,
    doubts,
    f1,
    labeled,
    logistic,
    reader_probabilities,
    surroundings,
    tune,
)
from attnlab.chapters.language.text import numbers, paragraphs, part, topics
from attnlab.chapters.language.training import (
    bits,
    from_both,
    from_left,
    reader,
    train,
    trying,
    windows,
)
from attnlab.models.language import LanguageModel
from attnlab.stored import complete
from attnlab.training.fitting import seed_everything

SEEDS = range(3)
SHORT, LONG = 600, 3000
AFTER = (1, 2, 3, 4, 8)
KNOWN = (20, 300)
GAP, N_GAPS, N_SPACED = 32, 1000, 500
TUNING = {True: 200, False: 600}  # steps, by whether a reader is pretrained


def cells() -> Iterator[dict]:
    for steps in (LONG, 0, SHORT):
        for seed in SEEDS:
            for causal in (True, False) if steps else (True,):
                yield {"causal": causal, "steps": steps, "seed": seed}


def measure(cell: dict) -> dict:
    """What a reader fills in, and how well it puts spaces back once it is tuned to that."""
    seed_everything(cell["seed"])
    model = reader(causal=cell["causal"])
    if cell["steps"]:
        train(model, part("train")[0], cell["steps"])
    if (cell["steps"], cell["seed"]) == (LONG, SEEDS[-1]):
        keep(model)
    found = {**cell, "parameters": sum(p.numel() for p in model.parameters())}
    seed_everything(1)
    texts = windows(part("test")[0], N_GAPS)

    def right(log_p: torch.Tensor) -> float:
        return round((log_p.argmax(1) == texts[:, GAP]).float().mean().item(), 3)

    if cell["steps"] and cell["causal"]:
        found["bits"] = round(bits(model, part("test")[0]), 3)
        found["left"] = right(from_left(model, texts, GAP))
        together = trying(model, texts, GAP, AFTER[-1]).cumsum(-1)  # (N, V, after + 1)
        found["trying"] = [right(together[..., after]) for after in AFTER]
    elif cell["steps"]:
        found["both"] = right(from_both(model, texts, GAP))
    if cell["steps"] != SHORT:
        found["spaces"] = {str(known): spaced(model, cell, known) for known in KNOWN}
    if cell["steps"] == LONG and cell["causal"]:
        found["doubts"] = {str(known): doubted(model, cell["seed"], known) for known in KNOWN}
    return found


def spaced(model: LanguageModel, cell: dict, known: int) -> float:
    """F1 of a copy of the reader, tuned to put spaces back; untrained ones get longer."""
    seed_everything(1)
    tests = labeled(*part("test"), N_SPACED)
    seed_everything(cell["seed"])
    told = labeled(*part("train"), known)
    spacer = tune(Spacer(copy.deepcopy(model)), told, TUNING[cell["steps"] > 0])
    with torch.no_grad():
        return round(f1(spacer(tests[0]), tests[1]), 3)


def doubted(model: LanguageModel, seed: int, known: int) -> float:
    """F1 of logistic regression on the letters around a place and on the reader's doubts there."""
    seed_everything(1)
    tests = labeled(*part("test"), N_SPACED)
    seed_everything(seed)
    told = labeled(*part("train"), known)

    def features(letters: torch.Tensor) -> torch.Tensor:
        unsure = doubts(reader_probabilities(model, letters), letters)
        return torch.cat([surroundings(letters), unsure], dim=-1)

    line = logistic(features(told[0]), told[1])
    return round(f1(line(features(tests[0]))[..., 0], tests[1]), 3)


def split(cell: dict) -> dict:
    """Bits a letter of counts, where a tenth of the paragraphs, drawn at random, is the test."""
    every = paragraphs(topics())
    every = list(dict.fromkeys(every)) if cell["once"] else every
    rows = np.random.default_rng(cell["seed"]).permutation(len(every))
    first = len(every) * 9 // 10
    train_rows, test_rows = (
        numbers("".join(every[i] for i in sorted(some)).replace(" ", ""))
        for some in (rows[:first], rows[first:])
    )
    grams = NGrams(train_rows, 8)
    return {**cell, "paragraphs": len(every),
            "bits": [round(grams.bits(test_rows, k), 3) for k in range(9)]}  # fmt: skip


if __name__ == "__main__":
    torch.set_num_threads(1)
    head = {
        "after": AFTER, "gaps": N_GAPS, "spaced": N_SPACED, "tuning": TUNING[True],
        "tuning_untrained": TUNING[False],
        "text": "pydoc_data.topics of Python 3.11.7, PSF License Version 2",
    }  # fmt: skip
    splits = [{"once": once, "seed": seed} for seed in SEEDS for once in (True, False)]
    complete("language", head, splits=(splits, split), readers=(cells(), measure))
