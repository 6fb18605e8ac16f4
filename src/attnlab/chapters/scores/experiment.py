"""Train a look-up with every score function, at two widths and several learning rates.

    python -m attnlab.chapters.scores.experiment     # about ten minutes

The task, the model and the seeds are those of the chapter `mechanism/scores`. Each cell stores, by
seed, the variance of all scores at the start, how far the first step moves them (without what it
adds to all of a query's or of a key's), the steps needed, and what is right in the end.
"""

from collections.abc import Callable, Iterator

import numpy as np
import torch
from torch import Tensor, nn

from attnlab import attention, dot_scores, scaled_dot_scores
from attnlab.nn.scores import AdditiveScore, BilinearScore
from attnlab.stored import complete
from attnlab.tasks.recall import AssociativeRecall, recall_accuracy, recall_loss
from attnlab.training.fitting import fit, seed_everything
from attnlab.training.progress import Progress

TASK = AssociativeRecall(n_pairs=16, n_keys=64, n_values=16)
BATCH = 64
STEPS = 400
PATIENT = 3000  # steps, of those that 400 were not enough for
SEEDS = (0, 1, 2, 3, 4)
WIDTHS = (64, 256)
RATES = (0.003, 0.01, 0.03, 0.1)


class DividedBilinear(BilinearScore):
    """Starts with the same scores as `BilinearScore`, but each step of w moves them √d less."""

    def __init__(self, d: int):
        super().__init__(d, d)
        self.divisor = d**0.5
        self.w.data *= self.divisor

    def forward(self, q: Tensor, k: Tensor) -> Tensor:
        return super().forward(q, k) / self.divisor


def fixed_bilinear(d: int) -> BilinearScore:
    """Stays as it started: only the tables learn."""
    return BilinearScore(d, d).requires_grad_(False)


SCORES: dict[str, Callable[[int], Callable]] = {
    "dot": lambda d: dot_scores,
    "dot, calm": lambda d: dot_scores,
    "scaled dot": lambda d: scaled_dot_scores,
    "bilinear": lambda d: BilinearScore(d, d),
    "bilinear, fixed": fixed_bilinear,
    "bilinear, divided": DividedBilinear,
    "additive": lambda d: AdditiveScore(d, d, d),
}


class LookUp(nn.Module):
    """A query and a key for each key symbol, a value for each value symbol, and attention."""

    def __init__(self, name: str, d: int):
        super().__init__()
        self.scores = SCORES[name](d)
        self.W_Q = nn.Embedding(TASK.n_keys, d)
        self.W_K = nn.Embedding(TASK.n_keys, d)
        self.W_V = nn.Embedding(TASK.n_values, TASK.n_values)
        if name == "dot, calm":  # so that dot products have variance 1
            self.W_Q.weight.data *= d**-0.25
            self.W_K.weight.data *= d**-0.25

    def forward(self, pairs: Tensor) -> Tensor:  # (B, m + 1, 2), the question last
        q = self.W_Q(pairs[:, -1:, 0] - TASK.n_values - 1)  # (B, 1, d)
        k = self.W_K(pairs[:, :-1, 0] - TASK.n_values - 1)  # (B, m, d)
        v = self.W_V(pairs[:, :-1, 1])  # (B, m, n_values)
        return attention(q, k, v, scores=self.scores)[0]  # (B, 1, n_values)

    @torch.no_grad()
    def all_scores(self) -> Tensor:  # (n_keys, n_keys)
        return self.scores(self.W_Q.weight, self.W_K.weight)


def meeting(scores: Tensor) -> Tensor:
    """The scores `(n, m)` without each query's mean and each key's: where query and key meet."""
    return scores - scores.mean(0) - scores.mean(1, keepdim=True) + scores.mean()


def train(name: str, width: int, lr: float, seed: int, steps: int) -> dict[str, float | int | None]:
    """Steps to 95 % are those before which ten batches in a row had it; None if there are none."""
    seed_everything(seed)
    batches = [TASK.batch(BATCH) for _ in range(steps)]
    seed_everything(seed)
    look_up = LookUp(name, width)
    start, moved, accuracy = look_up.all_scores(), 0.0, []

    def loss(model: nn.Module, batch: tuple[Tensor, Tensor]) -> Tensor:
        nonlocal moved
        with torch.no_grad():
            if len(accuracy) == 1:
                moved = meeting(look_up.all_scores() - start).square().mean().sqrt().item()
            right = model(batch[0]).argmax(dim=-1) == batch[1]
        accuracy.append(right.double().mean().item())
        return recall_loss(model, batch)

    fit(look_up, batches, loss, steps=steps, lr=lr, progress=Progress("step", steps))
    reached = np.convolve(accuracy, np.ones(10) / 10, "valid") >= 0.95
    return {
        "start": round(start.var().item(), 2),
        "moved": round(moved, 4),
        "steps": int(10 + reached.argmax()) if reached.any() else None,
        "held_out": round(recall_accuracy(look_up, TASK), 3),
    }


def cells() -> Iterator[dict]:
    for width in WIDTHS:
        for name in SCORES:
            for lr in RATES:
                yield {"scores": name, "width": width, "lr": lr}


def patient() -> Iterator[dict]:
    """A calm start with small steps, and a loud one at the rate that served it as well as any."""
    for name, lr in (("bilinear", 0.001), ("dot", 0.01)):
        yield {"scores": name, "width": 64, "lr": lr, "most_steps": PATIENT}


def measure(cell: dict) -> dict:
    steps = cell.get("most_steps", STEPS)
    runs = [train(cell["scores"], cell["width"], cell["lr"], seed, steps) for seed in SEEDS]
    return cell | {what: [run[what] for run in runs] for what in runs[0]}


if __name__ == "__main__":
    head = {"batch": BATCH, "most_steps": STEPS, "seeds": SEEDS}
    complete("scores", head, cells=(cells(), measure), patient=(patient(), measure))
