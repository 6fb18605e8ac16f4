"""Training in several processes that share each batch, started by `torchrun`, and alone without it.

    with processes():
        seed_everything(0)
        fit(model, batches, loss, steps=100)

    torchrun --nproc-per-node 2 train.py      # the same losses as python train.py

Every process draws the same batch, as all start from the same seed, and keeps its share of the
rows. Gradients are averaged before every step, so all processes hold the same model.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import fields, is_dataclass, replace
from typing import Any

import torch.distributed as dist
from torch import Tensor, nn


@contextmanager
def processes() -> Iterator[int]:
    """Join the processes that `torchrun` started; give the rank, 0 for a process that is alone.

    The backend is gloo, which needs no accelerator.

    Source:
        Li et al. (2020), "PyTorch distributed", section 3: the plain version, with neither buckets
        nor overlap.

    >>> with processes() as rank:
    ...     rank
    0
    """
    if "WORLD_SIZE" not in os.environ:
        yield 0
        return
    dist.init_process_group("gloo")
    try:
        yield dist.get_rank()
    finally:
        dist.destroy_process_group()


def share(batch: Any) -> Any:
    """The rows of a batch that belong to this process: all of them, if it is alone.

    Args:
        batch: a tensor `(B, ...)`, or a tuple or dataclass of such.

    Raises:
        TypeError: something else. ValueError: B is not a multiple of the number of processes.

    >>> import torch
    >>> share((torch.ones(4, 2), torch.ones(4)))[0].shape
    torch.Size([4, 2])
    """
    if not _many():
        return batch
    if isinstance(batch, tuple):
        return tuple(share(part) for part in batch)
    if is_dataclass(batch) and not isinstance(batch, type):
        return replace(batch, **{f.name: share(getattr(batch, f.name)) for f in fields(batch)})
    if not isinstance(batch, Tensor):
        raise TypeError(f"a batch must be of tensors, got {type(batch).__name__}")
    n = dist.get_world_size()
    if len(batch) % n:
        raise ValueError(f"B must be a multiple of the {n} processes, got {len(batch)}")
    return batch[dist.get_rank() :: n]


def average(value: Tensor) -> Tensor:
    """The mean of a tensor over all processes, in its dtype, without a gradient.

    >>> import torch
    >>> average(torch.tensor(3.0))
    tensor(3.)
    """
    mean = value.detach().clone()
    if _many():
        dist.all_reduce(mean)
        mean /= dist.get_world_size()
    return mean


def same_start(model: nn.Module) -> None:
    """Give every process the parameters of the first."""
    if _many():
        for parameter in model.parameters():
            dist.broadcast(parameter.data, src=0)


def average_gradients(model: nn.Module) -> None:
    """Replace every gradient by its mean over all processes."""
    if _many():
        for parameter in model.parameters():
            if parameter.grad is not None:
                dist.all_reduce(parameter.grad)
                parameter.grad /= dist.get_world_size()


def _many() -> bool:
    return dist.is_available() and dist.is_initialized()
