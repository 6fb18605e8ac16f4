"""Training, in steps and not in seconds, so that a run gives the same result on any machine."""

import math
import random
from collections.abc import Callable, Iterable
from contextlib import nullcontext
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from attnlab.functional import arrays as check
from attnlab.functional import settings
from attnlab.training import distributed
from attnlab.training.progress import Progress
from attnlab.training.schedules import Schedule


def seed_everything(seed: int) -> None:
    """Start the random numbers of Python, NumPy and torch from one seed.

    Args:
        seed: 0 or more, an integer of Python's or NumPy's.

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
    seed = int(seed)  # Python's own generator takes none of NumPy's integers
    random.seed(seed)
    np.random.seed(seed)
    torch.manual_seed(seed)


@torch.inference_mode(False)
@torch.enable_grad()
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

    A step is not taken if its loss, or the norm of its gradient, is NaN or infinite: `fit` stops
    there. However it ends, by an error, by Ctrl-C or after the last step, the model keeps what it
    learned in the steps before, and is in evaluation mode.

    Args:
        model: what to train. It is in training mode meanwhile, and in evaluation mode afterwards.
            Parameters that want no gradient stay as they are. It may be called where gradients are
            off, in `torch.inference_mode()` as well.
        batches: one for each step, whatever `loss` takes, None included.
        loss: `loss(model, batch)` is the number to make small, a tensor with a gradient.
        steps: how many.
        lr: the learning rate.
        schedule: `schedule(step)` times `lr` is the rate of a step, 0 or more; steps count from 1.
        clip: the largest norm of the gradient.
        progress: the label of the line that counts the steps, or a `Progress` to count them on.

    Returns:
        The loss of every step.

    Raises:
        TypeError: a model that is no `torch.nn.Module`, batches that are none, a loss or a schedule
            that can't be called, steps that are no integer, a rate or a clip that is no number, a
            loss that is no tensor, or progress that is neither text nor a `Progress`; parameters of
            float16, where Adam's squares of small gradients are 0, or complex ones, and gradients
            that are sparse.
        ValueError: a model without parameters that want a gradient, negative steps, a rate or a
            clip that is not positive and finite, too few batches, a loss that is not one number or
            does not come from the model's parameters; and with the step named, a loss, a gradient
            or a rate that is NaN, infinite or, for a rate, negative.

    Source:
        Adam: Kingma and Ba (2015), algorithm 1, with the betas of Vaswani et al. (2017), section
        5.3. Clipping: Pascanu, Mikolov and Bengio (2013), algorithm 1.

    >>> model = nn.Linear(1, 1)
    >>> batches = [torch.ones(2, 1)] * 5
    >>> losses = fit(model, batches, lambda model, x: model(x).square().mean(), steps=5)
    >>> len(losses), losses[-1] < losses[0]
    (5, True)
    """
    _check(model, batches, loss, schedule, progress)
    settings.count(0, steps=steps)
    settings.positive(lr=lr, clip=clip)
    rate = float(lr)
    optimizer = torch.optim.Adam(model.parameters(), lr=rate, betas=(0.9, 0.98), fused=True)
    source = iter(batches)
    losses = []
    counted = Progress(progress, steps) if isinstance(progress, str) else nullcontext(progress)
    distributed.same_start(model)
    try:
        with counted as line:
            for step in range(1, steps + 1):
                batch = next(source, _END)
                if batch is _END:
                    raise ValueError(f"batches must be at least {steps}, got {step - 1}")
                if not model.training:  # as at the start; a batch or a loss may have evaluated it
                    model.train()
                if schedule is not None:
                    optimizer.param_groups[0]["lr"] = _rate(rate, schedule, step)
                value = loss(model, distributed.share(batch))
                _check_loss(value)
                optimizer.zero_grad()
                value.backward()
                _check_gradients(model)
                distributed.average_gradients(model)
                norm = nn.utils.clip_grad_norm_(model.parameters(), float(clip))
                number = distributed.average(value).item()
                _check_finite(step, loss=number, gradient=norm.item())
                optimizer.step()
                losses.append(number)
                line.advance(f"loss {number:.3f}")
    except KeyboardInterrupt as stop:
        stop.add_note(f"fit was stopped; the model keeps what it learned in {len(losses)} steps")
        raise
    finally:
        model.eval()
    return losses


_END = object()  # what comes after the last batch, which may be None
# What Adam is right in. In float16 the square of 10⁻⁴ is 0, and a step as long as the gradient / ε.
_TRAINED = {torch.float32, torch.float64, torch.bfloat16}
_UNRELATED = "loss must have a gradient: it must come from the model's parameters"


def _check(model: Any, batches: Any, loss: Any, schedule: Any, progress: Any) -> None:
    kind = settings.kind
    if not isinstance(model, nn.Module):
        raise TypeError(f"model must be a torch.nn.Module, got {kind(model)}")
    dtypes = {parameter.dtype for parameter in model.parameters() if parameter.requires_grad}
    if not dtypes:
        raise ValueError("model must have parameters that want a gradient, got none")
    for dtype in dtypes - _TRAINED:
        raise TypeError(
            f"model must have parameters of float32, float64 or bfloat16, got {dtype}; for half "
            f"precision torch.autocast leaves them in float32"
        )
    settings.iterable(batches=batches)
    if not callable(loss):
        raise TypeError(f"loss must be a function of model and batch, got {kind(loss)}")
    if not (schedule is None or callable(schedule)):
        raise TypeError(f"schedule must be a function of the step, got {kind(schedule)}")
    if not isinstance(progress, str | Progress):
        raise TypeError(f"progress must be text or a Progress, got {kind(progress)}")


def _rate(rate: float, schedule: Schedule, step: int) -> float:
    share = schedule(step)
    settings.number(schedule=share)
    rate *= settings.as_float(share)
    if not 0 <= rate < math.inf:
        raise ValueError(f"schedule must be 0 or more and finite, got {share} in step {step}")
    return rate


def _check_loss(value: Any) -> None:
    check.tensors(loss=value)
    check.floats(loss=value)
    if value.numel() != 1:
        raise ValueError(f"loss must be one number, got shape {tuple(value.shape)}")
    if not value.requires_grad:
        raise ValueError(_UNRELATED)


def _check_gradients(model: nn.Module) -> None:
    gradients = [p.grad for p in model.parameters() if p.grad is not None]
    if not gradients:  # a loss of another model's, which would train nothing
        raise ValueError(_UNRELATED)
    for gradient in gradients:
        if gradient.layout is not torch.strided:
            raise TypeError(f"model must have dense gradients, got one of {gradient.layout}")


def _check_finite(step: int, **numbers: float) -> None:
    for name, number in numbers.items():
        if not math.isfinite(number):
            norm = " a norm of" if name == "gradient" else ""
            raise ValueError(f"{name} must be finite, got{norm} {number} in step {step}")
