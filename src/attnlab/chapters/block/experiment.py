"""Train deep stacks with the norm after or before each sublayer, and store what they learn.

    python -m attnlab.chapters.block.experiment

The task is the easiest there is: every position says which token it was given. A cell is one number
of layers, place of the norm, learning rate, number of warm-up steps, seed, and by how much what
the sublayers add is multiplied at the start. Cells are stored as they finish, so the script can be
stopped and started again; delete the result to measure all of it anew (four minutes of one core).
"""

from collections.abc import Iterator
from itertools import product

import torch
from torch import Tensor, nn

from attnlab import Encoder
from attnlab.stored import complete
from attnlab.training.fitting import fit, seed_everything
from attnlab.training.losses import cross_entropy
from attnlab.training.schedules import warmup

SEEDS = (0, 1, 2)
STEPS, MANY_STEPS, LONG_WARMUP = 100, 600, 200
N, V, D_MODEL = 8, 8, 32


def cells() -> Iterator[dict]:
    for seed in SEEDS:
        for norm, lr, warmup_steps in product(("post", "pre"), (3e-3, 1e-2), (1, 50)):
            yield cell(24, norm, lr, warmup_steps, seed=seed)
        for warmup_steps in (1, 50):
            yield cell(24, "pre", 3e-2, warmup_steps, seed=seed)
        yield cell(24, "post", 3e-3, 1, seed=seed, start=0.2)
        for norm in ("post", "pre"):
            yield cell(6, norm, 3e-3, 1, seed=seed)


def cell(
    n_layers: int, norm: str, lr: float, warmup_steps: int, *, seed: int, start: float = 1.0
) -> dict:
    return {
        "n_layers": n_layers, "norm": norm, "lr": lr, "warmup_steps": warmup_steps,
        "start": start, "seed": seed,
    }  # fmt: skip


def loss(model: nn.Module, tokens: Tensor) -> Tensor:
    return cross_entropy(model(tokens), tokens)


def patient_cells() -> Iterator[dict]:
    """Does post-norm learn if it is given more time, and a longer warm-up?"""
    for seed in SEEDS:
        yield {**cell(24, "post", 3e-3, LONG_WARMUP, seed=seed), "steps": MANY_STEPS}


def measure(todo: dict) -> dict:
    """The cell, with the share of tokens that are right, and the loss of every fifth step."""
    steps = todo.get("steps", STEPS)
    seed_everything(todo["seed"])
    encoder = Encoder(
        d_model=D_MODEL, n_heads=2, n_layers=todo["n_layers"], d_ff=2 * D_MODEL, norm=todo["norm"]
    )
    with torch.no_grad():
        for layer in encoder.layers:
            layer.self_attention.project_out.weight *= todo["start"]
            layer.feed_forward.contract.weight *= todo["start"]
    model = nn.Sequential(nn.Embedding(V, D_MODEL), encoder, nn.Linear(D_MODEL, V))
    batches = (torch.randint(V, (32, N)) for _ in range(steps))
    losses = fit(
        model, batches, loss, steps=steps, lr=todo["lr"], schedule=warmup(todo["warmup_steps"])
    )
    test = torch.randint(V, (500, N))
    with torch.no_grad():
        right = (model(test).argmax(dim=-1) == test).double().mean().item()
    return {
        **todo,
        "accuracy": round(right, 3),
        "losses": [round(value, 3) for value in losses[::5]],
    }


if __name__ == "__main__":
    head = {
        "steps": STEPS,
        "batch": 32,
        "n": N,
        "vocabulary": V,
        "d_model": D_MODEL,
    }
    complete("block", head, cells=(cells(), measure), patient=(patient_cells(), measure))
