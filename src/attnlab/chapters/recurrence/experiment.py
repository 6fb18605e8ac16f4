"""Train every recaller at every distance, and store who recalls what.

    python -m attnlab.chapters.recurrence.experiment [--only lstm gru] [--part starts]

Every cell that is not stored yet is measured, or those of some models alone.

A cell is one model, task, learning rate and seed. The starts are the chapter's eight networks on
recall over 20 blanks: the gradient before training, and the recall after it, seed by seed. Both are
stored as they finish, so the script can be stopped and started again; delete the result to measure
all of it anew (half an hour).
"""

import argparse
from collections.abc import Iterator

from attnlab.chapters.recurrence.models import STARTS, network, reach_in
from attnlab.models.recallers import recaller
from attnlab.stored import complete
from attnlab.tasks.recall import AssociativeRecall, Recall, recall_accuracy, recall_loss
from attnlab.training.fitting import fit, seed_everything

BATCH = 64
SEEDS = (0, 1, 2)
RATES = (3e-3, 6e-3)  # every model gets the better of the two
MODELS = {
    "rnn": {"kind": "rnn"},
    "lstm": {"kind": "lstm"},
    "lstm, forget bias 3": {"kind": "lstm", "forget_bias": 3.0},
    "gru": {"kind": "gru"},
    "cnn": {"kind": "cnn"},
    "attention": {"kind": "attention"},
}
DISTANCES = (2, 5, 10, 20, 50, 100)
FAR = 200  # for attention alone: everything else has failed before
CNN_FAR = 20  # beyond its theoretical field of 17 steps there is nothing to measure
MIXED = [1, 200]
PAIRS = (2, 8, 64)
START_SEEDS = range(10)
START_DISTANCE = 20


def cells(names: list[str]) -> Iterator[dict]:
    for seed in SEEDS:
        for name in names:
            for lr in RATES:
                for distance in (*DISTANCES, FAR):
                    if distance == FAR and name != "attention":
                        continue
                    if distance > CNN_FAR and name == "cnn":
                        continue
                    steps = 300 if name == "attention" else 600
                    yield cell("distance", name, lr, seed, steps, distance=distance)
            yield cell("mixed", name, RATES[0], seed, 1000, distances=MIXED)
            for n_pairs in PAIRS:
                yield cell("pairs", name, RATES[0], seed, 600, n_pairs=n_pairs)


def starts() -> Iterator[dict]:
    for seed in START_SEEDS:
        for name in STARTS:
            yield {"start": name, "seed": seed, "steps": 200 if name == "attention" else 600}


def measure_start(todo: dict) -> dict:
    """The start with the gradient that is left before training, and the recall after it."""
    task = Recall(START_DISTANCE)
    seed_everything(todo["seed"])
    model = network(todo["start"], task)
    before = reach_in(model, task)
    fit(model, task.batches(BATCH), recall_loss, steps=todo["steps"], lr=RATES[0])
    return {**todo, "before": float(f"{before:.3g}"), "after": recall_accuracy(model, task)}


def cell(task: str, model: str, lr: float, seed: int, steps: int, **settings: object) -> dict:
    return {"task": task, "model": model, "lr": lr, "seed": seed, "steps": steps, **settings}


def measure(todo: dict) -> dict:
    """The cell with its held-out accuracy; for mixed distances, one accuracy a distance."""
    seed_everything(todo["seed"])
    if todo["task"] == "pairs":
        task = AssociativeRecall(todo["n_pairs"])
    else:
        task = Recall(todo["distance"] if todo["task"] == "distance" else (MIXED[0], MIXED[1]))
    model = recaller(**MODELS[todo["model"]], vocab_size=task.vocab_size, n_answers=task.n_answers)
    fit(model, task.batches(BATCH), recall_loss, steps=todo["steps"], lr=todo["lr"])
    if todo["task"] == "mixed":
        tested = [Recall(distance) for distance in (*DISTANCES, FAR)]
        return {**todo, "accuracy": [round(recall_accuracy(model, t), 3) for t in tested]}
    return {**todo, "accuracy": round(recall_accuracy(model, task), 3)}


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--only", nargs="+", choices=list(MODELS), default=list(MODELS))
    parser.add_argument("--part", choices=("starts", "cells"))
    asked = parser.parse_args()
    head = {
        "batch": BATCH,
        "seeds": SEEDS,
        "mixed_tested_at": (*DISTANCES, FAR),
        "starts_lr": RATES[0],
        "starts_distance": START_DISTANCE,
    }
    complete(
        "recurrence",
        head,
        starts=(() if asked.part == "cells" else starts(), measure_start),
        cells=(() if asked.part == "starts" else cells(asked.only), measure),
    )
