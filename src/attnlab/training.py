"""Training, in steps and not in seconds, so that a run gives the same result on any machine."""

import random
import sys
import time
from collections.abc import Callable, Iterable
from contextlib import nullcontext
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from attnlab import _arrays as check


def seed_everything(seed: int) -> None:
    """Start the random numbers of Python, NumPy and PyTorch from one seed.

    Errors: ValueError for a seed that NumPy does not take (0 ≤ seed < 2³²).

    >>> seed_everything(0); a = torch.rand(2)
    >>> seed_everything(0); bool((a == torch.rand(2)).all())
    True
    """
    if not 0 <= seed < 2**32:
        raise ValueError(f"expected 0 ≤ seed < 2**32, got {seed}")
    random.seed(seed)
    np.random.seed(seed)
    torch.manual_seed(seed)


class Progress:
    """One line that counts steps while they run, and leaves only `label: total steps` behind.

    What stays in a notebook is thus the same after every run: no time, no loss. In a terminal the
    line goes to stderr; where nobody watches (a pipe, a test) nothing is written.

    >>> with Progress("training", total=3) as progress:
    ...     for _ in range(3):
    ...         progress.advance()
    """

    def __init__(self, label: str, total: int):
        self.label, self.total, self.done = label, total, 0
        self._handle = None
        self._last_shown = 0.0

    def __enter__(self) -> "Progress":
        kernel = _notebook_kernel()
        if kernel is not None:
            from IPython.display import display  # noqa: PLC0415 (only a notebook has it)

            self._handle = display(_Line(self.label), display_id=True)
        return self

    def advance(self, note: str = "") -> None:
        """Count one step; `note`, such as the loss, is shown in passing."""
        self.done += 1
        now = time.monotonic()
        if now - self._last_shown > 0.3:  # more often costs time and shows nothing new
            self._last_shown = now
            self._show(f"{self.label}: step {self.done} of {self.total} {note}")

    def __exit__(self, *_: object) -> None:
        self._show(f"{self.label}: {self.done} steps", end="\n")

    def _show(self, line: str, end: str = "") -> None:
        if self._handle is not None:
            self._handle.update(_Line(line))
        elif sys.stderr.isatty():
            print(f"\r{line:<79}", end=end, file=sys.stderr, flush=True)


class _Line:
    """A line of text without the quotes that a notebook would put around a string."""

    def __init__(self, text: str):
        self.text = text

    def __repr__(self) -> str:
        return self.text


def _notebook_kernel() -> object | None:
    """The running Jupyter kernel, or None. IPython is not imported where it is not in use."""
    shell = sys.modules["IPython"].get_ipython() if "IPython" in sys.modules else None
    return getattr(shell, "kernel", None)


def fit(
    model: nn.Module,
    batches: Iterable[Any],
    loss: Callable[[nn.Module, Any], Tensor],
    *,
    steps: int,
    lr: float = 1e-3,
    schedule: Callable[[int], float] | None = None,
    clip: float = 1.0,
    progress: Progress | str = "training",
) -> list[float]:
    """Train `model` with Adam for so many steps.

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
    check.count(0, steps=steps)
    optimizer = torch.optim.Adam(model.parameters(), lr=lr, betas=(0.9, 0.98), fused=True)
    source = iter(batches)
    losses = []
    model.train()
    with Progress(progress, steps) if isinstance(progress, str) else nullcontext(progress) as line:
        for step in range(1, steps + 1):
            batch = next(source, None)
            if batch is None:
                raise ValueError(f"expected {steps} batches, got {step - 1}")
            if schedule is not None:
                for group in optimizer.param_groups:
                    group["lr"] = lr * schedule(step)
            value = loss(model, batch)
            optimizer.zero_grad()
            value.backward()
            nn.utils.clip_grad_norm_(model.parameters(), clip)
            optimizer.step()
            losses.append(value.item())
            line.advance(f"loss {losses[-1]:.3f}")
    model.eval()
    return losses
