"""Training, in steps and not in seconds, so that a run gives the same result on any machine."""

import random
from collections.abc import Callable, Iterable
from contextlib import nullcontext
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from attnlab.functional import settings
from attnlab.training import distributed
from attnlab.training.progress import Progress
from attnlab.training.schedules import Schedule


def seed_everything(seed: int) -> None:
    """Start the random numbers of Python, NumPy and torch from one seed.

    Args:
        seed: 0 or more.

    Raises:
        TypeError: the seed is not an integer.
        ValueError: it is not in NumPy's range, from 0 to 2³² − 1.

    >>> seed_everything(0)
    >>> first = torch.rand(2)
    >>> seed_everything(0)
    >>> bool((torch.rand(2) == first).all())
    True
    """
    settings.count(0, seed=seed)
    if seed >= 2**32:
        raise ValueError(f"seed must be below 2**32, got {seed}")
    random.seed(seed)
    np.random.seed(seed)
    torch.manual_seed(seed)


def fit(
    model: nn.Module,
    batches: Iterable[Any],
    loss: Callable[[nn.Module, Any], Tensor],
    *,
    steps: int,
    lr: float = 1e-3,
    schedule: Schedule | None = None,
    clip: float = 1.0,
    progress: Progress | str = "training",
) -> list[float]:
    """Train `model` with Adam for so many steps.

    In several processes (`attnlab.training.distributed`), each takes its share of every batch.

    Args:
        model: what to train. It is in training mode meanwhile, and in evaluation mode afterwards.
        batches: one for each step, whatever `loss` takes.
        loss: `loss(model, batch)` is the number to make small.
        steps: how many.
        lr: the learning rate.
        schedule: `schedule(step)` times `lr` is the rate of a step; steps count from 1.
        clip: the largest norm of the gradient.
        progress: the label of the line that counts the steps, or a `Progress` to count them on.

    Returns:
        The loss of every step.

    Raises:
        TypeError: steps is not an integer.
        ValueError: steps is negative, or the batches end too soon.

    Source:
        Adam: Kingma and Ba (2015), algorithm 1, with the betas of Vaswani et al. (2017), section
        5.3. Clipping: Pascanu, Mikolov and Bengio (2013), algorithm 1.

    >>> model = nn.Linear(1, 1)
    >>> batches = [torch.ones(2, 1)] * 5
    >>> losses = fit(model, batches, lambda model, x: model(x).square().mean(), steps=5)
    >>> len(losses), losses[-1] < losses[0]
    (5, True)
    """
    settings.count(0, steps=steps)
    settings.positive(lr=lr, clip=clip)
    optimizer = torch.optim.Adam(model.parameters(), lr=lr, betas=(0.9, 0.98), fused=True)
    source = iter(batches)
    losses = []
    distributed.same_start(model)
    model.train()
    with Progress(progress, steps) if isinstance(progress, str) else nullcontext(progress) as line:
        for step in range(1, steps + 1):
            batch = next(source, None)
            if batch is None:
                raise ValueError(f"batches must be at least {steps}, got {step - 1}")
            if schedule is not None:
                optimizer.param_groups[0]["lr"] = lr * schedule(step)
            value = loss(model, distributed.share(batch))
            optimizer.zero_grad()
            value.backward()
            distributed.average_gradients(model)
            nn.utils.clip_grad_norm_(model.parameters(), clip)
            optimizer.step()
            losses.append(distributed.average(value).item())
            line.advance(f"loss {losses[-1]:.3f}")
    model.eval()
    return losses
