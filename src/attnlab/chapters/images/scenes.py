"""Pictures to look at: digits on textures, and cells with digits to count.

Letters: B pictures, n cells.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from attnlab.tasks.digits import digits
from attnlab.tasks.split import Split

SIDE, HALF = 32, 16  # of a picture and of a quarter of it
N_TEXTURES = 6
PALE = 0.3  # the brightest a texture gets; digits reach 1


def textures(phases: np.ndarray, kinds: np.ndarray, size: int) -> np.ndarray:
    """Squares of six regular patterns, each shifted at random.

    Args:
        phases: (B, 2), whole numbers of pixels. kinds: (B), 0 to 5. size: of a square.

    Returns:
        `(B, size, size)`, 0 or 1.

    >>> textures(np.zeros((1, 2), int), np.array([0]), 4)[0].tolist()[:2]
    [[1.0, 1.0, 1.0, 1.0], [1.0, 1.0, 1.0, 1.0]]
    """
    y = np.arange(size)[None, :, None] + phases[:, :1, None]
    x = np.arange(size)[None, None, :] + phases[:, 1:, None]
    every = [
        y // 2 % 2 == 0, x // 2 % 2 == 0,  # stripes
        (x + y) // 2 % 2 == 0, (x - y) // 2 % 2 == 0,  # slanting ones
        (x // 2 + y // 2) % 2 == 0,  # a chessboard
        (x % 3 == 0) & (y % 3 == 0),  # dots
    ]  # fmt: skip
    return np.choose(
        kinds[:, None, None], [np.broadcast_to(e, (len(kinds), size, size)) for e in every]
    ).astype(np.float32)


@dataclass(frozen=True)
class Scenes:
    """Four digits on four textures; the middle shows one of the textures."""

    images: Tensor  # (B, 32, 32)
    targets: Tensor  # (B,), the digit that stands on it
    asked: Tensor  # (B,), the quarter it is in


def patched(
    digit: np.ndarray, kinds: np.ndarray, rng: np.random.Generator, *, top: int, left: int
) -> np.ndarray:
    """A digit `(B, 8, 8)` somewhere on a texture, 0 to 4 pixels down and right of (top, left)."""
    size = len(digit)
    ground = PALE * textures(rng.integers(12, size=(size, 2)), kinds, HALF)
    down, right = (rng.integers(5, size=(size, 1, 1)) + start for start in (top, left))
    box = (np.arange(size)[:, None, None], down + np.arange(8)[:, None], right + np.arange(8))
    ground[box] = digit
    return ground


@dataclass(frozen=True)
class Quarters:
    """A digit on a texture."""

    images: Tensor  # (B, 16, 16)
    digits: Tensor  # (B,)
    kinds: Tensor  # (B,), the texture


def quarters(size: int, rng: np.random.Generator, split: Split = "train") -> Quarters:
    """So many single digits, each on one texture: to learn to see by."""
    images, labels = digits(split)
    which, kinds = rng.integers(len(images), size=size), rng.integers(N_TEXTURES, size=size)
    top, left = (4 * int(side) for side in rng.integers(2, size=2))
    canvas = patched(images[which], kinds, rng, top=top, left=left)
    return Quarters(
        torch.from_numpy(canvas), torch.from_numpy(labels[which]), torch.from_numpy(kinds)
    )


def scenes(size: int, rng: np.random.Generator, split: Split = "train") -> Scenes:
    """So many pictures, of the digits of that split."""
    images, labels = digits(split)
    kinds = np.argsort(rng.random((size, N_TEXTURES)))[:, :4]  # (B, 4), different ones
    asked = rng.integers(4, size=size)
    which = rng.integers(len(images), size=(size, 4))
    canvas = np.zeros((size, SIDE, SIDE), np.float32)
    row = np.arange(size)
    for quarter in range(4):
        top, left = HALF * (quarter // 2), HALF * (quarter % 2)
        canvas[:, top : top + HALF, left : left + HALF] = patched(
            images[which[:, quarter]], kinds[:, quarter], rng,
            top=4 if top else 0, left=4 if left else 0,
        )  # fmt: skip
    middle = textures(rng.integers(12, size=(size, 2)), kinds[row, asked], 8)
    canvas[:, 12:20, 12:20] = PALE * middle
    return Scenes(
        torch.from_numpy(canvas),
        torch.from_numpy(labels[which[row, asked]]),
        torch.from_numpy(asked),
    )


@dataclass(frozen=True)
class Heaps:
    """Cells of which some hold digits; a few of these are threes."""

    cells: Tensor  # (B, n, 64)
    there: Tensor  # (B, n) booleans
    targets: Tensor  # (B,), the number of threes, less one


def heaps(
    size: int, rng: np.random.Generator, split: Split = "train", *, full: bool = False
) -> Heaps:
    """Pictures of 16 cells with one to four threes and up to eight other digits; or with `full` as
    many others as there is room for."""
    images, labels = digits(split)
    threes, others = np.flatnonzero(labels == 3), np.flatnonzero(labels != 3)
    n = 16
    k = rng.integers(1, 5, size=size)
    rest = n - k if full else rng.integers(9, size=size)
    place = np.argsort(rng.random((size, n)), axis=1)  # (B, n): a random order of the cells
    drawn = np.where(
        place < k[:, None], rng.choice(threes, (size, n)), rng.choice(others, (size, n))
    )
    there = place < (k + rest)[:, None]
    cells = images.reshape(-1, 64)[drawn] * there[..., None]
    return Heaps(torch.from_numpy(cells), torch.from_numpy(there), torch.from_numpy(k - 1))


def without_end(draw, size: int, seed: int) -> Iterator:
    """Fresh pictures of the training digits, without end."""
    rng = np.random.default_rng(seed)
    while True:
        yield draw(size, rng)
