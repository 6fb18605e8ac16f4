"""Train readers and writers with and without attention, and store which lengths they get right.

    python -m attnlab.chapters.bottleneck.experiment

A cell is one task, way to attend, width, number of steps and seed. Cells are stored as they finish,
so the script can be stopped and started again; delete the result to measure all of it anew (ten
minutes of one core).
"""

from collections.abc import Iterator

import torch

from attnlab.decoding import greedy
from attnlab.models.seq2seq import Seq2Seq, WriterState
from attnlab.stored import complete
from attnlab.tasks.pairs import alignment_accuracy, exact_match, translation_loss
from attnlab.tasks.rearrange import Copy, Reverse
from attnlab.tasks.vocabulary import BOS, EOS
from attnlab.training.fitting import fit, seed_everything
from attnlab.training.schedules import linear_decay

TASKS = {"reverse": Reverse, "copy": Copy}
SEEDS = (0, 1, 2)
MAX_LEN = 12  # the longest sequence in training
TESTED_AT = (2, 4, 6, 8, 10, 12, 14)
SHIFTS = (-1, 0, 1, 2)  # to the right of the true source position
N_TEST = 500


class OneVector(Seq2Seq):
    """Attention whose memory is the last state alone."""

    def read(self, src, src_mask=None):
        state = super().read(src, src_mask)
        return WriterState(state.hidden, state.hidden[:, None], None)


def cells() -> Iterator[dict]:
    for seed in SEEDS:
        for d_model in (16, 32, 64):
            yield cell("reverse", None, d_model, 500, seed)
            yield cell("reverse", "additive", d_model, 500, seed)
        for attend in ("dot", "general"):
            yield cell("reverse", attend, 32, 500, seed)
        for attend in ("additive", "dot", "general"):
            yield cell("copy", attend, 32, 500, seed)
        yield cell("reverse", "additive, last state", 32, 500, seed)
        yield cell("reverse", None, 128, 500, seed)
        yield cell("reverse", None, 32, 2000, seed)


def cell(task: str, attend: str | None, d_model: int, steps: int, seed: int) -> dict:
    return {"task": task, "attend": attend, "d_model": d_model, "steps": steps, "seed": seed}


def measure(todo: dict) -> dict:
    """The cell, with the share of held-out sequences that are right at each length.

    With attention also: how often the largest weight is so many places to the right of the truth,
    over all tokens but those at the ends, which have no place beyond.
    """
    seed_everything(todo["seed"])
    task = TASKS[todo["task"]](1, MAX_LEN)
    last = todo["attend"] == "additive, last state"
    attend = "additive" if last else todo["attend"]
    kind, steps = OneVector if last else Seq2Seq, todo["steps"]
    vocab = task.vocab_size
    model = kind(vocab, vocab, d_model=todo["d_model"], attend=attend)
    schedule = linear_decay(steps, warmup_steps=20)
    fit(model, task.batches(64), translation_loss, steps=steps, lr=1e-2, schedule=schedule)
    exact = []
    for length in TESTED_AT:
        batch = TASKS[todo["task"]](length, length).batch(N_TEST, split="test")
        tokens = greedy(model, batch.src, bos=BOS, eos=EOS, max_len=length + 5)
        exact.append(round(exact_match(tokens, batch.tgt_out), 3))
    result = {**todo, "exact": exact}
    if attend and not last:
        result["shifted"] = shares_of_shifts(model, TASKS[todo["task"]](MAX_LEN, MAX_LEN))
    return result


@torch.no_grad()
def shares_of_shifts(model: Seq2Seq, task: Copy | Reverse) -> list[float]:
    batch = task.batch(N_TEST, split="test")
    weights = model(batch.src, batch.tgt_in, return_weights=True)[1]  # (B, n, m)
    inner = batch.alignment.clone()
    inner[:, :, [0, -1]] = False
    shifted = (inner.roll(shift, dims=2) for shift in SHIFTS)
    return [round(alignment_accuracy(weights, truth), 3) for truth in shifted]


if __name__ == "__main__":
    head = {
        "batch": 64,
        "max_len": MAX_LEN,
        "tested_at": TESTED_AT,
        "shifts": SHIFTS,
    }
    complete("bottleneck", head, cells=(cells(), measure))
