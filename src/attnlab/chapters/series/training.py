"""How the forecasters of this chapter are trained and tested."""

from collections.abc import Iterator

import numpy as np
import torch
from torch import Tensor, nn

from attnlab.training.fitting import fit
from attnlab.training.progress import Progress
from attnlab.training.schedules import linear_decay

BATCH, LR = 64, 0.003

Pair = tuple[Tensor, Tensor]  # pasts (B, w), futures (B, f)


def draws(x: np.ndarray, y: np.ndarray) -> Iterator[Pair]:
    """Batches of windows, drawn again and again by torch's own random numbers."""
    pasts, futures = (torch.from_numpy(part).float() for part in (x, y))
    while True:
        rows = torch.randint(len(pasts), (BATCH,))
        yield pasts[rows], futures[rows]


def square_loss(model: nn.Module, batch: Pair) -> Tensor:
    """The mean squared error of a batch."""
    return (model(batch[0]) - batch[1]).square().mean()


def train(
    model: nn.Module,
    batches: Iterator[Pair],
    steps: int,
    *,
    lr: float = LR,
    progress: Progress | str = "training",
) -> nn.Module:
    """The model, trained for so many steps."""
    schedule = linear_decay(steps, warmup_steps=20)
    fit(model, batches, square_loss, steps=steps, lr=lr, schedule=schedule, progress=progress)
    return model


@torch.no_grad()
def forecast(model: nn.Module, x: np.ndarray) -> np.ndarray:
    """What a model says of pasts `(N, w)`: `(N, f)`."""
    return model(torch.from_numpy(x).float()).double().numpy()


def shuffled(x: np.ndarray, seed: int = 0) -> np.ndarray:
    """Each past in an order of its own; the last value stays where it is."""
    rng = np.random.default_rng(seed)
    return np.c_[rng.permuted(x[:, :-1], axis=1), x[:, -1:]]
