"""Train one layer of attention on several look-ups, with many heads and few, and store the scores.

    python -m attnlab.chapters.heads.experiment     # some two minutes of one core

The task, the model and the training are those of the chapter `transformer/heads`. Cells are stored
as they finish, so the script can be stopped and started again.
"""

from collections.abc import Iterator

import torch
from torch import nn

from attnlab.chapters.heads.models import SentenceAnswerer, TableAnswerer
from attnlab.stored import complete
from attnlab.tasks.answers import answer_loss, right_answers
from attnlab.tasks.lookups import Lookups
from attnlab.tasks.places import LENGTH, Places, PlacesBatch
from attnlab.training.fitting import fit, seed_everything
from attnlab.training.schedules import linear_decay

SEEDS = (0, 1, 2)
N_TEST = 2000
D_HIDDEN = 128


class WithNetwork(TableAnswerer):
    """A network with a hidden layer reads the answers, and embeddings start as small as asked."""

    def __init__(self, task: Lookups, d_model: int, n_heads: int, start: float):
        super().__init__(task, d_model, n_heads)
        answers = task.n_lookups * task.n_values
        self.read_out = nn.Sequential(
            nn.Linear(d_model, D_HIDDEN), nn.ReLU(), nn.Linear(D_HIDDEN, answers)
        )
        for table in (self.ask, self.key, self.value):
            nn.init.normal_(table.weight, std=start)


def cells() -> Iterator[dict]:
    for seed in SEEDS:
        for n_heads in (1, 2, 4, 8, 16, 32):
            yield cell(4, 32, n_heads, seed)
        yield cell(4, 128, 1, seed, lr=0.005)  # one head that is sixteen times as large
        yield cell(4, 32, 1, seed, steps=2000)
        yield cell(2, 32, 1, seed, steps=1500, lr=0.005)
        for network in (0.3, 1.0):  # how large embeddings are at the start
            yield cell(2, 32, 1, seed, steps=1500, lr=0.005, network=network)


def cell(
    n_lookups: int, d_model: int, n_heads: int, seed: int,
    *, steps: int = 400, lr: float = 0.02, network: float | None = None,
) -> dict:  # fmt: skip
    return {
        "n_lookups": n_lookups, "d_model": d_model, "n_heads": n_heads,
        "network": network, "steps": steps, "lr": lr, "seed": seed,
    }  # fmt: skip


def measure(todo: dict) -> dict:
    """The cell, with the share of right answers to each question, and of all right at once."""
    seed_everything(todo["seed"])
    task = Lookups(todo["n_lookups"], n_pairs=8, n_keys=8, n_values=8)
    size = (task, todo["d_model"], todo["n_heads"])
    start, steps = todo["network"], todo["steps"]
    model = TableAnswerer(*size) if start is None else WithNetwork(*size, start)
    schedule = linear_decay(steps, warmup_steps=20)
    losses = fit(
        model, task.batches(64), answer_loss, steps=steps, lr=todo["lr"], schedule=schedule
    )
    batch = task.batch(N_TEST, split="test")
    right = right_answers(model, batch)  # (B, L)
    with torch.no_grad():
        on_asked = model(batch)[1] @ batch.alignment.float().mT  # (B, h, L)
    return {
        **todo,
        "parameters": sum(p.numel() for p in model.parameters()),
        "loss": round(sum(losses[-20:]) / 20, 3),
        "each": [round(share, 3) for share in right.double().mean(0).tolist()],
        "all": round(right.all(1).double().mean().item(), 4),
        "on_asked": [[round(w, 2) for w in head] for head in on_asked.mean(0).tolist()],
    }


def sentences() -> Iterator[dict]:
    for asks in ("neighbors", "ends"):
        for seed in SEEDS:
            yield {"asks": asks, "seed": seed}


def without_a_head(todo: dict) -> dict:
    """Two heads read sentences: the share of right answers to each question, with one head off.

    Also how far the weights of each head on the first word and on the last move when these two
    words change places: the mean difference seen by place, and seen by word.
    """
    seed_everything(todo["seed"])
    task, steps = Places(todo["asks"]), 400
    model = SentenceAnswerer(16, 2)
    schedule = linear_decay(steps, warmup_steps=20)
    fit(model, task.batches(64), answer_loss, steps=steps, lr=0.02, schedule=schedule)
    batch = task.batch(N_TEST, split="test")
    shares = [
        right_answers(model, batch, head_mask=mask).double().mean((0, 1)).tolist()
        for mask in torch.tensor([[1.0, 1.0], [0.0, 1.0], [1.0, 0.0]])
    ]
    both, *one_off = [[round(share, 3) for share in row] for row in shares]
    words = batch.words[:, [-1, *range(1, LENGTH - 1), 0]]
    swapped = PlacesBatch(words, task.targets(words))
    with torch.no_grad():
        before, after = (model(x)[1][..., [0, -1]].mean(2) for x in (batch, swapped))  # (B, h, 2)
    moved = torch.stack([(before - after).abs(), (before - after.flip(-1)).abs()])
    return {
        **todo, "both": both, "one_off": one_off,
        "moved": [[round(x, 3) for x in seen] for seen in moved.mean((1, 3)).tolist()],
    }  # fmt: skip


if __name__ == "__main__":
    head = {"batch": 64, "n_test": N_TEST}
    complete("heads", head, cells=(cells(), measure), sentences=(sentences(), without_a_head))
