"""Train eyes and speakers; store the eyes, one speaker, and what all say of new pictures.

    python -m attnlab.chapters.captions.experiment     # eight minutes of one core

The data, the models and the training are those of the chapter `work/captions`. Cells are stored as
they finish, so the script can be stopped and started again. Delete `results.json` and `eyes.npz` to
measure all of it anew.
"""

from collections.abc import Iterator

import torch

from attnlab.chapters.captions.by_rule import by_rule
from attnlab.chapters.captions.kept import EYES_FILE, keep_eyes, keep_speaker, stored_eyes
from attnlab.chapters.captions.models import HIDDEN, Eyes, seeing_loss, share_seen
from attnlab.chapters.captions.scenes import Scenes
from attnlab.chapters.captions.speaking import blanked, learn, said, scores
from attnlab.stored import complete
from attnlab.tasks.pairs import Batch
from attnlab.training.fitting import fit, seed_everything
from attnlab.training.schedules import linear_decay

SEEDS = (0, 1, 2)
SEEING_STEPS, STEPS = 2500, 1000
TOLD = ("mean", "flat", "grid", "no places", "self")
N_TEST = 1000


def tests() -> dict[str, Batch]:
    """Pictures of pairs that training has, and of those it never has."""
    return {
        name: Scenes(known).batch(
            N_TEST, split="test", generator=torch.Generator().manual_seed(int(known))
        )
        for name, known in (("known", True), ("new", False))
    }


def train_eyes() -> None:
    """Trains and stores the eyes of all seeds."""
    every = {}
    for seed in SEEDS:
        seed_everything(seed)
        every[seed] = Eyes()
        schedule = linear_decay(SEEING_STEPS, warmup_steps=20)
        fit(every[seed], Scenes().batches(64), seeing_loss, steps=SEEING_STEPS, lr=0.004,
            schedule=schedule)  # fmt: skip
    keep_eyes(every)


def cells() -> Iterator[dict]:
    for seed in SEEDS:
        for told in TOLD:
            yield {"told": told, "seed": seed, "steps": STEPS}
    for seed in SEEDS:
        for told in HIDDEN:
            yield {"told": told, "seed": seed, "steps": 3 * STEPS}


def measure(cell: dict) -> dict:
    """What is right in pictures of known and of new pairs, and where the speaker looked."""
    speaker = learn(stored_eyes(cell["seed"]), cell["told"], cell["steps"], seed=cell["seed"])
    if (cell["told"], cell["seed"]) == ("self", 0):
        keep_speaker(speaker)
    trained = sum(p.numel() for p in speaker.parameters() if p.requires_grad)
    found = {**cell, "parameters": trained}
    for name, batch in tests().items():
        found[name] = scores(said(speaker, batch.src), batch, speaker)
    if cell["told"] in ("grid", "self"):
        found["blanked"] = blanked(speaker, tests()["known"])
    return found


def look(cell: dict) -> dict:
    """What the eyes find, and what a rule says that asks them."""
    eyes = stored_eyes(cell["seed"])
    found = dict(cell)
    for name, batch in tests().items():
        rule = scores(by_rule(eyes, batch.src), batch)
        found[name] = {"seen": round(share_seen(eyes, batch), 3), **rule}
    return found


if __name__ == "__main__":
    torch.set_num_threads(1)
    if not EYES_FILE.exists():
        train_eyes()
    head = {"seeing_steps": SEEING_STEPS, "batch": 64, "n_test": N_TEST}
    complete(
        "captions", head, eyes=(({"seed": seed} for seed in SEEDS), look), cells=(cells(), measure)
    )
