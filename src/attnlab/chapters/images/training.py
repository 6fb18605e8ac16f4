"""How the networks of the chapter on images are trained and marked, by it and `experiment.py`."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from attnlab.chapters.images.models import MIDDLE, Counter, Eyes, Onlooker
from attnlab.chapters.images.scenes import Heaps, Quarters, Scenes, quarters, scenes, without_end
from attnlab.training.fitting import fit
from attnlab.training.progress import Progress
from attnlab.training.schedules import linear_decay


def train(
    model: nn.Module, batches: Iterable[Any], loss: Callable[[Any, Any], Tensor], *,
    steps: int, lr: float, progress: Progress | str = "training",
) -> None:  # fmt: skip
    """So many steps of Adam, the rate rising for 20 and then falling to 0."""
    fit(model, batches, loss, steps=steps, lr=lr, progress=progress,
        schedule=linear_decay(steps, warmup_steps=20))  # fmt: skip


def drawn(*tensors: Tensor, size: int = 64) -> Iterator[tuple[Tensor, ...]]:
    """Random rows of all tensors, without end; the same row may come twice."""
    while True:
        rows = torch.randint(len(tensors[0]), (size,))
        yield tuple(tensor[rows] for tensor in tensors)


def image_loss(model: nn.Module, batch: tuple[Tensor, Tensor]) -> Tensor:
    """The cross-entropy of images' logits."""
    return F.cross_entropy(model(batch[0]), batch[1])


def eye_loss(model: Eyes, batch: Quarters) -> Tensor:
    """Of the digit and of the texture, added."""
    logits = model.name(batch.images)
    of_digit = F.cross_entropy(logits[:, :10], batch.digits)
    return of_digit + F.cross_entropy(logits[:, 10:], batch.kinds)


def count_loss(model: Counter, batch: Heaps) -> Tensor:
    """The cross-entropy of a heap's count."""
    return F.cross_entropy(model(batch.cells, batch.there), batch.targets)


def trained_eyes(seed: int, progress: Progress | str = "training the eyes") -> Eyes:
    """Eyes that can name single digits and their textures, after 600 steps."""
    eyes = Eyes()
    train(eyes, without_end(quarters, 64, seed), eye_loss, steps=600, lr=3e-3, progress=progress)
    return eyes.requires_grad_(False)


@torch.no_grad()
def seen(eyes: Eyes, pictures: Scenes) -> Tensor:
    """What the eyes make of pictures, `(B, d, 8, 8)`."""
    return torch.cat([eyes(some) for some in pictures.images.split(250)])


def train_onlooker(
    model: Onlooker, eyes: Eyes, seed: int, lr: float, progress: Progress | str = "training"
) -> None:
    """800 steps on 8,000 pictures, with eyes that stay as they are."""
    pictures = scenes(8000, np.random.default_rng(seed))

    def loss(model, batch):
        return F.cross_entropy(model(batch[0])[0], batch[1])

    batches = drawn(seen(eyes, pictures), pictures.targets)
    train(model, batches, loss, steps=800, lr=lr, progress=progress)


def looks_at(weights: Tensor, asked: Tensor) -> Tensor:
    """The weight that the four cells in the middle give to the asked quarter, `(B,)`."""
    cell = torch.arange(64)
    quarter = cell // 32 * 2 + cell % 8 // 4
    there = quarter == asked[:, None]
    there[:, MIDDLE] = False  # the middle lies in all four
    return (weights[:, MIDDLE].mean(1) * there).sum(1)


@torch.no_grad()
def share_right(logits: Tensor, targets: Tensor) -> float:
    """How many of the largest logits are right."""
    return (logits.argmax(-1) == targets).double().mean().item()


def nearest(images: np.ndarray, labels: np.ndarray, asked: np.ndarray) -> np.ndarray:
    """For each asked image the label of the nearest one. `(n, H, W)`, `(n,)`, `(m, H, W)` → `(m,)`.

    >>> nearest(np.eye(4).reshape(4, 2, 2), np.array([5, 6, 7, 8]), np.ones((1, 2, 2)) * 0.9)
    array([5])
    """
    x, q = images.reshape(len(images), -1), asked.reshape(len(asked), -1)
    closeness = 2 * q @ x.T - (x**2).sum(1)  # −|q − x|², but for what all have in common
    return labels[closeness.argmax(1)]
