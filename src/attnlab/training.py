"""Training, in steps and not in seconds, so that a run gives the same result on any machine.

Letters: B batch, n target positions, V vocabulary.
"""

import random
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import nullcontext
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import Generator, Tensor, nn

from attnlab import distributed
from attnlab.functional import arrays as check
from attnlab.progress import Progress

Schedule = Callable[[int], float]


def seed_everything(seed: int) -> None:
    """Start the random numbers of Python, NumPy and torch from one seed.

    Raises:
        TypeError: the seed is not an integer.
        ValueError: it is not in NumPy's range, from 0 to 2³² − 1.

    >>> seed_everything(0)
    >>> first = torch.rand(2)
    >>> seed_everything(0)
    >>> bool((torch.rand(2) == first).all())
    True
    """
    check.count(0, seed=seed)
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

    In several processes (`attnlab.distributed`), each takes its share of every batch.

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
    check.positive(lr=lr, clip=clip)
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


def warmup(steps: int) -> Schedule:
    """The rate rises in equal steps from 0 to all of it, and stays there.

    Raises:
        TypeError: steps is not an integer. ValueError: it is below 1.

    Source:
        Goyal et al. (2017), section 2.2.

    >>> [warmup(4)(step) for step in (1, 2, 4, 100)]
    [0.25, 0.5, 1.0, 1.0]
    """
    check.count(1, steps=steps)
    return lambda step: min(1.0, step / steps)


def linear_decay(total: int, *, warmup_steps: int = 1) -> Schedule:
    """Warm-up, then down in equal steps to 0, which is reached just after the last step.

    Args:
        total: all steps, the warm-up included.
        warmup_steps: how many of them rise.

    Raises:
        TypeError: a number of steps is not an integer.
        ValueError: warmup_steps below 1, or total below it.

    Source:
        Devlin et al. (2019), appendix A.2.

    >>> [linear_decay(6, warmup_steps=2)(step) for step in range(1, 8)]
    [0.5, 1.0, 0.8, 0.6, 0.4, 0.2, 0.0]
    """
    check.count(1, warmup_steps=warmup_steps)
    check.count(warmup_steps, total=total)
    falling = total + 1 - warmup_steps
    return lambda step: min(step / warmup_steps, max(0.0, (total + 1 - step) / falling))


def noam(d_model: int, *, warmup_steps: int = 4000) -> Schedule:
    r"""The paper's schedule, $d_\text{model}^{-1/2} \min(t^{-1/2}, t \cdot w^{-3/2})$, for `lr=1`.

    Args:
        d_model: width of the model.
        warmup_steps: w, where the rate is highest.

    Raises:
        TypeError: an argument is not an integer. ValueError: it is below 1.

    Source:
        Vaswani et al. (2017), section 5.3, equation 3.

    >>> schedule = noam(64, warmup_steps=100)
    >>> [round(schedule(step), 5) for step in (1, 100, 400)]
    [0.00013, 0.0125, 0.00625]
    """
    check.count(1, d_model=d_model, warmup_steps=warmup_steps)
    return lambda step: d_model**-0.5 * min(step**-0.5, step * warmup_steps**-1.5)


def cross_entropy(
    logits: Tensor, targets: Tensor, *, pad: int | None = None, smoothing: float = 0.0
) -> Tensor:
    r"""Mean cross-entropy of the tokens that are not padding, with smoothed labels if wanted.

    A smoothed label gives $1 - \epsilon$ to the right token and shares $\epsilon$ out among all the
    tokens that may be right: padding never is, so it gets nothing.

    Args:
        logits: `(B, n, V)`.
        targets: `(B, n)`, int64.
        pad: the token that stands for nothing; left out, all targets are real.
        smoothing: ε, from 0 up to, but not including, 1.

    Returns:
        A scalar; 0 where there is nothing but padding.

    Raises:
        ValueError: shapes that do not fit, targets or `pad` outside of the vocabulary, or ε outside
            of [0, 1).

    Source:
        Szegedy et al. (2016), section 7; Vaswani et al. (2017), section 5.4.

    >>> logits = torch.zeros(1, 2, 5)  # all five tokens are as likely: ln 5
    >>> round(cross_entropy(logits, torch.tensor([[3, 0]]), pad=0).item(), 4)
    1.6094
    """
    if logits.ndim != 3 or targets.shape != logits.shape[:2]:
        raise ValueError(
            f"logits and targets must have shapes (B, n, V) and (B, n), "
            f"got {tuple(logits.shape)} and {tuple(targets.shape)}"
        )
    if not 0 <= smoothing < 1:
        raise ValueError(f"smoothing must be in [0, 1), got {smoothing}")
    n_tokens = logits.shape[2]
    for name, token in (("pad", pad), ("targets", targets.min()), ("targets", targets.max())):
        if token is not None and not 0 <= int(token) < n_tokens:
            raise ValueError(f"{name} must be from 0 to {n_tokens - 1}, got {int(token)}")
    log_p = F.log_softmax(logits, dim=-1)  # (B, n, V)
    real = torch.ones_like(targets, dtype=torch.bool) if pad is None else targets != pad
    losses = -log_p.gather(2, targets[..., None])[..., 0]  # (B, n)
    if smoothing:
        possible = log_p.sum(dim=-1)
        n_possible = n_tokens
        if pad is not None:
            possible, n_possible = possible - log_p[..., pad], n_tokens - 1
        losses = (1 - smoothing) * losses - smoothing * possible / n_possible
    # Processes that share a batch divide by the mean of their counts, so that the mean of their
    # losses is the loss of the whole batch.
    count = distributed.average(real.sum().to(losses.dtype))
    return (losses * real).sum() / count.clamp(min=1)


def sorted_batches(
    lengths: Sequence[int], size: int, *, generator: Generator | None = None
) -> Iterator[list[int]]:
    """One epoch of batches whose sequences are about equally long, so that little is padded.

    All are sorted by length, those of one length in random order, then cut into batches, and these
    come in random order.

    Args:
        lengths: of every sequence.
        size: of a batch; the last one cut may be smaller.
        generator: of the random order; torch's own if left out.

    Returns:
        The indices of each batch.

    Raises:
        TypeError: the size is not an integer.
        ValueError: size below 1, or no sequences.

    Source:
        Sutskever, Vinyals and Le (2014), section 3.4, who found it twice as fast.

    >>> sorted(sorted(batch) for batch in sorted_batches([3, 9, 3, 9], size=2))
    [[0, 2], [1, 3]]
    """
    check.count(1, size=size)
    if len(lengths) == 0:
        raise ValueError("lengths must be of one sequence or more, got none")
    shuffled = torch.randperm(len(lengths), generator=generator).tolist()
    by_length = sorted(shuffled, key=lambda index: lengths[index])  # ties stay shuffled
    starts = torch.arange(0, len(lengths), size)
    for start in starts[torch.randperm(len(starts), generator=generator)].tolist():
        yield by_length[start : start + size]
