"""Train a look-up with scores that start calm or loud, at several rates, and store how it went.

    python -m attnlab.chapters.scaling.experiment     # some ten minutes of one core

The task and the optimizer are those of the chapter `mechanism/scaling`. Cells are stored as they
finish, so the script can be stopped and started again.
"""

from collections.abc import Iterator

import numpy as np
import torch
from torch import Tensor, nn

from attnlab.functional.attention import attention
from attnlab.functional.scores import bilinear_scores, dot_scores
from attnlab.stored import complete
from attnlab.tasks.recall import AssociativeRecall, recall_accuracy
from attnlab.training.fitting import fit, seed_everything
from attnlab.training.losses import cross_entropy
from attnlab.training.progress import Progress

TASK = AssociativeRecall(n_pairs=16, n_keys=64, n_values=16)
BATCH = 64
STEPS = 1000
SEEDS = range(5)
RATES = (0.003, 0.01, 0.03, 0.1, 0.3)


class LookUp(nn.Module):
    """The chapter's model, with a dot product or a bilinear score, divided or not.

    Args:
        scores: "dot" or "bilinear".
        d_k: width of queries and keys.
        divided: whether scores are divided by the root of the width.
        start: the variance of the scores at the start, "calm": 1, "loud": the width.
    """

    def __init__(self, scores: str, d_k: int, divided: bool, start: str):
        super().__init__()
        self.divisor = d_k**0.5 if divided else 1.0
        spread = self.divisor * {"calm": 1.0, "loud": d_k**0.5}[start]  # of what is divided
        std = (spread**2 / d_k) ** 0.25 if scores == "dot" else 1.0
        self.W_Q = nn.Embedding(TASK.n_keys, d_k)
        self.W_K = nn.Embedding(TASK.n_keys, d_k)
        self.W_V = nn.Embedding(TASK.n_values, TASK.n_values)
        for table in (self.W_Q, self.W_K):
            nn.init.normal_(table.weight, std=std)
        w = torch.randn(d_k, d_k) * spread / d_k
        self.w = nn.Parameter(w) if scores == "bilinear" else None

    def forward(self, pairs: Tensor) -> Tensor:  # (B, m + 1, 2), the question last
        q = self.W_Q(pairs[:, -1:, 0] - TASK.n_values - 1)  # (B, 1, d_k)
        k = self.W_K(pairs[:, :-1, 0] - TASK.n_values - 1)  # (B, m, d_k)
        v = self.W_V(pairs[:, :-1, 1])  # (B, m, n_values)
        return attention(q, k, v, scores=self.scores)[0]  # (B, 1, n_values)

    def scores(self, q: Tensor, k: Tensor) -> Tensor:
        undivided = dot_scores(q, k) if self.w is None else bilinear_scores(q, k, self.w)
        return undivided / self.divisor

    @torch.no_grad()
    def all_scores(self) -> Tensor:  # (64, 64), every symbol's query with every symbol's key
        return self.scores(self.W_Q.weight, self.W_K.weight)


def cells() -> Iterator[dict]:
    for seed in SEEDS:
        for lr in RATES:
            for divided in (False, True):
                for d_k in (16, 64, 256):
                    yield cell("dot", d_k, divided, "calm", lr, seed=seed)
                yield cell("bilinear", 64, divided, "calm", lr, seed=seed)
        for lr in (0.001, *RATES):
            yield cell("dot", 64, False, "loud", lr, seed=seed)
        for lr in RATES:
            yield cell("dot", 64, True, "loud", lr, seed=seed)
            yield cell("dot", 16, False, "loud", lr, seed=seed)


def patient() -> Iterator[dict]:
    """What did not arrive in time, with more of it."""
    for seed in SEEDS:
        yield {**cell("bilinear", 64, False, "calm", 0.001, seed=seed), "given": 2500}
        yield {**cell("dot", 64, False, "loud", 0.01, seed=seed), "given": 4000}


def cell(scores: str, d_k: int, divided: bool, start: str, lr: float, *, seed: int) -> dict:
    return {
        "scores": scores, "d_k": d_k, "divided": divided, "start": start, "lr": lr, "seed": seed,
    }  # fmt: skip


def measure(cell: dict) -> dict:
    """The cell with its accuracy, the steps to 95 %, and how far the first step moved the scores.

    `steps` is the first before which ten batches in a row had 95 % right, None if there is none;
    `moved` the root mean square over all pairs of symbols.
    """
    given = cell.get("given", STEPS)
    seed_everything(cell["seed"])
    batches = [TASK.batch(BATCH) for _ in range(given)]
    look_up = LookUp(**{name: cell[name] for name in ("scores", "d_k", "divided", "start")})
    before = look_up.all_scores()
    moved: list[float] = []
    right: list[float] = []

    def loss(model: nn.Module, batch: tuple[Tensor, Tensor]) -> Tensor:
        if len(right) == 1:
            moved.append((look_up.all_scores() - before).square().mean().sqrt().item())
        pairs, answers = batch
        logits = model(pairs)  # (B, 1, n_values)
        right.append((logits.argmax(dim=-1) == answers).double().mean().item())
        return cross_entropy(logits, answers)

    fit(look_up, batches, loss, steps=given, lr=cell["lr"], progress=Progress("step", given))
    reached = np.convolve(right, np.ones(10) / 10, "valid") >= 0.95
    return {
        **cell,
        "accuracy": recall_accuracy(look_up, TASK),
        "steps": int(10 + reached.argmax()) if reached.any() else None,
        "moved": float(f"{moved[0]:.3g}"),
        "stuck": stuck(look_up),
    }


def stuck(model: LookUp) -> float:
    """Share of queries that give a wrong key more than 99 % of the weight, among all symbols."""
    top = model.all_scores().softmax(dim=-1).max(dim=-1)
    wrong = top.indices != torch.arange(TASK.n_keys)
    return (wrong & (top.values > 0.99)).double().mean().item()


def main() -> None:
    head = {"batch": BATCH, "most_steps": STEPS, "seeds": list(SEEDS)}
    complete("scaling", head, cells=(cells(), measure), patient=(patient(), measure))


if __name__ == "__main__":
    main()
