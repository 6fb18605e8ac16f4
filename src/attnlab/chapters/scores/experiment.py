"""Train a look-up with every score function at several learning rates, and store the steps needed.

    python -m attnlab.chapters.scores.experiment     # about a minute

The task, the model and the seeds are those of the chapter `mechanism/scores`.
"""

from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor, nn

from attnlab import attention, dot_scores, scaled_dot_scores
from attnlab.nn.scores import AdditiveScore, BilinearScore
from attnlab.stored import store
from attnlab.tasks.recall import AssociativeRecall, recall_loss
from attnlab.training.fitting import fit, seed_everything
from attnlab.training.progress import Progress

TASK = AssociativeRecall(n_pairs=16, n_keys=64, n_values=16)
WIDTH = 64
BATCH = 64
STEPS = 400
SEEDS = (0, 1, 2)
RATES = (0.003, 0.01, 0.03, 0.1)


class DividedBilinear(BilinearScore):
    """Starts with the same scores as `BilinearScore`, but each step moves them √d_k times less."""

    def __init__(self, d_q: int, d_k: int):
        super().__init__(d_q, d_k)
        self.divisor = d_k**0.5
        self.w.data *= self.divisor

    def forward(self, q: Tensor, k: Tensor) -> Tensor:
        return super().forward(q, k) / self.divisor


SCORES: dict[str, Callable] = {
    "dot": lambda: dot_scores,
    "scaled dot": lambda: scaled_dot_scores,
    "bilinear": lambda: BilinearScore(WIDTH, WIDTH),
    "bilinear, divided": lambda: DividedBilinear(WIDTH, WIDTH),
    "additive": lambda: AdditiveScore(WIDTH, WIDTH, WIDTH),
}


class LookUp(nn.Module):
    """A query and a key for each key symbol, a value for each value symbol, and attention."""

    def __init__(self, scores: Callable):
        super().__init__()
        self.W_Q = nn.Embedding(TASK.n_keys, WIDTH)
        self.W_K = nn.Embedding(TASK.n_keys, WIDTH)
        self.W_V = nn.Embedding(TASK.n_values, TASK.n_values)
        self.scores = scores

    def forward(self, pairs: Tensor) -> Tensor:  # (B, m + 1, 2), the question last
        q = self.W_Q(pairs[:, -1:, 0] - TASK.n_values - 1)  # (B, 1, d_q)
        k = self.W_K(pairs[:, :-1, 0] - TASK.n_values - 1)  # (B, m, d_k)
        v = self.W_V(pairs[:, :-1, 1])  # (B, m, n_values)
        return attention(q, k, v, scores=self.scores)[0]  # (B, 1, n_values)


def steps_to_95(name: str, lr: float, seed: int) -> int | None:
    """The first step before which ten batches in a row had 95 % right; None if there is none."""
    seed_everything(seed)
    batches = [TASK.batch(BATCH) for _ in range(STEPS)]
    seed_everything(seed)
    accuracy: list[float] = []

    def loss(model: nn.Module, batch: tuple[Tensor, Tensor]) -> Tensor:
        with torch.no_grad():
            right = model(batch[0]).argmax(dim=-1) == batch[1]
        accuracy.append(right.double().mean().item())
        return recall_loss(model, batch)

    fit(LookUp(SCORES[name]()), batches, loss, steps=STEPS, lr=lr, progress=Progress("step", STEPS))
    reached = np.convolve(accuracy, np.ones(10) / 10, "valid") >= 0.95
    return int(10 + reached.argmax()) if reached.any() else None


def main() -> None:
    torch.set_num_threads(1)
    cells = [
        {"scores": name, "lr": lr, "steps": [steps_to_95(name, lr, seed) for seed in SEEDS]}
        for name in SCORES
        for lr in RATES
    ]
    head = {
        "width": WIDTH,
        "batch": BATCH,
        "most_steps": STEPS,
        "seeds": SEEDS,
    }
    store("scores", head, cells=cells)


if __name__ == "__main__":
    main()
