"""Train Transformers to write dates in digits, and store how many days come out right.

    python -m attnlab.chapters.transformer.experiment

A cell is one schedule, number of steps and seed. A thousand of the held-out days, `validation`, are
for choosing among them, and a thousand others, `test`, for the result. Cells are stored as they
finish, so the script can be stopped and started again; delete the result to measure all of it anew
(five minutes of one core).
"""

import random
from collections.abc import Iterator
from datetime import date

import torch

from attnlab.models.transformer import Transformer
from attnlab.stored import complete
from attnlab.tasks.dates import Dates
from attnlab.tasks.pairs import Batch, alignment_accuracy, collate, exact_match, translation_loss
from attnlab.training.fitting import fit, seed_everything
from attnlab.training.schedules import linear_decay, warmup

DATES = Dates(("en", "de", "zh"))
SEEDS = (0, 1, 2)
WARMUP = 100
LR = 4e-3
SCHEDULES = {
    "decay": lambda steps: linear_decay(steps, warmup_steps=WARMUP),
    "constant": lambda steps: warmup(WARMUP),
}


def cells() -> Iterator[dict]:
    for schedule, steps in (("decay", 1000), ("decay", 500), ("constant", 500)):
        for seed in SEEDS:
            yield {"schedule": schedule, "steps": steps, "seed": seed}


def held_out() -> dict[str, Batch]:
    """A thousand held-out days to validate on and a thousand others to test on."""
    first, last = date(DATES.first_year, 1, 1), date(DATES.last_year, 12, 31)
    every = map(date.fromordinal, range(first.toordinal(), last.toordinal() + 1))
    days = [day for day in every if DATES.is_held_out(day)]
    chance = random.Random(0)
    chance.shuffle(days)

    def batch(days: list[date]) -> Batch:
        ways = [(chance.choice(DATES.languages), chance.choice(DATES.formats)) for _ in days]
        return collate([DATES.pair(day, *way) for day, way in zip(days, ways, strict=True)])

    return {"validation": batch(days[:1000]), "test": batch(days[-1000:])}


def measure(todo: dict) -> dict:
    """The cell, with the share of days that are right, and how well each head is aligned."""
    seed_everything(todo["seed"])
    model = Transformer(
        len(DATES.src_vocabulary), len(DATES.tgt_vocabulary),
        d_model=64, n_heads=4, n_layers=1, d_ff=256, dropout=0.0,
    )  # fmt: skip
    model.to_logits.weight = model.tgt_embedding.weight
    schedule = SCHEDULES[todo["schedule"]](todo["steps"])
    fit(
        model, DATES.batches(64), translation_loss, steps=todo["steps"], lr=LR, schedule=schedule
    )  # fmt: skip
    result, days = dict(todo), held_out()
    with torch.no_grad():
        seen = {
            name: model(batch.src, batch.tgt_in, src_mask=batch.src_mask, return_weights=True)
            for name, batch in days.items()
        }
    for name, (logits, _) in seen.items():
        # With the right tokens given, all are right just where greedy decoding gets all right.
        result[name] = round(exact_match(logits.argmax(-1), days[name].tgt_out), 4)
    cross = seen["test"][1].decoder[0].cross_attention  # (B, h, n, m)
    truth = days["test"].alignment
    heads = (alignment_accuracy(one, truth) for one in cross.unbind(1))
    result["alignment"] = [round(share, 3) for share in heads]
    result["alignment_of_mean"] = round(alignment_accuracy(cross.mean(1), truth), 3)
    return result


if __name__ == "__main__":
    head = {
        "languages": DATES.languages,
        "batch": 64,
        "lr": LR,
        "warmup": WARMUP,
    }
    complete("transformer", head, cells=(cells(), measure))
