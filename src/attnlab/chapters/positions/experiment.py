"""Train a copier with every kind of position, and store how it copies short and long sequences.

    python -m attnlab.chapters.positions.experiment

A cell is one kind of position and one seed. Cells are stored as they finish, so the script can be
stopped and started again; delete the result to measure all of it anew (seven minutes of one core).
"""

from collections.abc import Iterator
from typing import Any

from attnlab.chapters.positions.models import Copier
from attnlab.stored import complete
from attnlab.tasks.copying import copy_accuracy, copy_batches, copy_loss
from attnlab.training.fitting import fit, seed_everything
from attnlab.training.schedules import linear_decay

KINDS = ("none", "sinusoidal", "learned", "rotary", "alibi", "concatenated", "relative")
SEEDS = (0, 1, 2)
STEPS, LR, MAX_N = 800, 5e-3, 16
ALIKE_AT, DISTINCT = 32, (10, 4, 2)  # the length, and how many different symbols
TESTED_AT = (2, 4, 8, 12, 16, 18, 20, 24, 32, 48, 64, 96, 128)


def cells() -> Iterator[dict]:
    for positions in KINDS:
        for seed in SEEDS:
            yield {"positions": positions, "seed": seed}


def trained(positions: Any, seed: int) -> Copier:
    seed_everything(seed)
    model = Copier(positions)
    schedule = linear_decay(STEPS, warmup_steps=100)
    fit(model, copy_batches(MAX_N), copy_loss, steps=STEPS, lr=LR, schedule=schedule)
    return model


def measure(todo: dict) -> dict:
    """The cell, with the share of symbols that are copied right at each length."""
    model = trained(todo["positions"], todo["seed"])
    accuracy = [round(copy_accuracy(model, n), 3) for n in TESTED_AT]
    return {**todo, "accuracy": accuracy}


def measure_alike(todo: dict) -> dict:
    """The cell, with the share that is copied right if there are fewer different symbols."""
    model = trained("alibi", todo["seed"])
    accuracy = [round(copy_accuracy(model, ALIKE_AT, distinct=few), 3) for few in DISTINCT]
    return {**todo, "accuracy": accuracy}


if __name__ == "__main__":
    head = {
        "steps": STEPS,
        "lr": LR,
        "max_n": MAX_N,
        "tested_at": TESTED_AT,
        "alike_at": ALIKE_AT,
        "distinct": DISTINCT,
    }
    alike = ({"seed": seed} for seed in SEEDS)
    complete("positions", head, cells=(cells(), measure), alike=(alike, measure_alike))
