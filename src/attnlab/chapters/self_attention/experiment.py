"""Give the recurrent network a larger state, a second layer and more steps, and ask it again.

    python -m attnlab.chapters.self_attention.experiment

Cells are stored as they finish, so the script can be stopped and started again; delete the result
to measure all of it anew (ten minutes of one core).
"""

from collections.abc import Iterator

from attnlab.chapters.self_attention.naming import Recurrent, accuracy, loss_of, sequences
from attnlab.stored import complete
from attnlab.training.fitting import fit, seed_everything
from attnlab.training.schedules import linear_decay

SEEDS = (0, 1, 2)
LRS = (3e-3, 1e-2)
D_HIDDEN, N_LAYERS, STEPS = 128, 2, 3000


def cells() -> Iterator[dict]:
    for lr in LRS:
        for seed in SEEDS:
            yield {"lr": lr, "seed": seed}


def measure(todo: dict) -> dict:
    """The cell, with the share of named tokens that are found."""
    seed_everything(todo["seed"])
    model = Recurrent(D_HIDDEN, N_LAYERS)
    data = (sequences(32) for _ in range(STEPS))
    schedule = linear_decay(STEPS, warmup_steps=100)
    fit(model, data, loss_of("named"), steps=STEPS, lr=todo["lr"], schedule=schedule)
    return {**todo, "named": round(accuracy(model, "named"), 3)}


if __name__ == "__main__":
    head = {"steps": STEPS, "d_hidden": D_HIDDEN, "n_layers": N_LAYERS}
    complete("self_attention", head, cells=(cells(), measure))
