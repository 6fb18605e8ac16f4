"""Pictures of two digits, and what they are called: “three above seven”.

Letters: B batch, n words and the end, m = 36 cells of the picture.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from torch import Generator, Tensor

from attnlab.functional import settings
from attnlab.tasks.digits import SIZE, digits
from attnlab.tasks.pairs import Batch
from attnlab.tasks.sizes import without_end
from attnlab.tasks.split import HELD_OUT, Split
from attnlab.tasks.vocabulary import BOS, EOS, Vocabulary

NAMES = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
RELATIONS = ("above", "left of")
VOCABULARY = Vocabulary(NAMES + RELATIONS)
WIDTH = 24  # pixels of a picture, both ways
CELL = 4  # pixels of a cell
SIDE = WIDTH // CELL  # cells in a row
FARTHEST = WIDTH - SIZE  # a digit's upper left pixel is from 0 to here, both ways


def pairs(known: bool) -> list[tuple[int, int]]:
    """The ordered pairs of digits that training has, or those that it never has: one in five, in
    either order.

    >>> len(pairs(True)), len(pairs(False)), (3, 7) in pairs(False), (7, 3) in pairs(False)
    (80, 20, True, True)
    """
    every = [(a, b) for a in range(10) for b in range(10)]
    return [(a, b) for a, b in every if ((a + b) % HELD_OUT != 0) == known]


def cells_of(corner: Tensor) -> Tensor:
    """The cells whose middles lie in the box of a digit, by its upper left pixel `(..., 2)`, down
    and across: `(..., m)` of booleans.

    >>> cells_of(torch.tensor([16, 0])).nonzero().flatten().tolist()
    [24, 25, 30, 31]
    """
    middles = CELL * torch.arange(SIDE) + CELL / 2  # (6,)
    inside = (corner[..., None] <= middles) & (middles < corner[..., None] + SIZE)  # (..., 2, 6)
    return (inside[..., 0, :, None] & inside[..., 1, None, :]).flatten(-2)


def drawn(images: Tensor, corners: Tensor) -> Tensor:
    """Pictures `(B, 24, 24)` of two images `(B, 2, 8, 8)` at their corners `(B, 2, 2)`."""
    pictures = torch.zeros(len(images), WIDTH, WIDTH)
    pixels = torch.arange(SIZE)
    rows = corners[..., 0, None] + pixels  # (B, 2, 8)
    columns = corners[..., 1, None] + pixels
    which = torch.arange(len(images))[:, None, None, None]
    pictures[which, rows[..., None], columns[..., None, :]] = images
    return pictures


def relation(corners: Tensor) -> Tensor:
    """Of two digits at corners `(..., 2, 2)`: 0 where they lie one above the other rather than side
    by side, else 1.

    >>> relation(torch.tensor([[0, 0], [10, 3]])).item()
    0
    """
    down, across = (corners[..., 1, :] - corners[..., 0, :]).abs().unbind(-1)
    return (down < across).long()


@dataclass(frozen=True)
class Scenes:
    """Two digits somewhere in a picture, not overlapping, to be put into three words.

    The first word is the upper digit where they are farther apart down than across, and else the
    left one.

    Args:
        known: whether the pairs of digits are those of training, or those it never has.

    >>> batch = Scenes().batch(5)
    >>> batch.src.shape, batch.tgt_out.shape, batch.alignment.shape
    (torch.Size([5, 24, 24]), torch.Size([5, 4]), torch.Size([5, 4, 36]))
    """

    known: bool = True

    def batch(
        self, size: int, *, split: Split = "train", generator: Generator | None = None
    ) -> Batch:
        """So many pictures: `src` `(B, 24, 24)`, and `alignment` says in which cells a word's digit
        is.

        Raises:
            TypeError: a size that is no integer.
            ValueError: size below 1, or another split, of which the images are.
        """
        settings.count(1, size=size)
        by_digit = _by_digit(split)

        def draw(high: int, *shape: int) -> Tensor:
            return torch.randint(high, shape, generator=generator)

        allowed = torch.tensor(pairs(self.known))
        said = allowed[draw(len(allowed), size)]  # (B, 2): the digits, first and second
        images = torch.stack(
            [by_digit[digit][draw(len(by_digit[digit]), 1)[0]] for digit in said.flatten().tolist()]
        ).unflatten(0, (size, 2))
        corners = self._corners(size, draw)
        between = relation(corners)  # (B,)
        first = torch.arange(size), corners[torch.arange(size), :, between].argmin(1)
        corners = torch.stack([corners[first], corners[first[0], 1 - first[1]]], dim=1)
        return batch_of(images, corners, said)

    def batches(self, size: int) -> Iterator[Batch]:
        """Fresh training batches without end.

        Raises:
            TypeError: the size is not an integer. ValueError: it is below 1.
        """
        return without_end(self.batch, size)

    @staticmethod
    def _corners(size: int, draw) -> Tensor:
        """Places of two digits that do not overlap, one of whose distances is the larger one:
        `(B, 2, 2)`."""
        kept, found = [], 0
        while found < size:
            corners = draw(FARTHEST + 1, 2 * size, 2, 2)
            down, across = (corners[:, 1] - corners[:, 0]).abs().unbind(-1)
            kept.append(corners[(torch.maximum(down, across) >= SIZE) & (down != across)])
            found += len(kept[-1])
        return torch.cat(kept)[:size]


def batch_of(images: Tensor, corners: Tensor, said: Tensor) -> Batch:
    """Images `(B, 2, 8, 8)` at corners `(B, 2, 2)`, in the order in which their digits `(B, 2)` are
    to be said."""
    size = len(said)
    start, first = torch.tensor([BOS, EOS]), VOCABULARY.encode(["zero", "above"])
    words = torch.stack(
        [
            start[:1].expand(size), first[0] + said[:, 0], first[1] + relation(corners),
            first[0] + said[:, 1], start[1:].expand(size),
        ], dim=1,
    )  # fmt: skip
    alignment = torch.zeros(size, 4, SIDE**2, dtype=torch.bool)
    alignment[:, [0, 2]] = cells_of(corners)
    return Batch(
        src=drawn(images, corners),
        src_mask=torch.ones(size, 1, SIDE**2, dtype=torch.bool),
        tgt_in=words[:, :-1],
        tgt_out=words[:, 1:],
        alignment=alignment,
    )


def _by_digit(split: Split) -> list[Tensor]:
    """The images of each digit."""
    images, labels = digits(split)
    return [torch.from_numpy(np.ascontiguousarray(images[labels == k])) for k in range(10)]
